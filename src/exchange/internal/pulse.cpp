#include "exchange/internal/pulse.h"

#include <utility>

namespace entente::exchange {

std::optional<store::CommitMark> Pulse::mark() const noexcept {
    if (commits_ == nullptr) return std::nullopt;
    return commits_->committed();
}

void Pulse::learn(
    const std::optional<store::CommitMark>& before,
    std::shared_ptr<const State> state,
    store::CollectionNo collection,
    const store::Snapshot::Head& head
) {
    if (!before || mark() != before) return;
    const std::lock_guard lock(mutex_);
    if (!state_ || mark_ != *before) {
        held_.clear();
        mark_ = *before;
        state_ = std::move(state);
    }
    held_.insert_or_assign(collection, Held{.next_seq = head.next_seq, .entries = head.entries});
}

std::shared_ptr<const State> Pulse::unchanged(const NothingNew& then) const {
    const auto now = mark();
    if (!now) return nullptr;
    const std::lock_guard lock(mutex_);
    if (!state_ || mark_ != *now) return nullptr;
    if (state_->directory.generation != then.generation) return nullptr;
    const auto at = held_.find(then.collection);
    if (at == held_.end()) return nullptr;
    // Whatever comes takes the next position; whatever goes is one entry less.
    const bool same = at->second.next_seq == then.next_seq && at->second.entries == then.entries;
    return same ? state_ : nullptr;
}

}  // namespace entente::exchange
