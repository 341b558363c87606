#include "exchange/feeds.h"

#include "base/escape.h"
#include "base/limits.h"
#include "exchange/stops.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::exchange {
namespace {

namespace json = boost::json;
using agreement::Action;
using agreement::raw;

constexpr std::string_view feeds_setting = "feeds";
constexpr std::string_view lists_setting = "warning_lists";

std::string text_setting(std::uint32_t slot) {
    return fmt::format("warning_list_{}", slot);
}

json::array texts_json(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

json::object feed_json(const FeedSettings& feed) {
    json::array collections;
    for (const store::CollectionNo no : feed.collections)
        collections.emplace_back(raw(no));
    return {
        {"name", feed.name},
        {"user", raw(feed.user)},
        {"collections", std::move(collections)},
        {"purpose", agreement::action_text(feed.purpose)},
        {"format", feed.format},
        {"kinds", texts_json(feed.kinds)},
        {"observables", feed.observables},
        {"folder", feed.folder},
        {"sid_first", feed.sid_first},
        {"allowed", texts_json(feed.allowed)},
        {"suffixes", feed.suffixes}};
}

json::object list_json(const KeptList& list) {
    return {
        {"name", list.name},
        {"stops", list.stops},
        {"slot", list.slot},
        {"entries", list.entries},
        {"added", list.added.count}};
}

// The following throw what Boost.JSON throws for a text that is not as it was written here.

std::string text_at(const json::object& from, std::string_view name) {
    return std::string(from.at(name).as_string());
}

std::vector<std::string> texts_at(const json::object& from, std::string_view name) {
    std::vector<std::string> texts;
    for (const json::value& text : from.at(name).as_array())
        texts.emplace_back(text.as_string());
    return texts;
}

FeedSettings read_feed(const json::object& from) {
    FeedSettings feed;
    feed.name = text_at(from, "name");
    feed.user = store::UserNo{from.at("user").to_number<std::uint32_t>()};
    for (const json::value& no : from.at("collections").as_array())
        feed.collections.push_back(store::CollectionNo{no.to_number<std::uint32_t>()});
    const std::string purpose = text_at(from, "purpose");
    // A purpose that is not known permits nothing more than to block, which is the narrowest.
    feed.purpose = purpose == agreement::action_text(Action::look)   ? Action::look
                   : purpose == agreement::action_text(Action::hunt) ? Action::hunt
                                                                     : Action::block;
    feed.format = text_at(from, "format");
    feed.kinds = texts_at(from, "kinds");
    feed.observables = from.at("observables").as_bool();
    feed.folder = text_at(from, "folder");
    feed.sid_first = from.at("sid_first").to_number<std::uint32_t>();
    feed.allowed = texts_at(from, "allowed");
    feed.suffixes = text_at(from, "suffixes");
    return feed;
}

KeptList read_list(const json::object& from) {
    return {
        .name = text_at(from, "name"),
        .stops = from.at("stops").as_bool(),
        .slot = from.at("slot").to_number<std::uint32_t>(),
        .entries = from.at("entries").to_number<std::uint64_t>(),
        .added = Micros{from.at("added").to_number<std::int64_t>()}};
}

template <class Row, class Read>
Result<std::vector<Row>> rows_of(
    store::Snapshot& snapshot, std::string_view setting, const Read& read
) {
    std::vector<Row> rows;
    const auto text = snapshot.setting(setting);
    if (!text || text->empty()) return rows;
    try {
        const json::value whole = json::parse(*text);
        for (const json::value& one : whole.as_array())
            rows.push_back(read(one.as_object()));
    } catch (const std::exception& error) {
        return fail(
            Errc::corrupt, fmt::format("the setting '{}' cannot be read: {}", setting, error.what())
        );
    }
    return rows;
}

template <class Row, class Write>
void put_rows(
    store::Transaction& tx, std::string_view setting, std::vector<Row> rows, const Write& write
) {
    std::ranges::sort(rows, {}, &Row::name);
    json::array all;
    for (const Row& row : rows)
        all.push_back(write(row));
    tx.set_setting(setting, rows.empty() ? std::string() : json::serialize(all));
    move_generation(tx);
}

}  // namespace

Result<std::vector<FeedSettings>> feeds(store::Snapshot& snapshot) {
    return rows_of<FeedSettings>(snapshot, feeds_setting, read_feed);
}

Result<void> put_feeds(store::Transaction& tx, std::vector<FeedSettings> feeds) {
    if (feeds.size() > limits::feeds_max) {
        return fail(
            Errc::conflict, fmt::format("{} feeds are kept, no more can be", limits::feeds_max)
        );
    }
    put_rows(tx, feeds_setting, std::move(feeds), feed_json);
    return {};
}

Result<std::vector<KeptList>> kept_lists(store::Snapshot& snapshot) {
    return rows_of<KeptList>(snapshot, lists_setting, read_list);
}

std::string kept_list_text(store::Snapshot& snapshot, const KeptList& list) {
    return snapshot.setting(text_setting(list.slot)).value_or("");
}

Result<void> put_kept_list(store::Transaction& tx, KeptList list, std::string_view text) {
    ENTENTE_TRY(std::vector<KeptList> lists, kept_lists(tx));
    const auto same = std::ranges::find(lists, list.name, &KeptList::name);
    if (same != lists.end()) {
        list.slot = same->slot;
        *same = list;
    } else {
        if (lists.size() >= limits::warning_lists_max) {
            return fail(
                Errc::conflict,
                fmt::format("{} warning lists are kept, no more can be", limits::warning_lists_max)
            );
        }
        list.slot = 1;
        while (std::ranges::find(lists, list.slot, &KeptList::slot) != lists.end())
            ++list.slot;
        lists.push_back(list);
    }
    std::uint64_t entries = 0;
    for (const KeptList& one : lists)
        entries += one.entries;
    if (entries > limits::warning_list_entries_max) {
        return fail(
            Errc::conflict,
            fmt::format(
                "all warning lists together may have {} entries; remove one first",
                limits::warning_list_entries_max
            )
        );
    }
    tx.set_setting(text_setting(list.slot), text);
    put_rows(tx, lists_setting, std::move(lists), list_json);
    return {};
}

Result<void> erase_kept_list(store::Transaction& tx, std::string_view name) {
    ENTENTE_TRY(std::vector<KeptList> lists, kept_lists(tx));
    const auto at = std::ranges::find(lists, name, &KeptList::name);
    if (at == lists.end()) {
        return fail(
            Errc::not_found,
            fmt::format(
                "no warning list '{}'; `entente warning-list list` shows what there is",
                printable(name, 100)
            )
        );
    }
    tx.set_setting(text_setting(at->slot), "");
    lists.erase(at);
    put_rows(tx, lists_setting, std::move(lists), list_json);
    return {};
}

}  // namespace entente::exchange
