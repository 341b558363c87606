#include "agreement/diff.h"

#include "agreement/internal/json_access.h"
#include "agreement/internal/kinds.h"
#include "agreement/internal/shape.h"
#include "agreement/internal/terms_table.h"
#include "base/assert.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace entente::agreement {
namespace {

namespace json = boost::json;
using internal::Kind;
using internal::Term;
using internal::Widens;

json::string_view json_view(std::string_view text) {
    return {text.data(), text.size()};
}

/// What two values of a term are compared by; equal ranks are the same value in another spelling.
std::int64_t rank(const Term& term, const json::value& value) {
    switch (term.kind) {
        case Kind::truth:
            return value.get_bool() ? 1 : 0;
        case Kind::integer:
            return value.get_int64();
        case Kind::instant:
            return parse_stix_time(internal::text(value)).value().count;
        case Kind::duration:
            return static_cast<std::int64_t>(
                internal::duration_seconds(internal::text(value)).value()
            );
        case Kind::choice: {
            const auto at =
                std::find(term.choices.begin(), term.choices.end(), internal::text(value));
            return at - term.choices.begin();
        }
        default:
            ENTENTE_ASSERT(false);
            return 0;
    }
}

bool has_rank(const Term& term) {
    return term.kind == Kind::truth || term.kind == Kind::integer || term.kind == Kind::instant ||
           term.kind == Kind::duration || term.kind == Kind::choice;
}

bool same(const Term& term, const json::value* before, const json::value* after) {
    if (before == nullptr || after == nullptr) return before == after;
    return has_rank(term) ? rank(term, *before) == rank(term, *after) : *before == *after;
}

/// How wide a value is: a larger number lets more through.
std::int64_t width(const Term& term, const json::value* value) {
    constexpr std::int64_t boundless = std::numeric_limits<std::int64_t>::max();
    switch (term.widens) {
        case Widens::higher:
            return rank(term, *value);
        case Widens::lower:
            return -rank(term, *value);
        case Widens::higher_0:
            return rank(term, *value) == 0 ? boundless : rank(term, *value);
        case Widens::higher_absent:
            return value == nullptr ? boundless : rank(term, *value);
        case Widens::lower_absent:
            return value == nullptr ? boundless : -rank(term, *value);
        case Widens::nothing:
        case Widens::doubt:
        case Widens::more:
        case Widens::more_none:
        case Widens::fewer:
            return 0;
    }
    return 0;
}

Judgement of_entry(const Term& term, bool came) {
    switch (term.widens) {
        case Widens::more:
        case Widens::more_none:
            return came ? Judgement::expanded : Judgement::narrowed;
        case Widens::fewer:
            return came ? Judgement::narrowed : Judgement::expanded;
        default:
            return Judgement::changed;
    }
}

/// Entries of a list of structures by their short names.
using Named = std::map<std::string_view, const json::object*>;

Named by_name(const json::array& list, json::string_view key) {
    Named out;
    for (const json::value& entry : list)
        out.emplace(internal::text(entry.get_object(), key), &entry.get_object());
    return out;
}

/// The key that names the entries of a list of structures.
json::string_view naming_key(std::string_view place) {
    if (place == "/parties") return "pid";
    if (place == "/flows") return "fid";
    ENTENTE_ASSERT(place == "/obligations");
    return "oid";
}

class Walk {
  public:
    Walk(const json::object& before, const json::object& after) : before_(before), after_(after) {}

    Diff go() {
        for (const json::value& entry : internal::array(after_, "parties"))
            everyone_.emplace(internal::text(entry.get_object(), "pid"));
        for (const json::value& entry : internal::array(after_, "flows"))
            add_pids(entry.get_object(), "from", givers_);
        for (const Term* term : internal::terms_below("")) {
            const std::string_view place = term->place;
            if (place == "/id" || place == "/version" || place == "/previous") continue;
            widens_ = false;
            one(*term, std::string(place), before_, after_);
            if (!widens_) continue;
            const bool who_signs = place == "/one_sided" || place == "/change";
            result_.widened.merge(std::set(who_signs ? everyone_ : givers_));
        }
        comment("", before_, after_);
        owner();
        return std::move(result_);
    }

