#pragma once
// The object types that STIX 2.1 defines (sections 4 to 7), by kind.
#include "stix/object.h"

#include <optional>
#include <string_view>

namespace entente::stix::internal {

/// The kind of a type of the standard; nothing for other types.
[[nodiscard]] std::optional<Kind> kind_of_type(std::string_view type) noexcept;

}  // namespace entente::stix::internal
