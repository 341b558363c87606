#include "stix/internal/number.h"

#include "base/assert.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>

namespace entente::stix::internal {
namespace {

/// For a number that from_chars calls out of range: whether it is too small rather than too large.
/// The sign of the exponent of its first digit that is not 0 tells, because the range of doubles
/// lies far on both sides of 1.
bool is_tiny(std::string_view raw) {
    const std::size_t e = raw.find_first_of("eE");
    const std::string_view mantissa = raw.substr(0, e);
    const std::size_t first = mantissa.find_first_of("123456789");
    if (first == std::string_view::npos) return true;
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    const auto scale = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    std::int64_t exponent = 0;
    if (e != std::string_view::npos) {
        std::string_view digits = raw.substr(e + 1);
        if (digits.starts_with('+')) digits.remove_prefix(1);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
        if (read.ec != std::errc{}) return digits.starts_with('-');
    }
    return exponent + scale < 0;
}

}  // namespace

void append_number(std::string& out, double value) {
    ENTENTE_ASSERT(std::isfinite(value));
    if (value == 0) {
        out += '0';  // also for -0
        return;
    }
    std::array<char, 40> buffer{};
    const auto written = std::to_chars(
        buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific
    );
    std::string_view text{buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data())};
    if (text.starts_with('-')) {
        out += '-';
        text.remove_prefix(1);
    }
    // d[.ddd]e±XX -> the digits, and n such that the value is 0.digits * 10^n (ECMAScript,
    // Number::toString).
    const std::size_t e = text.find('e');
    std::string digits{text.substr(0, 1)};
    if (e > 1) digits += text.substr(2, e - 2);
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    int n = 0;
    std::from_chars(exponent.data(), exponent.data() + exponent.size(), n);
    ++n;
    const int k = static_cast<int>(digits.size());
    if (k <= n && n <= 21) {
        out.append(digits).append(static_cast<std::size_t>(n - k), '0');
    } else if (0 < n && n <= 21) {
        out.append(digits, 0, static_cast<std::size_t>(n))
            .append(".")
            .append(digits, static_cast<std::size_t>(n));
    } else if (-6 < n && n <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-n), '0').append(digits);
    } else {
        out += digits[0];
        if (k > 1) out.append(".").append(digits, 1);
        out.append(n > 0 ? "e+" : "e-").append(std::to_string(std::abs(n - 1)));
    }
}

bool append_number(std::string& out, std::string_view raw) {
    double value = 0;
    const auto read = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    if (read.ec == std::errc::result_out_of_range) {
        if (!is_tiny(raw)) return false;
        value = 0;
    }
    if (!std::isfinite(value)) return false;
    append_number(out, value);
    return true;
}

}  // namespace entente::stix::internal
