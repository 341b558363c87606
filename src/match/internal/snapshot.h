#pragma once
// The inside of a Snapshot.
#include "match/indicators.h"
#include "match/internal/segment.h"

namespace entente::match {

struct Snapshot::Inside {
    KeyedHash hash;
    std::shared_ptr<const Paths> paths;
    std::shared_ptr<const Segment> base;
    std::shared_ptr<const Segment> delta;                    // null: nothing in it
    std::shared_ptr<const std::vector<std::uint64_t>> gone;  // bits of rows of the base
    std::size_t live = 0;

    [[nodiscard]] bool is_gone(std::uint32_t row) const noexcept {
        return row / 64 < gone->size() && ((*gone)[row / 64] >> (row % 64) & 1U) != 0;
    }
};

}  // namespace entente::match
