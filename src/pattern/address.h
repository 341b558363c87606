#pragma once
// Sets of addresses for ISSUBSET and ISSUPERSET: an IPv4 or IPv6 address or a CIDR block
// (STIX 2.1, 9.6.1; P17).
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace entente::pattern {

/// The addresses that share the first `prefix` bits of `bytes`. Bits after them are 0.
struct AddressBlock {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};  // v4: the first four
    unsigned prefix = 0;
    friend bool operator==(const AddressBlock&, const AddressBlock&) = default;
};

/// `198.51.100.7`, `198.51.100.0/24`, `2001:db8::1`, `2001:db8::/32`; a bare address is a block of
/// one. Host bits are masked. Nothing for other texts: leading zeros, zones, and prefixes longer
/// than the address are refused.
[[nodiscard]] std::optional<AddressBlock> read_address_block(std::string_view text);

/// The first address of the block, without the prefix: dotted, or as RFC 5952 writes IPv6, in
/// groups throughout (also ::ffff:102:304, so that what is IPv6 stays so when it is read again).
[[nodiscard]] std::string address_text(const AddressBlock& block);

/// Is every address of `part` in `whole`? Never across families.
[[nodiscard]] bool is_subset(const AddressBlock& part, const AddressBlock& whole);

}  // namespace entente::pattern
