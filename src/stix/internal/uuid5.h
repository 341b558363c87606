#pragma once
// Name-based UUIDs (RFC 4122, 4.3).
#include <string>
#include <string_view>

namespace entente::stix::internal {

/// The UUID version 5 of `name` in the namespace that STIX 2.1, 2.9 has for cyber-observables, in
/// lower case.
[[nodiscard]] std::string observable_uuid(std::string_view name);

}  // namespace entente::stix::internal
