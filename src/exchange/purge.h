#pragma once
// Removing objects for good, by an operator: all their versions, what was made of them and what
// waits in quarantine; an act says who and why; a tombstone keeps them from being taken in again.
#include "base/result.h"
#include "base/time.h"
#include "exchange/state_cache.h"
#include "store/store.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace entente::exchange {

/// What is purged: whatever fits all that is set. REQUIRES: something is.
struct PurgeQuery {
    std::string id{};                                 // of an object
    std::optional<store::PartyNo> source{};           // the party that published it here
    std::string producer{};                           // created_by_ref
    std::optional<Micros> before{};                   // added earlier
    std::optional<store::CollectionNo> collection{};  // nothing = all
};

struct PurgeOrder {
    PurgeQuery what;
    std::string person;
    std::string reason;
    bool allow_again = false;  // no tombstones, and those of what is purged go
};

struct PurgeCount {
    std::uint64_t versions = 0;     // that were published
    std::uint64_t copies = 0;       // that were made of them
    std::uint64_t quarantined = 0;  // that waited, or were decided, in quarantine
    std::uint64_t held = 0;         // versions that stay: a hold lies on them
    std::set<store::HoldNo> holds;  // these
    std::uint64_t bytes = 0;        // of the bodies of versions and copies
};

/// A purge in steps, each in a transaction of its own, so that a server goes on beside it.
/// Threads: one at a time.
class Purge {
  public:
    explicit Purge(PurgeOrder order) : order_(std::move(order)) {}

    /// Counts what would go. Changes nothing.
    [[nodiscard]] PurgeCount look(store::Snapshot& snapshot);

    /// Removes at most limits::removal_step_entries versions. False: nothing was left to do.
    /// `recent` is a committed state, or null.
    [[nodiscard]] bool step(
        store::Transaction& tx, const Clock& clock, const std::shared_ptr<const State>& recent
    );

    /// What the steps did.
    [[nodiscard]] const PurgeCount& done() const noexcept { return done_; }

    /// Users that were given some of what the steps removed, or may have been. Reads all records of
    /// handing over.
    [[nodiscard]] std::set<store::UserNo> readers(store::Store& store) const;

  private:
    struct Found {
        store::CollectionNo collection{};
        store::Seq seq{};
        store::ClassNo cls{};
        std::string id;
        std::string version_key;
        Digest digest{};
        std::uint64_t bytes = 0;
    };

    /// Where the walk is: entries are looked at in order of collection, class and position.
    struct Place {
        std::size_t collection = 0;
        std::uint32_t cls = 0;
        store::Seq seq{};
        bool end = false;
    };

    void learn_classes(store::Snapshot& snapshot);
    [[nodiscard]] std::vector<Found> find(
        store::Snapshot& snapshot, Place& place, std::size_t count, PurgeCount& held
    );
    [[nodiscard]] std::vector<store::QuarantineItem> in_quarantine(
        store::Snapshot& snapshot, PurgeCount& held
    ) const;
    void count_kept(store::Snapshot& snapshot, PurgeCount& held);
    void leave_tombstones(store::Transaction& tx, Micros now, const std::vector<Found>& some) const;
    void record(
        store::Transaction& tx,
        Micros now,
        store::CollectionNo collection,
        const std::vector<Found>& some,
        std::size_t copies
    ) const;

    PurgeOrder order_;
    Place place_;
    bool begun_ = false;
    agreement::ClassTable classes_;
    PurgeCount done_;
    std::map<store::CollectionNo, std::vector<store::Seq>> gone_;
};

}  // namespace entente::exchange
