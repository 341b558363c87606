#pragma once
// Reads the answer of a DNS server to an SRV question (RFC 2782). Pure.
#include "base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace entente::http {

/// Hosts and ports, best first: by priority, then by weight, heaviest first. Names that are no host
/// names are left out. Fails: malformed (not a DNS answer, cut off, or it lies about its lengths);
/// not_found (no such name, no records, or the single record "." that means "not offered here");
/// overloaded (the DNS server failed).
[[nodiscard]] Result<std::vector<std::pair<std::string, std::uint16_t>>> parse_srv_answer(
    std::span<const std::uint8_t> packet
);

}  // namespace entente::http
