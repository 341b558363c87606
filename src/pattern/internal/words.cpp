#include "pattern/internal/grammar.h"

#include <charconv>

namespace entente::pattern {

std::size_t timestamp_error(std::string_view text) noexcept {
    // 9 any digit; other characters for themselves. Ranges of the first digit pairs are looked at
    // below.
    constexpr std::string_view form = "9999-99-99T99:99:99";
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (i == text.size()) return i;
        const bool good =
            form[i] == '9' ? character::is(text[i], character::digit) : text[i] == form[i];
        if (!good) return i;
    }
    const auto pair = [text](std::size_t i) { return (text[i] - '0') * 10 + (text[i + 1] - '0'); };
    if (pair(5) < 1 || pair(5) > 12) return 5;
    if (pair(8) < 1 || pair(8) > 31) return 8;
    if (pair(11) > 23) return 11;
    if (pair(14) > 59) return 14;
    if (pair(17) > 60) return 17;
    std::size_t i = form.size();
    if (i < text.size() && text[i] == '.') {
        const std::size_t first = ++i;
        while (i < text.size() && character::is(text[i], character::digit))
            ++i;
        if (i == first) return i;
    }
    if (i == text.size() || text[i] != 'Z') return i;
    return i + 1 == text.size() ? std::string_view::npos : i + 1;
}

namespace {

template <class T>
bool whole_value(std::string_view text, T& value) noexcept {
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

bool integer_value(std::string_view text, std::int64_t& value) noexcept {
    return whole_value(text, value);
}

bool unsigned_value(std::string_view text, std::uint64_t& value) noexcept {
    return whole_value(text, value);
}

bool float_value(std::string_view text, double& value) noexcept {
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // Too small for a double is nought, too large is an error.
    if (error == std::errc::result_out_of_range) {
        const std::size_t point = std::min(text.find('.'), text.size());
        const std::string_view before = text.substr(0, point);
        if (before.find_first_not_of("-0") != std::string_view::npos) return false;
        value = 0;
        return true;
    }
    return error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
}

}  // namespace entente::pattern
