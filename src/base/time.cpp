#include "base/time.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>

namespace entente {
namespace {

bool digits(std::string_view text, std::size_t at, std::size_t n, int& value) {
    if (at + n > text.size()) return false;
    value = 0;
    for (std::size_t i = at; i < at + n; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
    }
    return true;
}

struct Civil {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::string_view fraction;  // digits only
    std::size_t end = 0;        // where the zone begins
};

// RFC 3339 section 5.6 up to the zone. Letters `T` may be lower case only when `lenient`.
bool read_civil(std::string_view text, bool lenient, Civil& c) {
    const bool shape = digits(text, 0, 4, c.year) && text.size() > 10 && text[4] == '-' &&
                       digits(text, 5, 2, c.month) && text[7] == '-' && digits(text, 8, 2, c.day) &&
                       (text[10] == 'T' || (lenient && (text[10] == 't' || text[10] == ' '))) &&
                       text.size() > 18 && digits(text, 11, 2, c.hour) && text[13] == ':' &&
                       digits(text, 14, 2, c.minute) && text[16] == ':' &&
                       digits(text, 17, 2, c.second);
    if (!shape) return false;
    const std::chrono::year_month_day date{
        std::chrono::year{c.year},
        std::chrono::month{static_cast<unsigned>(c.month)},
        std::chrono::day{static_cast<unsigned>(c.day)}};
    // A leap second (60) is legal syntax (STIX 2.1, 3.2; S7).
    if (!date.ok() || c.hour > 23 || c.minute > 59 || c.second > 60) return false;
    c.end = 19;
    if (c.end < text.size() && text[c.end] == '.') {
        std::size_t i = c.end + 1;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9')
            ++i;
        if (i == c.end + 1) return false;
        c.fraction = text.substr(c.end + 1, i - c.end - 1);
        c.end = i;
    }
    return true;
}

Micros to_micros(const Civil& c) {
    const std::chrono::sys_days date{std::chrono::year_month_day{
        std::chrono::year{c.year},
        std::chrono::month{static_cast<unsigned>(c.month)},
        std::chrono::day{static_cast<unsigned>(c.day)}}};
    std::int64_t seconds = static_cast<std::int64_t>(date.time_since_epoch().count()) * 86'400 +
                           c.hour * 3600 + c.minute * 60 + c.second;
    std::int64_t us = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        us = us * 10 + (i < c.fraction.size() ? c.fraction[i] - '0' : 0);
    }
    return {seconds * micros_per_second + us};
}

constexpr std::size_t timestamp_bytes_max = 64;
constexpr std::int64_t year_0_us = -62'167'219'200 * micros_per_second;
constexpr std::int64_t year_10000_us = 253'402'300'800 * micros_per_second;

}  // namespace

std::string format_taxii(Micros t) {
    using std::chrono::floor;
    const std::chrono::sys_time<std::chrono::microseconds> point{
        std::chrono::microseconds{t.count}};
    const auto day = floor<std::chrono::days>(point);
    const std::chrono::year_month_day date{day};
    const std::int64_t in_day = (point - day).count();
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        in_day / (3600 * micros_per_second),
        in_day / (60 * micros_per_second) % 60,
        in_day / micros_per_second % 60,
        in_day % micros_per_second
    );
}

Result<Micros> parse_client_time(std::string_view text) {
    const auto bad = [] {
        return fail(
            Errc::invalid_argument,
            "not a timestamp; expected RFC 3339 such as 2026-11-23T03:15:16.000000Z"
        );
    };
    Civil c;
    if (text.size() > timestamp_bytes_max || !read_civil(text, true, c)) return bad();
    if (c.fraction.size() > 9) return bad();
    const std::string_view zone = text.substr(c.end);
    // What lies in another year than those of four digits in UTC could not be written again.
    const auto in_range = [](Micros t) -> Result<Micros> {
        if (t.count >= year_0_us && t.count < year_10000_us) return t;
        return fail(Errc::invalid_argument, "a timestamp outside of the years 0000 to 9999 in UTC");
    };
    if (zone == "Z" || zone == "z") return in_range(to_micros(c));
    // An offset; `+` in a query string arrives as a space when a client forgets to encode it.
    int hours = 0;
    int minutes = 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-' && zone[0] != ' ') ||
        !digits(zone, 1, 2, hours) || zone[3] != ':' || !digits(zone, 4, 2, minutes) ||
        hours > 23 || minutes > 59) {
        return bad();
    }
    const std::int64_t offset_us = (hours * 3600 + minutes * 60) * micros_per_second;
    const Micros local = to_micros(c);
    return in_range(zone[0] == '-' ? local + offset_us : local + -offset_us);
}

Result<std::string> instant_key(std::string_view text) {
    Civil c;
    if (text.size() > timestamp_bytes_max || !read_civil(text, false, c) ||
        text.substr(c.end) != "Z") {
        return fail(
            Errc::invalid_argument,
            "not a STIX timestamp; expected YYYY-MM-DDTHH:MM:SS[.fraction]Z in UTC"
        );
    }
    std::string key{text.substr(0, c.end)};
    if (!c.fraction.empty()) {
        while (key.back() == '0')
            key.pop_back();
        if (key.back() == '.') key.pop_back();
    }
    return key;
}

Result<Micros> parse_stix_time(std::string_view text) {
    ENTENTE_CHECK(instant_key(text));
    Civil c;
    (void)read_civil(text, false, c);
    return to_micros(c);
}

namespace {
class SystemClock final : public Clock {
  public:
    [[nodiscard]] Micros now() const override {
        const auto t = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::duration_cast<std::chrono::microseconds>(t).count()};
    }

    [[nodiscard]] std::int64_t monotonic_us() const override {
        const auto t = std::chrono::steady_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::microseconds>(t).count();
    }
};
}  // namespace

const Clock& system_clock() noexcept {
    static const SystemClock clock;
    return clock;
}

Micros FakeClock::now() const {
    return {__atomic_load_n(&now_us_, __ATOMIC_SEQ_CST)};
}

std::int64_t FakeClock::monotonic_us() const {
    return __atomic_load_n(&monotonic_us_, __ATOMIC_SEQ_CST);
}

void FakeClock::advance(std::int64_t us) {
    __atomic_fetch_add(&now_us_, us, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&monotonic_us_, us, __ATOMIC_SEQ_CST);
}

void FakeClock::set(Micros t) {
    __atomic_store_n(&now_us_, t.count, __ATOMIC_SEQ_CST);
}

}  // namespace entente
