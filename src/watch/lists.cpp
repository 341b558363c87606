#include "watch/lists.h"

#include "base/escape.h"
#include "base/log.h"
#include "exchange/own_assets.h"
#include "feed/value.h"

#include <optional>

namespace entente::watch {
namespace {

std::optional<feed::Value> read_as(feed::Kind kind, std::string_view text) {
    auto value = feed::read_value(kind, text);
    if (!value) return std::nullopt;
    return std::move(*value);
}

/// The value as feeds know it; nothing for what is none of their kinds.
std::optional<feed::Value> value_of(std::string_view path, std::string_view text) {
    const std::string_view type = path.substr(0, path.find(':'));
    if (type == "url") return read_as(feed::Kind::url, text);
    if (type == "email-addr") return read_as(feed::Kind::email, text);
    if (type == "file" || type == "artifact" || type == "x509-certificate") {
        for (const feed::Kind kind : {feed::Kind::md5, feed::Kind::sha1, feed::Kind::sha256})
            if (auto value = read_as(kind, text)) return value;
        return std::nullopt;
    }
    if (auto address = feed::read_address(text)) return std::move(*address);
    return read_as(feed::Kind::domain, text);
}

}  // namespace

Opinion Lists::of(std::string_view path, std::string_view text) const {
    const auto value = value_of(path, text);
    if (!value) return {};
    Opinion opinion;
    opinion.own = own_.covers(*value);
    opinion.stopped = stopping_.hit(*value).value_or(std::string_view());
    opinion.warned = informing_.hit(*value).value_or(std::string_view());
    return opinion;
}

bool ListReader::refresh(store::Snapshot& snapshot) {
    std::vector<std::string> own_texts = exchange::own_assets(snapshot);
    auto kept = exchange::kept_lists(snapshot);
    const auto unreadable = [](std::string_view what, const Error& error) {
        log::error(
            "a list cannot be read", {{"list", printable(what, 100)}, {"why", error.detail}}
        );
        return false;
    };
    if (!kept) return unreadable("warning lists", kept.error());
    if (lists_ && own_texts == own_texts_ && *kept == kept_) return false;
    auto fresh = std::make_shared<Lists>();
    std::vector<feed::OwnAsset> assets;
    for (const std::string& text : own_texts) {
        auto asset = feed::read_own_asset(text);
        if (!asset) return unreadable("own assets", asset.error());
        assets.push_back(std::move(*asset));
    }
    fresh->own_ = feed::OwnAssets(assets);
    for (const exchange::KeptList& list : *kept) {
        feed::WarningLists& to = list.stops ? fresh->stopping_ : fresh->informing_;
        if (const auto taken = to.add(exchange::kept_list_text(snapshot, list)); !taken)
            return unreadable(list.name, taken.error());
    }
    lists_ = std::move(fresh);
    own_texts_ = std::move(own_texts);
    kept_ = std::move(*kept);
    return true;
}

}  // namespace entente::watch
