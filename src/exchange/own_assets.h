#pragma once
// What is this node's own: networks, domains, accounts, as a person named them. Kept as one setting
// of the store.
#include "base/result.h"
#include "store/store.h"

#include <string>
#include <vector>

namespace entente::exchange {

/// As `feed::read_own_asset` spells them, sorted. Empty: none.
[[nodiscard]] std::vector<std::string> own_assets(store::Snapshot& snapshot);

/// Replaces them and moves the generation, so that whoever goes by them looks again. Fails:
/// conflict, when there are more than limits::own_assets_max. REQUIRES: no line feed in any.
[[nodiscard]] Result<void> put_own_assets(store::Transaction& tx, std::vector<std::string> assets);

}  // namespace entente::exchange
