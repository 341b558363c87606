#pragma once
// The files that hold what partners' nodes are shown, and what a delivery needs of a directory.
#include "cli/node_dir.h"
#include "peer/delivery.h"
#include "taxii/client/session.h"

#include <string>

namespace entente::cli {

/// Writes credentials to a new file of DIR/peers (mode 0600, the directory 0700), durable on
/// return. Returns its name, which says nothing; empty for no credentials. Throws StorageError.
[[nodiscard]] Result<std::string> keep_credentials(
    const NodeDir& node, const taxii::client::Credentials& credentials, Random& random
);

/// Fails: not_found, forbidden (open to other users of the machine), corrupt.
[[nodiscard]] Result<taxii::client::Credentials> read_credentials(
    const NodeDir& node, const std::string& name
);

/// Removes the file of a peer that was changed or removed.
void forget_credentials(const NodeDir& node, const std::string& name);

/// For commands: writes go to the store directly, a stop signal stops. `node` outlives what it
/// gives.
[[nodiscard]] peer::Surroundings surroundings(
    const NodeDir& node, const Clock& clock, Random& random
);

}  // namespace entente::cli
