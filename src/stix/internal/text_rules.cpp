#include "stix/internal/text_rules.h"

#include "stix/internal/text_rules_chars.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace entente::stix::internal {
namespace {

constexpr std::size_t name_bytes_min = 3;
constexpr std::size_t name_bytes_max = 250;
constexpr std::size_t uuid_bytes = 36;

bool name_length(std::string_view text) {
    return text.size() >= name_bytes_min && text.size() <= name_bytes_max;
}

/// The number that two digits spell.
unsigned two_digits(const char* at) {
    return static_cast<unsigned>(at[0] - '0') * 10 + static_cast<unsigned>(at[1] - '0');
}

/// Are the first nineteen characters digits and separators, each where `YYYY-MM-DDTHH:MM:SS` has
/// them?
bool has_form_of_time(const char* text) {
    const bool seconds = text[16] == ':' && is(text[17], digit) && is(text[18], digit);
#if defined(__SSE2__)
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
    const __m128i values = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    // Digits are those that are not above 9, without a sign.
    const __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values);
    const __m128i marks = _mm_cmpeq_epi8(
        bytes, _mm_setr_epi8(0, 0, 0, 0, '-', 0, 0, '-', 0, 0, 'T', 0, 0, ':', 0, 0)
    );
    constexpr unsigned separators = 1U << 4U | 1U << 7U | 1U << 10U | 1U << 13U;
    return seconds && static_cast<unsigned>(_mm_movemask_epi8(digits)) == (0xFFFFU ^ separators) &&
           (static_cast<unsigned>(_mm_movemask_epi8(marks)) & separators) == separators;
#else
    constexpr std::string_view form = "0000-00-00T00:00";
    bool good = seconds;
    for (std::size_t i = 0; i < form.size(); ++i)
        good = good && (form[i] == '0' ? is(text[i], digit) : text[i] == form[i]);
    return good;
#endif
}

unsigned days_of_month(unsigned year, unsigned month) {
    constexpr std::array<unsigned, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

/// The digits behind the point, without zeros at the end.
std::string_view significant_fraction(std::string_view timestamp) {
    if (timestamp[19] != '.') return {};
    std::string_view fraction = timestamp.substr(20, timestamp.size() - 21);
    while (!fraction.empty() && fraction.back() == '0')
        fraction.remove_suffix(1);
    return fraction;
}

}  // namespace

bool is_upper_letter(char32_t c) noexcept {
    if (c < 0x80) return is(static_cast<char>(c), upper);
    const auto in = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
    if (in(0xC0, 0xDE)) return c != 0xD7;
    // Latin Extended: pairs, the capital first; which of the two is even changes twice.
    if (in(0x100, 0x137) || in(0x14A, 0x177) || in(0x1E00, 0x1E95) || in(0x1EA0, 0x1EFF)) {
        return c % 2 == 0 && c != 0x138;
    }
    if (in(0x139, 0x148)) return c % 2 == 1;
    if (in(0x179, 0x17E)) return c % 2 == 1;
    if (c == 0x178) return true;
    if (in(0x386, 0x38F)) return c != 0x387;
    if (in(0x391, 0x3AB) || in(0x400, 0x42F) || in(0x531, 0x556)) return true;
    if (in(0x460, 0x481) || in(0x48A, 0x4BF) || in(0x4D0, 0x52F)) return c % 2 == 0;
    return in(0xFF21, 0xFF3A);
}

bool is_type_name(std::string_view text) noexcept {
    if (!name_length(text) || !is(text[0], lower) || !all(text, lower | digit | hyphen))
        return false;
    return text.find("--") == std::string_view::npos;
}

bool is_property_name(std::string_view text) noexcept {
    if (text == "id") return true;
    return name_length(text) && is(text[0], lower) && all(text, lower | digit | underscore);
}

bool is_dictionary_key(std::string_view text) noexcept {
    return text.size() <= name_bytes_max && all(text, alphanumeric | hyphen | underscore);
}

bool is_hash_name(std::string_view text) noexcept {
    return text.size() >= name_bytes_min && is_dictionary_key(text);
}

bool is_extension_name(std::string_view text) noexcept {
    return name_length(text) && all(text, lower | digit | hyphen) && text.ends_with("-ext");
}

bool is_relationship_name(std::string_view text) noexcept {
    return !text.empty() && all(text, lower | digit | hyphen);
}

bool is_term(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const char32_t c = next_code_point(text, at);
        if (c == U' ' || c == U'_' || is_upper_letter(c)) return false;
    }
    return true;
}

