#include "base/ip.h"

#include "base/escape.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

namespace entente {
namespace {

constexpr unsigned bits_of_mapping = 96;  // in front of an IPv4 address
constexpr std::size_t text_bytes_max = 100;

bool is_mapped(const IpAddress& address) noexcept {
    constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::equal(prefix.begin(), prefix.end(), address.begin());
}

/// With all bits beyond the first `bits` cleared.
IpAddress masked(IpAddress address, unsigned bits) noexcept {
    for (unsigned i = 0; i < address.size(); ++i) {
        const unsigned kept = std::min(8U, bits > 8 * i ? bits - 8 * i : 0U);
        address.at(i) = static_cast<std::uint8_t>(address.at(i) & (0xff00U >> kept));
    }
    return address;
}

tl::unexpected<Error> no_network(std::string_view text) {
    return fail(
        Errc::invalid_argument,
        "'" + printable(text, text_bytes_max) +
            "' is no network; write an address such as 192.0.2.1, or a network such as 10.0.0.0/8 "
            "or 2001:db8::/32"
    );
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
    if (text.size() > text_bytes_max || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string plain(text.substr(0, text.find('%')));
    IpAddress out{};
    if (inet_pton(AF_INET6, plain.c_str(), out.data()) == 1) return out;
    if (inet_pton(AF_INET, plain.c_str(), out.data() + 12) != 1) return std::nullopt;
    out[10] = out[11] = 0xff;
    return out;
}

std::string ip_text(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> out{};
    const bool four = is_mapped(address);
    const void* const from = four ? address.data() + 12 : address.data();
    const char* const text = inet_ntop(four ? AF_INET : AF_INET6, from, out.data(), out.size());
    return text == nullptr ? std::string() : std::string(text);
}

bool is_loopback(const IpAddress& address) noexcept {
    if (is_mapped(address)) return address[12] == 127;
    constexpr IpAddress one{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return address == one;
}

std::string client_key(const IpAddress& address) {
    const auto* const bytes = reinterpret_cast<const char*>(address.data());
    if (is_mapped(address)) return std::string("4:") + std::string(bytes + 12, 4);
    return std::string("6:") + std::string(bytes, 8);
}

bool IpNetwork::contains(const IpAddress& address) const noexcept {
    return masked(address, bits) == first;
}

Result<IpNetwork> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = parse_ip(text.substr(0, slash));
    if (!address || text.find('%') != std::string_view::npos) return no_network(text);
    const unsigned skipped =
        is_mapped(*address) && text.find(':') == std::string_view::npos ? bits_of_mapping : 0;
    IpNetwork network{*address, 128};
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        unsigned bits = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        if (error != std::errc() || end != digits.data() + digits.size() || bits > 128 - skipped) {
            return no_network(text);
        }
        network.bits = bits + skipped;
    }
    network.first = masked(*address, network.bits);
    if (network.first == *address) return network;
    return fail(
        Errc::invalid_argument,
        "'" + printable(text, text_bytes_max) + "' has bits set behind its prefix; do you mean " +
            ip_text(network.first) + std::string(text.substr(slash)) + "?"
    );
}

}  // namespace entente
