#pragma once
// What a marking-definition says, and whether it is what its id promises (STIX 2.1, 7.2.1; S62,
// S63).
#include "base/result.h"
#include "stix/internal/canonical.h"
#include "stix/object.h"

#include <span>
#include <string_view>

namespace entente::stix::internal {

/// Reads the properties of the marking-definition `id`. Fails `unprocessable` for a definition of
/// TLP under another id than the standard's, and for the standard's id with another content.
[[nodiscard]] Result<MarkingContent> read_marking(
    std::string_view id, std::span<const Property> properties
);

}  // namespace entente::stix::internal
