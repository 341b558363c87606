#include "exchange/quarantine.h"

#include "exchange/internal/publish_job.h"
#include "exchange/internal/remove_job.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::exchange {
namespace {

using store::QuarantineItem;

Result<QuarantineItem> waiting_item(store::Transaction& tx, store::QuarantineNo no) {
    auto item = tx.quarantine(no);
    if (!item)
        return fail(Errc::not_found, fmt::format("no quarantined object {}", agreement::raw(no)));
    if (item->state != QuarantineItem::State::waiting) {
        return fail(
            Errc::conflict,
            fmt::format("quarantined object {} was decided before", agreement::raw(no))
        );
    }
    return std::move(*item);
}

void remove_held_copy(
    WriteState& state,
    const store::Collection& collection,
    const Clock& clock,
    const QuarantineItem& item
) {
    const auto key = instant_key(item.version);
    for (const store::Version& v : state.tx().versions(collection.no, item.id)) {
        if (v.lane == item.party && key && v.version_key == *key) {
            (void)remove_and_reexpose(state, collection, clock, item.id, {v.seq});
            return;
        }
    }
}

void record(
    store::Transaction& tx,
    const Clock& clock,
    const QuarantineItem& item,
    store::UserNo admin,
    const char* what
) {
    store::Act act;
    act.kind = what;
    act.at = clock.now();
    act.user = admin;
    act.party = item.party;
    act.collection = item.collection;
    act.facts = boost::json::serialize(boost::json::object{
        {"quarantine", agreement::raw(item.no)},
        {"id", item.id},
        {"version", item.version},
        {"reason", item.reason}});
    tx.append_act(act);
}

}  // namespace

Result<void> accept_quarantine(
    store::Transaction& tx, const Clock& clock, store::QuarantineNo no, store::UserNo admin
) {
    ENTENTE_TRY(QuarantineItem item, waiting_item(tx, no));
    WriteState state(tx, nullptr);
    const store::Collection* where = state.state().collection(item.collection);
    if (where == nullptr)
        return fail(Errc::conflict, "its collection no longer exists; refuse it instead");
    const store::Collection collection = *where;
    ENTENTE_TRY(const stix::Object object, stix::read_object(item.body));
    for (const store::Version& v : tx.versions(collection.no, object.id)) {
        if (v.lane == store::PartyNo{} && v.version_key == object.version_key) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "{} version {} is in the collection{}; refuse this one, or ask its sender for "
                    "a new id",
                    object.id,
                    object.version,
                    v.digest == object.digest ? " with the same content" : " with other content"
                )
            );
        }
    }
    if (item.visible_to_sender) remove_held_copy(state, collection, clock, item);
    store::User sender;
    sender.no = item.user;
    sender.party = item.party;
    sender.role = store::Role::publisher;  // it has sent it
    PublishJob(state, sender, collection, clock).store_unjudged(object);
    item.state = QuarantineItem::State::accepted;
    tx.put(item);
    record(tx, clock, item, admin, "quarantine accepted");
    return {};
}

Result<void> refuse_quarantine(
    store::Transaction& tx, const Clock& clock, store::QuarantineNo no, store::UserNo admin
) {
    ENTENTE_TRY(QuarantineItem item, waiting_item(tx, no));
    WriteState state(tx, nullptr);
    if (const store::Collection* where = state.state().collection(item.collection);
        where != nullptr && item.visible_to_sender) {
        const store::Collection collection = *where;
        remove_held_copy(state, collection, clock, item);
    }
    item.state = QuarantineItem::State::refused;
    tx.put(item);
    record(tx, clock, item, admin, "quarantine refused");
    return {};
}

}  // namespace entente::exchange
