#pragma once
// The Traffic Light Protocol, versions 1 and 2, by the exact ids of the standard
// (STIX 2.1, 7.2.1.4; S62, S63).
#include <cstdint>
#include <optional>
#include <string_view>

namespace entente::stix {

/// Ordered from open to closed. TLP 1 WHITE reads as clear, TLP 1 AMBER as amber.
enum class Tlp : std::uint8_t { clear, green, amber, amber_strict, red };

/// The level of a marking-definition id; nothing for any other id, look-alikes included.
[[nodiscard]] std::optional<Tlp> tlp_of_marking(std::string_view marking_id) noexcept;

/// "TLP:AMBER+STRICT" and so on.
[[nodiscard]] std::string_view tlp_name(Tlp level) noexcept;

/// Reads `TLP:GREEN`, `green`, `tlp:white`, or a marking-definition id; case-insensitive.
[[nodiscard]] std::optional<Tlp> parse_tlp(std::string_view text) noexcept;

/// The id of the TLP 2.0 marking-definition of `level`.
[[nodiscard]] std::string_view tlp2_marking_id(Tlp level) noexcept;

}  // namespace entente::stix
