#include "exchange/own_assets.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/change.h"
#include "cli/decode.h"
#include "cli/feed_commands.h"
#include "cli/node_dir.h"
#include "feed/own_assets.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

Result<std::vector<std::string>> read_all(const OwnAssetsOptions& options) {
    std::vector<std::string> texts;
    for (const std::string& text : options.assets) {
        ENTENTE_TRY(feed::OwnAsset asset, feed::read_own_asset(text));
        texts.push_back(std::move(asset.text));
    }
    if (!options.file.empty()) {
        std::string text;
        const auto take = [&](std::string_view piece) -> Result<void> {
            text += piece;
            return {};
        };
        ENTENTE_CHECK(decode_file(options.file, take, limits::feed_list_bytes_max));
        auto assets = feed::read_own_assets(text);
        if (!assets) {
            return fail(
                assets.error().code,
                fmt::format("{}: {}", printable(options.file), assets.error().detail)
            );
        }
        for (feed::OwnAsset& asset : *assets)
            texts.push_back(std::move(asset.text));
    }
    if (texts.empty()) {
        return fail(
            Errc::invalid_argument,
            "name networks, domains or accounts, or a file with one a line by --file"
        );
    }
    return texts;
}

Result<Exit> change(const OwnAssetsOptions& options, Context& context, bool adding) {
    ENTENTE_TRY(const std::vector<std::string> texts, read_all(options));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    std::size_t changed = 0;
    std::size_t now = 0;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        std::vector<std::string> all = exchange::own_assets(tx);
        const std::size_t before = all.size();
        for (const std::string& text : texts) {
            const auto at = std::ranges::find(all, text);
            if (adding && at == all.end()) all.push_back(text);
            if (adding) continue;
            if (at == all.end()) {
                return fail(
                    Errc::not_found,
                    fmt::format(
                        "'{}' is none; `entente own-assets list` shows what there is",
                        printable(text, 100)
                    )
                );
            }
            all.erase(at);
        }
        now = all.size();
        changed = std::max(before, now) - std::min(before, now);
        ENTENTE_CHECK(exchange::put_own_assets(tx, std::move(all)));
        record(
            tx,
            context.clock,
            adding ? "own assets added" : "own assets removed",
            {{"count", changed}, {"now", now}}
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{adding ? "added" : "removed", changed}, {"own_assets", now}});
    context.out.line(fmt::format(
        "{} {}; there are {} now",
        counted(changed, "own asset"),
        adding ? "added" : "removed",
        grouped(now)
    ));
    return Exit::ok;
}

}  // namespace

Result<Exit> own_assets_add(const OwnAssetsOptions& options, Context& context) {
    return change(options, context, true);
}

Result<Exit> own_assets_remove(const OwnAssetsOptions& options, Context& context) {
    return change(options, context, false);
}

Result<Exit> own_assets_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    const std::vector<std::string> all = exchange::own_assets(*node.store().snapshot());
    Table table({"kind", "asset"});
    for (const std::string& text : all) {
        const auto asset = feed::read_own_asset(text);
        const std::string kind =
            asset ? std::string(feed::own_asset_kind(asset->kind)) : std::string("?");
        context.out.document({{"kind", kind}, {"asset", text}});
        table.row({kind, text});
    }
    context.out.table(
        table, "no own assets; name your networks and domains with: entente own-assets add"
    );
    return all.empty() ? Exit::findings : Exit::ok;
}

}  // namespace entente::cli
