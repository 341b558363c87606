#include "base/escape.h"
#include "http/client.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>

namespace entente::http {
namespace {

constexpr std::size_t url_bytes_max = 64U << 10U;
constexpr std::size_t host_bytes_max = 253;  // RFC 1035, 2.3.4

tl::unexpected<Error> bad_url(std::string_view text, std::string_view why) {
    return fail(Errc::invalid_argument, "the URL " + printable(text, 200) + " " + std::string(why));
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The scheme before "://" or ":"; nothing when `text` is a relative reference (RFC 3986, 4.2).
std::optional<std::string_view> scheme_of(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_alpha(text.front())) return {};
    const std::string_view scheme = text.substr(0, colon);
    const bool valid = std::ranges::all_of(scheme, [](char c) {
        return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    });
    if (!valid) return {};
    return scheme;
}

bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > host_bytes_max) return false;
    if (host.front() == '.' || host.front() == '-') return false;
    if (host.find("..") != std::string_view::npos) return false;
    return std::ranges::all_of(host, [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
    });
}

bool is_ipv6(const std::string& host) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) return {};
    return port;
}

/// "host", "host:port", "[v6]:port" into `origin`, whose scheme is set.
Result<void> read_authority(std::string_view url, std::string_view authority, Origin& origin) {
    if (authority.find('@') != std::string_view::npos) {
        return fail(
            Errc::invalid_argument,
            "a URL must not hold a user name or password; give credentials separately"
        );
    }
    std::string_view rest;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == std::string_view::npos) return bad_url(url, "has a [ without ]");
        origin.host = lowered(authority.substr(1, end - 1));
        if (!is_ipv6(origin.host)) return bad_url(url, "has a wrong IPv6 address");
        rest = authority.substr(end + 1);
    } else {
        const std::size_t colon = std::min(authority.find(':'), authority.size());
        origin.host = lowered(authority.substr(0, colon));
        if (!is_host_name(origin.host)) return bad_url(url, "has a wrong host name");
        rest = authority.substr(colon);
    }
    origin.port = origin.scheme == "https" ? 443 : 80;
    if (rest.empty() || rest == ":") return {};
    const auto port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
    if (!port) return bad_url(url, "has a wrong port");
    origin.port = *port;
    return {};
}

bool has_forbidden_byte(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        return c <= ' ' || c > '~' || c == '\\' || c == '"' || c == '<' || c == '>';
    });
}

/// RFC 3986, 5.2.4
std::string without_dot_segments(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/', 1), path.size());
        const std::string_view segment = path.substr(0, end);  // with its leading slash
        path.remove_prefix(end);
        if (segment == "/." || segment == "/..") {
            if (segment == "/..") out.resize(out.empty() ? 0 : out.rfind('/'));
            if (path.empty()) out += '/';
        } else {
            out += segment;
        }
    }
    return out.empty() ? "/" : out;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
    if (text.size() > url_bytes_max) return fail(Errc::invalid_argument, "the URL is too long");
    if (has_forbidden_byte(text)) {
        return bad_url(
            text, "holds a space, a control or a non-ASCII character; percent-encode it"
        );
    }
    Url url;
    const auto scheme = scheme_of(text);
    url.origin.scheme = lowered(scheme.value_or(""));
    if (url.origin.scheme != "https" && url.origin.scheme != "http") {
        return bad_url(text, "does not start with https:// or http://");
    }
    std::string_view rest = text.substr(scheme->size() + 1);
    if (!rest.starts_with("//")) return bad_url(text, "has no // after the scheme");
    rest.remove_prefix(2);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    ENTENTE_CHECK(read_authority(text, rest.substr(0, end), url.origin));
    url.target = rest.substr(end);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    return url;
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
    if (scheme_of(reference)) return parse_url(reference);
    if (reference.starts_with("//")) {
        return parse_url(base.origin.scheme + ":" + std::string(reference));
    }
    if (reference.size() > url_bytes_max || has_forbidden_byte(reference)) {
        return bad_url(reference, "is too long or holds a space, control or non-ASCII character");
    }
    reference = reference.substr(0, reference.find('#'));
    if (reference.empty()) return base;
    const std::size_t query_at = std::min(base.target.find('?'), base.target.size());
    const std::string base_path = base.target.substr(0, query_at);
    Url url{base.origin, {}};
    if (reference.starts_with('?')) {
        url.target = base_path + std::string(reference);
        return url;
    }
    const std::size_t end = std::min(reference.find('?'), reference.size());
    std::string path(reference.substr(0, end));
    if (!path.starts_with('/')) path.insert(0, base_path.substr(0, base_path.rfind('/') + 1));
    url.target = without_dot_segments(path) + std::string(reference.substr(end));
    return url;
}

std::string to_string(const Url& url) {
    const Origin& origin = url.origin;
    std::string out = origin.scheme + "://";
    const bool ipv6 = origin.host.find(':') != std::string::npos;
    out += ipv6 ? "[" + origin.host + "]" : origin.host;
    const bool usual = origin.port == (origin.scheme == "https" ? 443 : 80);
    if (!usual) out += ":" + std::to_string(origin.port);
    return out + url.target;
}

}  // namespace entente::http
