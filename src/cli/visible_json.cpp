#include "cli/visible_json.h"

#include "base/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace entente::cli {
namespace {

bool plain(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x7f;
}

std::size_t length_of(std::string_view text) noexcept {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    return std::min(bytes, text.size());
}

/// One character that is not shown as it is. `shown` is what `printable` makes of it.
std::string escaped(std::string_view shown) {
    std::uint32_t point = 0xfffd;
    if (shown.starts_with("\\u{"))
        (void)std::from_chars(shown.data() + 3, shown.data() + shown.size(), point, 16);
    if (point < 0x10000) return fmt::format("\\u{:04x}", point);
    point -= 0x10000;
    return fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (point >> 10U), 0xdc00 + (point & 0x3ffU));
}

}  // namespace

std::string visible_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    while (!json.empty()) {
        const auto end = std::ranges::find_if_not(json, plain);
        const auto run = static_cast<std::size_t>(end - json.begin());
        out += json.substr(0, run);
        json.remove_prefix(run);
        if (json.empty()) break;
        std::size_t bytes = length_of(json);
        if (!is_utf8(json.substr(0, bytes))) bytes = 1;
        const std::string_view one = json.substr(0, bytes);
        const std::string shown = printable(one);
        out += shown == one ? shown : escaped(shown);
        json.remove_prefix(bytes);
    }
    return out;
}

}  // namespace entente::cli
