#include "feed/address_set.h"

#include "feed/internal/embedded.h"

#include <algorithm>

namespace entente::feed {

AddressSet::Range AddressSet::range_of(const pattern::AddressBlock& block) {
    Range range{block.bytes, block.bytes};
    const unsigned bits = block.v6 ? 128 : 32;
    for (unsigned bit = block.prefix; bit < bits; ++bit)
        range.last[bit / 8] = static_cast<std::uint8_t>(range.last[bit / 8] | (0x80U >> bit % 8));
    return range;
}

void AddressSet::add(const pattern::AddressBlock& block) {
    (block.v6 ? v6_ : v4_).push_back(range_of(block));
    // A whole range that stands for IPv4 is no statement about all of it.
    if (const auto v4 = internal::embedded_v4(block); v4 && v4->prefix > 0) add(*v4);
}

void AddressSet::close() {
    for (std::vector<Range>* ranges : {&v4_, &v6_}) {
        std::ranges::sort(*ranges, {}, &Range::first);
        std::vector<Range> merged;
        for (const Range& range : *ranges) {
            if (!merged.empty() && range.first <= merged.back().last) {
                merged.back().last = std::max(merged.back().last, range.last);
            } else {
                merged.push_back(range);
            }
        }
        *ranges = std::move(merged);
    }
}

bool AddressSet::touches(const pattern::AddressBlock& block) const {
    if (const auto v4 = internal::embedded_v4(block); v4 && touches(*v4)) return true;
    const std::vector<Range>& ranges = block.v6 ? v6_ : v4_;
    const Range asked = range_of(block);
    // The first that does not end before the block begins.
    const auto at = std::ranges::lower_bound(ranges, asked.first, {}, &Range::last);
    return at != ranges.end() && at->first <= asked.last;
}

}  // namespace entente::feed
