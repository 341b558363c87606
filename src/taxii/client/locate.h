#pragma once
// From what the operator typed to a collection: collection URLs, API roots, servers, bare domain
// names.
#include "base/result.h"
#include "http/client.h"
#include "taxii/client/resources.h"
#include "taxii/client/session.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::taxii::client {

/// One target of a service in the DNS (RFC 2782).
struct Service {
    std::string host;
    std::uint16_t port = 0;
};

/// The targets of a name like `_taxii2._tcp.example.com`, best first; empty when there are none.
using LookupService = std::function<Result<std::vector<Service>>(std::string_view name)>;

/// Where the operator wants to go.
struct Address {
    http::Url url;
    /// The DNS sent us to a host outside of the domain that was typed: an answer that anyone on the
    /// way can make, so it is not the origin that the operator named (no access without
    /// --allow-origin, no credentials without --credentials-for).
    bool foreign = false;
};

/// Reads an http(s) URL, `host:port` (https), or a domain name, which is looked up
/// (TAXII 2.1, 8.2.1) and taken as https://name/taxii2/ when it has no such record. Fails:
/// invalid_argument; overloaded (DNS).
[[nodiscard]] Result<Address> read_address(std::string_view text, const LookupService& lookup);

/// What is wanted on the server; empty = not said.
struct Where {
    http::Url url;
    std::string root;        // last path segment, title or URL of an API root
    std::string collection;  // id, alias or title
};

/// A collection that was found.
struct Place {
    http::Url root;                        // ends with '/'
    std::uint64_t max_content_length = 0;  // 0 = not known
    Collection collection;

    [[nodiscard]] http::Url objects() const;                    // …/collections/{id}/objects/
    [[nodiscard]] http::Url status(std::string_view id) const;  // …/status/{id}/
};

/// Finds the collection. A path …/collections/{id}/ with or without objects/ or manifest/ behind
/// names it; any other answer of the server tells what the URL is. API roots on origins that the
/// session may not reach are refused. Fails: not_found (no such root or collection: the detail
/// lists what there is), invalid_argument (several fit, or the choice is open), forbidden, and as
/// Session.
[[nodiscard]] Result<Place> locate(Session& session, const Where& where);

/// True when `segment` can stand in a path as an id: not empty, not a dot segment, not over
/// limits::client_id_bytes_max, no control characters.
[[nodiscard]] bool is_segment(std::string_view segment) noexcept;

}  // namespace entente::taxii::client
