#pragma once
// A fast look over the whole text of an object for what the search for personal data would find in
// its strings: most objects have nothing of it. Pure.
#include <string_view>

namespace entente::stix::internal {

/// False only where `personal_text` finds nothing in any string or name of `body`, by any of its
/// ways; true may be wrong. `body` is JSON without white space between its tokens.
[[nodiscard]] bool may_hold_personal_text(std::string_view body);

}  // namespace entente::stix::internal
