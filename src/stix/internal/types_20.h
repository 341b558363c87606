#pragma once
// The parts of which `tables_20` is made.
#include "stix/internal/types.h"

#include <span>

namespace entente::stix::internal {

[[nodiscard]] std::span<const TypeRow> cyber_observables_20() noexcept;  // part 4
[[nodiscard]] std::span<const TypeRow> observable_parts_20(
) noexcept;  // their sub-types and predefined extensions
[[nodiscard]] std::span<const TieRow> ties_20() noexcept;
[[nodiscard]] std::span<const TieRow> recommended_20() noexcept;

}  // namespace entente::stix::internal
