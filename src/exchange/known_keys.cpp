#include "exchange/known_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace entente::exchange {

const agreement::TakenCard* KnownKeys::card_of(store::PartyNo party) const noexcept {
    const auto found = std::ranges::find(parties, party, &PartyCards::party);
    return found == parties.end() ? nullptr : &found->cards.back();
}

KnownKeys known_keys(const store::Directory& directory, const AddedKeys& added) {
    KnownKeys known;
    std::map<store::PartyNo, std::vector<agreement::TakenCard>> cards;
    for (const store::Card& row : directory.cards) {
        if (auto card = agreement::read_card(row.note)) {
            cards[row.party].push_back({std::move(*card), row.at});
        } else {
            known.problems.push_back(
                fmt::format("card {} of a party: {}", row.sequence, card.error().detail)
            );
        }
    }
    for (const agreement::TakenCard& card : added.cards)
        cards[added.party].push_back(card);
    std::vector<ledger::TakenStatement> statements = added.statements;
    for (const store::KeyStatement& row : directory.key_statements) {
        if (auto statement = ledger::verify_key_statement(row.note)) {
            statements.push_back({std::move(*statement), row.at});
        } else {
            known.problems.push_back(statement.error().detail);
        }
    }
    std::vector<std::vector<agreement::TakenCard>> lists;
    for (auto& [party, list] : cards) {
        lists.push_back(list);
        known.parties.push_back({party, std::move(list)});
    }
    ledger::JudgedKeys judged = agreement::judge_cards(lists, statements);
    known.facts = std::move(judged.facts);
    std::ranges::move(judged.problems, std::back_inserter(known.problems));
    return known;
}

}  // namespace entente::exchange
