#include "cli/change.h"

#include "cli/find.h"

#include <boost/json/serialize.hpp>

#include <string>

namespace entente::cli {
namespace {
/// Carries a failure out of the transaction, which rolls back on exceptions. Never leaves this
/// file.
struct Undo {};
}  // namespace

Result<void> in_transaction(
    store::Store& store, const std::function<Result<void>(store::Transaction&)>& work
) {
    Result<void> outcome;
    try {
        store.write([&](store::Transaction& tx) {
            outcome = work(tx);
            if (!outcome) throw Undo{};
        });
    } catch (const Undo&) {
        // Rolled back; `outcome` says why.
    }
    return outcome;
}

void record(
    store::Transaction& tx,
    const Clock& clock,
    std::string_view kind,
    boost::json::object facts,
    store::CollectionNo collection
) {
    store::Act act;
    act.kind = std::string(kind);
    act.at = clock.now();
    act.party = own_party(tx.directory()).no;
    act.collection = collection;
    act.facts = boost::json::serialize(facts);
    tx.append_act(act);
}

}  // namespace entente::cli
