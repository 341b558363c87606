#pragma once
// Sets of addresses of both families, asked whether something of them lies in a block. Pure.
#include "pattern/address.h"

#include <array>
#include <cstdint>
#include <vector>

namespace entente::feed {

/// Add all, then `close`, then ask. Memory: 32 bytes a block.
class AddressSet {
  public:
    void add(const pattern::AddressBlock& block);
    /// REQUIRES: nothing is added afterwards.
    void close();
    /// Whether the block and the set have an address in common, also one of IPv4 that stands within
    /// one of IPv6 (mapped, NAT64, 6to4). O(log n). REQUIRES: closed.
    [[nodiscard]] bool touches(const pattern::AddressBlock& block) const;

    [[nodiscard]] bool empty() const noexcept { return v4_.empty() && v6_.empty(); }

  private:
    using Address = std::array<std::uint8_t, 16>;

    struct Range {
        Address first{};
        Address last{};
    };

    [[nodiscard]] static Range range_of(const pattern::AddressBlock& block);

    std::vector<Range> v4_;  // closed: sorted, apart from one another
    std::vector<Range> v6_;
};

}  // namespace entente::feed
