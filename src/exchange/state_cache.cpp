#include "exchange/state_cache.h"

#include "base/limits.h"
#include "base/log.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <list>
#include <mutex>
#include <utility>

namespace entente::exchange {

using agreement::ClassTable;
using agreement::raw;
using agreement::View;
using store::ClassNo;
using store::CollectionNo;
using store::UserNo;

namespace {

/// The facets of rows that were read, added to the table. A key that cannot be read becomes a class
/// that nobody sees.
void add_classes(ClassTable& table, const std::vector<std::pair<ClassNo, std::string>>& rows) {
    for (const auto& [no, key] : rows) {
        auto facets = agreement::facets_of(key);
        if (!facets) {
            log::error(
                "a class cannot be read; its entries are withheld from everyone",
                {{"class", std::to_string(raw(no))}}
            );
        }
        table.add(no, facets ? std::move(*facets) : agreement::Facets{});
    }
}

std::shared_ptr<const ClassTable> load_classes(store::Snapshot& snapshot) {
    auto table = std::make_shared<ClassTable>();
    add_classes(*table, snapshot.classes(ClassNo{0}));
    return table;
}

/// `table` if it holds every class of the snapshot, else a copy that does.
std::shared_ptr<const ClassTable> grown(
    store::Snapshot& snapshot, std::shared_ptr<const ClassTable> table
) {
    const auto newer = snapshot.classes(ClassNo{table->size()});
    if (newer.empty()) return table;
    auto longer = std::make_shared<ClassTable>(*table);
    add_classes(*longer, newer);
    return longer;
}

/// The views used last, at most limits::cached_views_max of them over at most
/// limits::cached_view_classes_max classes. Threads: its owner's mutex guards it.
class ViewCache {
  public:
    struct Kept {
        std::uint64_t key = 0;
        std::uint64_t generation = 0;
        std::uint32_t classes = 0;
        std::shared_ptr<const View> view;  // shared with the requests that use it
    };

    /// What is kept for the key, whatever its age; becomes the one used last.
    [[nodiscard]] std::optional<Kept> find(std::uint64_t key) {
        const auto at = index_.find(key);
        if (at == index_.end()) return std::nullopt;
        order_.splice(order_.begin(), order_, at->second);
        return *at->second;
    }

