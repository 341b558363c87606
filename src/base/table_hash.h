#pragma once
// A keyed hash for tables that strangers fill.
#include <array>
#include <cstdint>
#include <string_view>

namespace entente {

using TableKey = std::array<std::uint8_t, 16>;

/// SipHash-2-4 with 128 bits, by libsodium: tells texts apart, as long as who makes them does not
/// know the key. Not for what is kept or sent.
[[nodiscard]] std::array<std::uint64_t, 2> table_hash(
    const TableKey& key, std::string_view bytes
) noexcept;

}  // namespace entente
