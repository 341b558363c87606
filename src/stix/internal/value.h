#pragma once
// Looking into canonical JSON, which is known to be right: no checks, no copies.
#include "stix/internal/canonical.h"

#include <optional>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

/// The inside of a string that has no escapes; nothing for other values. All texts that the
/// standards define the spelling of (ids, types, timestamps, levels) are such.
[[nodiscard]] std::optional<std::string_view> plain_string(std::string_view value) noexcept;

[[nodiscard]] inline bool is_string(std::string_view value) noexcept {
    return value.starts_with('"');
}

[[nodiscard]] inline bool is_list(std::string_view value) noexcept {
    return value.starts_with('[');
}

[[nodiscard]] inline bool is_object(std::string_view value) noexcept {
    return value.starts_with('{');
}

/// The elements of a list; none for other values.
[[nodiscard]] std::vector<std::string_view> elements(std::string_view value);

/// The properties of an object, names as they stand between their quotes; none for other values.
[[nodiscard]] std::vector<Property> properties(std::string_view value);

/// The property of that name, which has no character that needs an escape; nothing if there is
/// none.
[[nodiscard]] std::optional<std::string_view> find(std::string_view object, std::string_view name);

/// The text of any string. REQUIRES: is_string(value).
[[nodiscard]] std::string unescaped(std::string_view value);

}  // namespace entente::stix::internal
