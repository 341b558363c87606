#pragma once
// What a job inside the writer's transaction knows: the directory and all classes as the
// transaction sees them.
#include "agreement/view.h"
#include "exchange/caller.h"
#include "store/store.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace entente::exchange {

/// 1. `state()` is of the transaction's generation, its own uncommitted changes included.
/// 2. Nothing learnt here is kept after the job: a class number or generation of a transaction that
/// is undone may come
///    again with another meaning.
class WriteState {
  public:
    /// `recent` is a committed state; it is used as it is when its generation still stands.
    WriteState(store::Transaction& tx, std::shared_ptr<const State> recent);

    [[nodiscard]] store::Transaction& tx() const noexcept { return tx_; }

    [[nodiscard]] const State& state() const noexcept { return *state_; }

    [[nodiscard]] const agreement::ClassTable& classes() const noexcept { return *classes_; }

    [[nodiscard]] const agreement::Facets& facets(store::ClassNo no) const;
    /// The number of the class with these facets, made if need be.
    [[nodiscard]] store::ClassNo intern(const agreement::Facets& facets);
    /// Reads the directory again after the job changed it.
    void reload();

    /// May `user` read this version? By the user's own read terms; not while a delay holds it back.
    [[nodiscard]] bool reads(
        const store::User& user, const store::Collection& collection, const store::Version& version
    ) const;

  private:
    store::Transaction& tx_;
    std::shared_ptr<const State> state_;  // shared: the caller's own, when it still stands
    std::shared_ptr<agreement::ClassTable>
        own_classes_;  // a copy with this transaction's classes, if there are any
    const agreement::ClassTable* classes_ = nullptr;
    std::unordered_map<std::string, store::ClassNo> interned_;
};

/// What the user's grants let it read, whether or not it is disabled at the moment (a disabled user
/// keeps its view).
[[nodiscard]] agreement::Terms view_terms(
    const State& state, const store::User& user, const store::Collection& collection
);

/// Whether the terms may release something, now or when classes come.
[[nodiscard]] bool can_release(const agreement::Terms& terms) noexcept;

/// What one view shows of versions, beyond what its terms say of their classes: of delayed classes
/// only that whose time has come; while nothing can be released, what it showed before, for its
/// place is kept.
class Shown {
  public:
    Shown(store::Snapshot& snapshot, store::UserNo user, store::CollectionNo collection);

    /// `hours` as the terms decide its class.
    [[nodiscard]] bool operator()(const store::Version& version, std::uint32_t hours) const;
    /// While the view is paused.
    [[nodiscard]] bool paused(const store::Version& version) const;

  private:
    std::unordered_map<store::ClassNo, store::Seq> delayed_;
    std::unordered_map<store::ClassNo, store::Seq> kept_;
};

/// The version of an object that a reader sees who asks for the latest only: among what `visible`
/// shows, the newest spec version, then the greatest version; the collection's own copy before a
/// held one. Nothing if none is visible.
template <class Visible>
[[nodiscard]] std::optional<store::Seq> latest_visible(
    const std::vector<store::Version>& versions,
    const agreement::ClassTable& classes,
    const Visible& visible
) {
    const store::Version* best = nullptr;
    std::string_view best_spec;
    for (const store::Version& v : versions) {
        const agreement::Facets* facets = classes.find(v.cls);
        if (facets == nullptr || !visible(v)) continue;
        const std::string_view spec = facets->spec_version;
        const bool better =
            best == nullptr || spec > best_spec ||
            (spec == best_spec && (v.version_key > best->version_key ||
                                   (v.version_key == best->version_key &&
                                    agreement::raw(v.lane) < agreement::raw(best->lane))));
        if (better) {
            best = &v;
            best_spec = spec;
        }
    }
    if (best == nullptr) return std::nullopt;
    return best->seq;
}

}  // namespace entente::exchange
