#include "feed/own_assets.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/limits.h"
#include "feed/internal/names.h"
#include "feed/internal/text.h"
#include "pattern/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace entente::feed {

std::string_view own_asset_kind(OwnAsset::Kind kind) noexcept {
    constexpr std::array<std::string_view, 3> names{"network", "domain", "account"};
    return names[static_cast<std::size_t>(kind)];
}

Result<OwnAsset> read_own_asset(std::string_view text) {
    if (auto address = read_address(text))
        return OwnAsset{OwnAsset::Kind::network, std::move(address->text)};
    if (auto domain = read_value(Kind::domain, text))
        return OwnAsset{OwnAsset::Kind::domain, std::move(domain->text)};
    if (auto account = read_value(Kind::email, text))
        return OwnAsset{OwnAsset::Kind::account, std::move(account->text)};
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "'{}' is no own asset: an address or network (192.0.2.0/24, 2001:db8::/32), a domain "
            "(example.org), or an account (soc@example.org)",
            printable(text, 100)
        )
    );
}

Result<std::vector<OwnAsset>> read_own_assets(std::string_view text) {
    std::vector<OwnAsset> assets;
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        ++number;
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        auto asset = read_own_asset(line);
        if (!asset)
            return fail(
                asset.error().code, fmt::format("line {}: {}", number, asset.error().detail)
            );
        if (assets.size() == limits::own_assets_max) {
            return fail(
                Errc::too_large, fmt::format("more than {} own assets", limits::own_assets_max)
            );
        }
        assets.push_back(std::move(*asset));
    }
    return assets;
}

OwnAssets::OwnAssets(const std::vector<OwnAsset>& assets) {
    for (const OwnAsset& asset : assets) {
        switch (asset.kind) {
            case OwnAsset::Kind::network:
                if (const auto block = pattern::read_address_block(asset.text))
                    networks_.add(*block);
                break;
            case OwnAsset::Kind::domain:
                domains_.insert(asset.text);
                internal::any_parent(asset.text, [&](std::string_view parent) {
                    above_.emplace(parent);
                    return false;
                });
                break;
            case OwnAsset::Kind::account:
                accounts_.insert(internal::lowered(asset.text));
                break;
        }
    }
    networks_.close();
}

bool OwnAssets::covers(const Value& value) const {
    if (const auto block = internal::block_of(value)) return networks_.touches(*block);
    if (value.kind == Kind::email && accounts_.contains(internal::lowered(value.text))) return true;
    const std::string host(host_of(value));
    if (host.empty()) return false;
    if (domains_.contains(host)) return true;
    // A domain above an own one takes the own one with it; a URL there does not.
    if (value.kind == Kind::domain && above_.contains(host)) return true;
    return internal::any_parent(host, [&](std::string_view parent) {
        return domains_.contains(std::string(parent));
    });
}

}  // namespace entente::feed
