#pragma once
// `scan` with its bound on passing over rows given, so that a test reaches both ways of walking
// with few rows.
#include "store/scan.h"

namespace entente::store::internal {

struct PageBounds {
    Position from;
    std::uint64_t limit = 0;
    std::uint64_t passed_over_max = 0;  // rows that the view does not see; then the class index
};

[[nodiscard]] ScanResult scan_with(
    Snapshot& snapshot,
    const agreement::View& view,
    const agreement::ClassTable& classes,
    const Filter& filter,
    const PageBounds& bounds,
    const std::function<bool(const agreement::Sealed&)>& sink
);

}  // namespace entente::store::internal
