#pragma once
// States as they are read from the store, and the cache of the newest one and its views.
#include "agreement/view.h"
#include "exchange/caller.h"
#include "store/store.h"

#include <cstddef>
#include <memory>

namespace entente::exchange {

/// Reads the state of a snapshot; keeps the last one and reuses it while the generation stands. One
/// per store. Threads: safe.
///
/// 1. The state given for a snapshot is of the snapshot's generation and its class table holds
/// every class of the snapshot.
/// 2. Nothing that was read inside a Transaction is kept: its generation and class numbers may come
/// again with another
///    meaning when it is undone.
class StateCache {
  public:
    StateCache();
    ~StateCache();
    [[nodiscard]] std::shared_ptr<const State> get(store::Snapshot& snapshot);
    /// The view of a user of a collection at the snapshot's generation; cached by (user,
    /// collection, generation, classes). A user or collection that is not there gives a view of
    /// nothing. REQUIRES: `state` is what `get` gave for this snapshot. (One of another generation
    /// is not used; the view is then of the snapshot's own.)
    [[nodiscard]] std::shared_ptr<const agreement::View> view(
        store::Snapshot& snapshot,
        const State& state,
        store::UserNo user,
        store::CollectionNo collection
    );

    /// For tests: how many views are kept.
    [[nodiscard]] std::size_t cached_views() const;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// The state without a cache, for use inside a transaction.
[[nodiscard]] State load_state(store::Snapshot& snapshot);

}  // namespace entente::exchange
