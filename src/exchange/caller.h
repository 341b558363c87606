#pragma once
// Who is calling and what the node holds, as one immutable state per generation.
#include "agreement/view.h"
#include "exchange/agreements.h"
#include "exchange/clock_doubt.h"
#include "exchange/stops.h"
#include "store/store.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// What people and circumstances hold back, whatever the directory says.
struct Holds {
    Stops stops{};
    std::optional<ClockDoubt> clock_doubt{};
};

[[nodiscard]] Holds holds_of(store::Snapshot& snapshot);

/// The directory of one generation with its indexes, and the class table of at least that moment.
/// Immutable; cheap to copy (copies share the directory); not assignable. Threads: safe to read at
/// once.
struct State {
  private:
    struct Indexed;
    // Shared: by states that differ in their class tables alone.
    std::shared_ptr<const Indexed> indexed_;

  public:
    /// Fails never: of two rows that claim the same unique name, identity or token hash the first
    /// one counts (for identities the own party's, then the lowest number's).
    State(
        store::Directory rows, std::shared_ptr<const agreement::ClassTable> table, Holds held = {}
    );
    /// The same directory with another class table.
    State(const State& other, std::shared_ptr<const agreement::ClassTable> table);

    const store::Directory& directory;
    // Never null. Shared: with other states, and with requests that outlive a change.
    std::shared_ptr<const agreement::ClassTable> classes;
    const agreement::MarkingRegistry& markings;
    const Agreements& agreements;
    /// Asked before anybody is let in or given something; rights and views know nothing of it.
    const Stops& stops;
    /// While it is set, dates of agreements decide nothing: partners that are governed by them
    /// wait.
    const std::optional<ClockDoubt>& clock_doubt;

    // Lookups take constant time and return nothing for what there is not; number 0 is never found.
    [[nodiscard]] const store::Party* party(store::PartyNo no) const noexcept;
    [[nodiscard]] const store::Party* party(std::string_view name) const noexcept;
    /// REQUIRES: the directory has an own party (every initialised store does).
    [[nodiscard]] const store::Party& own_party() const noexcept;
    [[nodiscard]] const store::User* user(store::UserNo no) const noexcept;
    [[nodiscard]] const store::User* user(std::string_view name) const noexcept;
    /// By keyed hash, compared in constant time; expired and revoked ones are found too.
    [[nodiscard]] const store::Token* token(const Digest& hash) const noexcept;
    /// By what it says; the one that is not revoked, if there is one.
    [[nodiscard]] const store::Token* binding(std::string_view text) const noexcept;
    [[nodiscard]] const store::ApiRoot* root(std::string_view name) const noexcept;
    [[nodiscard]] const store::ApiRoot* root(store::RootNo no) const noexcept;
    [[nodiscard]] const store::Collection* collection(store::CollectionNo no) const noexcept;
    /// By id or alias in a root; an id goes before an equal alias. A UUID is found in either case
    /// (RFC 4122, 3).
    [[nodiscard]] const store::Collection* collection(
        store::RootNo root, std::string_view id_or_alias
    ) const noexcept;
    /// The party whose card lists this identity; nothing if none does.
    [[nodiscard]] std::optional<store::PartyNo> party_of_identity(std::string_view identity
    ) const noexcept;

    /// What the user may do on a collection, bounded by the role (a reader cannot write; an auditor
    /// or a sensor has no rights on objects); nothing at all when disabled. Grants to the user and to its party
    /// give it together; of a partner that agreements govern these alone do, but for one thing: a
    /// grant to write lets it bring agreements to a collection that takes them.
    struct Rights {
        bool list = false;
        bool read = false;
        bool write = false;
        stix::Tlp read_ceiling = stix::Tlp::clear;   // the highest of the grants that give read
        stix::Tlp write_ceiling = stix::Tlp::clear;  // the highest of those that give write
        bool personal_data = false;                  // a grant that gives read gives it too

        [[nodiscard]] bool any() const noexcept { return list || read || write; }
    };

    /// Judged by the row that is given, which may differ from the stored one.
    [[nodiscard]] Rights rights(const store::User& user, store::CollectionNo collection) const;
    /// The user's rights have dates, by agreements, and the clock is in doubt.
    [[nodiscard]] bool must_wait(const store::User& user) const noexcept;
    /// The user as agreements see it.
    [[nodiscard]] agreement::Principal principal(const store::User& user) const noexcept;
    /// The terms that decide what the user may read of the collection.
    [[nodiscard]] agreement::Terms read_terms(
        const store::User& user, const store::Collection& collection
    ) const;
    /// The same for what it may write.
    [[nodiscard]] agreement::Terms write_terms(
        const store::User& user, const store::Collection& collection
    ) const;

  private:
    [[nodiscard]] Rights granted(const store::User& user, store::CollectionNo collection)
        const noexcept;
};

/// An authenticated user at one state. Cheap to copy.
struct Caller {
    std::shared_ptr<const State> state;  // shared: requests outlive a change of the directory
    store::UserNo user{};
    store::TokenNo token{};  // not 0 when a token was used

    [[nodiscard]] const store::User& row() const noexcept { return *state->user(user); }
};

}  // namespace entente::exchange
