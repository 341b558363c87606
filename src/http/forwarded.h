#pragma once
// Whose request it is that a proxy passes on.
#include "base/ip.h"
#include "http/http.h"

#include <string>
#include <vector>

namespace entente::http {

/// Whether the peer of a connection passes on the requests of others.
[[nodiscard]] bool is_proxy(const std::string& peer, const std::vector<IpNetwork>& trusted);

/// The client's IP address in text: of the peer, or, when that is a trusted proxy, the last address
/// of `X-Forwarded-For` that is none. Each proxy adds the address that it saw at the end, so what
/// stands in front of that one is only what the client claims. Where an entry is no address, and
/// beyond limits::forwarded_addresses_max, the trusted proxy behind it counts.
[[nodiscard]] std::string client_address(
    const std::string& peer, const Headers& headers, const std::vector<IpNetwork>& trusted
);

}  // namespace entente::http
