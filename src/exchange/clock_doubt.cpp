#include "exchange/clock_doubt.h"

#include "base/limits.h"
#include "exchange/stops.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace entente::exchange {
namespace {

namespace json = boost::json;

constexpr std::string_view doubt_setting = "clock_doubt";
constexpr std::string_view accepted_setting = "clock_accepted";

/// A setting that is a JSON object; nothing when it is not set or cannot be read.
std::optional<json::object> read_setting(store::Snapshot& snapshot, std::string_view name) {
    const auto text = snapshot.setting(name);
    if (!text || text->empty()) return std::nullopt;
    boost::system::error_code ec;
    json::value value = json::parse(*text, ec);
    if (ec || !value.is_object()) return json::object{};
    return std::move(value.get_object());
}

std::optional<Micros> time_in(const json::object& facts, std::string_view name) {
    const json::value* value = facts.if_contains(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return Micros{value->get_int64()};
}

std::string duration_text(std::int64_t us) {
    const std::int64_t minutes = std::abs(us) / micros_per_second / 60;
    if (minutes < 120) return fmt::format("{} minutes", minutes);
    if (minutes < 2 * 24 * 60) return fmt::format("{} hours", minutes / 60);
    return fmt::format("{} days", minutes / 60 / 24);
}

void append(store::Transaction& tx, Micros now, const char* kind, json::object facts) {
    store::Act act;
    act.kind = kind;
    act.at = now;
    for (const store::Party& party : tx.directory().parties) {
        if (party.own) act.party = party.no;
    }
    act.facts = json::serialize(facts);
    tx.append_act(act);
}

}  // namespace

std::optional<ClockDoubt> clock_doubt_of(store::Snapshot& snapshot) {
    const auto stored = read_setting(snapshot, doubt_setting);
    if (!stored) return std::nullopt;
    const json::value* why = stored->if_contains("why");
    return ClockDoubt{
        .since = time_in(*stored, "since").value_or(Micros{}),
        // What cannot be read is no reason to trust the clock.
        .why = why != nullptr && why->is_string() ? std::string(why->get_string())
                                                  : "the record of the doubt cannot be read"};
}

Micros newest_date(store::Snapshot& snapshot, std::span<const store::Collection> collections) {
    Micros newest;
    for (const store::Collection& c : collections) {
        const auto head = snapshot.head(c.no);
        // The next free date of an empty collection is no date that was given.
        if (head.next_seq > store::Seq{1}) newest = std::max(newest, head.next_base + -1);
    }
    return newest;
}

std::optional<std::string> behind_dates(
    store::Snapshot& snapshot, std::span<const store::Collection> collections, Micros now
) {
    const Micros newest = newest_date(snapshot, collections);
    const std::int64_t behind = newest - now;
    if (behind <= limits::clock_behind_max_us) return std::nullopt;
    if (const auto accepted = read_setting(snapshot, accepted_setting)) {
        // What is given while the clock catches up moves the newest date by microseconds.
        const auto at = time_in(*accepted, "at");
        const auto then = time_in(*accepted, "newest");
        if (at && then && newest - *then <= limits::clock_behind_max_us &&
            *at - now <= limits::clock_behind_max_us) {
            return std::nullopt;
        }
    }
    return fmt::format(
        "the clock says {}, {} before the newest date that was given, {}",
        format_taxii(now),
        duration_text(behind),
        format_taxii(newest)
    );
}

ClockWatch::ClockWatch(const Clock& clock)
    : clock_(clock),
      wall_(clock.now()),
      monotonic_us_(clock.monotonic_us()) {}

std::optional<std::string> ClockWatch::jumped() {
    const Micros wall = clock_.now();
    const std::int64_t monotonic_us = clock_.monotonic_us();
    const std::int64_t jump = (wall - wall_) - (monotonic_us - monotonic_us_);
    const Micros expected = wall + -jump;
    wall_ = wall;
    monotonic_us_ = monotonic_us;
    if (std::abs(jump) <= limits::clock_jump_max_us) return std::nullopt;
    return fmt::format(
        "the clock jumped {} by {}, from {} to {}",
        jump > 0 ? "ahead" : "back",
        duration_text(jump),
        format_taxii(expected),
        format_taxii(wall)
    );
}

void doubt_clock(store::Transaction& tx, Micros now, const std::string& why) {
    if (clock_doubt_of(tx)) return;
    tx.set_setting(
        doubt_setting, json::serialize(json::object{{"since", now.count}, {"why", why}})
    );
    move_generation(tx);
    append(tx, now, "clock in doubt", {{"why", why}});
}

Result<ClockDoubt> accept_clock(store::Transaction& tx, Micros now, std::string_view person) {
    std::optional<ClockDoubt> doubt = clock_doubt_of(tx);
    const store::Directory directory = tx.directory();
    if (!doubt) {
        if (const auto why = behind_dates(tx, directory.collections, now))
            doubt = ClockDoubt{.since = now, .why = *why};
    }
    if (!doubt) return fail(Errc::conflict, "the clock is not in doubt");
    tx.set_setting(doubt_setting, "");
    tx.set_setting(
        accepted_setting,
        json::serialize(json::object{
            {"at", now.count}, {"newest", newest_date(tx, directory.collections).count}})
    );
    move_generation(tx);
    append(
        tx,
        now,
        "clock accepted",
        {{"person", person}, {"time", format_taxii(now)}, {"was", doubt->why}}
    );
    return *doubt;
}

}  // namespace entente::exchange
