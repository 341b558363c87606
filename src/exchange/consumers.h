#pragma once
// How far each reader is: what it asked for last, what it has not asked for yet, and what it does
// not get and why. For the own party's roles on this machine, never over the network.
#include "exchange/state_cache.h"
#include "store/store.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace entente::exchange {

/// What is kept of a reader's requests to one collection, in a setting of the store.
struct ReaderNote {
    Micros at;                    // of the last one
    store::TokenNo token{};       // 0 = a password
    std::uint64_t requests = 0;   // answered, empty ones too
    std::uint64_t delivered = 0;  // objects, those that came again too; no ids or versions alone
    /// Where the last walk through the collection's objects stands (not of requests for single
    /// ones), and under which date the reader saw what it got last; nothing before the first.
    std::optional<store::Seq> position{};
    std::optional<Micros> date{};
    bool filtered = false;  // that walk asked for some types or spec versions only
    friend bool operator==(const ReaderNote&, const ReaderNote&) = default;
};

using ReaderNotes = std::map<std::pair<store::UserNo, store::CollectionNo>, ReaderNote>;

/// Adds what came later: counts are added, the rest is that of `later` as far as it says something.
void add_note(ReaderNote& note, const ReaderNote& later);

/// Adds the notes to those that are stored.
void put_notes(store::Transaction& tx, const ReaderNotes& notes);

/// Nothing when the user never asked, or what is stored cannot be read.
[[nodiscard]] std::optional<ReaderNote> note_of(
    store::Snapshot& snapshot, store::UserNo user, store::CollectionNo collection
);

/// One reader of one collection.
struct Consumer {
    store::UserNo user{};
    store::CollectionNo collection{};
    std::optional<ReaderNote> note{};
    std::uint64_t may_see = 0;  // versions that it may have, redacted copies too
    /// Objects that a walk from its position would still give, at most limits::lag_counted_max;
    /// `may_see` when it never walked.
    std::uint64_t lag = 0;
    std::uint64_t redacted = 0;                             // of `may_see`: copies
    std::map<agreement::Reason, std::uint64_t> withheld{};  // versions, by the reason that decided
};

/// Every user that may read the collection, or did, by number. Cost: the entries' heads once, and
/// for each reader the classes and its lag. REQUIRES: `state` is of the snapshot.
[[nodiscard]] std::vector<Consumer> consumers_of(
    store::Snapshot& snapshot,
    StateCache& states,
    const State& state,
    const store::Collection& collection
);

}  // namespace entente::exchange
