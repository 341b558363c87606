// Arbitrary bytes as a party's card, as it comes and with the signatures that it needs, and as the
// card that follows another. Only one spelling of a card is read, and only with the signature of
// each key that it names.
#include "agreement/card.h"
#include "base/assert.h"
#include "base/hash.h"

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace entente;

namespace {

/// The keys that the seeds name: the same as those of tests.
std::vector<ledger::Signer> make_keys() {
    std::vector<ledger::Signer> keys;
    for (std::uint8_t number = 0; number < 3; ++number) {
        auto seed = sha256("north.example/entente");
        seed[0] = number;
        keys.push_back(ledger::Signer::from_seed("north.example/entente", seed).value());
    }
    return keys;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<ledger::Signer> keys = make_keys();
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    (void)agreement::read_card(text);

    ledger::Note note{.text = std::string(text), .signatures = {}};
    for (const ledger::Signer& key : keys) {
        if (!ledger::sign_note(note, key)) return 0;
    }
    const auto read = agreement::read_card(ledger::note_bytes(note));
    if (!read) {
        ENTENTE_ASSERT(!read.error().detail.empty());
        return 0;
    }
    const auto again = agreement::card_text(read->card);
    ENTENTE_ASSERT(again && *again == text);
    ENTENTE_ASSERT(read->statements.size() == read->card.statements.size());
    ENTENTE_ASSERT(agreement::fingerprints(read->card).size() == read->card.identity_keys.size());
    for (const std::string& print : agreement::fingerprints(read->card))
        ENTENTE_ASSERT(agreement::is_fingerprint(read->card, print));
    // A card never takes the place of itself.
    const std::vector<agreement::TakenCard> cards{{*read, read->card.from}};
    const std::vector<std::vector<agreement::TakenCard>> parties{cards};
    const ledger::JudgedKeys judged = agreement::judge_cards(parties);
    ENTENTE_ASSERT(!agreement::check_update(*read, *read, judged.facts, read->card.from));
    (void)agreement::check_first(*read, judged.facts, read->card.from);
    return 0;
}
