#pragma once
// Keeping the indicators that are looked for current with what the node holds.
#include "base/table_hash.h"
#include "exchange/agreement_changes.h"
#include "exchange/state_cache.h"
#include "exchange/watch_settings.h"
#include "match/field_map.h"
#include "match/indicators.h"
#include "watch/lists.h"

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace entente::watch {

/// What a matcher works with. All outlive it.
struct Around {
    store::Store& store;
    exchange::StateCache& states;
    const Clock& clock;
    /// Runs in one transaction and returns when it is durable.
    std::function<void(const std::function<void(store::Transaction&)>&)> write;
    TableKey key{};  // of the tables of patterns: random
    /// Asked between pages.
    std::function<bool()> stopping{};
};

/// Where the entry of an indicator lies: its key in the set.
struct Place {
    store::CollectionNo collection{};
    store::Seq seq{};
    friend bool operator==(const Place&, const Place&) = default;
};

[[nodiscard]] match::Key key_of(Place place) noexcept;
[[nodiscard]] Place place_of(match::Key key) noexcept;

/// One state of what is looked for. Immutable.
struct Live {
    std::uint64_t epoch = 0;  // another one: the set was made anew, streams begin anew
    exchange::WatchSettings settings;
    std::shared_ptr<const match::Snapshot> indicators;
    std::shared_ptr<const match::FieldMap> fields;
    std::shared_ptr<const Lists> lists;
    std::uint64_t refused = 0;  // indicators that cannot be looked for
};

/// Follows the log of the collections that the watch's user may read: a new version of an indicator
/// takes the place of the one before, what was removed or is not shown any more leaves. It may be
/// behind; `Judge` never is. Threads: `look` one at a time; `current` is safe.
class Follower {
  public:
    explicit Follower(Around around);
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;
    /// Waits for a merge that runs.
    ~Follower();

    /// Takes what was committed since the last look; cheap when nothing was. False when there is
    /// more, for the next look. Throws StorageError; then the next look goes on, too.
    bool look();

    /// Null: no watch is set, or its indicators are not read yet; `set` tells which.
    [[nodiscard]] std::shared_ptr<const Live> current() const;
    /// Whether a watch is set, as of the last look.
    [[nodiscard]] bool set() const;

  private:
    struct Followed;
    struct Page;

    void refresh(store::Snapshot& snapshot, const exchange::State& state);
    void begin_anew();
    void choose_collections(const exchange::State& state);
    void note_classes(Followed& one, store::Snapshot& snapshot, const exchange::State& state);
    [[nodiscard]] bool catch_up(Followed& one, const exchange::Present& now);
    [[nodiscard]] bool read_page(Followed& one, const exchange::Present& now);
    void take(Followed& one, store::Snapshot& snapshot, const Page& page);
    void prune(Followed& one, store::Snapshot& snapshot);
    void forget(Followed& one);
    void publish();
    void look_after_merge();

    Around around_;

    // Of the thread that looks.
    std::optional<std::uint64_t> generation_;
    std::optional<exchange::WatchSettings> settings_;
    std::optional<match::IndicatorSet> set_;
    std::shared_ptr<const match::FieldMap> fields_;
    ListReader lists_;
    std::vector<std::unique_ptr<Followed>> followed_;
    std::future<match::IndicatorSet::Merge> merge_;
    bool changed_ = false;
    std::uint64_t epoch_ = 0;

    mutable std::mutex mutex_;  // guards what follows
    std::shared_ptr<const Live> current_;
    bool is_set_ = false;
};

}  // namespace entente::watch
