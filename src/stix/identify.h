#pragma once
// Deterministic ids of cyber-observables (STIX 2.1, 2.9; items S20-S22). Pure.
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace entente::stix {

/// The id that STIX 2.1 derives for the cyber-observable `json` (an object; its own `id`, if any,
/// is not looked at): `type--UUIDv5` over the RFC 8785 text of those of its contributing properties
/// that are there. Of `hashes` one entry counts: MD5, else SHA-1, SHA-256, SHA-512, else the first
/// given. Nothing where the standard wants a random id: no contributing property is there, or the
/// type is `process`. Fails as `canonical_json`, and unprocessable when `json` is no object or its
/// `type` is no cyber-observable of the standard (types of extensions have rules of their own).
/// Threads: safe.
[[nodiscard]] Result<std::optional<std::string>> deterministic_id(std::string_view json);

}  // namespace entente::stix
