#include "match/internal/event_time.h"

namespace entente::match {
namespace {

/// The number that stands in `text` from `at`, or -1.
int number(std::string_view text, std::size_t at, std::size_t digits) noexcept {
    if (at + digits > text.size()) return -1;
    int out = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        out = out * 10 + (text[i] - '0');
    }
    return out;
}

/// Days since 1970-01-01 in the Gregorian calendar (Hinnant, "days_from_civil").
std::int64_t days_of(int year, int month, int day) noexcept {
    const int y = month <= 2 ? year - 1 : year;
    const int era = (y >= 0 ? y : y - 399) / 400;
    const int of_era = y - era * 400;
    const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return static_cast<std::int64_t>(era) * 146'097 + days - 719'468;
}

int days_in(int year, int month) noexcept {
    if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Seconds that the end of a time (`Z`, `+0300`, `-03:00`) is ahead of UTC.
std::optional<std::int64_t> offset_of(std::string_view text) noexcept {
    if (text.empty() || text == "Z" || text == "z") return 0;
    if (text[0] != '+' && text[0] != '-') return std::nullopt;
    const bool colon = text.size() == 6 && text[3] == ':';
    if (!colon && text.size() != 5) return std::nullopt;
    const int hours = number(text, 1, 2);
    const int minutes = number(text, colon ? 4 : 3, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    const std::int64_t seconds = (hours * 60 + minutes) * 60;
    return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::optional<Micros> read_event_time(std::string_view text) noexcept {
    if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
        text[16] != ':' || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
        return std::nullopt;
    }
    const int year = number(text, 0, 4);
    const int month = number(text, 5, 2);
    const int day = number(text, 8, 2);
    const int hour = number(text, 11, 2);
    const int minute = number(text, 14, 2);
    const int second = number(text, 17, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
        return std::nullopt;
    }
    std::int64_t us = 0;
    std::size_t at = 19;
    if (at < text.size() && text[at] == '.') {
        std::int64_t unit = micros_per_second / 10;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
            us += (text[at] - '0') * unit;
    }
    const auto offset = offset_of(text.substr(at));
    if (!offset) return std::nullopt;
    const std::int64_t seconds =
        days_of(year, month, day) * 86'400 + hour * 3'600 + minute * 60 + second - *offset;
    return Micros{seconds * micros_per_second + us};
}

}  // namespace entente::match
