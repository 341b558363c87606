#include "stix/internal/personal_text.h"

#include "base/assert.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace entente::stix::internal {
namespace {

constexpr std::size_t local_bytes_max = 256;   // RFC 5321 allows 64; what is longer is cut
constexpr std::size_t domain_bytes_max = 255;  // RFC 5321, 4.5.3.1.2
constexpr std::size_t phone_digits_min = 8;
constexpr std::size_t phone_digits_max = 15;  // ITU-T E.164
constexpr std::size_t phone_bytes_max = 40;   // with its groups

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

/// A byte of a character beyond ASCII.
constexpr bool is_wide(char c) {
    return static_cast<unsigned char>(c) >= 0x80;
}

constexpr bool is_word(char c) {
    return is_digit(c) || is_letter(c) || c == '_' || is_wide(c);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
    return out;
}

bool begins_with(std::string_view text, std::string_view lower_case) {
    return text.size() >= lower_case.size() &&
           std::equal(lower_case.begin(), lower_case.end(), text.begin(), [](char a, char b) {
               return a == lower(b);
           });
}

// -- E-mail addresses

/// How a dot or an @ is written so that programs do not take an address for one.
constexpr std::array<std::pair<std::string_view, char>, 15> defanged = {{
    {"[@]", '@'},
    {"(@)", '@'},
    {"{@}", '@'},
    {"[at]", '@'},
    {"(at)", '@'},
    {"{at}", '@'},
    {"%40", '@'},
    {"[.]", '.'},
    {"(.)", '.'},
    {"{.}", '.'},
    {"[dot]", '.'},
    {"(dot)", '.'},
    {"{dot}", '.'},
    {"\xef\xbc\xa0", '@'},  // of full width
    {"\xef\xbc\x8e", '.'},
}};

/// `text` with these undone, blanks around them too.
std::string refanged(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto* found = defanged.end();
        if (std::string_view("[({%\xef").find(text[i]) != std::string_view::npos)
            found = std::find_if(defanged.begin(), defanged.end(), [&](const auto& one) {
                return begins_with(text.substr(i), one.first);
            });
        if (found == defanged.end()) {
            out += text[i++];
            continue;
        }
        if (!out.empty() && out.back() == ' ') out.pop_back();
        out += found->second;
        i += found->first.size();
        if (i < text.size() && text[i] == ' ') ++i;
    }
    return out;
}

/// Marks of punctuation beyond ASCII stand around an address, not in it: U+0080 to U+00BF, U+2000
/// to U+207F, U+3000 to U+303F. They become blanks.
void blank_wide_punctuation(std::string& text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const auto a = static_cast<unsigned char>(text[i]);
        const auto b = static_cast<unsigned char>(text[i + 1]);
        std::size_t bytes = 0;
        if (a == 0xc2) bytes = 2;
        if ((a == 0xe2 && (b == 0x80 || b == 0x81)) || (a == 0xe3 && b == 0x80)) bytes = 3;
        for (std::size_t k = i; k < std::min(i + bytes, text.size()); ++k)
            text[k] = ' ';
    }
}

bool is_local(char c) {
    return is_word(c) ||
           std::string_view(".!#$%&'*+-/=?^`{|}~\"").find(c) != std::string_view::npos;
}

bool ends_local(char c) {
    return is_word(c) || c == '+' || c == '-' || c == '"';
}

bool is_domain(char c) {
    return is_word(c) || c == '.' || c == '-';
}

/// Where the domain that begins at `from` ends; `from` when there is none. It is one when behind
/// some dot two letters follow.
std::size_t domain_end(std::string_view text, std::size_t from) {
    const std::size_t most = std::min(text.size(), from + domain_bytes_max);
    std::size_t end = from;
    bool named = false;
    while (end < most && is_domain(text[end])) {
        const bool letters = text.size() - end > 2 && end > from && text[end] == '.' &&
                             text[end - 1] != '.' &&
                             (is_letter(text[end + 1]) || is_wide(text[end + 1])) &&
                             (is_letter(text[end + 2]) || is_wide(text[end + 2]));
        named = named || letters;
        ++end;
    }
    while (end > from && (text[end - 1] == '.' || text[end - 1] == '-'))
        --end;
    return named ? end : from;
}

