#include "base/escape.h"
#include "pattern/internal/token.h"
#include "pattern/pattern.h"

#include <fmt/format.h>

namespace entente::pattern {

namespace {

bool starts_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// Columns that `text` takes on a terminal, for text that `printable` made.
std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text)
        count += starts_character(c) ? 1 : 0;
    return count;
}

}  // namespace

std::string caret(std::string_view text, const ParseError& error) {
    constexpr std::size_t before_max = 50;
    constexpr std::size_t after_max = 40;
    const std::size_t at = std::min(error.at, text.size());
    const auto line_break = [](char c) { return c == '\n' || c == '\r'; };
    std::size_t first = at;
    while (first > 0 && at - first < before_max && !line_break(text[first - 1]))
        --first;
    std::size_t last = at;
    while (last < text.size() && last - at < after_max && !line_break(text[last]))
        ++last;
    while (first < at && !starts_character(text[first]))
        ++first;
    while (last < text.size() && last > at && !starts_character(text[last]))
        --last;
    const bool cut_before = first > 0 && !line_break(text[first - 1]);
    const bool cut_after = last < text.size() && !line_break(text[last]);
    const std::string before =
        (cut_before ? "..." : "") + printable(text.substr(first, at - first));
    const std::string after = printable(text.substr(at, last - at)) + (cut_after ? "..." : "");
    return fmt::format("{}{}\n{:>{}} {}", before, after, '^', columns(before) + 1, error.message);
}

}  // namespace entente::pattern
