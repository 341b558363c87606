#pragma once
// Where a row of a collection lies: one number, so that a table is clustered by (collection, seq).
#include "base/assert.h"
#include "store/rows.h"

#include <cstdint>

namespace entente::store::sqlite {

inline constexpr unsigned seq_bits = 40;
inline constexpr std::int64_t collections_max = 1LL << (63 - seq_bits);

[[nodiscard]] inline std::int64_t place_of(CollectionNo collection, Seq seq) {
    const auto no = static_cast<std::int64_t>(agreement::raw(collection));
    ENTENTE_ASSERT(no < collections_max);
    ENTENTE_ASSERT(seq <= agreement::seq_max);
    return (no << seq_bits) | static_cast<std::int64_t>(agreement::raw(seq));
}

[[nodiscard]] inline Seq seq_of(std::int64_t place) {
    return Seq{static_cast<std::uint64_t>(place) & agreement::raw(agreement::seq_max)};
}

[[nodiscard]] inline CollectionNo collection_of(std::int64_t place) {
    return CollectionNo{static_cast<std::uint32_t>(place >> seq_bits)};
}

}  // namespace entente::store::sqlite
