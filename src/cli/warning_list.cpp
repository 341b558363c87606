#include "base/escape.h"
#include "base/limits.h"
#include "cli/change.h"
#include "cli/decode.h"
#include "cli/feed_commands.h"
#include "cli/node_dir.h"
#include "cli/words.h"
#include "exchange/feeds.h"
#include "feed/warning_lists.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::cli {
namespace {

struct NewList {
    exchange::KeptList row;
    std::string text;
};

Result<NewList> read_list(const std::string& file, bool stops, Micros now) {
    NewList list;
    const auto take = [&](std::string_view piece) -> Result<void> {
        list.text += piece;
        return {};
    };
    ENTENTE_CHECK(decode_file(file, take, limits::feed_list_bytes_max));
    const auto at = [&](Error error) {
        return fail(error.code, fmt::format("{}: {}", printable(file), error.detail));
    };
    feed::WarningLists judged;
    const auto name = judged.add(list.text);
    if (!name) return at(name.error());
    list.row.name = std::string(*name);
    if (auto sound = check_name("the list's name", list.row.name); !sound)
        return at({Errc::unprocessable, sound.error().detail});
    list.row.stops = stops;
    list.row.entries = judged.entries();
    list.row.added = now;
    return list;
}

std::string_view action_of(const exchange::KeptList& list) {
    return list.stops ? "stop" : "inform";
}

}  // namespace

Result<Exit> warning_list_add(const WarningListOptions& options, Context& context) {
    if (options.action != "inform" && options.action != "stop") {
        return fail(
            Errc::invalid_argument,
            "--action is stop (no blocking feed holds what is on it) or inform (it is counted)"
        );
    }
    std::vector<NewList> lists;
    for (const std::string& file : options.files) {
        ENTENTE_TRY(NewList list, read_list(file, options.action == "stop", context.clock.now()));
        lists.push_back(std::move(list));
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        for (const NewList& list : lists) {
            ENTENTE_CHECK(exchange::put_kept_list(tx, list.row, list.text));
            record(
                tx,
                context.clock,
                "warning list kept",
                {{"name", list.row.name},
                 {"action", action_of(list.row)},
                 {"entries", list.row.entries}}
            );
        }
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    for (const NewList& list : lists) {
        context.out.document(
            {{"name", list.row.name},
             {"action", action_of(list.row)},
             {"entries", list.row.entries}}
        );
        context.out.line(fmt::format(
            "{}: {}, {}",
            list.row.name,
            action_of(list.row),
            list.row.entries == 1 ? std::string("1 entry") : grouped(list.row.entries) + " entries"
        ));
    }
    return Exit::ok;
}

Result<Exit> warning_list_remove(const WarningListOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_CHECK(exchange::erase_kept_list(tx, options.name));
        record(tx, context.clock, "warning list removed", {{"name", options.name}});
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{"name", options.name}});
    context.out.line(fmt::format("warning list '{}' removed", options.name));
    return Exit::ok;
}

Result<Exit> warning_list_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    ENTENTE_TRY(
        const std::vector<exchange::KeptList> all, exchange::kept_lists(*node.store().snapshot())
    );
    Table table({"name", "action", "entries", "added"});
    for (const exchange::KeptList& list : all) {
        context.out.document(
            {{"name", list.name},
             {"action", action_of(list)},
             {"entries", list.entries},
             {"added", format_taxii(list.added)}}
        );
        table.row(
            {list.name,
             std::string(action_of(list)),
             grouped(list.entries),
             format_taxii(list.added)}
        );
    }
    context.out.table(table, "no warning lists; keep some with: entente warning-list add");
    return all.empty() ? Exit::findings : Exit::ok;
}

}  // namespace entente::cli
