#pragma once
// How a stranger's server is reached, as the operator said it: where it is, who may see which
// secret, what is trusted. The same for every command and for what a node sends by itself.
#include "base/result.h"
#include "http/client.h"
#include "taxii/client/locate.h"
#include "taxii/client/session.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace entente::taxii::client {

/// Empty text = not said.
struct Way {
    /// A collection (…/collections/{id}/ or …/collections/{id}/objects/), an API root, a server, or
    /// a bare domain name that is looked up as `_taxii2._tcp` (TAXII 2.1, 8.2.1).
    std::string url;
    std::string root;        // its last path segment, title or URL
    std::string collection;  // id, alias or title

    std::vector<std::string> allow_origins;    // URLs: API roots may lie there too
    std::vector<std::string> credentials_for;  // URLs: and may see the credentials
    bool plain_http = false;  // credentials may travel without TLS beyond this machine

    std::string ca_file;
    std::string client_certificate;
    std::string client_key;
    bool insecure_skip_verify = false;
    std::int64_t timeout_s = 120;  // for one answer
};

/// A way that was found, and who may go it.
struct Route {
    Address address;
    Access access;
};

/// Reads the address, which may ask the DNS, and judges who may see the credentials. Fails:
/// invalid_argument (also as `check_access`); forbidden: the DNS leads to a host outside of the
/// domain; not_found, overloaded: DNS.
[[nodiscard]] Result<Route> find_route(const Way& way, Credentials credentials);

/// A client for one origin of the route; only a trusted one sees the client certificate. `stopping`
/// as in http::ClientOptions.
[[nodiscard]] std::unique_ptr<http::Client> make_client(
    const Way& way,
    const Access& access,
    const http::Origin& origin,
    std::function<bool()> stopping = {}
);

}  // namespace entente::taxii::client
