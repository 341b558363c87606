#pragma once
// Legal holds: what must not be removed, whoever asks. The rows are store::Hold; here is what they
// mean.
#include "agreement/class.h"
#include "base/result.h"
#include "store/store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// The holds of one state. Cheap to make; outlived by `holds`.
class LegalHolds {
  public:
    explicit LegalHolds(const std::vector<store::Hold>& holds) : holds_(holds) {}

    /// One that lies on the object `id`, published by `source`, in the collection; null if none
    /// does. A redacted copy is held as what it was made of.
    [[nodiscard]] const store::Hold* on(
        store::CollectionNo collection, std::string_view id, store::PartyNo source
    ) const;

    /// One that lies on everything in the collection; null if none does.
    [[nodiscard]] const store::Hold* on_all(store::CollectionNo collection) const;

  private:
    const std::vector<store::Hold>& holds_;
};

/// A hold that lies on something in the collection, or that keeps something which was removed from
/// it; nothing if none does. For whoever removes the whole collection.
[[nodiscard]] std::optional<store::Hold> hold_in(
    store::Snapshot& snapshot, store::CollectionNo collection
);

/// Hands on each removed entry that is kept, with the holds that lie on it.
void each_kept(
    store::Snapshot& snapshot,
    const std::function<void(const store::Kept&, const std::vector<const store::Hold*>&)>& take
);

/// Ends a hold, and removes for good what no other hold keeps. Returns how many entries that were.
/// Fails: not_found.
[[nodiscard]] Result<std::uint64_t> end_hold(store::Transaction& tx, store::HoldNo no);

}  // namespace entente::exchange
