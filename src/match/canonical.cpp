#include "match/canonical.h"

#include "pattern/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/stringpiece.h>
#include <utility>

namespace entente::match {
namespace {

constexpr std::size_t domain_bytes_max = 1'024;  // longer names are left as they are

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool has_upper(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// `evil[.]example`, `evil(.)example`: written so that nobody clicks on it.
std::string refanged(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view three = text.substr(i, 3);
        const bool point = three == "[.]" || three == "(.)" || three == "{.}";
        out += point ? '.' : text[i];
        if (point) i += 2;
    }
    return out;
}

std::string to_a_labels(const std::string& name) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::IDNA> idna(
        icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII, status)
    );
    if (U_FAILURE(status) || !idna) return name;
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    icu::IDNAInfo info;
    idna->nameToASCII_UTF8(
        icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())), sink, info, status
    );
    return U_FAILURE(status) || info.hasErrors() ? name : out;
}

std::string domain(std::string_view text) {
    if (text.size() > domain_bytes_max) return std::string(text);
    std::string out = lowered(refanged(text));
    if (out.size() > 1 && out.ends_with('.')) out.pop_back();
    return is_ascii(out) ? out : to_a_labels(out);
}

/// An IPv4 address as sockets of both families tell it, `::ffff:192.0.2.1` (RFC 4291, 2.5.5.2), is
/// that address.
void unmap(pattern::AddressBlock& block) {
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!block.v6 || block.prefix < 96 ||
        !std::equal(mapped.begin(), mapped.end(), block.bytes.begin())) {
        return;
    }
    std::copy(block.bytes.begin() + 12, block.bytes.end(), block.bytes.begin());
    std::fill(block.bytes.begin() + 4, block.bytes.end(), std::uint8_t{0});
    block.prefix -= 96;
    block.v6 = false;
}

std::string address(std::string_view text) {
    const std::string plain = refanged(text);
    auto block = pattern::read_address_block(plain);
    if (!block) return std::string(text);
    unmap(*block);
    const unsigned whole = block->v6 ? 128 : 32;
    std::string out = pattern::address_text(*block);
    if (block->prefix < whole) out += fmt::format("/{}", block->prefix);
    return out;
}

std::string mac(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c == ':' || c == '-' || c == '.') continue;
        if (!is_hex_digit(c)) return std::string(text);
        digits += lower(c);
    }
    if (digits.size() != 12) return std::string(text);
    std::string out;
    for (std::size_t i = 0; i < 12; i += 2)
        out += (i == 0 ? "" : ":") + digits.substr(i, 2);
    return out;
}

bool looks_like_mac(std::string_view text) {
    return text.size() == 17 && (text[2] == ':' || text[2] == '-') && text[14] == text[2] &&
           text[5] == text[2];
}

std::string host(std::string_view text) {
    if (looks_like_mac(text)) return mac(text);
    const std::string plain = address(text);
    if (pattern::read_address_block(plain)) return plain;
    return domain(text);
}

/// `host:port` in `authority`, the host between brackets for IPv6.
std::pair<std::string_view, std::string_view> split_port(std::string_view authority) {
    const auto colon = authority.rfind(':');
    if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos) {
        return {authority, {}};
    }
    return {authority.substr(0, colon), authority.substr(colon + 1)};
}

std::string url(std::string_view text) {
    const auto colon = text.find("://");
    if (colon == std::string_view::npos || colon > 32) return std::string(text);
    std::string scheme = lowered(text.substr(0, colon));
    if (scheme == "hxxp" || scheme == "hxxps" || scheme == "h**p" || scheme == "h**ps") {
        scheme.replace(1, 2, "tt");
    }
    const std::string_view rest = text.substr(colon + 3);
    const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    std::string_view authority = rest.substr(0, end);
    std::string out = scheme + "://";
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        out += authority.substr(0, at + 1);
        authority.remove_prefix(at + 1);
    }
    const auto [name, port] = split_port(authority);
    if (name.starts_with('[') && name.ends_with(']') && name.find(':') != std::string_view::npos) {
        const std::string inside = address(name.substr(1, name.size() - 2));
        out += inside.find(':') == std::string::npos ? inside : "[" + inside + "]";
    } else {
        out += host(name);
    }
    const bool usual = (scheme == "http" && port == "80") || (scheme == "https" && port == "443");
    if (!port.empty() && !usual) out += fmt::format(":{}", port);
    const std::string_view path = rest.substr(end);
    if (!path.starts_with('/')) out += '/';
    out += path;
    return out;
}

std::string email(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) return std::string(text);
    return std::string(text.substr(0, at + 1)) + domain(text.substr(at + 1));
}

std::string serial(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == ':' || c == ' ') continue;
        if (!is_hex_digit(c)) return std::string(text);
        out += lower(c);
    }
    return out.empty() ? std::string(text) : out;
}

/// Nothing has to change, seen at a glance: nearly all values of events.
bool is_settled(Form form, std::string_view text) {
    const auto name_byte = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    };
    switch (form) {
        case Form::as_is:
            return true;
        case Form::domain:
            return std::ranges::all_of(text, name_byte) && !text.ends_with('.');
        case Form::host:
            return std::ranges::all_of(text, name_byte) && !text.ends_with('.') &&
                   !looks_like_mac(text);
        case Form::address:
            return std::ranges::all_of(text, [](char c) {
                return (c >= '0' && c <= '9') || c == '.';
            });
        case Form::hash:
            return !has_upper(text);
        case Form::url:
        case Form::email:
        case Form::mac:
        case Form::serial:
            return false;
    }
    return false;
}