  private:
    using Pids = std::set<std::string, std::less<>>;

    static void add_pids(const json::object& entry, json::string_view key, Pids& to) {
        for (const json::value& pid : internal::array(entry, key))
            to.emplace(internal::text(pid));
    }

    void add(
        const Term& term,
        std::string place,
        const json::value* before,
        const json::value* after,
        Judgement judgement
    ) {
        widens_ = widens_ || judgement == Judgement::expanded || term.widens == Widens::doubt;
        result_.differences.push_back(
            {.place = std::move(place),
             .before = before == nullptr ? std::string() : json::serialize(*before),
             .after = after == nullptr ? std::string() : json::serialize(*after),
             .judgement = judgement}
        );
    }

    /// All keys of two structures.
    void structure(
        std::string_view rows,
        const std::string& at,
        const json::object& before,
        const json::object& after
    ) {
        for (const Term* term : internal::terms_below(rows))
            one(*term, internal::step(at, internal::key_of(*term)), before, after);
        comment(at, before, after);
    }

    void comment(const std::string& at, const json::object& before, const json::object& after) {
        single(internal::comment_term(), at + "/comment", before, after);
    }

    /// One key of two structures.
    void one(
        const Term& term, std::string at, const json::object& before, const json::object& after
    ) {
        const json::string_view key = json_view(internal::key_of(term));
        if (term.kind == Kind::topics)
            return topics(before.at(key).get_object(), after.at(key).get_object());
        if (term.kind == Kind::structure && term.list)
            return entries(term, before.at(key).get_array(), after.at(key).get_array());
        if (term.kind == Kind::structure)
            return structure(
                term.place, at, before.at(key).get_object(), after.at(key).get_object()
            );
        if (term.list) return list(term, at, before.at(key).get_array(), after.at(key).get_array());
        single(term, std::move(at), before, after);
    }

    void single(
        const Term& term, std::string at, const json::object& before, const json::object& after
    ) {
        const json::string_view key = json_view(internal::key_of(term));
        const json::value* was = before.if_contains(key);
        const json::value* is = after.if_contains(key);
        if (same(term, was, is)) return;
        const std::int64_t width_before = width(term, was);
        const std::int64_t width_after = width(term, is);
        const Judgement judgement = width_after > width_before   ? Judgement::expanded
                                    : width_after < width_before ? Judgement::narrowed
                                                                 : Judgement::changed;
        add(term, std::move(at), was, is, judgement);
    }

    /// Two lists of plain values, as sets.
    void list(
        const Term& term, const std::string& at, const json::array& before, const json::array& after
    ) {
        if (term.widens == Widens::more_none && before.empty() != after.empty()) {
            const json::value was(before);
            const json::value is(after);
            const bool any = after.empty();
            return add(term, at, &was, &is, any ? Judgement::expanded : Judgement::narrowed);
        }
        const bool gives = term.place == "/flows/*/from";
        const bool widened_before = widens_;
        std::set<std::string_view> old;
        for (const json::value& entry : before)
            old.insert(internal::text(entry));
        for (const json::value& entry : after) {
            if (old.erase(internal::text(entry)) != 0) continue;
            add(term, at, nullptr, &entry, of_entry(term, true));
            // That another gives too widens the giving of that one alone.
            if (gives) result_.widened.emplace(internal::text(entry));
        }
        if (gives) widens_ = widened_before;
        for (const json::value& entry : before) {
            if (old.count(internal::text(entry)) != 0)
                add(term, at, &entry, nullptr, of_entry(term, false));
        }
    }

