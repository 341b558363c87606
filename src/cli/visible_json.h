#pragma once
// JSON for programs that a person may see on a terminal.
#include <string>
#include <string_view>

namespace entente::cli {

/// The same JSON with characters that do not show, or that steer a terminal, as \u escapes (RFC
/// 8259, 7): delete, C1 controls, bidirectional and other invisible ones. Bytes that are no UTF-8
/// become \ufffd.
[[nodiscard]] std::string visible_json(std::string_view json);

}  // namespace entente::cli
