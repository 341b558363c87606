#pragma once
// The tables of docs/agreements.md.
#include <string>

namespace entente::agreement::internal {

/// What stands in docs/agreements.md between the lines `begin_of_terms` and `end_of_terms`.
[[nodiscard]] std::string terms_page();

inline constexpr const char* begin_of_terms = "<!-- The table of terms writes what follows. -->\n";
inline constexpr const char* end_of_terms = "<!-- The table of terms ends here. -->\n";

}  // namespace entente::agreement::internal
