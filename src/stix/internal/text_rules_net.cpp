// Addresses: URLs, mail, IP and MAC addresses; and media types.
#include "stix/internal/text_rules.h"
#include "stix/internal/text_rules_chars.h"

#include <algorithm>
#include <array>

namespace entente::stix::internal {
namespace {

// -- URLs (RFC 3986)

constexpr unsigned name_chars = unreserved | sub_delim;
constexpr unsigned path_chars = name_chars | colon_sign | at_or_slash;
constexpr unsigned query_chars = path_chars | question_mark;

/// Characters of `classes`, which has no %, and percent-encoded ones.
bool all_uri(std::string_view text, unsigned classes) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is(text[i], classes)) continue;
        if (text[i] != '%' || i + 2 >= text.size() || !is(text[i + 1], any_hex) ||
            !is(text[i + 2], any_hex)) {
            return false;
        }
        i += 2;
    }
    return true;
}

bool is_ipv4(std::string_view text) {
    for (int octet = 0; octet < 4; ++octet) {
        std::size_t length = 0;
        unsigned value = 0;
        for (; length < text.size() && length < 3 && is(text[length], digit); ++length) {
            value = value * 10 + static_cast<unsigned>(text[length] - '0');
        }
        if (length == 0 || value > 255 || (length > 1 && text[0] == '0')) return false;
        text.remove_prefix(length);
        if (octet == 3) break;
        if (!text.starts_with('.')) return false;
        text.remove_prefix(1);
    }
    return text.empty();
}

/// Groups of 1-4 hexadecimal digits with `::` at most once, the last two perhaps as dotted quad.
bool is_ipv6(std::string_view text) {
    constexpr std::size_t longest = 45;  // six groups of four and a dotted quad
    if (text.size() > longest) return false;
    int groups = 0;
    bool gap = text.starts_with("::");
    if (gap) {
        text.remove_prefix(2);
        if (text.empty()) return true;
    }
    while (true) {
        const std::size_t colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
            if (!is_ipv4(group)) return false;
            groups += 2;
            break;
        }
        if (group.empty() || group.size() > 4 || !all(group, any_hex)) return false;
        ++groups;
        if (colon == std::string_view::npos) break;
        text.remove_prefix(colon + 1);
        if (text.starts_with(':')) {
            if (gap) return false;
            gap = true;
            text.remove_prefix(1);
            if (text.empty()) break;
        }
    }
    return gap ? groups <= 7 : groups == 8;
}

/// `v`, hexadecimal version, point, address.
bool is_ip_future(std::string_view text) {
    const std::size_t point = text.find('.');
    if (text.size() < 4 || to_lower(text[0]) != 'v' || point == std::string_view::npos)
        return false;
    const std::string_view version = text.substr(1, point - 1);
    const std::string_view address = text.substr(point + 1);
    if (version.empty() || address.empty() || !all(version, any_hex)) return false;
    return std::all_of(address.begin(), address.end(), [](char c) {
        return is(c, unreserved | sub_delim) || c == ':';
    });
}

bool is_authority(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at != std::string_view::npos) {
        if (!all_uri(text.substr(0, at), name_chars | colon_sign)) return false;
        text.remove_prefix(at + 1);
    }
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) return false;
        const std::string_view host = text.substr(1, close - 1);
        if (!is_ipv6(host) && !is_ip_future(host)) return false;
        text.remove_prefix(close + 1);
        return text.empty() || (text[0] == ':' && all(text.substr(1), digit));
    }
    const std::size_t colon = text.find(':');
    if (!all_uri(text.substr(0, colon), name_chars)) return false;
    return colon == std::string_view::npos || all(text.substr(colon + 1), digit);
}

bool is_prefix_length(std::string_view text, unsigned max) {
    if (text.empty() || text.size() > 3 || !all(text, digit)) return false;
    if (text.size() > 1 && text[0] == '0') return false;
    unsigned value = 0;
    for (const char c : text)
        value = value * 10 + static_cast<unsigned>(c - '0');
    return value <= max;
}

