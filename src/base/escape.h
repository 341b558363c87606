#pragma once
// The one escaper for text from outside that is shown on a terminal, in a log or inside JSON made
// by hand.
#include <string>
#include <string_view>

namespace entente {

/// `text` with control characters, bidirectional overrides, other invisible format characters and
/// invalid UTF-8 written as \xNN or \u{NNNN}; a backslash stays. At most `bytes_max` input bytes
/// are shown, then "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t bytes_max = 1'024);

/// `text` as a JSON string with quotes; invalid UTF-8 becomes U+FFFD (RFC 8259).
[[nodiscard]] std::string json_string(std::string_view text);

/// True when `text` is well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace entente
