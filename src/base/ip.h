#pragma once
// IP addresses and networks in text and as bytes; no sockets.
#include "base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace entente {

/// 16 bytes; IPv4 addresses as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
using IpAddress = std::array<std::uint8_t, 16>;

/// Dotted IPv4 or IPv6 text, a zone (`%eth0`) left out. Nothing for other texts.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);

/// The usual text of an address (RFC 5952); IPv4 dotted.
[[nodiscard]] std::string ip_text(const IpAddress& address);

/// 127.0.0.0/8 and ::1.
[[nodiscard]] bool is_loopback(const IpAddress& address) noexcept;

/// What one client may not share with others, as a key for tables: an IPv6 client has at least a
/// /64 (RFC 6177), so that counts as one address.
[[nodiscard]] std::string client_key(const IpAddress& address);

/// Addresses that begin with the same bits.
struct IpNetwork {
    IpAddress first{};
    unsigned bits = 128;  // of `first` that count

    [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
    friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

/// `10.0.0.0/8`, `2001:db8::/32`, or one address (RFC 4632, RFC 4291). Fails invalid_argument for
/// other texts, and where bits beyond the prefix are set, with what would be right.
[[nodiscard]] Result<IpNetwork> parse_network(std::string_view text);

}  // namespace entente
