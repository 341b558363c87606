#include "stix/internal/personal_glance.h"

#include "stix/internal/personal_chars.h"
#include "stix/internal/personal_numbers.h"
#include "stix/internal/personal_text.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace entente::stix::internal {
namespace {

using namespace personal;

constexpr std::size_t window_bytes = 64;
// Each place is judged with three bytes before it and four behind, so that windows overlap.
constexpr std::size_t before_bytes = 3;
constexpr std::size_t step_bytes = 56;

/// A bit for every byte of a window.
struct Masks {
    std::uint64_t marks = 0;   // % & ' ( ) * + / @ [ \ { and the byte EF
    std::uint64_t digits = 0;  // 0 to 9
    std::uint64_t high = 0;    // letters, and other characters from 40 to 7F
    std::uint64_t parts = 0;   // . and :
    std::uint64_t hyphens = 0;
};

#if defined(__SSE2__)

/// Unsigned, `from` <= byte <= `from` + `more`.
__m128i is_within(__m128i bytes, char from, char more) {
    const __m128i moved = _mm_sub_epi8(bytes, _mm_set1_epi8(from));
    return _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8(more)), moved);
}

__m128i is(__m128i bytes, char c) {
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

std::uint64_t bits(__m128i mask) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(mask)));
}

Masks masks_of(const char* window) {
    Masks out;
    for (unsigned part = 0; part < 4; ++part) {
        const __m128i bytes =
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(window + std::size_t{16} * part));
        const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));  // [ as {, \ as |
        const __m128i marks = _mm_or_si128(
            _mm_or_si128(is_within(bytes, '%', '+' - '%'), is_within(folded, '{', 1)),
            _mm_or_si128(
                _mm_or_si128(is(bytes, '/'), is(bytes, '@')), is(bytes, static_cast<char>(0xef))
            )
        );
        const unsigned shift = 16 * part;
        out.marks |= bits(marks) << shift;
        out.digits |= bits(is_within(bytes, '0', 9)) << shift;
        out.high |= bits(_mm_slli_epi16(bytes, 1)) << shift;
        out.parts |= bits(_mm_or_si128(is(bytes, '.'), is(bytes, ':'))) << shift;
        out.hyphens |= bits(is(bytes, '-')) << shift;
    }
    return out;
}

#else

Masks masks_of(const char* window) {
    Masks out;
    for (unsigned i = 0; i < window_bytes; ++i) {
        const char c = window[i];
        const std::uint64_t bit = std::uint64_t{1} << i;
        const bool mark = (c >= '%' && c <= '+') ||
                          std::string_view("/@[\\{|\xef").find(c) != std::string_view::npos;
        if (mark) out.marks |= bit;
        if (is_digit(c)) out.digits |= bit;
        if ((static_cast<unsigned char>(c) & 0x40U) != 0) out.high |= bit;
        if (c == '.' || c == ':') out.parts |= bit;
        if (c == '-') out.hyphens |= bit;
    }
    return out;
}

#endif

/// The mark at `i` begins something, or may.
bool is_begun_by_mark(std::string_view text, std::size_t i) {
    const std::string_view rest = text.substr(i + 1);
    switch (text[i]) {
        case '@':
        case '\\':  // an escape: it may stand for anything
        case '\xef':
            return true;
        case '%':
            return rest.starts_with("40");
        case '+':
            return is_phone_at(text, i, i == 0 ? ' ' : text[i - 1]);
        case '(':
            return begins_with(rest, "at)") || is_phone_at(text, i, i == 0 ? ' ' : text[i - 1]);
        case '[':
            return begins_with(rest, "at]");
        case '{':
            return begins_with(rest, "at}");
        case '/':
            return begins_path_of_user(rest);
        case '\'':
            return i > 0 && (text[i - 1] == '.' || text[i - 1] == ':') && begins_test(rest);
        default:
            return false;
    }
}

