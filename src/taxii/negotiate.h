#pragma once
// Which representations a client takes and sends (TAXII 2.1, 1.6.8 and 3.1; RFC 9110, 12.5.1).
// Reads leniently: clients of the field send no Accept, `*/*`, `application/json`, or lists with
// odd spacing; writes one spelling. Pure.
#include "base/result.h"
#include "http/http.h"
#include "taxii/route.h"

namespace entente::taxii {

/// The one media type of every response. Clients compare it as text (T21).
inline constexpr char media_type[] = "application/taxii+json;version=2.1";

/// Will the client take `media_type` from this endpoint? Yes without an Accept header; for
/// application/taxii+json and application/json, with no version or 2.1; for application/* and */*;
/// on the endpoints below a collection for application/stix+json, which the standard's own lists
/// name there (T25). The most specific range decides, and q=0 excludes. Fails: not_acceptable, with
/// the header to send.
[[nodiscard]] Result<void> check_accept(const http::Headers& headers, Endpoint endpoint);

/// Is the body of a POST of a type that we read: exactly one of application/taxii+json,
/// application/json, application/stix+json, with no version or 2.1; other parameters do not matter.
/// Fails: unsupported_media_type, with the header to send.
[[nodiscard]] Result<void> check_content_type(const http::Headers& headers);

/// No encoding, identity or gzip. Fails: unsupported_media_type.
[[nodiscard]] Result<void> check_content_encoding(const http::Headers& headers);

}  // namespace entente::taxii
