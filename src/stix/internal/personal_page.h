#pragma once
#include <string>

namespace entente::stix::internal {

/// docs/stix-personal.md, from the table.
[[nodiscard]] std::string personal_page();

}  // namespace entente::stix::internal
