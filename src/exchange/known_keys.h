#pragma once
// The keys of parties as the directory's cards and statements tell them.
#include "agreement/card.h"
#include "ledger/key_facts.h"
#include "store/rows.h"

#include <string>
#include <vector>

namespace entente::exchange {

/// A party's cards, oldest first.
struct PartyCards {
    store::PartyNo party{};
    std::vector<agreement::TakenCard> cards;
};

/// Everything that is known of keys.
struct KnownKeys {
    std::vector<PartyCards> parties;  // those with a card, by number
    ledger::KeyFacts facts;
    std::vector<std::string> problems;  // what does not count, and why

    /// The newest card of a party; none if it has no card.
    [[nodiscard]] const agreement::TakenCard* card_of(store::PartyNo party) const noexcept;
};

/// What is on its way in, judged with the rest before it is stored.
struct AddedKeys {
    store::PartyNo party{};
    std::vector<agreement::TakenCard> cards;  // at most one, of `party`
    std::vector<ledger::TakenStatement> statements;
};

/// Reads the cards and statements of `directory` and judges them, `added` included. Rows that do
/// not read any more are left out and told by `problems`. Checks every signature: some 0.1 ms for
/// each card and statement.
[[nodiscard]] KnownKeys known_keys(const store::Directory& directory, const AddedKeys& added = {});

}  // namespace entente::exchange
