#include "exchange/consumers.h"

#include "base/limits.h"
#include "store/scan.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::exchange {
namespace {

namespace json = boost::json;
using agreement::raw;

std::string name_of(store::UserNo user, store::CollectionNo collection) {
    return fmt::format("reader {} {}", raw(user), raw(collection));
}

std::string note_text(const ReaderNote& note) {
    json::object o{
        {"at", note.at.count},
        {"token", raw(note.token)},
        {"requests", note.requests},
        {"delivered", note.delivered},
        {"filtered", note.filtered}};
    if (note.position) o["position"] = raw(*note.position);
    if (note.date) o["date"] = note.date->count;
    return json::serialize(o);
}

/// Throws what Boost.JSON throws for a text that is not as `note_text` wrote it.
ReaderNote read_note(std::string_view text) {
    const json::value whole = json::parse(text);
    const json::object& o = whole.as_object();
    ReaderNote note{
        .at = {o.at("at").to_number<std::int64_t>()},
        .token = store::TokenNo{o.at("token").to_number<std::uint32_t>()},
        .requests = o.at("requests").to_number<std::uint64_t>(),
        .delivered = o.at("delivered").to_number<std::uint64_t>(),
        .filtered = o.at("filtered").as_bool()};
    if (const json::value* seq = o.if_contains("position"))
        note.position = store::Seq{seq->to_number<std::uint64_t>()};
    if (const json::value* date = o.if_contains("date"))
        note.date = Micros{date->to_number<std::int64_t>()};
    return note;
}

struct Counted {
    std::uint64_t published = 0;
    std::uint64_t derived = 0;
};

std::map<store::ClassNo, Counted> count_classes(
    store::Snapshot& snapshot, store::CollectionNo collection
) {
    std::map<store::ClassNo, Counted> classes;
    const auto cursor = snapshot.entries(collection, store::Seq{1});
    while (const auto entry = cursor->next()) {
        Counted& counted = classes[entry->cls];
        ++(has(entry->flags, store::Flag::derived) ? counted.derived : counted.published);
    }
    return classes;
}

std::uint64_t count_behind(
    store::Snapshot& snapshot,
    const agreement::View& view,
    const agreement::ClassTable& classes,
    store::Seq position
) {
    std::uint64_t count = 0;
    (void)store::scan(
        snapshot,
        view,
        classes,
        {},
        {position},
        limits::lag_counted_max,
        [&](const agreement::Sealed&) {
            ++count;
            return true;
        }
    );
    return count;
}

}  // namespace

void add_note(ReaderNote& note, const ReaderNote& later) {
    note.at = later.at;
    note.token = later.token;
    note.requests += later.requests;
    note.delivered += later.delivered;
    if (later.position) {
        note.position = later.position;
        note.filtered = later.filtered;
        if (later.date) note.date = later.date;
    }
}

void put_notes(store::Transaction& tx, const ReaderNotes& notes) {
    for (const auto& [who, later] : notes) {
        ReaderNote note = note_of(tx, who.first, who.second).value_or(ReaderNote{});
        add_note(note, later);
        tx.set_setting(name_of(who.first, who.second), note_text(note));
    }
}

std::optional<ReaderNote> note_of(
    store::Snapshot& snapshot, store::UserNo user, store::CollectionNo collection
) {
    const auto text = snapshot.setting(name_of(user, collection));
    if (!text) return std::nullopt;
    try {
        return read_note(*text);
    } catch (const std::exception&) {
        return std::nullopt;  // it decides nothing, and the next request writes it anew
    }
}

std::vector<Consumer> consumers_of(
    store::Snapshot& snapshot,
    StateCache& states,
    const State& state,
    const store::Collection& collection
) {
    const auto classes = count_classes(snapshot, collection.no);
    std::vector<Consumer> found;
    for (const store::User& user : state.directory.users) {
        Consumer one{.user = user.no, .collection = collection.no};
        one.note = note_of(snapshot, user.no, collection.no);
        const agreement::Terms terms = state.read_terms(user, collection);
        if (!terms.read() && !one.note) continue;
        for (const auto& [cls, counted] : classes) {
            const auto decision = agreement::decide(terms, *state.classes, state.markings, cls);
            if (decision.releases()) {
                one.may_see += counted.published + counted.derived;
                one.redacted += counted.derived;
            } else if (counted.published > 0) {
                // What was made for other readers is no object that this one misses.
                one.withheld[decision.reason] += counted.published;
            }
        }
        one.lag = one.may_see;
        if (one.note && one.note->position) {
            const auto view = states.view(snapshot, state, user.no, collection.no);
            one.lag = count_behind(snapshot, *view, *state.classes, *one.note->position);
        }
        found.push_back(std::move(one));
    }
    return found;
}

}  // namespace entente::exchange
