#pragma once
// What an agreement would let cross, before anybody signs it: the decision that every exit asks,
// over terms that are compiled as if the document were signed by all and in force. For the own
// party's roles on this machine.
#include "agreement/document.h"
#include "base/random.h"
#include "exchange/caller.h"
#include "exchange/withheld.h"
#include "store/store.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace entente::exchange {

/// Who the pids of a document are on this node.
struct Roles {
    std::map<std::string, store::PartyNo, std::less<>> known;
    std::vector<std::string> strangers;  // pids that are no party here yet; sorted
};

/// As it is stored for the agreement; else by a party's identities and keys, else by its name. A
/// pid that could be two parties, or a party that could be two pids, is a stranger.
[[nodiscard]] Roles roles_of(const State& state, const agreement::Document& document);

/// What crosses alike.
struct CrossingGroup {
    std::string type;
    std::vector<std::string> markings;  // ids
    std::string flow;                   // its fid, or the name of another agreement's way
    std::uint32_t delay_hours = 0;
    std::uint64_t count = 0;
    std::uint64_t derived = 0;          // of these: copies with parts hidden
    std::vector<std::string> examples;  // ids, at most three
};

/// Entries that come or go for a reader.
struct Difference {
    std::uint64_t count = 0;
    std::uint64_t derived = 0;          // of these: copies with parts hidden
    std::vector<std::string> examples;  // ids, at most three
};

/// What one recipient would get.
struct SimulatedReader {
    std::string pid;
    std::string party;  // empty = a stranger
    std::string user;   // empty = any user whom the agreement does not name
    std::uint64_t released = 0;
    std::uint64_t derived = 0;            // of these: copies with parts hidden
    std::vector<CrossingGroup> crossing;  // most first
    std::vector<WithheldGroup> withheld;  // most first; copies that others get are left out
    Difference appears;                   // what it does not get now
    Difference disappears;                // what it gets now
};

/// An agreement that is tried out. Pure over what it is shown. Threads: one at a time.
class Simulation {
  public:
    struct Readers {
        const store::User* user = nullptr;  // only this user, of a partner
        std::string pid{};                  // only this recipient
    };

    /// `own_pid` says which pid is this node's party where `roles_of` cannot tell (empty = it can).
    /// Both outlive the simulation. Fails invalid_argument: no pid is this node's party (says what
    /// to do), no such pid, this node's own is asked for, the user's party is none of the
    /// agreement's; unprocessable: nothing would cross to anybody but this node's party.
    [[nodiscard]] static Result<Simulation> make(
        const State& state,
        const agreement::Document& document,
        const std::string& own_pid,
        const Readers& readers
    );

    /// The collections of this node that the agreement gives from; all if it is bound to none.
    [[nodiscard]] std::vector<store::CollectionNo> collections() const;

    /// Decides every entry of a collection for every reader. `entries` and `classes` are of one
    /// store, which need not be this node's; `like` tells the default marking and which flows are
    /// bound to it: those that are bound to it here, all if none are. Cost: its entries, for each
    /// reader.
    void look_at(
        store::Snapshot& entries,
        const State& of_entries,
        store::CollectionNo collection,
        const store::Collection& like
    );

    /// In the order of their pids. The simulation is spent.
    [[nodiscard]] std::vector<SimulatedReader> finish() &&;

    [[nodiscard]] const Roles& roles() const noexcept { return roles_; }

    /// The version in force that it is compared with; null if there is none.
    [[nodiscard]] const agreement::Document* before() const noexcept;

  private:
    struct Running;

    Simulation(const State& state, const agreement::Document& document)
        : state_(state),
          document_(document) {}

    [[nodiscard]] Result<void> assign_roles(const std::string& own_pid);
    [[nodiscard]] Result<void> choose_readers(const Readers& readers);
    void make_points();
    [[nodiscard]] agreement::Terms terms(
        const Running& reader,
        const store::Collection& collection,
        const std::vector<agreement::Standpoint>& points
    ) const;
    [[nodiscard]] agreement::Terms terms_now(
        const Running& reader, const store::Collection& collection
    ) const;

    /// A reader and what is known of it so far.
    struct Running {
        agreement::Principal who{};
        store::User row;  // of this node; its party is none for a stranger
        SimulatedReader told;
        using Key = std::tuple<std::string, std::vector<std::string>, std::string, std::uint32_t>;
        std::map<Key, CrossingGroup> crossing;
        std::
            map<std::tuple<agreement::Reason, std::string, std::string, std::string>, WithheldGroup>
                withheld;
    };

    const State& state_;
    const agreement::Document& document_;
    Roles roles_;
    std::map<std::string, store::PartyNo, std::less<>> numbers_;  // of all pids, strangers' made up
    std::vector<agreement::Standpoint> now_;
    std::vector<agreement::Standpoint> then_;  // with the document in force
    std::vector<Running> readers_;
};

/// A collection in memory into which files are published as this node's party would publish them:
/// the same checks, references and copies with parts hidden.
class TrialCollection {
  public:
    /// `like` gives the checks and the default marking.
    TrialCollection(
        const State& state, const store::Collection& like, const Clock& clock, Random& random
    );
    ~TrialCollection();
    TrialCollection(const TrialCollection&) = delete;
    TrialCollection& operator=(const TrialCollection&) = delete;

    /// Takes one object's text. Fails too_large: limits::import_order_bytes_max in all.
    [[nodiscard]] Result<void> add(std::string_view object);
    /// Publishes what was added, in the order in which an import does.
    [[nodiscard]] Result<void> publish();

    struct Refused {
        std::string id;
        std::string why;
    };

    [[nodiscard]] std::uint64_t accepted() const noexcept;
    [[nodiscard]] std::uint64_t refused() const noexcept;
    /// The first few.
    [[nodiscard]] const std::vector<Refused>& refusals() const noexcept;

    /// Shows the simulation what is in it, as if it lay in `like`.
    void show(Simulation& simulation, const store::Collection& like) const;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::exchange
