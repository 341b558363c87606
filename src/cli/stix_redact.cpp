// `entente stix redact`: what a reader may see of the objects of a file.
#include "base/escape.h"
#include "base/limits.h"
#include "cli/progress.h"
#include "cli/stix_commands.h"
#include "cli/stop.h"
#include "cli/validate_json.h"
#include "cli/words.h"
#include "stix/marking_paths.h"
#include "stix/object.h"
#include "stix/personal.h"
#include "stix/redact.h"
#include "stix/tlp.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>

namespace entente::cli {
namespace {

using Names = std::set<std::string, std::less<>>;

constexpr std::array personal{
    stix::Personal::contact,
    stix::Personal::account,
    stix::Personal::free_text,
    stix::Personal::credentials};

/// Every identifier that stands anywhere in a canonical text, as a value or a part of one.
Names identifiers_in(std::string_view canonical) {
    constexpr std::size_t uuid_bytes = 36;
    const auto is_type = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    Names found;
    for (std::size_t at = canonical.find("--"); at != std::string_view::npos;
         at = canonical.find("--", at + 2)) {
        const std::string_view uuid = canonical.substr(at + 2, uuid_bytes);
        std::size_t from = at;
        while (from > 0 && at - from < limits::id_bytes_max && is_type(canonical[from - 1]))
            --from;
        std::string id = fmt::format("{}--{}", canonical.substr(from, at - from), uuid);
        if (stix::is_identifier(id)) found.insert(std::move(id));
    }
    return found;
}

/// What the reader may see, by marking.
class Ceiling {
  public:
    Ceiling(std::optional<stix::Tlp> level, Names hide) : level_(level), hide_(std::move(hide)) {}

    /// A statement restricts nobody who may have the object.
    void statement(const std::string& id) { statements_.insert(id); }

    [[nodiscard]] bool hides(const std::string& marking) const {
        if (hide_.contains(marking)) return true;
        if (!level_) return false;
        if (const auto tlp = stix::tlp_of_marking(marking)) return *tlp > *level_;
        return !statements_.contains(marking);  // what is unknown is denied
    }

  private:
    std::optional<stix::Tlp> level_;
    Names hide_;
    Names statements_;
};

enum class Outcome : std::uint8_t { as_it_is, derived, withheld };

struct Item {
    stix::Object object;
    Names mentions;  // identifiers in it beside its own
    std::vector<std::string> hidden;
    stix::PersonalClasses stripped = 0;
    Outcome outcome = Outcome::as_it_is;
    std::string why;
    std::string body;
    std::string id;  // of the result
};

/// Takes all objects, then decides on them together: who refers to what was derived or withheld is
/// derived or withheld too.
class Redactor {
  public:
    Redactor(
        Ceiling ceiling, stix::PersonalClasses strip, const RedactOptions& options, Context& context
    )
        : ceiling_(std::move(ceiling)),
          strip_(strip),
          options_(options),
          context_(context) {}

    Result<void> take(std::string_view text, const std::string& place) {
        bytes_ += text.size();
        if (bytes_ > limits::import_order_bytes_max) {
            return fail(
                Errc::too_large,
                fmt::format(
                    "the objects are decided on together and exceed the limit of {} bytes",
                    limits::import_order_bytes_max
                )
            );
        }
        auto object = stix::read_object(text);
        if (!object) return fail(object.error().code, place + ": " + object.error().detail);
        if (object->marking && object->marking->form == stix::MarkingContent::Form::statement) {
            ceiling_.statement(object->id);
        }
        Item item;
        ENTENTE_TRY(const std::string canonical, stix::canonical_json(object->body));
        item.mentions = identifiers_in(canonical);
        item.mentions.erase(object->id);
        item.object = std::move(*object);
        items_.push_back(std::move(item));
        return {};
    }

