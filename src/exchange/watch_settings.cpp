#include "exchange/watch_settings.h"

#include "exchange/stops.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::exchange {
namespace {

namespace json = boost::json;
using agreement::raw;

constexpr std::string_view watch_setting = "watch";
constexpr std::string_view muted_setting = "watch_muted";

}  // namespace

Result<std::optional<WatchSettings>> watch_settings(store::Snapshot& snapshot) {
    const auto text = snapshot.setting(watch_setting);
    if (!text || text->empty()) return std::nullopt;
    try {
        const json::value whole = json::parse(*text);
        const json::object& from = whole.as_object();
        WatchSettings settings;
        settings.user = store::UserNo{from.at("user").to_number<std::uint32_t>()};
        for (const json::value& no : from.at("collections").as_array())
            settings.collections.push_back(store::CollectionNo{no.to_number<std::uint32_t>()});
        settings.subdomains = from.at("subdomains").as_bool();
        settings.fields = std::string(from.at("fields").as_string());
        return settings;
    } catch (const std::exception& error) {
        return fail(
            Errc::corrupt, fmt::format("the setting 'watch' cannot be read: {}", error.what())
        );
    }
}

void put_watch_settings(store::Transaction& tx, const std::optional<WatchSettings>& settings) {
    std::string text;
    if (settings) {
        json::array collections;
        for (const store::CollectionNo no : settings->collections)
            collections.emplace_back(raw(no));
        text = json::serialize(json::object{
            {"user", raw(settings->user)},
            {"collections", std::move(collections)},
            {"subdomains", settings->subdomains},
            {"fields", settings->fields}});
    }
    tx.set_setting(watch_setting, text);
    tx.set_setting(muted_setting, "");
    move_generation(tx);
}

std::optional<MutedHits> muted_hits(store::Snapshot& snapshot) {
    const auto text = snapshot.setting(muted_setting);
    if (!text || text->empty()) return std::nullopt;
    try {
        const json::value whole = json::parse(*text);
        const json::object& from = whole.as_object();
        MutedHits muted;
        muted.hour = Micros{from.at("hour").to_number<std::int64_t>()};
        for (const json::value& id : from.at("indicators").as_array())
            muted.indicators.emplace_back(id.as_string());
        return muted;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

void put_muted_hits(store::Transaction& tx, const MutedHits& muted) {
    tx.set_setting(
        muted_setting,
        json::serialize(json::object{
            {"hour", muted.hour.count},
            {"indicators", json::array(muted.indicators.begin(), muted.indicators.end())}})
    );
}

}  // namespace entente::exchange
