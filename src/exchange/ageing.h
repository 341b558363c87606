#pragma once
// What a collection is set to keep no longer, or has no room for, leaves by itself, the oldest
// first.
#include "base/time.h"
#include "exchange/state_cache.h"
#include "exchange/writer.h"
#include "store/store.h"

#include <cstdint>
#include <map>
#include <memory>

namespace entente::exchange {

/// How much left in a step.
struct AgeingStep {
    std::uint64_t entries = 0;  // copies that were made of others among them
    bool more = false;          // there may be more to do at once
};

/// Threads: one at a time.
class Ageing {
  public:
    /// Whether any collection has something that could leave: costs a look at the directory.
    [[nodiscard]] static bool due(const store::Directory& directory) noexcept;

    /// Removes at most limits::removal_step_entries of one collection, with what was made of them;
    /// an act says how much. What a hold lies on stays where it is. Readers see the removal as that
    /// of a client: what they walk through goes on without a gap, nothing comes twice.
    /// `recent` is a committed state, or null. Go on with this object only if the transaction was
    /// committed.
    AgeingStep step(
        store::Transaction& tx, const Clock& clock, const std::shared_ptr<const State>& recent
    );

  private:
    std::uint64_t generation_ = 0;
    // Entries before these are held: they are not looked at again until the directory changes.
    std::map<store::CollectionNo, store::Seq> from_;
};

/// What a server does every few seconds: steps until nothing is left to do or
/// limits::ageing_ms_max have passed. Nothing leaves while the clock is in doubt. Throws
/// StorageError.
void let_age(
    Ageing& ageing, store::Store& store, StateCache& states, Writer& writer, const Clock& clock
);

}  // namespace entente::exchange