    Result<void> decide() {
        if (!options_.id.empty() && items_.size() != 1) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "--id names one derived object, and there are {}",
                    counted(items_.size(), "object")
                )
            );
        }
        for (Item& item : items_)
            ENTENTE_CHECK(look_at(item));
        // Markings are named by what stays, whether they are known or not.
        name_derived();
        const std::int64_t now = context_.clock.now().count;
        for (std::size_t i = 0; i < items_.size(); ++i) {
            if (items_[i].outcome == Outcome::derived) ENTENTE_CHECK(derive(items_[i], {now}));
        }
        withhold_who_mentions();
        return {};
    }

    /// Prints everything; true when nothing is withheld.
    bool print() const {
        bool all = true;
        for (const Item& item : items_) {
            all = all && item.outcome != Outcome::withheld;
            if (options_.common.json) {
                print_json(item);
            } else if (item.outcome == Outcome::withheld) {
                context_.note(fmt::format("withheld {}: {}", item.object.id, item.why));
            } else {
                context_.out.raw(item.body);
                context_.out.raw("\n");
            }
        }
        return all;
    }

  private:
    /// What the object's own markings say.
    Result<void> look_at(Item& item) {
        item.id = item.object.id;
        item.body = item.object.body;
        for (const std::string& marking : item.object.object_markings) {
            if (!ceiling_.hides(marking)) continue;
            withhold(item, fmt::format("the object is marked {}", marking_name(marking)));
            return {};
        }
        ENTENTE_TRY(const std::string canonical, stix::canonical_json(item.object.body));
        const auto granular = stix::granular_markings(canonical);
        if (!granular) {
            withhold(item, granular.error().detail);
            return {};
        }
        Names hidden;
        for (const stix::GranularMarking& marking : *granular) {
            if (ceiling_.hides(marking.marking_ref)) hidden.insert(marking.marking_ref);
        }
        item.hidden.assign(hidden.begin(), hidden.end());
        item.stripped =
            static_cast<stix::PersonalClasses>(strip_ & stix::personal_classes(item.object));
        if (!item.hidden.empty() || item.stripped != 0) item.outcome = Outcome::derived;
        return item.stripped == 0 ? Result<void>() : withhold_who_is_nothing_without(item);
    }

    /// What cannot be without its personal parts gets no other name: who names it by an id that
    /// tells them is to lose the reference.
    Result<void> withhold_who_is_nothing_without(Item& item) {
        stix::Redaction trial;
        trial.hidden = item.hidden;
        trial.strip = item.stripped;
        trial.id = fmt::format("{}--{}", item.object.type, new_uuid(context_.random));
        trial.created_by_ref = options_.as;
        trial.created = trial.modified = format_time(context_.clock.now());
        ENTENTE_TRY(const stix::Redacted made, stix::redact(item.object.body, trial));
        if (made.withheld != stix::Withheld::no) withhold(item, made.why);
        return {};
    }

    /// Who mentions the id of a derived object is derived too, for the id has to go.
    void name_derived() {
        std::deque<std::string> open;
        const auto rename = [&](Item& item) {
            item.outcome = Outcome::derived;
            if (renamed_.contains(item.object.id)) return;
            const std::string id =
                options_.id.empty()
                    ? fmt::format("{}--{}", item.object.type, new_uuid(context_.random))
                    : options_.id;
            renamed_.emplace(item.object.id, id);
            open.push_back(item.object.id);
        };
        std::multimap<std::string_view, Item*> mentioning;
        std::multimap<std::string_view, Item*> versions;
        for (Item& item : items_) {
            versions.emplace(item.object.id, &item);
            for (const std::string& id : item.mentions)
                mentioning.emplace(id, &item);
            if (item.outcome == Outcome::derived) rename(item);
        }
        while (!open.empty()) {
            const std::string id = std::move(open.front());
            open.pop_front();
            // Other versions of it go with it: one object has one name.
            for (auto [at, end] = versions.equal_range(id); at != end; ++at) {
                if (at->second->outcome == Outcome::as_it_is) rename(*at->second);
            }
            for (auto [at, end] = mentioning.equal_range(id); at != end; ++at) {
                if (at->second->outcome == Outcome::as_it_is) rename(*at->second);
            }
        }
    }

    Result<void> derive(Item& item, Micros now) {
        // Versions of one object stay different versions.
        const std::int64_t order = versions_made_[item.object.id]++;
        const std::string time = format_time(now);
        stix::Redaction redaction{
            .hidden = item.hidden,
            .strip = item.stripped,
            .renamed = renamed_,
            .id = renamed_.find(item.object.id)->second,
            .created_by_ref = options_.as,
            .created = time,
            .modified = format_time(now + order * 1'000)};
        ENTENTE_TRY(const stix::Redacted made, stix::redact(item.object.body, redaction));
        if (made.withheld != stix::Withheld::no) {
            withhold(item, made.why);
            return {};
        }
        item.id = redaction.id;
        item.body = made.body;
        return forget_cut_mentions(item);
    }

    /// What a derived object no longer names it does not tell of.
    Result<void> forget_cut_mentions(Item& item) const {
        ENTENTE_TRY(const std::string canonical, stix::canonical_json(item.body));
        const Names left = identifiers_in(canonical);
        std::erase_if(item.mentions, [&](const std::string& id) {
            const auto other = renamed_.find(id);
            return !left.contains(other == renamed_.end() ? id : other->second);
        });
        return {};
    }

    /// Milliseconds, as STIX objects have them.
    static std::string format_time(Micros t) {
        std::string text = format_taxii({t.count - t.count % 1'000});
        return text.substr(0, text.size() - 4) + "Z";  // 000Z of the microseconds
    }

    static void withhold(Item& item, std::string why) {
        item.outcome = Outcome::withheld;
        item.why = std::move(why);
        item.body.clear();
    }

    /// Who names an object that the reader does not get tells that it exists.
    void withhold_who_mentions() {
        std::multimap<std::string_view, Item*> mentioning;
        Names open;
        for (Item& item : items_) {
            for (const std::string& id : item.mentions)
                mentioning.emplace(id, &item);
            if (item.outcome == Outcome::withheld) open.insert(item.object.id);
        }
        while (!open.empty()) {
            const std::string id = *open.begin();
            open.erase(open.begin());
            for (auto [at, end] = mentioning.equal_range(id); at != end; ++at) {
                Item& item = *at->second;
                if (item.outcome == Outcome::withheld) continue;
                withhold(item, fmt::format("it names {}, which is withheld", id));
                open.insert(item.object.id);
            }
        }
    }

    void print_json(const Item& item) const {
        const std::string_view word = item.outcome == Outcome::as_it_is  ? "as_it_is"
                                      : item.outcome == Outcome::derived ? "derived"
                                                                         : "withheld";
        boost::json::array hidden(item.hidden.begin(), item.hidden.end());
        boost::json::array stripped;
        for (const stix::Personal cls : personal) {
            if ((item.stripped & stix::personal_bit(cls)) != 0)
                stripped.emplace_back(stix::personal_name(cls));
        }
        // By hand: the object goes out as it is spelled.
        context_.out.raw(fmt::format(
            R"({{"id":{},"outcome":"{}","hidden":{},"stripped":{},"why":{},"object":{}}})"
            "\n",
            json_string(item.object.id),
            word,
            boost::json::serialize(hidden),
            boost::json::serialize(stripped),
            item.why.empty() ? "null" : json_string(item.why),
            item.body.empty() ? "null" : item.body
        ));
    }

    Ceiling ceiling_;
    stix::PersonalClasses strip_;
    const RedactOptions& options_;
    Context& context_;
    std::deque<Item> items_;
    std::map<std::string, std::string, std::less<>> renamed_;
    std::map<std::string, std::int64_t> versions_made_;
    std::size_t bytes_ = 0;
};

Result<void> check_marking_id(const std::string& id) {
    if (id.starts_with("marking-definition--") && stix::is_identifier(id)) return {};
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "'{}' is no id of a marking; use a TLP level or marking-definition--UUID",
            printable(id, 200)
        )
    );
}

/// The ids that `--hide` names; a TLP level names both of its markings, of TLP 1 and 2.
Result<Names> hidden_markings(const std::vector<std::string>& words) {
    constexpr std::array tlp1{
        "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
        "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
        "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"};
    Names hide;
    for (const std::string& word : words) {
        const bool is_id = word.starts_with("marking-definition--");
        const auto level = is_id ? std::nullopt : stix::parse_tlp(word);
        if (!level) {
            ENTENTE_CHECK(check_marking_id(word));
            hide.insert(word);
            continue;
        }
        hide.emplace(stix::tlp2_marking_id(*level));
        for (const char* id : tlp1) {
            if (stix::tlp_of_marking(id) == *level) hide.emplace(id);
        }
    }
    return hide;
}

/// The classes that `--strip` names.
Result<stix::PersonalClasses> stripped_classes(const std::vector<std::string>& options) {
    stix::PersonalClasses out = 0;
    for (const std::string& option : options) {
        std::string_view rest = option;
        for (bool more = true; more;) {
            const std::size_t comma = rest.find(',');
            more = comma != std::string_view::npos;
            const std::string_view word = rest.substr(0, comma);
            const auto cls = stix::parse_personal(word);
            if (!cls && word != "all") {
                return fail(
                    Errc::invalid_argument,
                    fmt::format(
                        "--strip '{}' is no class of personal data; use contact, account, "
                        "free-text, credentials or all",
                        printable(word, 200)
                    )
                );
            }
            out = static_cast<stix::PersonalClasses>(
                out | (cls ? stix::personal_bit(*cls) : stix::all_personal)
            );
            if (more) rest.remove_prefix(comma + 1);
        }
    }
    return out;
}

}  // namespace

