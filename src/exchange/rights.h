#pragma once
// Changing who may see what, so that no reader misses, repeats, or keeps what it lost: every change of grants, default
// markings and statement markings goes through here.
#include <functional>
#include <span>

#include "base/time.h"
#include "store/store.h"

namespace entente::exchange {

/// Runs `change` in the transaction. For every view of the `collections` compares what was released before and after:
/// classes that came get stretches from here on and late rows for what lies before; classes that went get their stretches
/// closed, their late rows removed, and older versions that become the latest again get late rows. Users who get their first
/// read right get a view.
void change_rights(
    store::Transaction& tx, const Clock& clock, std::span<const store::CollectionNo> collections,
    const std::function<void()>& change
);

}  // namespace entente::exchange
