#include "stix/internal/personal_text.h"

#include "base/assert.h"
#include "stix/internal/personal_chars.h"
#include "stix/internal/personal_numbers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace entente::stix::internal {
namespace {

using namespace personal;

constexpr std::size_t local_bytes_max = 256;   // RFC 5321 allows 64; what is longer is cut
constexpr std::size_t domain_bytes_max = 255;  // RFC 5321, 4.5.3.1.2

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return personal::lower(c); });
    return out;
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

constexpr std::array<std::string_view, 3> folders = {"users", "documents and settings", "home"};
constexpr std::string_view sid = "s-1-5-21-";  // [MS-DTYP], 2.4.2.4

bool has_path_of_user(std::string_view text) {
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
        if (begins_with(rest, sid)) return true;
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

bool begins_test(std::string_view rest) {
    // Most names begin with something else.
    const char first = rest.empty() ? ' ' : rest.front();
    if (first != 'u' && first != 'a' && first != 'd' && first != 'c') return false;
    return std::any_of(
               account_properties.begin(),
               account_properties.end(),
               [rest](std::string_view name) { return rest.starts_with(name); }
           ) ||
           rest.starts_with(credential_properties.front());
}

bool begins_path_of_user(std::string_view rest) {
    return begins_with(rest, sid) ||
           std::any_of(folders.begin(), folders.end(), [rest](std::string_view folder) {
               return begins_with(rest, folder);
           });
}

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
