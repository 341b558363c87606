#pragma once
// The resources that a TAXII 2.1 server writes (sections 3.6, 4, 5.1, 5.2) and the responses that
// carry them. This is the one file of the module that lets words of our own out; pages of objects
// come released from the exchange.
#include "agreement/release.h"
#include "base/result.h"
#include "exchange/exchange.h"
#include "http/http.h"
#include "taxii/route.h"

#include <string>
#include <string_view>

namespace entente::taxii {

/// What discovery says of the node.
struct Presentation {
    std::string title = "Entente";  // required by the standard; must not be empty
    std::string description;        // empty = left out, as is the contact
    std::string contact;
    std::string public_url;  // https://host[:port] for absolute api_roots; empty = relative ones
};

// ---- Bodies. Each tells a caller only of what it has a right on.

/// True when the caller has any right on any collection of the root; otherwise the root does not
/// exist for it.
[[nodiscard]] bool sees_root(const exchange::Caller& caller, store::RootNo root);

/// TAXII 2.1, 4.1.1. `default` is one of `api_roots`, byte for byte; both are left out when there
/// is nothing to name.
[[nodiscard]] agreement::Released discovery_body(
    const Presentation& node, const exchange::Caller& caller
);
/// TAXII 2.1, 4.2.1.
[[nodiscard]] agreement::Released api_root_body(const store::ApiRoot& root);
/// TAXII 2.1, 5.1.1: by id, so that the order stands across requests.
[[nodiscard]] agreement::Released collections_body(
    const exchange::Caller& caller, store::RootNo root
);
/// TAXII 2.1, 5.2.1.
[[nodiscard]] agreement::Released collection_body(
    const exchange::Caller& caller, const store::Collection& collection
);

/// What the caller is allowed of the collection: an extension, docs/allowed.md.
[[nodiscard]] agreement::Released allowed_body(
    const exchange::Caller& caller, const store::Collection& collection
);

// ---- Responses, each with the media type of T21 and `Cache-Control: no-store` where
// nothing else is said.

[[nodiscard]] http::Response answer(agreement::Released body);
/// The same as application/json: what is no resource of the standard does not claim to be one.
[[nodiscard]] http::Response answer_plainly(agreement::Released body);
/// 202 with the status resource (TAXII 2.1, 5.5).
[[nodiscard]] http::Response accepted(const exchange::PublishReport& report);
/// A page, with the dates of its first and last record when it has any (TAXII 2.1, 3.3; T63).
[[nodiscard]] http::Response page(exchange::Page page);
/// A page without records that was given before, and is still right.
[[nodiscard]] http::Response page_again(Outgoing body);
/// 200 without a body (TAXII 2.1, 5.7).
[[nodiscard]] http::Response deleted();

/// The HTTP status of an outcome.
[[nodiscard]] int status_of(Errc code) noexcept;

/// An error resource (TAXII 2.1, 3.6.1) with `request_id` as its error_id. A 404 has the same words
/// whatever the reason, so that hidden and absent look alike (T31); a 401 carries the challenges
/// (T35); 5xx tell no detail, a 503 has Retry-After.
[[nodiscard]] http::Response problem(const Error& error, std::string_view request_id);
/// The same for a world that broke: 503 when the disk is full or the database busy, else 500.
[[nodiscard]] http::Response problem(const StorageError& error, std::string_view request_id);
/// 429 (RFC 6585, 4) with Retry-After.
[[nodiscard]] http::Response too_many_requests(
    std::int64_t retry_after_s, std::string_view request_id
);
/// 405 with `Allow`.
[[nodiscard]] http::Response method_not_allowed(Endpoint endpoint, std::string_view request_id);

}  // namespace entente::taxii
