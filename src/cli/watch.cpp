#include "base/escape.h"
#include "base/limits.h"
#include "cli/change.h"
#include "cli/decode.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/validate_read.h"
#include "cli/watch_commands.h"
#include "exchange/state_cache.h"
#include "exchange/watch_settings.h"
#include "match/field_map.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;
using exchange::WatchSettings;

/// The texts of all files, one after the other: what comes later wins.
Result<std::string> read_fields(const std::vector<std::string>& files) {
    match::FieldMap map;
    std::string all;
    for (const std::string& path : files) {
        std::string text;
        const auto take = [&text](std::string_view bytes) -> Result<void> {
            text += bytes;
            return {};
        };
        ENTENTE_CHECK(decode_file(path, take, limits::match_fields_bytes_max));
        if (const auto added = map.add(text); !added) {
            return fail(
                added.error().code, fmt::format("{}: {}", shown_name(path), added.error().detail)
            );
        }
        all += text;
        if (!all.ends_with('\n')) all += '\n';
    }
    return all;
}

/// Who looks, and where. Everything by number: names change.
Result<void> apply_reader(
    const WatchSetOptions& options, const exchange::State& state, WatchSettings& settings
) {
    ENTENTE_TRY(const store::User user, find_user(state.directory, options.user));
    if (user.party != state.own_party().no) {
        return fail(
            Errc::forbidden,
            fmt::format(
                "{} belongs to another party; indicators are looked for as a user of this node's "
                "own",
                printable(user.name)
            )
        );
    }
    settings.user = user.no;
    for (const std::string& text : options.collections) {
        ENTENTE_TRY(const store::Collection collection, find_collection(state.directory, text));
        if (!state.rights(user, collection.no).read) {
            return fail(
                Errc::forbidden,
                fmt::format(
                    "{} may not read '{}', so nothing of it would be looked for; let it with: "
                    "entente grant add",
                    printable(user.name),
                    printable(collection.title)
                )
            );
        }
        settings.collections.push_back(collection.no);
    }
    return {};
}

json::object settings_json(const store::Directory& directory, const WatchSettings& settings) {
    json::array collections;
    for (const store::CollectionNo no : settings.collections) {
        const store::Collection* row = collection_of(directory, no);
        collections.emplace_back(row == nullptr ? "?" : row->id);
    }
    return {
        {"user", user_name(directory, settings.user)},
        {"collections", std::move(collections)},
        {"subdomains", settings.subdomains},
        {"fields", settings.fields}};
}

}  // namespace

Result<Exit> watch_set(const WatchSetOptions& options, Context& context) {
    WatchSettings settings;
    settings.subdomains = options.subdomains;
    ENTENTE_TRY(settings.fields, read_fields(options.fields));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    json::object facts;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const exchange::State state = exchange::load_state(tx);
        ENTENTE_CHECK(apply_reader(options, state, settings));
        exchange::put_watch_settings(tx, settings);
        facts = settings_json(state.directory, settings);
        json::object recorded = facts;
        recorded["fields"] = settings.fields.size();
        record(tx, context.clock, "watch set", std::move(recorded));
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document(facts);
    context.out.line(
        "`entente serve` looks for what " + printable(options.user) +
        " may read in the events that sensors post to /entente/events/"
    );
    return Exit::ok;
}

Result<Exit> watch_show(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    const auto snapshot = node.store().snapshot();
    ENTENTE_TRY(const auto settings, exchange::watch_settings(*snapshot));
    if (!settings) {
        context.out.line("no watch is set; set one with: entente watch set --user NAME");
        return Exit::findings;
    }
    const store::Directory directory = snapshot->directory();
    json::object shown = settings_json(directory, *settings);
    auto muted = exchange::muted_hits(*snapshot);
    // Of the hour that runs; those before are over.
    if (muted && context.clock.now() - muted->hour >= 3'600 * micros_per_second) muted.reset();
    shown["muted"] =
        muted ? json::array(muted->indicators.begin(), muted->indicators.end()) : json::array();
    context.out.document(shown);
    context.out.field("user", user_name(directory, settings->user));
    std::string collections = settings->collections.empty() ? "all that it may read" : "";
    for (const store::CollectionNo no : settings->collections) {
        const store::Collection* row = collection_of(directory, no);
        if (!collections.empty()) collections += ", ";
        collections += row == nullptr ? "?" : label_of(directory, *row);
    }
    context.out.field("collections", collections);
    context.out.field("names below", settings->subdomains ? "yes" : "no");
    const auto fields = std::ranges::count(settings->fields, '\n');
    if (fields > 0) context.out.field("further fields", fmt::format("{} lines", fields));
    if (muted) {
        for (const std::string& id : muted->indicators)
            context.out.line(fmt::format(
                "muted until the hour ends, it hit more than {} times: {}",
                limits::watch_hits_per_hour_max,
                printable(id, 300)
            ));
    }
    return Exit::ok;
}

Result<Exit> watch_remove(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(const auto settings, exchange::watch_settings(tx));
        if (!settings) return fail(Errc::not_found, "no watch is set");
        exchange::put_watch_settings(tx, std::nullopt);
        record(tx, context.clock, "watch removed", {});
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{"removed", true}});
    context.out.line("nothing is looked for any more");
    return Exit::ok;
}

}  // namespace entente::cli
