#include "exchange/quarantine.h"

#include "base/escape.h"
#include "cli/change.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/transfer.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::cli {
namespace {

namespace json = boost::json;
using store::QuarantineItem;

std::string_view state_name(QuarantineItem::State state) {
    switch (state) {
        case QuarantineItem::State::waiting:
            return "waiting";
        case QuarantineItem::State::accepted:
            return "accepted";
        case QuarantineItem::State::refused:
            return "refused";
    }
    return "waiting";
}

std::string collection_label(const store::Directory& directory, store::CollectionNo no) {
    const store::Collection* collection = collection_of(directory, no);
    return collection == nullptr ? "?" : label_of(directory, *collection);
}

json::object item_json(const store::Directory& directory, const QuarantineItem& item) {
    const store::Collection* collection = collection_of(directory, item.collection);
    return {
        {"number", agreement::raw(item.no)},
        {"state", state_name(item.state)},
        {"collection", collection == nullptr ? "" : collection->id},
        {"user", user_name(directory, item.user)},
        {"party", party_name(directory, item.party)},
        {"at", format_taxii(item.at)},
        {"id", item.id},
        {"version", item.version},
        {"reason", item.reason},
        {"shown_to_sender", item.visible_to_sender},
    };
}

using Decide =
    Result<void> (*)(store::Transaction&, const Clock&, store::QuarantineNo, store::UserNo);

/// Decides on all items in one transaction: all or none.
Result<Exit> decide_all(
    const QuarantineOptions& options, const Context& context, Decide decide, std::string_view word
) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const auto admin = operator_user(tx.directory());
        for (const std::uint64_t number : options.numbers) {
            const auto done = decide(
                tx, context.clock, store::QuarantineNo{number}, admin ? admin->no : store::UserNo{}
            );
            if (!done) {
                return fail(
                    done.error().code, fmt::format("item {}: {}", number, done.error().detail)
                );
            }
        }
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    json::array numbers;
    for (const std::uint64_t number : options.numbers) {
        numbers.emplace_back(number);
        context.out.line(fmt::format("item {} {}", number, word));
    }
    context.out.document({{word, std::move(numbers)}});
    return Exit::ok;
}

}  // namespace

Result<Exit> quarantine_list(const QuarantineOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    const store::Directory directory = snapshot->directory();
    Table table({"NUMBER", "COLLECTION", "FROM", "AT", "ID", "STATE", "REASON"});
    for (const QuarantineItem& item : snapshot->quarantine()) {
        if (!options.all && item.state != QuarantineItem::State::waiting) continue;
        context.out.document(item_json(directory, item));
        table.row(
            {std::to_string(agreement::raw(item.no)),
             collection_label(directory, item.collection),
             fmt::format(
                 "{} ({})", user_name(directory, item.user), party_name(directory, item.party)
             ),
             format_taxii(item.at),
             item.id,
             std::string(state_name(item.state)),
             item.reason}
        );
    }
    context.out.table(table, "nothing waits in quarantine");
    return Exit::ok;
}

Result<Exit> quarantine_show(const QuarantineOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    const store::Directory directory = snapshot->directory();
    for (const std::uint64_t number : options.numbers) {
        const auto item = snapshot->quarantine(store::QuarantineNo{number});
        if (!item) {
            return fail(
                Errc::not_found,
                fmt::format("no item {}; `entente quarantine list` shows what there is", number)
            );
        }
        json::object shown = item_json(directory, *item);
        // The stored text as it is, so that what is decided on is what was sent.
        shown["object"] = item->body;
        context.out.document(shown);
        context.out.field("number", std::to_string(number));
        context.out.field("state", state_name(item->state));
        context.out.field("collection", collection_label(directory, item->collection));
        context.out.field("user", user_name(directory, item->user));
        context.out.field("party", party_name(directory, item->party));
        context.out.field("at", format_taxii(item->at));
        context.out.field("id", item->id);
        context.out.field("version", item->version);
        context.out.field("reason", item->reason);
        context.out.field("sender sees it", item->visible_to_sender ? "yes" : "no");
        context.out.line(item->body);
    }
    return Exit::ok;
}

Result<Exit> quarantine_accept(const QuarantineOptions& options, Context& context) {
    return decide_all(options, context, &exchange::accept_quarantine, "accepted");
}

Result<Exit> quarantine_refuse(const QuarantineOptions& options, Context& context) {
    return decide_all(options, context, &exchange::refuse_quarantine, "refused");
}

}  // namespace entente::cli
