#pragma once
// Changing who may see what, so that no reader misses, repeats, or keeps what it lost: every change
// of users, grants, default markings and statement markings goes through here.
#include "base/time.h"
#include "store/store.h"

#include <functional>
#include <span>

namespace entente::exchange {

/// Runs `change` in the transaction. For every view of the `collections` compares what was released
/// before and after: classes that came get stretches from here on and late rows for what lies
/// before; classes that went get their stretches closed and their late rows removed, and older
/// versions that became the latest again get late rows. Users who get their first read right get a
/// view. Cost: the entries of the classes that came or went.
void change_rights(
    store::Transaction& tx,
    const Clock& clock,
    std::span<const store::CollectionNo> collections,
    const std::function<void()>& change
);

/// All collections; for changes that may touch any of them.
[[nodiscard]] std::vector<store::CollectionNo> all_collections(store::Snapshot& snapshot);

/// Adds (no = 0) or changes a user: its role decides what grants give it, and a new user of a party
/// with grants gets its views. Returns the user's number.
store::UserNo put_user(store::Transaction& tx, const Clock& clock, const store::User& user);
/// Adds or changes a grant. Returns its number.
store::GrantNo put_grant(store::Transaction& tx, const Clock& clock, const store::Grant& grant);
void erase_grant(store::Transaction& tx, const Clock& clock, store::GrantNo no);
/// Changes a collection; its default marking decides for unmarked objects.
void change_collection(
    store::Transaction& tx, const Clock& clock, const store::Collection& collection
);
/// Makes a statement marking known; objects of `source` that carry it become visible where nothing
/// else withholds them.
void add_statement(
    store::Transaction& tx, const Clock& clock, const store::StatementMarking& statement
);

}  // namespace entente::exchange
