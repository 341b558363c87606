#pragma once
// The tables as a page for people.
#include <string>

namespace entente::stix::internal {

/// docs/stix.md: all types of STIX 2.1 and 2.0, their properties and rules, as Markdown.
[[nodiscard]] std::string types_page();

}  // namespace entente::stix::internal
