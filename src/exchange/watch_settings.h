#pragma once
// What this node's matcher looks for, and for whom: one setting of the store, which every process
// sees at its next look.
#include "base/result.h"
#include "store/store.h"

#include <optional>
#include <string>
#include <vector>

namespace entente::exchange {

/// As an operator set it up. What its words mean is checked before they come here.
struct WatchSettings {
    store::UserNo user{};                            // as whom indicators are read
    std::vector<store::CollectionNo> collections{};  // empty = all that the user may read
    bool subdomains = false;  // an indicator of one domain name also means all names below it
    std::string fields{};     // what further fields of events say (match::FieldMap::add)
    friend bool operator==(const WatchSettings&, const WatchSettings&) = default;
};

/// Nothing: no watch is set. Fails: corrupt.
[[nodiscard]] Result<std::optional<WatchSettings>> watch_settings(store::Snapshot& snapshot);

/// Replaces them, or removes them, and moves the generation.
void put_watch_settings(store::Transaction& tx, const std::optional<WatchSettings>& settings);

/// Indicators that hit more than limits::watch_hits_per_hour_max times in the hour that was looked
/// at last: ids, sorted. Told to people; nothing goes by it.
struct MutedHits {
    Micros hour;
    std::vector<std::string> indicators;
    friend bool operator==(const MutedHits&, const MutedHits&) = default;
};

/// Nothing also when it cannot be read.
[[nodiscard]] std::optional<MutedHits> muted_hits(store::Snapshot& snapshot);
/// Does not move the generation.
void put_muted_hits(store::Transaction& tx, const MutedHits& muted);

}  // namespace entente::exchange
