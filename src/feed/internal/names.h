#pragma once
// Walking up a name, and the addresses that a value stands for.
#include "feed/value.h"
#include "pattern/address.h"

#include <optional>
#include <string_view>

namespace entente::feed::internal {

/// Calls `found` with each parent of the name, the nearest first, until it returns true: of a.b.c
/// with b.c and c.
template <class Found>
bool any_parent(std::string_view name, const Found& found) {
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
        name.remove_prefix(dot + 1);
        if (found(name)) return true;
    }
    return false;
}

/// Of an address, a network, and a url whose host is an address.
[[nodiscard]] inline std::optional<pattern::AddressBlock> block_of(const Value& value) {
    switch (value.kind) {
        case Kind::ipv4:
        case Kind::ipv6:
        case Kind::cidr:
            return pattern::read_address_block(value.text);
        case Kind::url:
            return pattern::read_address_block(url_parts(value).host);
        case Kind::domain:
        case Kind::md5:
        case Kind::sha1:
        case Kind::sha256:
        case Kind::email:
        case Kind::ja3:
        case Kind::cert_sha1:
            break;
    }
    return std::nullopt;
}

}  // namespace entente::feed::internal
