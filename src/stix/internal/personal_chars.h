#pragma once
// Characters as the search for personal data reads them: ASCII, and bytes of others.
#include <algorithm>
#include <string_view>

namespace entente::stix::internal::personal {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

/// A byte of a character beyond ASCII.
constexpr bool is_wide(char c) {
    return static_cast<unsigned char>(c) >= 0x80;
}

constexpr bool is_word(char c) {
    return is_digit(c) || is_letter(c) || c == '_' || is_wide(c);
}

inline bool begins_with(std::string_view text, std::string_view lower_case) {
    return text.size() >= lower_case.size() &&
           std::equal(lower_case.begin(), lower_case.end(), text.begin(), [](char a, char b) {
               return a == lower(b);
           });
}

}  // namespace entente::stix::internal::personal