std::string_view hash_name(std::string_view name) {
    constexpr auto names = std::to_array<std::pair<std::string_view, std::string_view>>(
        {{"md5", "MD5"},
         {"sha1", "SHA-1"},
         {"sha256", "SHA-256"},
         {"sha512", "SHA-512"},
         {"sha3256", "SHA3-256"},
         {"sha3512", "SHA3-512"},
         {"ssdeep", "SSDEEP"},
         {"tlsh", "TLSH"}}
    );
    std::string plain;
    for (const char c : name)
        if (c != '-' && c != '_') plain += lower(c);
    const auto at =
        std::ranges::find(names, std::string_view(plain), [](auto& n) { return n.first; });
    return at == names.end() ? name : at->second;
}

const std::string* name_at(const pattern::Path& path, std::size_t from_end) {
    if (path.steps.size() < from_end) return nullptr;
    return std::get_if<std::string>(&path.steps[path.steps.size() - from_end]);
}

class Rewriter {
  public:
    // As deep as parentheses are (limits::pattern_depth_max).
    // NOLINTNEXTLINE(misc-no-recursion)
    static void of(pattern::Observations& node) {
        if (auto* observation = std::get_if<pattern::Observation>(&node.node)) {
            return of(observation->expression);
        }
        for (pattern::Observations& part : std::get<pattern::Joined>(node.node).parts)
            of(part);
    }

  private:
    // NOLINTNEXTLINE(misc-no-recursion)
    static void of(pattern::Expression& expression) {
        if (auto* comparison = std::get_if<pattern::Comparison>(&expression.node)) {
            return of(*comparison);
        }
        for (pattern::Expression& part : std::get<pattern::Boolean>(expression.node).parts)
            of(part);
    }

    static void of(pattern::Comparison& comparison) {
        const std::string* before = name_at(comparison.path, 2);
        if (before != nullptr && *before == "hashes") {
            if (auto* last = std::get_if<std::string>(&comparison.path.steps.back())) {
                *last = std::string(hash_name(*last));
            }
        }
        const Form form = form_of(comparison.path);
        if (form == Form::as_is) return;
        using pattern::Op;
        const bool like = comparison.op == Op::like &&
                          (form == Form::domain || form == Form::host || form == Form::hash);
        const bool equal = comparison.op == Op::equal || comparison.op == Op::not_equal;
        if (!like && !equal && comparison.op != Op::in) return;
        for (pattern::Literal& literal : comparison.values) {
            auto* text = std::get_if<std::string>(&literal);
            if (text == nullptr) continue;
            *text = like ? lowered(*text) : canonical(form, *text);
            const bool block = (form == Form::address || form == Form::host) && equal &&
                               text->find('/') != std::string::npos &&
                               pattern::read_address_block(*text);
            if (!block) continue;
            comparison.negated = comparison.negated != (comparison.op == Op::not_equal);
            comparison.op = Op::is_subset;
        }
        if (comparison.op != Op::not_equal && !comparison.negated) unmap_type(comparison);
    }

    /// What asks for mapped addresses alone asks for IPv4: events show them so.
    static void unmap_type(pattern::Comparison& comparison) {
        if (comparison.path.type != "ipv6-addr" || comparison.path.steps.size() != 1) return;
        const bool all = std::ranges::all_of(comparison.values, [](const pattern::Literal& one) {
            const auto* text = std::get_if<std::string>(&one);
            const auto block = text == nullptr ? std::nullopt : pattern::read_address_block(*text);
            return block && !block->v6;
        });
        if (all) comparison.path.type = "ipv4-addr";
    }
};

}  // namespace

std::string canonical(Form form, std::string_view text) {
    if (is_settled(form, text)) return std::string(text);
    switch (form) {
        case Form::as_is:
            break;
        case Form::domain:
            return domain(text);
        case Form::url:
            return url(text);
        case Form::email:
            return email(text);
        case Form::address:
            return address(text);
        case Form::mac:
            return mac(text);
        case Form::hash:
            return lowered(text);
        case Form::serial:
            return serial(text);
        case Form::host:
            return host(text);
    }
    return std::string(text);
}

std::string_view canonical(Form form, std::string_view text, Event& event) {
    if (is_settled(form, text)) return text;
    const std::string made = canonical(form, text);
    return made == text ? text : event.keep(made);
}

Form form_of(const pattern::Path& path) {
    const std::string* last = name_at(path, 1);
    if (last == nullptr) return Form::as_is;
    if (const std::string* before = name_at(path, 2); before != nullptr && *before == "hashes") {
        return *last == "SSDEEP" || *last == "TLSH" ? Form::as_is : Form::hash;
    }
    if (*last == "serial_number" && path.type == "x509-certificate") return Form::serial;
    if (*last != "value") return Form::as_is;
    if (path.steps.size() == 1) {
        if (path.type == "domain-name") return Form::domain;
        if (path.type == "url") return Form::url;
        if (path.type == "email-addr") return Form::email;
        if (path.type == "ipv4-addr" || path.type == "ipv6-addr") return Form::address;
        if (path.type == "mac-addr") return Form::mac;
        return Form::as_is;
    }
    return path.type == "email-message" ? Form::email : Form::host;
}

void canonicalise(pattern::Pattern& pattern) {
    Rewriter::of(pattern.root);
}

}  // namespace entente::match
