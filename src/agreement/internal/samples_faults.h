#pragma once
// One fault at a time in a sound agreement, for tests: made from the table of terms.
#include "agreement/internal/samples.h"
#include "agreement/internal/terms_table.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace entente::agreement::internal {

/// A change of `full_sample`.
struct Fault {
    std::string pointer;                      // what is set, or taken away
    std::optional<boost::json::value> value;  // nothing = taken away
    std::string finding;                      // what the reader says begins so: pointer and colon
    /// JSON schema has no words for it: a calendar date, a checksum, how a text shows.
    bool beyond_schema = false;
};

/// Values of the right JSON type that the term may not have.
inline std::vector<boost::json::value> wrong_values(const Term& term) {
    namespace json = boost::json;
    switch (term.kind) {
        case Kind::structure:
        case Kind::topics:
        case Kind::truth:
            return {};
        case Kind::text: {
            std::vector<json::value> out{json::string(term.most + 1, 'x')};
            if (term.least > 0) out.emplace_back("");
            return out;
        }
        case Kind::comment:
            return {json::string(term.most + 1, 'x')};
        case Kind::word:
        case Kind::pid:
        case Kind::topic:
            return {"", "North", "-a", "a-", "a b", json::string(33, 'a')};
        case Kind::user:
            return {"", json::string(257, 'a')};
        case Kind::integer: {
            std::vector<json::value> out{term.most + 1, -1, 1.5, "1"};
            if (term.least > 0) out.emplace_back(term.least - 1);
            if (term.multiple > 1) out.emplace_back(term.least + 1);
            return out;
        }
        case Kind::choice:
            return {"nonsense", ""};
        case Kind::instant:
            return {"2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+01:00", ""};
        case Kind::duration:
            return {"P", "PT", "P1Y", "P1M", "P1.5D", "P1DT", "P1H", "PT1H1D", "1D", "P1W1D"};
        case Kind::digest:
            return {std::string(63, 'a').c_str(), std::string(64, 'A').c_str(), ""};
        case Kind::agreement_id:
            return {std::string(64, 'a').c_str(), ("agr:" + std::string(65, 'a')).c_str()};
        case Kind::identity:
            return {"identity--1", "malware--11111111-1111-4111-8111-111111111111"};
        case Kind::key:
            return {"north", "north+00000000+", "north +00000000+AAAA"};
        case Kind::stix_type:
            return {"X", "ab", "malware!", "-malware"};
        case Kind::pattern_path:
            return {"value", "ipv4-addr:", ":value", "ipv4-addr:.value", "a b:c"};
        case Kind::topic_word:
            return {"malware", "kind:malware", "label:"};
        case Kind::onward:
            return {"everyone", "party:", "clients:x"};
        case Kind::uri:
            return {"ftp://grid.example/x", "https://", "https://a b"};
    }
    return {};
}

inline std::vector<boost::json::value> values_beyond_schema(const Term& term) {
    namespace json = boost::json;
    switch (term.kind) {
        case Kind::text:
        case Kind::user:
            return {" a", "a ", "a\nb", "a\xe2\x80\xae", "\x1b[2J"};
        case Kind::comment:
            return {"a\x1b[2J"};
        case Kind::instant:
            return {"2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z"};
        case Kind::duration:
            return {"PT0S", "P36501D"};
        case Kind::key:
            return {"north.example/entente+00000000+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"};
        case Kind::stix_type:
            return {"a--b"};
        default:
            return {};
    }
}

class Faults {
  public:
    static std::vector<Fault> all() {
        Faults faults;
        faults.structure("", "", full_sample());
        return std::move(faults.made_);
    }

  private:
    void add(std::string pointer, std::optional<boost::json::value> value, bool beyond = false) {
        std::string finding = pointer + ": ";
        made_.push_back({std::move(pointer), std::move(value), std::move(finding), beyond});
    }

    void structure(
        std::string_view rows, const std::string& at, const boost::json::object& object
    ) {
        add(at + "/zzzzzz", 1);
        comment(at);
        for (const Term* term : terms_below(rows)) {
            const std::string name(key_of(*term));
            const std::string here = at + "/" + name;
            if (term->required) add(here, std::nullopt);
            add(here + "x", 1);  // renamed, or nearly
            if (term->list) {
                add(here, "text");
                add(here, boost::json::object());
            } else {
                add(here, boost::json::array());
            }
            add(here, nullptr);
            const boost::json::value* value = object.if_contains(name);
            if (value != nullptr) inside(*term, here, *value);
        }
    }

    void comment(const std::string& at) {
        for (const auto& value : wrong_values(comment_term()))
            add(at + "/comment", value);
        for (const auto& value : values_beyond_schema(comment_term()))
            add(at + "/comment", value, true);
        add(at + "/comment", 7);
    }

    void inside(const Term& term, const std::string& here, const boost::json::value& value) {
        if (term.kind == Kind::topics) return topics(here, value.as_object());
        if (!term.list) {
            one(term, here);
            if (term.kind == Kind::structure) structure(term.place, here, value.as_object());
            return;
        }
        if (term.entries_least > 0) add(here, boost::json::array());
        if (value.as_array().empty()) return;
        one(term, here + "/0");
        if (term.kind == Kind::structure) {
            for (std::size_t i = 0; i < value.as_array().size(); ++i)
                structure(
                    std::string(term.place) + "/*",
                    here + "/" + std::to_string(i),
                    value.as_array()[i].as_object()
                );
        } else {
            boost::json::array twice{value.as_array()[0], value.as_array()[0]};
            made_.push_back({here, std::move(twice), here + "/1: ", false});
        }
    }

    /// A value of `term` at `here`.
    void one(const Term& term, const std::string& here) {
        add(here,
            term.kind == Kind::integer || term.kind == Kind::truth ? boost::json::value("text")
                                                                   : boost::json::value(7));
        for (const auto& value : wrong_values(term))
            add(here, value);
        for (const auto& value : values_beyond_schema(term))
            add(here, value, true);
    }

    void topics(const std::string& here, const boost::json::object& object) {
        comment(here);
        add(here + "/Upper", boost::json::array{"type:malware"});
        add(here + "/empty", boost::json::array());
        add(here + "/text", "type:malware");
        for (const auto& member : object) {
            if (!member.value().is_array()) continue;
            const std::string name(member.key().data(), member.key().size());
            for (const auto& value : wrong_values(Term{.place = "", .kind = Kind::topic_word}))
                add(here + "/" + name + "/0", value);
        }
    }

    std::vector<Fault> made_;
};

/// `full_sample` with the fault.
inline boost::json::value with_fault(const Fault& fault) {
    boost::json::value out(full_sample());
    const auto slash = fault.pointer.rfind('/');
    boost::json::value& holder = out.at_pointer(fault.pointer.substr(0, slash));
    const std::string last = fault.pointer.substr(slash + 1);
    if (holder.is_array()) {
        holder.get_array().at(std::stoul(last)) = *fault.value;
    } else if (fault.value) {
        holder.get_object()[last] = *fault.value;
    } else {
        holder.get_object().erase(last);
    }
    return out;
}

}  // namespace entente::agreement::internal
