#pragma once
// Points in time as whole microseconds since 1970-01-01T00:00:00Z (UTC), and the two text forms
// that the standards use.
#include "base/result.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace entente {

/// Microseconds since the epoch. A value; ordered.
struct Micros {
    std::int64_t count = 0;
    friend auto operator<=>(const Micros&, const Micros&) = default;

    friend Micros operator+(Micros a, std::int64_t us) { return {a.count + us}; }

    friend std::int64_t operator-(Micros a, Micros b) { return a.count - b.count; }
};

inline constexpr std::int64_t micros_per_second = 1'000'000;
inline constexpr std::int64_t micros_per_day = 86'400 * micros_per_second;

/// TAXII 2.1 timestamp, exactly six fraction digits: `2026-11-23T03:15:16.000000Z` (TAXII 2.1, 2;
/// T13). REQUIRES: year 0000..9999.
[[nodiscard]] std::string format_taxii(Micros t);

/// Reads an RFC 3339 date-time as clients send it, more loosely than TAXII 2.1 asks them to: 0-9
/// fraction digits cut to microseconds, `Z`, `z`, or an offset; a space where a `+` was lost in a
/// URL. Fails: invalid_argument with what was expected, also for an instant outside of the years
/// 0000 to 9999 in UTC.
[[nodiscard]] Result<Micros> parse_client_time(std::string_view text);

/// A STIX timestamp's instant as a text that sorts as time does, whatever the number of fraction
/// digits: the text without `Z` and without trailing zeros of the fraction (STIX 2.1, 2.16; T71).
/// Two spellings of one instant give one key. Fails: invalid_argument when `text` is not
/// `YYYY-MM-DDTHH:MM:SS[.s+]Z` with a real calendar date.
[[nodiscard]] Result<std::string> instant_key(std::string_view text);

/// The instant of a STIX timestamp cut to microseconds. Fails as `instant_key`.
[[nodiscard]] Result<Micros> parse_stix_time(std::string_view text);

/// The source of "now". Threads: implementations are safe to call at once.
class Clock {
  public:
    virtual ~Clock() = default;
    /// The wall clock.
    [[nodiscard]] virtual Micros now() const = 0;
    /// Never goes back; only differences mean something.
    [[nodiscard]] virtual std::int64_t monotonic_us() const = 0;
};

/// The machine's clocks.
[[nodiscard]] const Clock& system_clock() noexcept;

/// A clock that a test moves. Threads: safe.
class FakeClock final : public Clock {
  public:
    explicit FakeClock(Micros start) : now_us_(start.count) {}

    [[nodiscard]] Micros now() const override;
    [[nodiscard]] std::int64_t monotonic_us() const override;
    void advance(std::int64_t us);
    void set(Micros t);

  private:
    std::int64_t now_us_;  // atomic access through __atomic builtins in time.cpp
    std::int64_t monotonic_us_ = 0;
};

}  // namespace entente