/// A dot or colon at `i`.
bool is_begun_by_part(std::string_view text, std::size_t i) {
    if (begins_test(text.substr(i + 1))) return true;
    return i >= 3 && text[i] == ':' && lower(text[i - 1]) == 'l' && lower(text[i - 3]) == 't' &&
           is_phone_at(text, i - 3, i == 3 ? ' ' : text[i - 4]);
}

bool is_computed_id_at(std::string_view text, std::size_t hyphens) {
    if (hyphens == 0 || (text[hyphens - 1] != 'r' && text[hyphens - 1] != 't')) return false;
    constexpr std::array<std::string_view, 2> types = {"email-addr", "user-account"};
    constexpr std::size_t version_at = 16;  // behind the first hyphen
    for (const std::string_view type : types) {
        if (hyphens >= type.size() && text.substr(hyphens - type.size(), type.size()) == type)
            return text.size() > hyphens + version_at && text[hyphens + version_at] == '5';
    }
    return false;
}

template <class Holds>
bool any(std::uint64_t mask, std::size_t base, const Holds& holds) {
    for (; mask != 0; mask &= mask - 1) {
        if (holds(base + static_cast<std::size_t>(std::countr_zero(mask)))) return true;
    }
    return false;
}

/// Looks at the places of `window`, which begins at `base` of `text`, that `judged` names.
bool is_in_window(
    std::string_view text, std::size_t base, const char* window, std::uint64_t judged
) {
    const Masks m = masks_of(window);
    const std::uint64_t d = m.digits;
    const std::uint64_t h = m.high;
    const auto begun_by_mark = [&](std::size_t i) { return is_begun_by_mark(text, i); };
    const auto begun_by_part = [&](std::size_t i) { return is_begun_by_part(text, i); };
    const auto computed_id = [&](std::size_t i) { return is_computed_id_at(text, i); };
    const auto phone = [&](std::size_t i) {
        return is_phone_at(text, i, i == 0 ? ' ' : text[i - 1]);
    };
    const auto trunk = [&](std::size_t i) { return text[i] == '0' && phone(i); };
    const auto iban = [&](std::size_t i) {
        return (i == 0 || !is_letter(text[i - 1])) && is_iban_at(text.substr(i));
    };
    // Three digits with no digit or hyphen before them.
    const std::uint64_t groups = d & (d >> 1) & (d >> 2) & ~(d << 1) & ~(m.hyphens << 1) & judged;
    return any(m.marks & judged, base, begun_by_mark) ||
           any(m.parts & ((h >> 1) | (h << 1)) & judged, base, begun_by_part) ||
           any(m.hyphens & (m.hyphens >> 1) & judged, base, computed_id) ||
           any(groups & ~(d >> 3), base, phone) || any(groups & (d >> 3), base, trunk) ||
           any(h & (h >> 1) & (d >> 2) & (d >> 3) & ~(d << 1) & judged, base, iban);
}

}  // namespace

bool may_hold_personal_text(std::string_view body) {
    // What stands before the first place and behind the last is a blank.
    std::size_t base = 0;
    std::uint64_t judged = (std::uint64_t{1} << (before_bytes + step_bytes)) - 1;
    constexpr std::uint64_t later = ((std::uint64_t{1} << step_bytes) - 1) << before_bytes;
    for (; body.size() - base >= window_bytes; base += step_bytes, judged = later) {
        if (is_in_window(body, base, body.data() + base, judged)) return true;
    }
    std::array<char, window_bytes> last;
    last.fill(' ');
    std::memcpy(last.data(), body.data() + base, body.size() - base);
    const std::size_t left = body.size() - base;
    const std::uint64_t all = left == 0 ? 0 : ~std::uint64_t{0} >> (window_bytes - left);
    const std::uint64_t from = base == 0 ? all : all & (~std::uint64_t{0} << before_bytes);
    return is_in_window(body, base, last.data(), from);
}

}  // namespace entente::stix::internal
