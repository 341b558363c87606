#include "feed/value.h"

#include "base/assert.h"
#include "feed/internal/text.h"
#include "pattern/address.h"

#include <fmt/format.h>

#include <algorithm>

namespace entente::feed {
namespace {

using internal::is_digit;
using internal::lower;

constexpr std::array<std::string_view, kinds> kind_names{
    "domain", "url", "ipv4", "ipv6", "cidr", "md5", "sha1", "sha256", "email", "ja3", "cert-sha1"};

constexpr std::array<std::string_view, drops> drop_texts{
    "no object of STIX",
    "revoked",
    "not valid yet",
    "not valid any more",
    "in another language than STIX patterns",
    "a pattern that cannot be read",
    "needs the matcher",
    "compares what no kind of value is",
    "no domain name",
    "no URL",
    "no address",
    "no digest",
    "no e-mail address",
    "a kind that was not asked for",
    "has no place in this format",
    "its agreement does not permit this use",
    "an own asset",
    "a private or special address",
    "a network shorter than /24 (IPv6: /48)",
    "a public suffix",
    "on a warning list",
    "more values than a feed may have"};

tl::expected<Value, Drop> digest(Kind kind, std::string_view text, std::size_t size) {
    Value value{kind, std::string(text)};
    for (char& c : value.text) {
        c = lower(c);
        if (!is_digit(c) && (c < 'a' || c > 'f')) return tl::unexpected(Drop::no_digest);
    }
    if (text.size() != size) return tl::unexpected(Drop::no_digest);
    return value;
}

/// RFC 5321, 4.1.2: a dot-string of atext. A # at the beginning would make a comment of the line.
bool is_local_part(std::string_view text) {
    constexpr std::string_view others = "!#$%&*+/=?^_`{|}~-.";
    if (text.empty() || text.size() > 64 || text.front() == '#' || text.front() == '.' ||
        text.back() == '.' || text.find("..") != std::string_view::npos) {
        return false;
    }
    return std::ranges::all_of(text, [&](char c) {
        return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
               others.find(c) != std::string_view::npos;
    });
}

tl::expected<Value, Drop> email(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || !is_local_part(text.substr(0, at))) {
        return tl::unexpected(Drop::no_email);
    }
    const auto domain = internal::domain_of(text.substr(at + 1));
    if (!domain) return tl::unexpected(Drop::no_email);
    return Value{Kind::email, fmt::format("{}@{}", text.substr(0, at), *domain)};
}

}  // namespace

std::string_view kind_name(Kind kind) noexcept {
    return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<Kind> kind_of(std::string_view name) noexcept {
    const auto at = std::ranges::find(kind_names, name);
    if (at == kind_names.end()) return std::nullopt;
    return static_cast<Kind>(at - kind_names.begin());
}

std::string_view drop_text(Drop drop) noexcept {
    return drop_texts[static_cast<std::size_t>(drop)];
}

Value folded(Value value) {
    if (value.kind == Kind::email) value.text = internal::lowered(value.text);
    return value;
}

tl::expected<Value, Drop> read_address(std::string_view text) {
    const auto block = pattern::read_address_block(text);
    if (!block) return tl::unexpected(Drop::no_address);
    const bool whole = block->prefix == (block->v6 ? 128U : 32U);
    Value value{block->v6 ? Kind::ipv6 : Kind::ipv4, pattern::address_text(*block)};
    if (!whole) {
        value.kind = Kind::cidr;
        value.text += fmt::format("/{}", block->prefix);
    }
    return value;
}

tl::expected<Value, Drop> read_value(Kind kind, std::string_view text) {
    switch (kind) {
        case Kind::domain:
            if (auto domain = internal::domain_of(text)) return Value{kind, std::move(*domain)};
            return tl::unexpected(Drop::no_domain);
        case Kind::url:
            if (auto url = internal::url_of(text)) return Value{kind, std::move(*url)};
            return tl::unexpected(Drop::no_url);
        case Kind::ipv4:
        case Kind::ipv6: {
            auto value = read_address(text);
            if (value && value->kind != kind) return tl::unexpected(Drop::no_address);
            return value;
        }
        case Kind::cidr:
            return read_address(text);
        case Kind::md5:
        case Kind::ja3:
            return digest(kind, text, 32);
        case Kind::sha1:
        case Kind::cert_sha1:
            return digest(kind, text, 40);
        case Kind::sha256:
            return digest(kind, text, 64);
        case Kind::email:
            return email(text);
    }
    return tl::unexpected(Drop::no_kind);
}

UrlParts url_parts(const Value& value) noexcept {
    const std::string_view text = value.text;
    const std::size_t begin = text.find("://") + 3;
    const std::size_t slash = text.find('/', begin);
    ENTENTE_ASSERT(value.kind == Kind::url && slash != std::string_view::npos);
    UrlParts parts;
    parts.authority = text.substr(begin, slash - begin);
    parts.target = text.substr(slash);
    parts.host = parts.authority;
    if (parts.host.starts_with('[')) {
        parts.host = parts.host.substr(1, parts.host.find(']') - 1);
    } else {
        parts.host = parts.host.substr(0, parts.host.find(':'));
    }
    return parts;
}

std::string_view host_of(const Value& value) noexcept {
    switch (value.kind) {
        case Kind::domain:
            return value.text;
        case Kind::url:
            return url_parts(value).host;
        case Kind::email:
            return std::string_view(value.text).substr(value.text.rfind('@') + 1);
        case Kind::ipv4:
        case Kind::ipv6:
        case Kind::cidr:
        case Kind::md5:
        case Kind::sha1:
        case Kind::sha256:
        case Kind::ja3:
        case Kind::cert_sha1:
            break;
    }
    return {};
}

}  // namespace entente::feed