    void topics(const json::object& before, const json::object& after) {
        static constexpr Term words{
            .place = "/topics/*", .kind = Kind::topic_word, .list = true, .widens = Widens::more};
        static const json::array none;
        std::set<std::string_view> wider;
        const auto compare = [&](json::string_view name, const json::array& a, const json::array& b
                             ) {
            widens_ = false;
            list(
                words, internal::step("/topics", std::string_view(name.data(), name.size())), a, b
            );
            if (widens_) wider.emplace(name.data(), name.size());
        };
        for (const auto& member : after) {
            if (!member.value().is_array()) continue;  // a comment
            const json::value* was = before.if_contains(member.key());
            compare(
                member.key(), was == nullptr ? none : was->get_array(), member.value().get_array()
            );
        }
        for (const auto& member : before) {
            if (member.value().is_array() && after.if_contains(member.key()) == nullptr)
                compare(member.key(), member.value().get_array(), none);
        }
        comment("/topics", before, after);
        widens_ = false;
        for (const json::value& entry : internal::array(after_, "flows")) {
            const json::object& flow = entry.get_object();
            const json::array& named = internal::array(flow.at("select").get_object(), "topics");
            if (std::any_of(named.begin(), named.end(), [&wider](const json::value& name) {
                    return wider.count(internal::text(name)) != 0;
                }))
                add_pids(flow, "from", result_.widened);
        }
    }

    /// Two lists of structures, by the names of their entries.
    void entries(const Term& term, const json::array& before, const json::array& after) {
        const json::string_view key = naming_key(term.place);
        const std::string rows = std::string(term.place) + "/*";
        const Named old = by_name(before, key);
        const Named now = by_name(after, key);
        for (const json::value& entry : after) {
            const std::string_view name = internal::text(entry.get_object(), key);
            const std::string at = internal::step(term.place, name);
            const auto was = old.find(name);
            widens_ = false;
            if (was != old.end())
                structure(rows, at, *was->second, entry.get_object());
            else
                add(term, at, nullptr, &entry, Judgement::expanded);
            if (widens_) widened_by(term.place, entry.get_object(), was == old.end());
        }
        for (const json::value& entry : before) {
            const std::string_view name = internal::text(entry.get_object(), key);
            if (now.find(name) == now.end())
                add(term, internal::step(term.place, name), &entry, nullptr, Judgement::narrowed);
        }
        widens_ = false;
    }

    /// Whose giving an entry that is new or wider widens.
    void widened_by(std::string_view place, const json::object& entry, bool came) {
        if (place == "/flows") {
            add_pids(entry, "from", result_.widened);
        } else if (place == "/obligations") {
            add_pids(entry, "who", result_.widened);
        } else if (!came) {
            // More objects are its own; or under its short name there is someone else, to whom
            // others give. A party that joins is given to by flows alone.
            result_.widened.emplace(internal::text(entry, "pid"));
            result_.widened.merge(std::set(givers_));
        }
    }

    /// The first party of one-sided terms is the one that signs.
    void owner() {
        if (!internal::truth(before_, "one_sided") || !internal::truth(after_, "one_sided")) return;
        const auto first = [](const json::object& document) -> const json::value& {
            return internal::array(document, "parties")[0].get_object().at("pid");
        };
        if (first(before_) == first(after_)) return;
        add(*internal::find_term("/one_sided"),
            "/parties",
            &first(before_),
            &first(after_),
            Judgement::changed);
        result_.widened.merge(std::set(everyone_));
    }

    const json::object& before_;
    const json::object& after_;
    Pids everyone_;  // of `after`
    Pids givers_;    // in any flow of `after`
    Diff result_;
    // Whether anything of what is being compared widened.
    bool widens_ = false;
};

}  // namespace

std::string_view judgement_text(Judgement judgement) noexcept {
    switch (judgement) {
        case Judgement::expanded:
            return "expanded";
        case Judgement::narrowed:
            return "narrowed";
        case Judgement::changed:
            return "changed";
    }
    return "changed";
}

Diff diff(const Document& before, const Document& after) {
    const json::object was = internal::completed(before.canonical);
    const json::object is = internal::completed(after.canonical);
    return Walk(was, is).go();
}

}  // namespace entente::agreement
