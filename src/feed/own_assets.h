#pragma once
// What is one's own: networks, domains, accounts. It is never blocked. Pure.
#include "base/result.h"
#include "feed/address_set.h"
#include "feed/suffixes.h"
#include "feed/value.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace entente::feed {

struct OwnAsset {
    enum class Kind : std::uint8_t { network, domain, account } kind = Kind::network;
    std::string text;  // as `read_own_asset` spells it
    friend auto operator<=>(const OwnAsset&, const OwnAsset&) = default;
};

[[nodiscard]] std::string_view own_asset_kind(OwnAsset::Kind kind) noexcept;

/// An address, a network, a domain, an e-mail address. Fails: invalid_argument.
[[nodiscard]] Result<OwnAsset> read_own_asset(std::string_view text);

/// One a line; lines that begin with # and empty ones are passed over. Fails: invalid_argument with
/// the line; too_large: limits::own_assets_max.
[[nodiscard]] Result<std::vector<OwnAsset>> read_own_assets(std::string_view text);

class OwnAssets {
  public:
    OwnAssets() = default;
    explicit OwnAssets(const std::vector<OwnAsset>& assets);

    /// Whether to block the value would block something of one's own: an address or network that
    /// has an address in common with an own network; a domain that is an own one, below or above
    /// it, and URLs and e-mail addresses there; an own account.
    [[nodiscard]] bool covers(const Value& value) const;

  private:
    AddressSet networks_;
    NameSet domains_;
    NameSet above_;  // every parent of an own domain
    NameSet accounts_;
};

}  // namespace entente::feed
