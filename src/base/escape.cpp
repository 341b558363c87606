#include "base/escape.h"

#include <fmt/format.h>

#include <cstdint>

namespace entente {
namespace {

struct Decoded {
    std::uint32_t point = 0;
    std::size_t bytes = 0;  // 0 = not UTF-8 here
};

// RFC 3629 section 4.
Decoded decode(std::string_view s) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || s.size() < n) return {};
    std::uint32_t point = first & (0xffU >> (n + 1));
    for (std::size_t i = 1; i < n; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) return {};
        point = (point << 6U) | (byte(i) & 0x3fU);
    }
    const bool overlong = (n == 3 && point < 0x800) || (n == 4 && point < 0x10000);
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return {};
    return {point, n};
}

bool hidden(std::uint32_t p) {
    return p < 0x20 || (p >= 0x7f && p < 0xa0) || p == 0xad || p == 0x61c ||
           (p >= 0x200b && p <= 0x200f) || (p >= 0x2028 && p <= 0x202e) ||
           (p >= 0x2060 && p <= 0x206f) || p == 0xfeff || (p >= 0xfff9 && p <= 0xfffb) ||
           (p >= 0xe0000 && p <= 0xe007f);
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
    std::string out;
    const std::string_view shown = text.substr(0, bytes_max);
    for (std::size_t i = 0; i < shown.size();) {
        const Decoded d = decode(shown.substr(i));
        if (d.bytes == 0) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(shown[i]));
            ++i;
            continue;
        }
        if (hidden(d.point)) {
            out += fmt::format("\\u{{{:04x}}}", d.point);
        } else {
            out += shown.substr(i, d.bytes);
        }
        i += d.bytes;
    }
    if (shown.size() < text.size()) out += "...";
    return out;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size();) {
        const Decoded d = decode(text.substr(i));
        if (d.bytes == 0) {
            out += "\xef\xbf\xbd";
            ++i;
            continue;
        }
        if (d.point == '"' || d.point == '\\') {
            out += '\\';
            out += static_cast<char>(d.point);
        } else if (d.point < 0x20 || d.point == 0x7f) {
            out += fmt::format("\\u{:04x}", d.point);
        } else {
            out += text.substr(i, d.bytes);
        }
        i += d.bytes;
    }
    out += '"';
    return out;
}

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t n = decode(text.substr(i)).bytes;
        if (n == 0) return false;
        i += n;
    }
    return true;
}

}  // namespace entente
