#include "http/forwarded.h"

#include "base/limits.h"

#include <algorithm>

namespace entente::http {
namespace {

bool is_trusted(const IpAddress& address, const std::vector<IpNetwork>& trusted) {
    return std::ranges::any_of(trusted, [&](const IpNetwork& one) {
        return one.contains(address);
    });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// Some proxies write the port, too: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
std::optional<IpAddress> address_in(std::string_view entry) {
    entry = trimmed(entry);
    if (entry.starts_with('[')) {
        const std::size_t end = entry.find(']');
        return end == std::string_view::npos ? std::nullopt : parse_ip(entry.substr(1, end - 1));
    }
    if (std::ranges::count(entry, ':') == 1) entry = entry.substr(0, entry.find(':'));
    return parse_ip(entry);
}

}  // namespace

bool is_proxy(const std::string& peer, const std::vector<IpNetwork>& trusted) {
    if (trusted.empty()) return false;
    const auto address = parse_ip(peer);
    return address && is_trusted(*address, trusted);
}

std::string client_address(
    const std::string& peer, const Headers& headers, const std::vector<IpNetwork>& trusted
) {
    if (!is_proxy(peer, trusted)) return peer;
    auto address = parse_ip(peer);
    const std::string list = headers.joined("X-Forwarded-For").value_or("");
    std::string_view rest = list;
    for (std::size_t i = 0; i < limits::forwarded_addresses_max && !rest.empty(); ++i) {
        const std::size_t comma = rest.rfind(',');
        const auto before =
            address_in(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
        if (!before) break;
        address = before;
        if (!is_trusted(*address, trusted)) break;
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
    }
    return ip_text(*address);
}

}  // namespace entente::http