/// Calls `found` with each address, in lower case, until it says true.
template <class Found>
bool any_address(std::string_view raw, const Found& found) {
    // Most texts have none.
    if (raw.find_first_of("@%[({\xef") == std::string_view::npos) return false;
    std::string text = refanged(raw);
    blank_wide_punctuation(text);
    std::size_t behind = 0;  // of the address before
    for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
        // A / before the @ is in URLs: https://example.com/@name.
        if (at == 0 || !ends_local(text[at - 1])) continue;
        std::size_t from = at;
        while (from > behind && at - from < local_bytes_max && is_local(text[from - 1]))
            --from;
        const std::size_t end = domain_end(text, at + 1);
        if (from == at || end == at + 1) continue;
        // What opens a parenthesis or quotation is no part of it.
        while (from + 1 < at && !is_word(text[from]))
            ++from;
        if (found(lower(std::string_view(text).substr(from, end - from)))) return true;
        behind = end;
    }
    return false;
}

// -- Telephone numbers

bool parts_groups(char c) {
    return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
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

/// A telephone number begins at `i`; `before` is what stands before it, a blank at the beginning.
bool is_phone_at(std::string_view text, std::size_t i, char before) {
    const char c = text[i];
    const bool free =
        !is_word(before) && std::string_view("+-/=&%.,").find(before) == std::string_view::npos;
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

// -- Paths and URLs

bool is_slash(char c) {
    return c == '\\' || c == '/';
}

/// Folders of the system beside those of users.
constexpr std::array<std::string_view, 10> common_folders = {
    "public",
    "default",
    "default user",
    "all users",
    "shared",
    "guest",
    "localservice",
    "networkservice",
    "defaultapppool",
    "lost+found",
};

/// `rest` follows the folder of users and one slash.
bool is_name_of_user(std::string_view rest) {
    const std::size_t end = std::min(rest.find_first_of("\\/\"'<>|*?:;,\r\n\t"), rest.size());
    const std::string_view name = rest.substr(0, end);
    if (name.empty() || name == "." || name == "..") return false;
    if (std::string_view("%$<{[~").find(name.front()) != std::string_view::npos) return false;
    return std::none_of(common_folders.begin(), common_folders.end(), [&](std::string_view folder) {
        return begins_with(name, folder) && name.size() == folder.size();
    });
}

/// A path of Unix is one only where it begins: /home/x in a URL is none.
bool begins_path(std::string_view text, std::size_t at) {
    if (at == 0) return true;
    const char before = text[at - 1];
    if (!is_word(before) && before != '.' && before != '-' && !is_slash(before)) return true;
    for (const std::string_view root : {"/export", "/usr", "/var", "/mnt", "file://", "/Volumes"}) {
        if (at >= root.size() && text.substr(at - root.size(), root.size()) == root) return true;
    }
    return false;
}

bool has_path_of_user(std::string_view text) {
    static constexpr std::array<std::string_view, 3> folders = {
        "users", "documents and settings", "home"};
    static constexpr std::string_view sid = "s-1-5-21-";  // [MS-DTYP], 2.4.2.4
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_slash(text[i])) continue;
        const std::string_view rest = text.substr(i + 1);
        for (const std::string_view folder : folders) {
            if (!begins_with(rest, folder)) continue;
            std::size_t at = folder.size();
            const std::size_t slash = at;
            // Twice, where a backslash is escaped once more.
            while (at < rest.size() && at < slash + 4 && is_slash(rest[at]))
                ++at;
            if (at == slash) continue;
            if (text[i] == '/' && !begins_path(text, i)) continue;
            if (is_name_of_user(rest.substr(at))) return true;
        }
        if (begins_with(rest, sid) && rest.size() > sid.size() && is_digit(rest[sid.size()]))
            return true;
    }
    return false;
}

