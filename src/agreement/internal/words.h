#pragma once
// Small words of prose.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement::internal {

/// "a", "a and b", "a, b and c" with `last` for "and". REQUIRES: not empty.
[[nodiscard]] std::string listed(const std::vector<std::string>& words, std::string_view last);
/// "1 day", "2 days", "3 parties".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);
/// "may …" for may, "must not …" for must-not.
[[nodiscard]] std::string may(std::string_view value, std::string_view what);
/// Of a target of onward sharing: "clients" -> "their clients".
[[nodiscard]] std::string onward_words(std::string_view target);
/// What is owed: "sighting" -> "a sighting".
[[nodiscard]] std::string_view duty_words(std::string_view what);

}  // namespace entente::agreement::internal
