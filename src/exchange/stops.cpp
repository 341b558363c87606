#include "exchange/stops.h"

#include "base/limits.h"
#include "base/log.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::exchange {
namespace {

namespace json = boost::json;

constexpr std::string_view setting_name = "stopped";

json::object stop_json(const Stop& stop) {
    return {{"at", stop.at.count}, {"person", stop.person}, {"reason", stop.reason}};
}

template <class No>
json::array rows_json(const std::map<No, Stop>& rows) {
    json::array list;
    for (const auto& [no, stop] : rows) {
        json::object one = stop_json(stop);
        one["no"] = agreement::raw(no);
        list.push_back(std::move(one));
    }
    return list;
}

// The following throw what Boost.JSON throws for a text that is not as `put_stops` wrote it.

Stop read_stop(const json::object& one) {
    return {
        .at = {one.at("at").to_number<std::int64_t>()},
        .person = std::string(one.at("person").as_string()),
        .reason = std::string(one.at("reason").as_string())};
}

template <class No>
std::map<No, Stop> read_rows(const json::value& list) {
    std::map<No, Stop> rows;
    for (const json::value& one : list.as_array()) {
        const json::object& row = one.as_object();
        rows.emplace(No{row.at("no").to_number<std::uint32_t>()}, read_stop(row));
    }
    return rows;
}

Stops read_stops(std::string_view text) {
    const json::value whole = json::parse(text);
    const json::object& o = whole.as_object();
    Stops stops;
    if (const json::value& all = o.at("all"); !all.is_null())
        stops.all = read_stop(all.as_object());
    stops.parties = read_rows<store::PartyNo>(o.at("parties"));
    stops.users = read_rows<store::UserNo>(o.at("users"));
    return stops;
}

}  // namespace

const Stop* Stops::of(const store::User& user) const noexcept {
    const auto at = users.find(user.no);
    return at != users.end() ? &at->second : of(user.party);
}

const Stop* Stops::of(store::PartyNo party) const noexcept {
    const auto at = parties.find(party);
    if (at != parties.end()) return &at->second;
    return all ? &*all : nullptr;
}

bool Stops::empty() const noexcept {
    return !all && parties.empty() && users.empty();
}

Stops stops_of(store::Snapshot& snapshot) {
    const auto text = snapshot.setting(setting_name);
    if (!text || text->empty()) return {};
    try {
        return read_stops(*text);
    } catch (const std::exception& error) {
        log::error(
            "who is stopped cannot be read: everyone is; `entente start all` puts it right",
            {{"why", error.what()}}
        );
        return {
            .all = Stop{.at = {}, .person = "", .reason = "the record of stops cannot be read"},
            .parties = {},
            .users = {}};
    }
}

Result<void> put_stops(store::Transaction& tx, const Stops& stops) {
    if (stops.parties.size() + stops.users.size() > limits::stops_max) {
        return fail(
            Errc::conflict,
            fmt::format(
                "{} users and parties are stopped, the most that can be one by one; stop all",
                limits::stops_max
            )
        );
    }
    json::object o{
        {"all", stops.all ? json::value(stop_json(*stops.all)) : json::value(nullptr)},
        {"parties", rows_json(stops.parties)},
        {"users", rows_json(stops.users)}};
    tx.set_setting(setting_name, stops.empty() ? std::string() : json::serialize(o));
    move_generation(tx);
    return {};
}

void move_generation(store::Transaction& tx) {
    // A setting does not move it; a row of the directory does, whatever is in it.
    const store::Directory directory = tx.directory();
    const auto own = std::ranges::find(directory.parties, true, &store::Party::own);
    if (own != directory.parties.end()) (void)tx.put(*own);
}

}  // namespace entente::exchange
