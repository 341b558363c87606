#pragma once
// Hits: an event of this node's sensors matched an indicator. They are counted by hour, kept in the
// store, and what came under an agreement waits until it may be told to the party that warned
// (exchange/sightings.h). Nothing of the event is ever told.
#include "base/result.h"
#include "base/time.h"
#include "exchange/caller.h"
#include "store/store.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace entente::exchange {

/// One event that matched one indicator. The texts outlive the call.
struct SeenHit {
    store::CollectionNo collection{};  // where the indicator's entry lies
    store::Seq seq{};
    std::string_view indicator{};  // its STIX id
    std::string_view path{};       // what matched, for example "domain-name:value"
    std::string_view value{};      // as it stood in the event; kept here as an example, never told
    Micros at{};                   // when it was seen; what lies ahead counts as now
    std::string_view
        event{};       // names the event; the same one counts once in a call. Empty: unknown
    bool own = false;  // what matched is this node's own asset: counted, never told
    std::string_view warned{};   // a list that says it is probably no threat: a person looks first
    std::string_view stopped{};  // a list that stops: counted, never told
};

/// What became of hits.
struct RecordedHits {
    std::uint64_t counted = 0;  // kept, one way or the other
    std::uint64_t waiting =
        0;  // of these: rows that wait for a person or for their time, and are new
    std::uint64_t dropped = 0;  // no room: limits::sightings_max, and all of it waits
    std::uint64_t unknown = 0;  // the entry is not there any more
};

/// Counts hits into rows of one indicator, party, agreement and hour. A row is put to the review of
/// the agreement that the indicator came under, unless that says otherwise (exchange/sightings.h)
/// or something stands against it for ever: an own asset, a list that stops,
/// limits::sighting_hits_hour_max hits in the hour or more, an own indicator, one that came under no
/// agreement. `state` is a committed one, as StateCache gives it: it is used as it is while its
/// generation stands. Cost: a few rows for each indicator and hour, however many hits.
RecordedHits record_hits(
    store::Transaction& tx,
    const Clock& clock,
    const std::shared_ptr<const State>& state,
    std::span<const SeenHit> hits
);

/// Whether the login may post events: of the own party, and a sensor, publisher or admin.
[[nodiscard]] bool may_post_events(const State& state, const store::User& user);

}  // namespace entente::exchange