    /// Keeps it unless a newer one for the key is there.
    void put(Kept kept) {
        if (const auto at = index_.find(kept.key); at != index_.end()) {
            const Kept& old = *at->second;
            if (std::pair(old.generation, old.classes) > std::pair(kept.generation, kept.classes)) {
                return;
            }
            drop(at->second);
        }
        classes_ += kept.classes;
        order_.push_front(std::move(kept));
        index_[order_.front().key] = order_.begin();
        // The newest stays even when it alone is over the limit: the request has it anyway.
        while (order_.size() > 1 && (order_.size() > limits::cached_views_max ||
                                     classes_ > limits::cached_view_classes_max)) {
            drop(std::prev(order_.end()));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

  private:
    void drop(std::list<Kept>::iterator which) {
        classes_ -= which->classes;
        index_.erase(which->key);
        order_.erase(which);
    }

    std::list<Kept> order_;  // used last first
    boost::unordered_flat_map<std::uint64_t, std::list<Kept>::iterator> index_;
    std::size_t classes_ = 0;  // of all kept views together
};

/// Few enough new classes to decide them one by one beside the old decisions.
constexpr std::uint32_t decide_singly_max = 64;

/// The view over a class table that has grown since `old` was made, in the same generation: the
/// decision on a class depends on the terms, the markings and smaller classes alone, so those that
/// were made stand.
View extended(const View& old, std::uint32_t old_size, const State& state) {
    std::vector<bool> released(state.classes->size(), false);
    std::vector<agreement::Delay> delays = old.delays();
    for (const ClassNo cls : old.released())
        released[raw(cls)] = true;
    for (std::uint32_t no = std::max(old_size, 1U); no < released.size(); ++no) {
        const agreement::Decision decision =
            agreement::decide(old.terms(), *state.classes, state.markings, ClassNo{no});
        released[no] = decision.releases();
        if (decision.delay_hours != 0) delays.push_back({ClassNo{no}, decision.delay_hours});
    }
    return {
        old.user(),
        old.collection(),
        old.terms(),
        std::move(released),
        old.stretches(),
        std::move(delays)};
}

View fresh_view(
    store::Snapshot& snapshot, const State& state, UserNo user, CollectionNo collection
) {
    const store::User* u = state.user(user);
    const store::Collection* c = state.collection(collection);
    const agreement::Terms terms =
        u != nullptr && c != nullptr ? state.read_terms(*u, *c) : agreement::Terms{};
    std::vector<agreement::Stretch> stretches;
    if (snapshot.has_view(user, collection)) stretches = snapshot.stretches(user, collection);
    return agreement::make_view(
        user, collection, terms, *state.classes, state.markings, std::move(stretches)
    );
}

constexpr std::uint64_t key_of(UserNo user, CollectionNo collection) noexcept {
    return (std::uint64_t{raw(user)} << 32U) | raw(collection);
}

bool is_transaction(const store::Snapshot& snapshot) noexcept {
    return dynamic_cast<const store::Transaction*>(&snapshot) != nullptr;
}

}  // namespace

State load_state(store::Snapshot& snapshot) {
    return {snapshot.directory(), load_classes(snapshot), holds_of(snapshot)};
}

struct StateCache::Inside {
    mutable std::mutex
        mutex;  // guards all below; held for look-ups only, never while the store is read
    std::shared_ptr<const State>
        state;  // the newest committed one that was read; null before the first
    ViewCache views;
};

StateCache::StateCache() : inside_(std::make_unique<Inside>()) {}

StateCache::~StateCache() = default;

std::shared_ptr<const State> StateCache::get(store::Snapshot& snapshot) {
    const std::uint64_t generation = snapshot.generation();
    std::shared_ptr<const State> kept;
    {
        const std::lock_guard lock(inside_->mutex);
        kept = inside_->state;
    }
    const bool stands = kept && kept->directory.generation == generation;
    // Committed classes never change, so those of an earlier generation are taken over; a snapshot
    // older than what is kept (a request that began before a change) reads all of its own.
    const bool newer = !kept || generation > kept->directory.generation;
    auto table =
        kept && (stands || newer) ? grown(snapshot, kept->classes) : load_classes(snapshot);
    if (stands && table == kept->classes) return kept;
    auto fresh = stands ? std::make_shared<const State>(*kept, std::move(table))
                        : std::make_shared<const State>(
                              snapshot.directory(), std::move(table), holds_of(snapshot)
                          );
    if (is_transaction(snapshot)) return fresh;
    const std::lock_guard lock(inside_->mutex);
    const State* now = inside_->state.get();
    if (now == nullptr || std::pair(fresh->directory.generation, fresh->classes->size()) >
                              std::pair(now->directory.generation, now->classes->size())) {
        inside_->state = fresh;
    }
    return fresh;
}

std::shared_ptr<const View> StateCache::view(
    store::Snapshot& snapshot, const State& state, UserNo user, CollectionNo collection
) {
    // Stretches of one generation with rights of another would show what neither does.
    if (snapshot.generation() != state.directory.generation) {
        const auto own = get(snapshot);
        return view(snapshot, *own, user, collection);
    }
    if (is_transaction(snapshot)) {
        return std::make_shared<const View>(fresh_view(snapshot, state, user, collection));
    }
    const std::uint64_t key = key_of(user, collection);
    const std::uint64_t generation = state.directory.generation;
    const std::uint32_t classes = state.classes->size();
    std::optional<ViewCache::Kept> kept;
    {
        const std::lock_guard lock(inside_->mutex);
        kept = inside_->views.find(key);
    }
    const bool same_rights = kept && kept->generation == generation;
    if (same_rights && kept->classes == classes) return kept->view;
    auto made =
        same_rights && kept->classes < classes && classes - kept->classes <= decide_singly_max
            ? std::make_shared<const View>(extended(*kept->view, kept->classes, state))
            : std::make_shared<const View>(fresh_view(snapshot, state, user, collection));
    const std::lock_guard lock(inside_->mutex);
    inside_->views.put({.key = key, .generation = generation, .classes = classes, .view = made});
    return made;
}

std::size_t StateCache::cached_views() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->views.size();
}

}  // namespace entente::exchange
