#pragma once
// Deleting versions of one object inside the writer's transaction.
#include "exchange/disclosure.h"
#include "exchange/exchange.h"
#include "exchange/internal/write_state.h"

namespace entente::exchange {

/// Deletes what the request names and the user may see; returns how many versions. REQUIRES: the
/// user may read and write. Fails: not_found (nothing of it is visible, or nothing matched),
/// forbidden (the user's party is not the custodian). Views for which an older version becomes the
/// latest again get late rows.
[[nodiscard]] Result<std::size_t> remove_versions(
    WriteState& state,
    const store::User& user,
    const store::Collection& collection,
    const Clock& clock,
    const DeleteRequest& request,
    bool newest_only_by_default
);

/// What a removal did.
struct Removal {
    std::vector<RemovedEntry> entries;  // with those that were made of others
    std::uint64_t kept = 0;             // of them, by holds: no client gets them any more
};

/// Removes entries of one id, with those that were made of them, and exposes, for every view, the
/// older version that is now the latest. What a hold lies on is kept where clients do not get it.
/// Adds to `removal`, which the caller hands to `record_removed`.
void remove_entries(
    WriteState& state,
    const store::Collection& collection,
    const Clock& clock,
    std::string_view id,
    const std::vector<store::Seq>& entries,
    Removal& removal
);

/// The same as a whole. An act keeps the names of what went: records of what was given tell entries
/// by number.
Removal remove_and_reexpose(
    WriteState& state,
    const store::Collection& collection,
    const Clock& clock,
    std::string_view id,
    const std::vector<store::Seq>& entries
);

}  // namespace entente::exchange
