#pragma once
// Classes of ASCII characters, one table look-up each; and reading UTF-8.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace entente::stix::internal {

enum CharClass : std::uint16_t {
    lower = 1U << 0U,
    upper = 1U << 1U,
    digit = 1U << 2U,
    hyphen = 1U << 3U,
    underscore = 1U << 4U,
    lower_hex = 1U << 5U,    // 0-9 a-f
    upper_hex = 1U << 6U,    // A-F
    base64 = 1U << 7U,       // RFC 4648, 4, without =
    unreserved = 1U << 8U,   // RFC 3986, 2.3
    sub_delim = 1U << 9U,    // RFC 3986, 2.2
    atext = 1U << 10U,       // RFC 5322, 3.2.3
    restricted = 1U << 11U,  // RFC 6838, 4.2
    colon_sign = 1U << 12U,
    at_or_slash = 1U << 13U,
    question_mark = 1U << 14U,
};

inline constexpr std::uint16_t letter = lower | upper;
inline constexpr std::uint16_t alphanumeric = lower | upper | digit;
inline constexpr std::uint16_t any_hex = lower_hex | upper_hex;

namespace chars_inside {
constexpr void add(std::array<std::uint16_t, 256>& table, std::string_view set, unsigned flag) {
    for (const char c : set) {
        auto& entry = table[static_cast<unsigned char>(c)];
        entry = static_cast<std::uint16_t>(entry | flag);
    }
}

constexpr std::array<std::uint16_t, 256> make_table() {
    std::array<std::uint16_t, 256> table{};
    constexpr std::string_view lowers = "abcdefghijklmnopqrstuvwxyz";
    constexpr std::string_view uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    constexpr std::string_view digits = "0123456789";
    constexpr unsigned named = base64 | unreserved | atext | restricted;
    add(table, lowers, lower | named);
    add(table, uppers, upper | named);
    add(table, digits, digit | lower_hex | named);
    add(table, "abcdef", lower_hex);
    add(table, "ABCDEF", upper_hex);
    add(table, "-", hyphen);
    add(table, "_", underscore);
    add(table, "+/", base64);
    add(table, "-._~", unreserved);
    add(table, "!$&'()*+,;=", sub_delim);
    add(table, ":", colon_sign);
    add(table, "@/", at_or_slash);
    add(table, "?", question_mark);
    add(table, "!#$%&'*+-/=?^_`{|}~", atext);
    add(table, "!#$&-^_.+", restricted);
    return table;
}

inline constexpr std::array<std::uint16_t, 256> table = make_table();
}  // namespace chars_inside

/// True when `c` is in one of `classes`.
[[nodiscard]] constexpr bool is(char c, unsigned classes) noexcept {
    return (chars_inside::table[static_cast<unsigned char>(c)] & classes) != 0;
}

/// True when every character is in one of `classes`; so for the empty text.
[[nodiscard]] constexpr bool all(std::string_view text, unsigned classes) noexcept {
    bool good = true;
    for (const char c : text)
        good = good && is(c, classes);
    return good;
}

[[nodiscard]] constexpr char to_lower(char c) noexcept {
    return is(c, upper) ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Equal when the case of ASCII letters is not looked at.
[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
}

inline constexpr char32_t no_code_point = 0xFFFFFFFF;

/// Reads the code point at `at` and moves `at` behind it; `no_code_point` where no UTF-8 stands,
/// with `at` one byte on. REQUIRES: at < text.size().
[[nodiscard]] constexpr char32_t next_code_point(std::string_view text, std::size_t& at) noexcept {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(at++);
    if (first < 0x80) return first;
    const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4 || at + more > text.size()) return no_code_point;
    char32_t c = first & (0x3FU >> more);
    for (std::size_t i = 0; i < more; ++i) {
        const unsigned next = byte(at + i);
        if ((next & 0xC0U) != 0x80) return no_code_point;
        c = (c << 6U) | (next & 0x3FU);
    }
    constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return no_code_point;
    at += more;
    return c;
}

/// True for an upper-case letter of the Latin, Greek, Cyrillic, Armenian and full-width blocks that
/// have one small letter each.
[[nodiscard]] bool is_upper_letter(char32_t c) noexcept;

}  // namespace entente::stix::internal
