#pragma once
// Which values stay when there are too many: everybody has the same room.
#include "feed/value.h"

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace entente::feed::internal {

/// A value that somebody's object has.
struct Candidate {
    const Value* value = nullptr;
    std::string_view source;  // the object's id
    std::uint64_t custodian = 0;
};

/// Leaves at most `most` of the candidates of these kinds. Room is given out evenly among
/// custodians, and among one's objects: those with less than their share keep all. The order stays,
/// and what stays is the first of each. O(n log n).
void cut(std::vector<Candidate>& candidates, std::size_t most, const std::bitset<kinds>& of);

}  // namespace entente::feed::internal