/// Splits `address/length`.
template <class IsAddress>
bool is_address_or_cidr(std::string_view text, unsigned max, IsAddress is_address) {
    const std::size_t slash = text.find('/');
    if (!is_address(text.substr(0, slash))) return false;
    return slash == std::string_view::npos || is_prefix_length(text.substr(slash + 1), max);
}

// -- Mail

bool is_atom_character(char c) {
    return is(c, atext) || static_cast<unsigned char>(c) >= 0x80;
}

/// Atoms with points between them.
bool is_dot_atom(std::string_view text) {
    bool after_point = true;
    for (const char c : text) {
        if (c == '.') {
            if (after_point) return false;
            after_point = true;
        } else {
            if (!is_atom_character(c)) return false;
            after_point = false;
        }
    }
    return !after_point;
}

/// Length of the quoted string that `text` begins with, quotes included; 0 when none stands there.
std::size_t quoted_string(std::string_view text) {
    if (!text.starts_with('"')) return 0;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '"') return i + 1;
        if (c == '\\') ++i;
        if ((c < 0x20 && c != '\t') || c == 0x7F) return 0;
    }
    return 0;
}

bool is_domain_literal(std::string_view text) {
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
    text = text.substr(1, text.size() - 2);
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7F && c != '[' && c != ']' && c != '\\';
    });
}

bool is_restricted_name(std::string_view text) {
    constexpr std::size_t longest = 127;
    return !text.empty() && text.size() <= longest && is(text[0], alphanumeric) &&
           all(text, restricted);
}

}  // namespace

bool is_url(std::string_view text) noexcept {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is(text[0], letter)) return false;
    for (const char c : text.substr(0, colon)) {
        if (!is(c, alphanumeric) && c != '+' && c != '-' && c != '.') return false;
    }
    text.remove_prefix(colon + 1);
    const std::size_t hash = text.find('#');
    if (hash != std::string_view::npos) {
        if (!all_uri(text.substr(hash + 1), query_chars)) return false;
        text = text.substr(0, hash);
    }
    const std::size_t question = text.find('?');
    if (question != std::string_view::npos) {
        if (!all_uri(text.substr(question + 1), query_chars)) return false;
        text = text.substr(0, question);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const std::size_t slash = std::min(text.find('/'), text.size());
        if (!is_authority(text.substr(0, slash))) return false;
        text.remove_prefix(slash);
    }
    return all_uri(text, path_chars);
}

bool is_email_address(std::string_view text) noexcept {
    std::size_t local = quoted_string(text);
    if (local == 0) {
        local = text.find('@');
        if (local == std::string_view::npos || !is_dot_atom(text.substr(0, local))) return false;
    }
    if (local >= text.size() || text[local] != '@') return false;
    const std::string_view domain = text.substr(local + 1);
    return is_dot_atom(domain) || is_domain_literal(domain);
}

bool is_ipv4_or_cidr(std::string_view text) noexcept {
    return is_address_or_cidr(text, 32, is_ipv4);
}

bool is_ipv6_or_cidr(std::string_view text) noexcept {
    return is_address_or_cidr(text, 128, is_ipv6);
}

bool is_mac_address(std::string_view text) noexcept {
    constexpr std::size_t length = 17;
    if (text.size() != length) return false;
    bool good = true;
    for (std::size_t i = 0; i < length; ++i) {
        good = good && (i % 3 == 2 ? text[i] == ':' : is(text[i], lower_hex));
    }
    return good;
}

bool is_media_type(std::string_view text) noexcept {
    const std::size_t slash = text.find('/');
    return slash != std::string_view::npos && is_restricted_name(text.substr(0, slash)) &&
           is_restricted_name(text.substr(slash + 1));
}

bool has_known_media_family(std::string_view media_type) noexcept {
    constexpr std::array<std::string_view, 10> families = {
        "application",
        "audio",
        "font",
        "haptics",
        "image",
        "message",
        "model",
        "multipart",
        "text",
        "video"};
    const std::size_t slash = media_type.find('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view family = media_type.substr(0, slash);
    return std::any_of(families.begin(), families.end(), [family](std::string_view f) {
        return equal_ignoring_case(f, family);
    });
}

}  // namespace entente::stix::internal
