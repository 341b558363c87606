#pragma once
// The feeds that this node keeps current for sensors, and the lists of what is probably no threat.
// Settings of the store: a backup has them, and every process sees a change at its next look.
#include "agreement/use.h"
#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// One feed, as an operator set it up. What its words mean is checked before they come here.
struct FeedSettings {
    std::string name{};
    store::UserNo user{};                            // as whom it is read
    std::vector<store::CollectionNo> collections{};  // empty = all that the user may read
    agreement::Action purpose = agreement::Action::look;
    std::string format{};                // feed::format_of
    std::vector<std::string> kinds{};    // feed::kind_name; empty = all that the format has
    bool observables = false;            // cyber-observables too, not indicators alone
    std::string folder{};                // where its files are; an absolute path
    std::uint32_t sid_first = 0;         // Suricata: the first number of a rule; 0 = as usual
    std::vector<std::string> allowed{};  // "KIND VALUE": let in whatever stands against it
    std::string suffixes{};              // a file of public suffixes; empty = the machine's
    friend bool operator==(const FeedSettings&, const FeedSettings&) = default;
};

/// By name. Fails: corrupt.
[[nodiscard]] Result<std::vector<FeedSettings>> feeds(store::Snapshot& snapshot);

/// Replaces them and moves the generation. Fails: conflict (limits::feeds_max).
[[nodiscard]] Result<void> put_feeds(store::Transaction& tx, std::vector<FeedSettings> feeds);

/// A warning list that is kept.
struct KeptList {
    std::string name{};      // as the list calls itself
    bool stops = false;      // no blocking feed holds what is on it; else it is only counted
    std::uint32_t slot = 0;  // where its text is kept
    std::uint64_t entries = 0;
    Micros added{};
    friend bool operator==(const KeptList&, const KeptList&) = default;
};

/// By name. Fails: corrupt.
[[nodiscard]] Result<std::vector<KeptList>> kept_lists(store::Snapshot& snapshot);

/// The text as it was put; empty if it is gone.
[[nodiscard]] std::string kept_list_text(store::Snapshot& snapshot, const KeptList& list);

/// Keeps a list, in place of the one of that name, and moves the generation. `list.slot` is
/// ignored. Fails: conflict (limits::warning_lists_max, limits::warning_list_entries_max), corrupt.
[[nodiscard]] Result<void> put_kept_list(
    store::Transaction& tx, KeptList list, std::string_view text
);

/// Fails: not_found, corrupt.
[[nodiscard]] Result<void> erase_kept_list(store::Transaction& tx, std::string_view name);

}  // namespace entente::exchange