std::optional<Identifier> split_identifier(std::string_view text) noexcept {
    if (text.size() < name_bytes_min + 2 + uuid_bytes) return std::nullopt;
    const std::size_t dashes = text.size() - uuid_bytes - 2;
    const Identifier parts{text.substr(0, dashes), text.substr(dashes + 2)};
    if (text.substr(dashes, 2) != "--" || !is_uuid(parts.uuid) || !is_type_name(parts.type)) {
        return std::nullopt;
    }
    return parts;
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != uuid_bytes) return false;
#if defined(__SSE2__)
    // Three blocks, the last overlapping the second; in each a byte is a digit, or a hyphen where
    // one belongs.
    const auto good = [text](std::size_t at, __m128i hyphens) {
        const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const __m128i zero_to_nine = _mm_sub_epi8(c, _mm_set1_epi8('0'));
        const __m128i a_to_f = _mm_sub_epi8(c, _mm_set1_epi8('a'));
        // Not above 9 or 5, without a sign.
        const __m128i digits = _mm_or_si128(
            _mm_cmpeq_epi8(_mm_min_epu8(zero_to_nine, _mm_set1_epi8(9)), zero_to_nine),
            _mm_cmpeq_epi8(_mm_min_epu8(a_to_f, _mm_set1_epi8(5)), a_to_f)
        );
        const __m128i hyphen = _mm_cmpeq_epi8(c, _mm_set1_epi8('-'));
        return _mm_or_si128(_mm_and_si128(hyphens, hyphen), _mm_andnot_si128(hyphens, digits));
    };
    const __m128i first = _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0);
    const __m128i second = _mm_setr_epi8(0, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i third = _mm_setr_epi8(0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i all =
        _mm_and_si128(good(0, first), _mm_and_si128(good(16, second), good(20, third)));
    return _mm_movemask_epi8(all) == 0xFFFF;
#else
    bool good = true;
    for (std::size_t i = 0; i < uuid_bytes; ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        good = good && (dash ? text[i] == '-' : is(text[i], lower_hex));
    }
    return good;
#endif
}

int uuid_version(std::string_view uuid) noexcept {
    const char c = uuid[14];
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

bool is_rfc4122_uuid(std::string_view uuid) noexcept {
    constexpr std::string_view nil = "00000000-0000-0000-0000-000000000000";
    const bool variant = uuid[19] == '8' || uuid[19] == '9' || uuid[19] == 'a' || uuid[19] == 'b';
    const int version = uuid_version(uuid);
    return (variant && version >= 1 && version <= 8) || uuid == nil;
}

bool is_timestamp(std::string_view text) noexcept {
    constexpr std::size_t shortest = std::string_view("2016-01-20T12:31:12Z").size();
    if (text.size() < shortest || text.back() != 'Z') return false;
    if (!has_form_of_time(text.data())) return false;
    const unsigned month = two_digits(text.data() + 5);
    const unsigned day = two_digits(text.data() + 8);
    const unsigned hour = two_digits(text.data() + 11);
    const unsigned minute = two_digits(text.data() + 14);
    const unsigned second = two_digits(text.data() + 17);
    if (month < 1 || month > 12 || day < 1) return false;
    const unsigned last_day =
        day <= 28 && second != 60
            ? 28
            : days_of_month(two_digits(text.data()) * 100 + two_digits(text.data() + 2), month);
    if (day > last_day || hour > 23 || minute > 59 || second > 60) return false;
    if (second == 60 && (hour != 23 || minute != 59 || day != last_day)) return false;
    if (text.size() == shortest) return true;
    if (text[19] != '.') return false;
    // Milliseconds are the most common.
    if (text.size() == shortest + 4)
        return is(text[20], digit) && is(text[21], digit) && is(text[22], digit);
    return text.size() > shortest + 1 && all(text.substr(20, text.size() - 21), digit);
}

std::size_t fraction_digits(std::string_view timestamp) noexcept {
    return timestamp[19] == '.' ? timestamp.size() - 21 : 0;
}

std::strong_ordering compare_instants(std::string_view a, std::string_view b) noexcept {
    const int seconds = std::memcmp(a.data(), b.data(), 19);
    if (seconds != 0) return seconds <=> 0;
    return significant_fraction(a).compare(significant_fraction(b)) <=> 0;
}

bool is_base64(std::string_view text) noexcept {
    if (text.size() % 4 != 0) return false;
    if (text.ends_with("==")) {
        text.remove_suffix(2);
    } else if (text.ends_with('=')) {
        text.remove_suffix(1);
    }
    return all(text, base64);
}

bool is_hex(std::string_view text) noexcept {
    return text.size() % 2 == 0 && all(text, lower_hex);
}

bool is_cve_id(std::string_view text) noexcept {
    // CVE-YYYY-N…: `CVE-2024-0123`, `CVE-2024-12345`, not `CVE-2024-01234`.
    if (!text.starts_with("CVE-") || text.size() < 13 || text[8] != '-') return false;
    const std::string_view number = text.substr(9);
    return all(text.substr(4, 4), digit) && all(number, digit) &&
           (number.size() == 4 || number[0] != '0');
}

bool is_capec_id(std::string_view text) noexcept {
    constexpr std::string_view start = "CAPEC-";
    return text.starts_with(start) && text.size() > start.size() &&
           all(text.substr(start.size()), digit);
}

bool has_short_hive(std::string_view registry_key) noexcept {
    constexpr std::array<std::string_view, 7> abbreviations = {
        "HKLM", "HKCR", "HKCU", "HKU", "HKCC", "HKPD", "HKDD"};
    const std::string_view hive = registry_key.substr(0, registry_key.find('\\'));
    return std::any_of(abbreviations.begin(), abbreviations.end(), [hive](std::string_view a) {
        return equal_ignoring_case(a, hive);
    });
}

}  // namespace entente::stix::internal
