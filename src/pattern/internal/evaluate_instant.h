#pragma once
// Points in time and lengths of time of any precision: a fraction is kept as its decimal digits, so
// that nothing is rounded (STIX 2.1, 2.16 sets no limit; P18, P25).
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace entente::pattern {

/// Whole seconds and the digits after the point, without zeros at their end. As an instant: since
/// 1970-01-01T00:00:00Z.
struct Instant {
    std::int64_t second = 0;
    std::string fraction;
    // Digits without zeros at the end sort as the fractions they write.
    friend auto operator<=>(const Instant&, const Instant&) = default;
    friend bool operator==(const Instant&, const Instant&) = default;
};

/// The instant of a STIX timestamp; nothing when `text` is not `YYYY-MM-DDTHH:MM:SS[.s+]Z` with a
/// real date. `fraction_digits_max`: further digits are cut off.
[[nodiscard]] std::optional<Instant> read_instant(
    std::string_view text, std::size_t fraction_digits_max = 64
);

/// A length of time written as `12`, `0.5` or `.0001`; nothing for other texts and for more than
/// 10^12 seconds.
[[nodiscard]] std::optional<Instant> read_seconds(std::string_view text);

[[nodiscard]] Instant operator+(const Instant& at, const Instant& length);

}  // namespace entente::pattern
