#pragma once
// Words for why a text is no pattern.
#include "pattern/internal/grammar.h"

namespace entente::pattern {

[[nodiscard]] ParseError describe(std::string_view text, Dialect dialect, const Failure& failure);

/// `text` for a message: in apostrophes, made printable, cut where it is long.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace entente::pattern