Result<Exit> stix_redact(const RedactOptions& options, Context& context) {
    ENTENTE_CHECK(check_identity(options.as));
    if (options.ceiling.empty() && options.hide.empty() && options.strip.empty()) {
        return fail(
            Errc::invalid_argument, "give --ceiling, --hide or --strip: what may the reader see?"
        );
    }
    ENTENTE_TRY(const stix::PersonalClasses strip, stripped_classes(options.strip));
    std::optional<stix::Tlp> level;
    if (!options.ceiling.empty()) {
        ENTENTE_TRY(level, parse_marking(options.ceiling));
    }
    ENTENTE_TRY(Names hide, hidden_markings(options.hide));
    if (!options.id.empty() && !stix::is_identifier(options.id)) {
        return fail(
            Errc::invalid_argument,
            fmt::format("--id '{}' is no identifier (type--UUID)", printable(options.id, 200))
        );
    }
    Redactor redactor(Ceiling(level, std::move(hide)), strip, options, context);
    ENTENTE_CHECK(each_object(options.file, [&](std::string_view object, const std::string& place) {
        return redactor.take(object, place);
    }));
    if (stop_requested()) return Exit::interrupted;
    ENTENTE_CHECK(redactor.decide());
    return redactor.print() ? Exit::ok : Exit::findings;
}

}  // namespace entente::cli
