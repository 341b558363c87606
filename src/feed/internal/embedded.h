#pragma once
// IPv4 addresses within IPv6 ones: to block the one blocks the other for hosts behind a translator.
#include "pattern/address.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace entente::feed::internal {

/// The IPv4 addresses that addresses of the block stand for: mapped (RFC 4291, 2.5.5.2), translated
/// by the well-known prefix of NAT64 (RFC 6052, 2.1), 6to4 (RFC 3056, 2). All of them where a whole
/// such range lies in the block; nothing where none does.
[[nodiscard]] inline std::optional<pattern::AddressBlock> embedded_v4(
    const pattern::AddressBlock& block
) {
    struct Range {
        std::array<std::uint8_t, 12> bytes;
        unsigned bits;
    };

    constexpr std::array<Range, 3> ranges{{
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96},
        {{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}, 96},
        {{0x20, 0x02}, 16},
    }};
    if (!block.v6) return std::nullopt;
    for (const Range& range : ranges) {
        const unsigned same = std::min(block.prefix, range.bits);
        const auto bit = [](const auto& bytes, unsigned at) {
            return (bytes[at / 8] >> (7U - at % 8)) & 1U;
        };
        unsigned at = 0;
        while (at < same && bit(block.bytes, at) == bit(range.bytes, at))
            ++at;
        if (at < same) continue;
        pattern::AddressBlock v4;
        if (block.prefix <= range.bits) return v4;
        v4.prefix = std::min(block.prefix - range.bits, 32U);
        std::copy_n(block.bytes.begin() + range.bits / 8, 4, v4.bytes.begin());
        return v4;
    }
    return std::nullopt;
}

}  // namespace entente::feed::internal
