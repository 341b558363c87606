#pragma once
// What is committed, as the last request that looked found it: so that others need not look.
#include "exchange/exchange.h"
#include "store/commits.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace entente::exchange {

/// Threads: safe.
class Pulse {
  public:
    /// The store outlives it.
    explicit Pulse(const store::Store& store) : commits_(store::commits_of(store)) {}

    /// To be asked before a snapshot is made that something will be learned from.
    [[nodiscard]] std::optional<store::CommitMark> mark() const noexcept;

    /// A snapshot made after `before` was told has this state, and this head of a collection. No
    /// effect when something was committed since: then it may be of another commit.
    void learn(
        const std::optional<store::CommitMark>& before,
        std::shared_ptr<const State> state,
        store::CollectionNo collection,
        const store::Snapshot::Head& head
    );

    /// The state, when it and the collection are certainly as they were for `then`. Touches no
    /// store.
    [[nodiscard]] std::shared_ptr<const State> unchanged(const NothingNew& then) const;

  private:
    struct Held {
        store::Seq next_seq{};
        std::uint64_t entries = 0;
    };

    const store::Commits* const commits_;  // null: the store cannot tell
    mutable std::mutex mutex_;             // guards what follows
    store::CommitMark mark_{};
    std::shared_ptr<const State> state_;  // shared with requests; null before the first
    std::map<store::CollectionNo, Held> held_;
};

}  // namespace entente::exchange
