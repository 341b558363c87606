#include "stix/internal/personal_numbers.h"

#include "stix/internal/personal_chars.h"

#include <array>
#include <cstdint>
#include <string>

namespace entente::stix::internal::personal {
namespace {

constexpr std::size_t phone_digits_min = 8;
constexpr std::size_t phone_digits_max = 15;  // ITU-T E.164
constexpr std::size_t phone_bytes_max = 40;   // with its groups

// -- Telephone numbers

bool parts_groups(char c) {
    return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
}

/// A number may begin behind it.
bool is_free(char before) {
    switch (before) {
        case '+':
        case '-':
        case '/':
        case '=':
        case '&':
        case '%':
        case '.':
        case ',':
            return false;
        default:
            return !is_word(before);
    }
}

struct Digits {
    std::size_t count = 0;
    std::size_t groups = 0;
    bool ended = false;  // with no letter or digit directly behind
};

/// The digits that follow from `at` on, in groups.
Digits digits_from(std::string_view text, std::size_t at) {
    Digits out;
    const std::size_t most = std::min(text.size(), at + phone_bytes_max);
    bool in_group = false;
    std::size_t gap = 0;
    for (; at < most; ++at) {
        if (is_digit(text[at])) {
            if (!in_group) ++out.groups;
            in_group = true;
            gap = 0;
            ++out.count;
        } else if (parts_groups(text[at]) && ++gap <= 3) {
            in_group = false;
        } else {
            break;
        }
    }
    out.ended = at >= text.size() || gap > 0 || !is_word(text[at]);
    return out;
}

bool is_length_of_phone(const Digits& digits) {
    return digits.ended && digits.count >= phone_digits_min && digits.count <= phone_digits_max;
}

/// (212) 555-0147, 212-555-0147, 212.555.0147, 212 555 0147.
bool is_north_american(std::string_view text) {
    const bool bracket = text.starts_with('(');
    if (bracket) text.remove_prefix(1);
    std::size_t at = 0;
    const auto take = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i, ++at) {
            if (at >= text.size() || !is_digit(text[at])) return false;
            // Areas and offices begin with 2 to 9.
            if (i == 0 && count == 3 && text[at] < '2') return false;
        }
        return true;
    };
    const auto part = [&] {
        if (at >= text.size() || !(text[at] == ' ' || text[at] == '-' || text[at] == '.'))
            return false;
        ++at;
        return true;
    };
    if (!take(3)) return false;
    if (bracket) {
        if (at >= text.size() || text[at++] != ')') return false;
        if (at < text.size() && text[at] == ' ') ++at;
    } else if (!part()) {
        return false;
    }
    if (!take(3) || !part() || !take(4)) return false;
    return at == text.size() || !(is_word(text[at]) || text[at] == '-');
}

// -- IBANs

struct Country {
    char code[2];
    std::uint8_t length;
};

// ISO 13616, the registry of SWIFT: countries and lengths, sorted.
constexpr std::array countries = {
    Country{{'A', 'D'}, 24}, Country{{'A', 'E'}, 23}, Country{{'A', 'L'}, 28},
    Country{{'A', 'T'}, 20}, Country{{'A', 'Z'}, 28}, Country{{'B', 'A'}, 20},
    Country{{'B', 'E'}, 16}, Country{{'B', 'G'}, 22}, Country{{'B', 'H'}, 22},
    Country{{'B', 'I'}, 27}, Country{{'B', 'R'}, 29}, Country{{'B', 'Y'}, 28},
    Country{{'C', 'H'}, 21}, Country{{'C', 'R'}, 22}, Country{{'C', 'Y'}, 28},
    Country{{'C', 'Z'}, 24}, Country{{'D', 'E'}, 22}, Country{{'D', 'J'}, 27},
    Country{{'D', 'K'}, 18}, Country{{'D', 'O'}, 28}, Country{{'E', 'E'}, 20},
    Country{{'E', 'G'}, 29}, Country{{'E', 'S'}, 24}, Country{{'F', 'I'}, 18},
    Country{{'F', 'K'}, 18}, Country{{'F', 'O'}, 18}, Country{{'F', 'R'}, 27},
    Country{{'G', 'B'}, 22}, Country{{'G', 'E'}, 22}, Country{{'G', 'I'}, 23},
    Country{{'G', 'L'}, 18}, Country{{'G', 'R'}, 27}, Country{{'G', 'T'}, 28},
    Country{{'H', 'N'}, 28}, Country{{'H', 'R'}, 21}, Country{{'H', 'U'}, 28},
    Country{{'I', 'E'}, 22}, Country{{'I', 'L'}, 23}, Country{{'I', 'Q'}, 23},
    Country{{'I', 'S'}, 26}, Country{{'I', 'T'}, 27}, Country{{'J', 'O'}, 30},
    Country{{'K', 'W'}, 30}, Country{{'K', 'Z'}, 20}, Country{{'L', 'B'}, 28},
    Country{{'L', 'C'}, 32}, Country{{'L', 'I'}, 21}, Country{{'L', 'T'}, 20},
    Country{{'L', 'U'}, 20}, Country{{'L', 'V'}, 21}, Country{{'L', 'Y'}, 25},
    Country{{'M', 'C'}, 27}, Country{{'M', 'D'}, 24}, Country{{'M', 'E'}, 22},
    Country{{'M', 'K'}, 19}, Country{{'M', 'N'}, 20}, Country{{'M', 'R'}, 27},
    Country{{'M', 'T'}, 31}, Country{{'M', 'U'}, 30}, Country{{'N', 'I'}, 28},
    Country{{'N', 'L'}, 18}, Country{{'N', 'O'}, 15}, Country{{'O', 'M'}, 23},
    Country{{'P', 'K'}, 24}, Country{{'P', 'L'}, 28}, Country{{'P', 'S'}, 29},
    Country{{'P', 'T'}, 25}, Country{{'Q', 'A'}, 29}, Country{{'R', 'O'}, 24},
    Country{{'R', 'S'}, 22}, Country{{'R', 'U'}, 33}, Country{{'S', 'A'}, 24},
    Country{{'S', 'C'}, 31}, Country{{'S', 'D'}, 18}, Country{{'S', 'E'}, 24},
    Country{{'S', 'I'}, 19}, Country{{'S', 'K'}, 24}, Country{{'S', 'M'}, 27},
    Country{{'S', 'O'}, 23}, Country{{'S', 'T'}, 25}, Country{{'S', 'V'}, 28},
    Country{{'T', 'L'}, 23}, Country{{'T', 'N'}, 24}, Country{{'T', 'R'}, 26},
    Country{{'U', 'A'}, 29}, Country{{'V', 'A'}, 22}, Country{{'V', 'G'}, 24},
    Country{{'X', 'K'}, 20}, Country{{'Y', 'E'}, 30},
};

