#pragma once
// Who is calling and what the node holds, as one immutable state per generation.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agreement/view.h"
#include "store/store.h"

namespace entente::exchange {

/// The directory of one generation with its indexes, and the class table of at least that moment. Immutable; share const.
struct State {
    store::Directory directory;
    std::shared_ptr<const agreement::ClassTable> classes;
    agreement::MarkingRegistry markings;

    [[nodiscard]] const store::Party* party(store::PartyNo no) const noexcept;
    [[nodiscard]] const store::Party* party(std::string_view name) const noexcept;
    [[nodiscard]] const store::Party& own_party() const noexcept;
    [[nodiscard]] const store::User* user(store::UserNo no) const noexcept;
    [[nodiscard]] const store::User* user(std::string_view name) const noexcept;
    [[nodiscard]] const store::ApiRoot* root(std::string_view name) const noexcept;
    [[nodiscard]] const store::ApiRoot* root(store::RootNo no) const noexcept;
    [[nodiscard]] const store::Collection* collection(store::CollectionNo no) const noexcept;
    /// By UUID or alias in a root.
    [[nodiscard]] const store::Collection* collection(store::RootNo root, std::string_view id_or_alias) const noexcept;
    /// The party whose card lists this identity; nothing if none does.
    [[nodiscard]] std::optional<store::PartyNo> party_of_identity(std::string_view identity) const noexcept;

    /// What grants to the user and to its party give together, bounded by the role; nothing at all when disabled.
    struct Rights {
        bool list = false;
        bool read = false;
        bool write = false;
        stix::Tlp read_ceiling = stix::Tlp::clear;   // the highest of the grants that give read
        stix::Tlp write_ceiling = stix::Tlp::clear;  // the highest of those that give write
        [[nodiscard]] bool any() const noexcept { return list || read || write; }
    };
    [[nodiscard]] Rights rights(const store::User& user, store::CollectionNo collection) const noexcept;
    [[nodiscard]] agreement::Terms read_terms(const store::User& user, const store::Collection& collection) const noexcept;
    [[nodiscard]] agreement::Terms write_terms(const store::User& user, const store::Collection& collection) const noexcept;
};

/// An authenticated user at one state. Cheap to copy.
struct Caller {
    std::shared_ptr<const State> state;  // shared: requests outlive a change of the directory
    store::UserNo user{};
    store::TokenNo token{};  // not 0 when a token was used
    [[nodiscard]] const store::User& row() const noexcept { return *state->user(user); }
};

/// Reads the state of a snapshot; keeps the last one and reuses it while the generation stands. Threads: safe.
class StateCache {
  public:
    StateCache();
    ~StateCache();
    [[nodiscard]] std::shared_ptr<const State> get(store::Snapshot& snapshot);
    /// The view of a user of a collection at the snapshot's generation; cached by (user, collection, generation, classes).
    [[nodiscard]] std::shared_ptr<const agreement::View> view(
        store::Snapshot& snapshot, const State& state, store::UserNo user, store::CollectionNo collection
    );

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// The state without a cache, for use inside a transaction.
[[nodiscard]] State load_state(store::Snapshot& snapshot);

}  // namespace entente::exchange
