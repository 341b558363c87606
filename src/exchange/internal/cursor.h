#pragma once
// Cursors: the `next` of TAXII 2.1 section 3.5. Stateless, never expiring, repeatable; encrypted
// and authenticated, so that the position tells a client nothing and a client can tell us nothing
// we did not say (T61).
#include "base/hash.h"
#include "base/result.h"
#include "exchange/exchange.h"

#include <string>
#include <string_view>

namespace entente::exchange {

struct Cursor {
    std::uint32_t epoch = 0;
    What what = What::objects;
    bool one_object = false;
    store::Filter filter;
    store::Position position;
};

/// The length depends on the filter only.
[[nodiscard]] std::string seal_cursor(
    const Key& key, const Cursor& cursor, store::UserNo user, store::CollectionNo collection
);

/// Fails invalid_argument, in the same words, for a token that this node did not make for this user
/// and collection.
[[nodiscard]] Result<Cursor> open_cursor(
    const Key& key, std::string_view token, store::UserNo user, store::CollectionNo collection
);

/// Where a cursor's stream goes on now. After a restore that is at most where the backup was made:
/// what came later was lost, and its positions are given again. A cursor of an epoch that is not
/// known (another restore of the same node, which was undone) goes on from the beginning.
[[nodiscard]] store::Position position_now(
    const Cursor& cursor, const Settings& settings, store::CollectionNo collection
);

/// The filter that a continued request works with: the cursor's, with the added_after that the
/// client gave, if any. Fails invalid_argument when another field that it gave differs from the
/// cursor's, or the cursor is of another resource.
[[nodiscard]] Result<store::Filter> continued_filter(
    const Cursor& cursor, const ReadRequest& request
);

}  // namespace entente::exchange
