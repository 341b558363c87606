#pragma once
// The grammars of domains, URLs and addresses.
#include <optional>
#include <string>
#include <string_view>

namespace entente::feed::internal {

[[nodiscard]] constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

[[nodiscard]] std::string lowered(std::string_view text);

/// The domain in the spelling of `Value`; nothing if it is none.
[[nodiscard]] std::optional<std::string> domain_of(std::string_view text);

/// A name of one label or more, in the same spelling: what lists of suffixes hold.
[[nodiscard]] std::optional<std::string> name_of(std::string_view text);

[[nodiscard]] std::optional<std::string> url_of(std::string_view text);

}  // namespace entente::feed::internal
