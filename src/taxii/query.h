#pragma once
// The query parameters of TAXII 2.1 (section 3.4 and the tables of section 5) as requests to the
// exchange. Pure.
//
// Every malformed value is refused with the parameter's name, what is wrong and what would be right
// (T32). Unknown parameters and match fields, and those that an endpoint does not define, are
// ignored (T74, T75).
#include "base/result.h"
#include "exchange/exchange.h"
#include "taxii/route.h"

#include <string_view>

namespace entente::taxii {

/// The request of a GET on manifest, objects, object or versions. `limit` is clamped to
/// limits::page_objects_max; sets of values are sorted and unique, so that one filter has one form
/// however it was spelled. REQUIRES: the route is one of those four. Fails: invalid_argument.
[[nodiscard]] Result<exchange::ReadRequest> read_request(
    const Route& route, std::string_view query
);

/// The request of a DELETE on an object. REQUIRES: the route is Endpoint::object. Fails:
/// invalid_argument.
[[nodiscard]] Result<exchange::DeleteRequest> delete_request(
    const Route& route, std::string_view query
);

/// Only that the query can be decoded, for endpoints without parameters. Fails: invalid_argument.
[[nodiscard]] Result<void> check_query(std::string_view query);

}  // namespace entente::taxii
