#pragma once
// What was kept aside for an operator: objects by the wrong party, with other content, or marked
// above what the sender may send (docs/architecture.md, custody and silence).
#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace entente::exchange {

/// Publishes a waiting item into its collection as its sender's, whatever rule held it back.
/// `admin` is recorded in the act. Fails: not_found; conflict (not waiting; the id and version is
/// there, or the collection is gone).
[[nodiscard]] Result<void> accept_quarantine(
    store::Transaction& tx, const Clock& clock, store::QuarantineNo no, store::UserNo admin
);

/// Drops a waiting item; a copy that was shown to its sender goes too. Fails: not_found, conflict
/// (not waiting).
[[nodiscard]] Result<void> refuse_quarantine(
    store::Transaction& tx, const Clock& clock, store::QuarantineNo no, store::UserNo admin
);

}  // namespace entente::exchange
