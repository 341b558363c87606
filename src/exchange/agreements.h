#pragma once
// The agreements of this node as one generation of the directory tells them: read, judged as of
// `Directory::agreements_at`, and turned into terms.
#include "agreement/compile.h"
#include "agreement/life.h"
#include "store/rows.h"

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// Immutable after construction; points into itself, so it is not copied. Threads: safe to read at
/// once.
class Agreements {
  public:
    struct Known {
        std::string id;
        const agreement::Life& life;
        std::vector<store::AgreementBinding> bindings;
    };

    /// Never fails: a record that cannot be read leaves its agreement without it, and `problems`
    /// tells so.
    explicit Agreements(const store::Directory& directory);
    Agreements(const Agreements&) = delete;
    Agreements& operator=(const Agreements&) = delete;

    [[nodiscard]] const std::deque<Known>& all() const noexcept { return known_; }

    /// Each as it stands, in the order of `all`.
    [[nodiscard]] const std::vector<agreement::Standpoint>& points() const noexcept {
        return points_;
    }

    [[nodiscard]] const Known* find(std::string_view id) const noexcept;
    [[nodiscard]] const agreement::Standpoint* point(std::string_view id) const noexcept;

    /// An agreement of this party with this node's was signed by all, or one of its own that an
    /// operator bound to a collection here: from then on agreements alone decide what its users may
    /// see and send, and grants to them give nothing. Terms of another's alone take nothing from
    /// whom they name.
    [[nodiscard]] bool governs(store::PartyNo party) const noexcept;

    /// What agreements let a user of a partner read of a collection: a bond for each that is in
    /// force or suspended and bound to it. REQUIRES: `governs(user.party)`.
    [[nodiscard]] std::vector<agreement::Bond> reading(
        const agreement::Principal& reader, store::PartyNo own, store::CollectionNo collection
    ) const;
    /// The same for what it may publish.
    [[nodiscard]] std::vector<agreement::Bond> writing(
        const agreement::Principal& writer, store::PartyNo own, store::CollectionNo collection
    ) const;

    /// Whether it is told that what is marked for all of an organisation's clients is for this one.
    [[nodiscard]] bool is_client(std::string_view party_name) const noexcept;

    [[nodiscard]] const agreement::KeyFacts& keys() const noexcept;

    [[nodiscard]] bool has_card(store::PartyNo party) const noexcept;

    /// The party of which a card, old ones too, lists the key as an identity key, or one that it
    /// follows; nothing if none or two do.
    [[nodiscard]] std::optional<store::PartyNo> party_of_key(const ledger::Verifier& key) const;

    /// When the standing of any changes by a date.
    [[nodiscard]] std::optional<Micros> changes_at() const noexcept { return changes_at_; }

    /// Records that do not count, and parties that are not who they were taken for, each with its
    /// agreement, and why.
    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }

  private:
    template <class WaysOf>
    [[nodiscard]] std::vector<agreement::Bond> bonds(
        store::PartyNo party,
        store::CollectionNo collection,
        store::AgreementBinding::Way way,
        const WaysOf& ways_of
    ) const;

    /// What was taken, with its signatures verified. Shared: it is the same from one generation to
    /// the next unless something was taken.
    struct Taken;
    [[nodiscard]] static std::shared_ptr<const Taken> taken_of(const store::Directory& directory);
    /// Whether the term can be the party, which was said to be it: by the keys on its cards, where
    /// it has any; of a term without keys by an identity. A version that is in force may name other
    /// keys than the one by which the party was found.
    [[nodiscard]] bool can_be(const agreement::PartyTerm& term, const store::Party& party) const;
    void add_parties(const store::Directory& directory, agreement::Standpoint& point);

    std::shared_ptr<const Taken> taken_;
    std::deque<Known> known_;                    // sorted by id
    std::vector<agreement::Standpoint> points_;  // of `known_`, in its order
    std::set<store::PartyNo> governed_;
    std::vector<std::string> problems_;
    std::optional<Micros> changes_at_;
};

}  // namespace entente::exchange
