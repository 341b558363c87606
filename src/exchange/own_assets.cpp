#include "exchange/own_assets.h"

#include "base/limits.h"
#include "exchange/stops.h"

#include <fmt/format.h>

#include <algorithm>

namespace entente::exchange {
namespace {

constexpr std::string_view setting_name = "own_assets";

}  // namespace

std::vector<std::string> own_assets(store::Snapshot& snapshot) {
    std::vector<std::string> assets;
    const std::string text = snapshot.setting(setting_name).value_or("");
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        assets.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return assets;
}

Result<void> put_own_assets(store::Transaction& tx, std::vector<std::string> assets) {
    std::ranges::sort(assets);
    assets.erase(std::unique(assets.begin(), assets.end()), assets.end());
    if (assets.size() > limits::own_assets_max) {
        return fail(
            Errc::conflict, fmt::format("there may be {} own assets", limits::own_assets_max)
        );
    }
    std::string text;
    for (const std::string& asset : assets)
        text += asset + '\n';
    tx.set_setting(setting_name, text);
    move_generation(tx);
    return {};
}

}  // namespace entente::exchange
