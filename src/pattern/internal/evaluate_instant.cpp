#include "pattern/internal/evaluate_instant.h"

#include "base/time.h"

#include <algorithm>

namespace entente::pattern {
namespace {

constexpr std::size_t second_digits_max = 12;

std::string_view without_zeros(std::string_view fraction) {
    return fraction.substr(0, fraction.find_last_not_of('0') + 1);
}

bool only_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Instant> read_instant(std::string_view text, std::size_t fraction_digits_max) {
    const auto whole = parse_stix_time(text);
    if (!whole) return std::nullopt;
    Instant at;
    const std::int64_t us = whole->count;
    at.second = us / micros_per_second - (us % micros_per_second < 0 ? 1 : 0);
    if (const auto point = text.find('.'); point != std::string_view::npos) {
        std::string_view digits = text.substr(point + 1);
        digits.remove_suffix(1);  // Z
        at.fraction = without_zeros(digits.substr(0, fraction_digits_max));
    }
    return at;
}

std::optional<Instant> read_seconds(std::string_view text) {
    const auto point = text.find('.');
    std::string_view whole = text.substr(0, point);
    const std::string_view fraction =
        point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    if (whole.empty() && fraction.empty()) return std::nullopt;
    if (!only_digits(whole) || !only_digits(fraction)) return std::nullopt;
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    if (whole.size() > second_digits_max) return std::nullopt;
    Instant length;
    for (const char c : whole)
        length.second = length.second * 10 + (c - '0');
    length.fraction = without_zeros(fraction);
    return length;
}

Instant operator+(const Instant& at, const Instant& length) {
    Instant sum{at.second + length.second, {}};
    sum.fraction.assign(std::max(at.fraction.size(), length.fraction.size()), '0');
    int carry = 0;
    for (std::size_t i = sum.fraction.size(); i-- > 0;) {
        const int digit = (i < at.fraction.size() ? at.fraction[i] - '0' : 0) +
                          (i < length.fraction.size() ? length.fraction[i] - '0' : 0) + carry;
        sum.fraction[i] = static_cast<char>('0' + digit % 10);
        carry = digit / 10;
    }
    sum.second += carry;
    sum.fraction = without_zeros(sum.fraction);
    return sum;
}

}  // namespace entente::pattern