bool has_login_in_url(std::string_view text) {
    for (std::size_t at = text.find("://"); at != std::string_view::npos;
         at = text.find("://", at + 3)) {
        const std::string_view rest = text.substr(at + 3);
        const std::size_t stop = rest.find_first_of("/?#\\@ \t\r\n");
        if (stop == std::string_view::npos || rest[stop] != '@') continue;
        const std::size_t colon = rest.substr(0, stop).find(':');
        if (colon != std::string_view::npos && colon + 1 < stop) return true;
    }
    return false;
}

bool has_address(std::string_view text, const Addresses& facts) {
    return any_address(text, [&facts](const std::string& address) {
        return !facts.contains(address);
    });
}

// -- Ids and patterns

constexpr std::size_t uuid_bytes = 36;
constexpr std::size_t uuid_version_at = 14;

/// The version of the UUID is 5 (RFC 4122, 4.1.3): a hash of what it names.
bool is_computed_id(std::string_view text, std::string_view type) {
    return text.size() == type.size() + uuid_bytes && text.starts_with(type) &&
           text[type.size() + uuid_version_at] == '5';
}

constexpr std::array<std::string_view, 3> account_properties = {
    "user_id", "account_login", "display_name"};
constexpr std::array<std::string_view, 1> credential_properties = {"credential"};

bool tests(std::string_view pattern, std::span<const std::string_view> properties) {
    for (const std::string_view name : properties) {
        for (std::size_t at = pattern.find(name); at != std::string_view::npos;
             at = pattern.find(name, at + name.size())) {
            std::size_t before = at;
            if (before > 0 && pattern[before - 1] == '\'') --before;
            if (before > 0 && (pattern[before - 1] == ':' || pattern[before - 1] == '.'))
                return true;
        }
    }
    return false;
}

}  // namespace

void add_addresses(std::string_view text, Addresses& to) {
    (void)any_address(text, [&to](std::string address) {
        to.insert(std::move(address));
        return false;
    });
}

std::string_view personal_text(PersonalWhen when, std::string_view text, const Addresses& facts) {
    const auto words = [](bool holds, std::string_view what) {
        return holds ? what : std::string_view();
    };
    switch (when) {
        case PersonalWhen::login_in_url:
            return words(has_login_in_url(text), "a login");
        case PersonalWhen::path_of_user:
            return words(has_path_of_user(text), "a user's folder or SID");
        case PersonalWhen::any_address:
            return words(has_address(text, {}), "an e-mail address");
        case PersonalWhen::address:
            return words(has_address(text, facts), "an e-mail address");
        case PersonalWhen::address_id:
            return words(is_computed_id(text, "email-addr--"), "a computed id");
        case PersonalWhen::account_id:
            return words(is_computed_id(text, "user-account--"), "a computed id");
        case PersonalWhen::account_test:
            return words(tests(text, account_properties), "a test of an account");
        case PersonalWhen::credential_test:
            return words(tests(text, credential_properties), "a test of a password");
        case PersonalWhen::personal_text:
        case PersonalWhen::unless_organization:
            if (has_address(text, facts)) return "an e-mail address";
            if (has_phone(text)) return "a telephone number";
            return words(has_iban(text), "an IBAN");
        case PersonalWhen::always:
        case PersonalWhen::individual:
        case PersonalWhen::precise:
        case PersonalWhen::secret_header:
        case PersonalWhen::account_variable:
        case PersonalWhen::whole_message:
            break;
    }
    ENTENTE_ASSERT(false);
}

bool is_secret_header(std::string_view name) {
    static constexpr std::array<std::string_view, 8> names = {
        "cookie",
        "cookie2",
        "set-cookie",
        "set-cookie2",
        "authorization",
        "proxy-authorization",
        "x-api-key",
        "x-auth-token",
    };
    return std::any_of(names.begin(), names.end(), [name](std::string_view known) {
        return name.size() == known.size() && begins_with(name, known);
    });
}

bool is_account_variable(std::string_view name) {
    static constexpr std::array<std::string_view, 4> names = {
        "user", "username", "logname", "sudo_user"};
    return std::any_of(names.begin(), names.end(), [name](std::string_view known) {
        return name.size() == known.size() && begins_with(name, known);
    });
}

}  // namespace entente::stix::internal
