#pragma once
// When an indicator is to be looked for.
#include "base/time.h"

#include <cstdint>
#include <limits>

namespace entente::match {

/// From the first instant, until before the second (STIX 2.1, 4.7: valid_from, valid_until).
struct Validity {
    Micros from{std::numeric_limits<std::int64_t>::min()};
    Micros until{std::numeric_limits<std::int64_t>::max()};

    [[nodiscard]] bool always() const noexcept { return *this == Validity{}; }

    [[nodiscard]] bool holds(Micros at) const noexcept { return from <= at && at < until; }

    friend bool operator==(const Validity&, const Validity&) = default;
};

}  // namespace entente::match
