#pragma once
// The parts of which `tables_21` is made.
#include "stix/internal/types.h"

#include <span>

namespace entente::stix::internal {

[[nodiscard]] std::span<const TypeRow> cyber_observables_21() noexcept;  // section 6
[[nodiscard]] std::span<const TypeRow> observable_parts_21(
) noexcept;  // their sub-types and predefined extensions
[[nodiscard]] std::span<const TieRow> ties_21() noexcept;
[[nodiscard]] std::span<const TieRow> recommended_21() noexcept;

}  // namespace entente::stix::internal
