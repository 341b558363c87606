#pragma once
// What can still be told of an object that could not be read.
#include <optional>
#include <string>
#include <string_view>

namespace entente::stix {

/// The text of the first top-level `id`, when `json` is good enough to find one of at most
/// limits::id_bytes_max bytes.
[[nodiscard]] std::optional<std::string> peek_id(std::string_view json);

}  // namespace entente::stix
