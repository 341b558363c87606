#pragma once
// `entente peer …`: where the nodes of partners take what this node tells them, and what waits for
// them.
#include "cli/context.h"
#include "cli/remote.h"

#include <string>

namespace entente::cli {

struct PeerSetOptions {
    Common common;
    std::string party;
    RemoteOptions remote;  // url: a collection of its server that takes agreements
};

struct PeerOptions {
    Common common;
    std::string party;  // deliver: empty = all
};

/// Sets or replaces the peer of a party; what it has to know of agreements waits for it then.
/// Fails: not_found; conflict (the own party); as `client::find_route` and `read_credentials`.
[[nodiscard]] Result<Exit> peer_set(const PeerSetOptions& options, Context& context);
[[nodiscard]] Result<Exit> peer_show(const PeerOptions& options, Context& context);
[[nodiscard]] Result<Exit> peer_list(const Common& options, Context& context);
/// What waits for it goes too.
[[nodiscard]] Result<Exit> peer_remove(const PeerOptions& options, Context& context);
/// Sends what waits, and what was given up, now. Exit: ok; broken when something was not delivered.
[[nodiscard]] Result<Exit> peer_deliver(const PeerOptions& options, Context& context);

}  // namespace entente::cli
