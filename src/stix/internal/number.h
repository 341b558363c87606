#pragma once
// Numbers as RFC 8785 wants them: the shortest ECMAScript spelling of the nearest double.
#include <string>
#include <string_view>

namespace entente::stix::internal {

/// Appends the canonical spelling of the JSON number `raw` (RFC 8785, 3.2.2.3). A value too small
/// for a double reads as 0. False, with nothing appended, when the value is beyond the range of a
/// double. REQUIRES: `raw` is a JSON number.
[[nodiscard]] bool append_number(std::string& out, std::string_view raw);

/// Appends the canonical spelling of a finite double.
void append_number(std::string& out, double value);

/// True when an integer token is its own canonical spelling whatever its value: short enough to be
/// exact, and not -0.
[[nodiscard]] constexpr bool is_canonical_integer(std::string_view raw) noexcept {
    return raw.size() <= 15 && raw != "-0";
}

}  // namespace entente::stix::internal