constexpr char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// How long an IBAN that begins so is; 0 for no country of the registry.
std::size_t iban_length(char first, char second) {
    const auto at = std::find_if(countries.begin(), countries.end(), [&](const Country& country) {
        return country.code[0] == upper(first) && country.code[1] == upper(second);
    });
    return at == countries.end() ? 0 : at->length;
}

/// ISO 7064, MOD 97-10: the first four characters come last, letters are 10 to 35.
bool has_right_check_digits(std::string_view iban) {
    unsigned rest = 0;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        const char c = upper(iban[(i + 4) % iban.size()]);
        rest = is_digit(c) ? rest * 10 + static_cast<unsigned>(c - '0')
                           : rest * 100 + static_cast<unsigned>(c - 'A') + 10;
        rest %= 97;
    }
    return rest == 1;
}

}  // namespace

bool is_phone_at(std::string_view text, std::size_t i, char before) {
    const char c = text[i];
    const bool free = is_free(before);
    if (c == '+') {
        // No country's number begins with 0, zones of time do.
        const std::size_t first = i + (text.substr(i + 1).starts_with('(') ? 2 : 1);
        return free && first < text.size() && is_digit(text[first]) && text[first] != '0' &&
               is_length_of_phone(digits_from(text, first));
    }
    if (lower(c) == 't') {
        if (is_word(before) || !begins_with(text.substr(i), "tel:")) return false;
        const std::size_t from = i + 4 + (text.substr(i + 4).starts_with('+') ? 1 : 0);
        return digits_from(text, from).count >= 6;
    }
    if (!free) return false;
    if (c == '(' || (c >= '2' && c <= '9')) return is_north_american(text.substr(i));
    if (c != '0' || text.size() - i < 3 || text[i + 1] != '0' || text[i + 2] < '1' ||
        text[i + 2] > '9')
        return false;
    const Digits digits = digits_from(text, i + 2);
    return digits.groups > 1 && is_length_of_phone(digits);
}

bool has_phone(std::string_view text) {
    char before = ' ';
    for (std::size_t i = 0; i < text.size(); before = text[i++]) {
        if (is_phone_at(text, i, before)) return true;
    }
    return false;
}

bool is_iban_at(std::string_view text) {
    if (text.size() < 15 || !is_letter(text[0]) || !is_letter(text[1]) || !is_digit(text[2]))
        return false;
    const std::size_t length = iban_length(text[0], text[1]);
    if (length == 0) return false;
    std::string iban;
    std::size_t at = 0;
    bool parted = true;
    for (; at < text.size() && iban.size() < length; ++at) {
        if (is_digit(text[at]) || is_letter(text[at])) {
            iban += text[at];
            parted = false;
        } else if ((text[at] == ' ' || text[at] == '-' || text[at] == '.') && !parted) {
            parted = true;
        } else {
            return false;
        }
    }
    const bool ended = at == text.size() || !(is_digit(text[at]) || is_letter(text[at]));
    return iban.size() == length && ended && is_digit(iban[3]) && has_right_check_digits(iban);
}

bool has_iban(std::string_view text) {
    char before = ' ';
    for (std::size_t i = 0; i < text.size(); before = text[i++]) {
        if (!is_digit(before) && !is_letter(before) && is_iban_at(text.substr(i))) return true;
    }
    return false;
}

}  // namespace entente::stix::internal::personal
