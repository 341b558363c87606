#pragma once
// Changes of the directory by commands: one transaction, an act for each change, nothing half-done
// on failure.
#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

#include <boost/json/object.hpp>

#include <functional>
#include <string_view>

namespace entente::cli {

/// Runs `work` in one transaction. When it fails, everything it wrote is undone.
[[nodiscard]] Result<void> in_transaction(
    store::Store& store, const std::function<Result<void>(store::Transaction&)>& work
);

/// Appends an act of this node's own party, done by the operator of the machine. `facts` holds
/// names, ids, counts and digests, never secrets or values of objects.
void record(
    store::Transaction& tx,
    const Clock& clock,
    std::string_view kind,
    boost::json::object facts,
    store::CollectionNo collection = {}
);

}  // namespace entente::cli
