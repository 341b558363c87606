// Domain names and their internationalised labels (RFC 1034, 3.5; RFC 5890, 2.3; RFC 3492).
#include "stix/internal/text_rules.h"
#include "stix/internal/text_rules_chars.h"

#include <algorithm>
#include <array>
#include <span>

namespace entente::stix::internal {
namespace {

constexpr std::size_t label_max = 63;
constexpr std::size_t name_max = 253;

/// The code points of a label, no more than a label can hold.
struct Points {
    std::array<char32_t, label_max> all{};
    std::size_t count = 0;

    [[nodiscard]] std::span<const char32_t> view() const { return {all.data(), count}; }

    [[nodiscard]] bool insert(std::size_t at, char32_t c) {
        if (count == label_max) return false;
        std::copy_backward(
            all.begin() + static_cast<std::ptrdiff_t>(at),
            all.begin() + static_cast<std::ptrdiff_t>(count),
            all.begin() + static_cast<std::ptrdiff_t>(count + 1)
        );
        all[at] = c;
        ++count;
        return true;
    }
};

/// Code points beyond ASCII that no U-label holds: not letters, digits or marks (RFC 5892, by
/// blocks), or upper case, which a U-label has folded.
bool is_barred(char32_t c) {
    struct Range {
        char32_t first, last;
    };

    // Sorted. Latin-1 signs without ß and middle dot; punctuation and symbols without the joiners;
    // CJK punctuation without its letters and marks; presentation and full-width forms.
    constexpr std::array ranges = {
        Range{0x80, 0xB6},       Range{0xB8, 0xBF},       Range{0xD7, 0xD7},
        Range{0xF7, 0xF7},       Range{0x2000, 0x200B},   Range{0x200E, 0x20CF},
        Range{0x2100, 0x214D},   Range{0x214F, 0x2183},   Range{0x2185, 0x2BFF},
        Range{0x2E00, 0x2E2E},   Range{0x2E30, 0x3004},   Range{0x3008, 0x3029},
        Range{0x3030, 0x303B},   Range{0x303D, 0x3040},   Range{0xD800, 0xFA0D},
        Range{0xFB00, 0xFE1F},   Range{0xFE30, 0xFE72},   Range{0xFE74, 0xFFFF},
        Range{0x1D000, 0x1D7FF}, Range{0x1F000, 0x1FBEF}, Range{0xE0000, 0x10FFFF},
    };
    const auto* at =
        std::upper_bound(ranges.begin(), ranges.end(), c, [](char32_t value, const Range& r) {
            return value < r.first;
        });
    if (at != ranges.begin() && c <= std::prev(at)->last) return true;
    return is_upper_letter(c);
}

// Punycode, RFC 3492, sections 5 and 6.1.
constexpr std::uint32_t base = 36;
constexpr std::uint32_t first_bias = 72;
constexpr std::uint32_t first_point = 0x80;

std::uint32_t adapt(std::uint32_t delta, std::uint32_t points, bool first) {
    delta = first ? delta / 700 : delta / 2;
    delta += delta / points;
    std::uint32_t k = 0;
    for (; delta > 455; k += base)
        delta /= 35;
    return k + 36 * delta / (delta + 38);
}

std::uint32_t threshold(std::uint32_t k, std::uint32_t bias) {
    return k <= bias ? 1 : std::min<std::uint32_t>(k - bias, 26);
}

/// Reads what stands behind `xn--`; false when it is no Punycode or too long.
bool decode(std::string_view text, Points& points) {
    const std::size_t delimiter = text.rfind('-');
    std::size_t at = 0;
    if (delimiter != std::string_view::npos) {
        for (; at < delimiter; ++at) {
            if (!points.insert(at, static_cast<unsigned char>(to_lower(text[at])))) return false;
        }
        at = delimiter + 1;
    }
    std::uint32_t n = first_point;
    std::uint32_t bias = first_bias;
    std::uint64_t i = 0;
    constexpr std::uint64_t most = 0x7FFFFFFF;
    while (at < text.size()) {
        const std::uint64_t before = i;
        std::uint64_t weight = 1;
        for (std::uint32_t k = base;; k += base) {
            if (at == text.size()) return false;
            const char c = to_lower(text[at++]);
            if (!is(c, lower | digit)) return false;
            const auto value = static_cast<std::uint32_t>(is(c, digit) ? c - '0' + 26 : c - 'a');
            i += value * weight;
            const std::uint32_t t = threshold(k, bias);
            if (i > most) return false;
            if (value < t) break;
            weight *= base - t;
            if (weight > most) return false;
        }
        const auto length = static_cast<std::uint32_t>(points.count + 1);
        bias = adapt(static_cast<std::uint32_t>(i - before), length, before == 0);
        n += static_cast<std::uint32_t>(i / length);
        i %= length;
        if (n > 0x10FFFF || !points.insert(static_cast<std::size_t>(i), n)) return false;
        ++i;
    }
    return true;
}

/// How many characters Punycode needs for the label; more than label_max when it would be too long.
std::size_t encoded_length(const Points& points) {
    std::uint32_t n = first_point;
    std::uint32_t delta = 0;
    std::uint32_t bias = first_bias;
    const auto basic = static_cast<std::size_t>(std::count_if(
        points.view().begin(), points.view().end(), [](char32_t c) { return c < 0x80; }
    ));
    std::size_t length = basic + (basic > 0 ? 1 : 0);
    std::size_t done = basic;
    while (done < points.count && length <= label_max) {
        std::uint32_t next = 0x110000;
        for (const char32_t c : points.view()) {
            if (c >= n && c < next) next = c;
        }
        delta += (next - n) * static_cast<std::uint32_t>(done + 1);
        n = next;
        for (const char32_t c : points.view()) {
            if (c < n) ++delta;
            if (c != n) continue;
            std::uint32_t q = delta;
            for (std::uint32_t k = base;; k += base, ++length) {
                const std::uint32_t t = threshold(k, bias);
                if (q < t) break;
                q = (q - t) / (base - t);
            }
            ++length;
            bias = adapt(delta, static_cast<std::uint32_t>(done + 1), done == basic);
            delta = 0;
            ++done;
        }
        ++delta;
        ++n;
    }
    return length;
}

/// Letters, digits and hyphens, none at the ends.
bool is_ldh(std::string_view label) {
    return !label.empty() && label.size() <= label_max && all(label, alphanumeric | hyphen) &&
           label.front() != '-' && label.back() != '-';
}

bool is_u_label(const Points& points) {
    const auto view = points.view();
    if (view.empty() || view.front() == U'-' || view.back() == U'-') return false;
    if (view.size() >= 4 && view[2] == U'-' && view[3] == U'-') return false;
    return std::all_of(view.begin(), view.end(), [](char32_t c) {
        return c < 0x80 ? is(static_cast<char>(c), lower | digit | hyphen) : !is_barred(c);
    });
}

bool is_a_label(std::string_view label) {
    Points points;
    if (!decode(label.substr(4), points) || !is_u_label(points)) return false;
    return std::any_of(points.view().begin(), points.view().end(), [](char32_t c) {
        return c >= 0x80;
    });
}

/// Length of the label as it goes over the wire; 0 when it is none.
std::size_t label_length(std::string_view label) {
    if (all(label, alphanumeric | hyphen)) {
        if (!is_ldh(label)) return 0;
        const bool reserved = label.size() >= 4 && label[2] == '-' && label[3] == '-';
        if (!reserved) return label.size();
        // Of the reserved labels only A-labels may be used (RFC 5890, 2.3.1).
        const bool good = equal_ignoring_case(label.substr(0, 2), "xn") && is_a_label(label);
        return good ? label.size() : 0;
    }
    Points points;
    for (std::size_t at = 0; at < label.size();) {
        // Capitals too: a U-label has been folded (RFC 5890, 2.3.2.1; RFC 5892, 2.2).
        const char32_t c = next_code_point(label, at);
        if (c == no_code_point || !points.insert(points.count, c)) return 0;
    }
    if (!is_u_label(points)) return 0;
    const std::size_t length = 4 + encoded_length(points);
    return length <= label_max ? length : 0;
}

}  // namespace

bool is_domain_name(std::string_view text) noexcept {
    constexpr std::size_t utf8_per_point = 4;
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty() || text.size() > name_max * utf8_per_point) return false;
    std::size_t total = 0;
    while (true) {
        const std::size_t point = text.find('.');
        const std::size_t length = label_length(text.substr(0, point));
        total += length + (total > 0 ? 1 : 0);
        if (length == 0 || total > name_max) return false;
        if (point == std::string_view::npos) return true;
        text.remove_prefix(point + 1);
    }
}

}  // namespace entente::stix::internal
