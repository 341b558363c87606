#pragma once
// A party's card: who it is and which keys speak for it, signed by these keys. It is what partners
// hand each other, and read its fingerprint over the phone. Pure.
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "ledger/certificate.h"
#include "ledger/key_facts.h"
#include "ledger/note.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement {

/// A card's sequence is at most so much above that of the card before: else a thief could use up
/// the numbers, and the owner would have none left.
inline constexpr std::uint64_t card_step_max = 1'000;

/// What a card says. Texts are one line each.
struct Card {
    std::string name;                             // what partners call the party: 1 to 256 bytes
    std::string organisation;                     // its legal or full name
    std::string contact;                          // where people reach it
    std::vector<ledger::Verifier> identity_keys;  // one to limits::card_keys_max
    /// Replaces an identity key that is lost or stolen; kept apart from them.
    std::optional<ledger::Verifier> recovery_key;
    std::vector<std::string> identities;  // identity--… ids that it answers for
    std::vector<std::string> taxii;       // addresses of its API roots
    /// Who receives what TLP:AMBER lets go to clients. Empty: AMBER means AMBER+STRICT.
    std::vector<std::string> clients;
    /// Signed notes about keys (ledger/certificate.h): certificates of its node's keys, rotations,
    /// revocations. Each verifies; whether it counts is judged by `judge_cards`.
    std::vector<std::string> statements;
    Micros from;                 // valid from
    std::uint64_t sequence = 1;  // each card's is higher than that of the card before
};

/// A card as it was signed.
struct SignedCard {
    Card card;
    std::vector<ledger::KeyStatement> statements;  // of `Card::statements`, in their order
    ledger::Note note;
    Digest digest{};  // SHA-256 of the note's text
};

/// The text that is signed: one line of canonical JSON (RFC 8785). Fails unprocessable: a value
/// that a card cannot have (`detail` names its JSON pointer); unauthorized: a statement that does
/// not verify; too_large: limits::card_bytes_max.
[[nodiscard]] Result<std::string> card_text(const Card& card);

/// Signs with all of `signers`. Fails as `card_text`; invalid_argument: a key of
/// `card.identity_keys` is not among them, for a card is signed by all keys that it names.
[[nodiscard]] Result<ledger::Note> sign_card(
    const Card& card, std::span<const ledger::Signer* const> signers
);

/// Reads a card and checks that every identity key that it names has signed it, so that nobody
/// takes another's key for its own. Says nothing of whether it is the party's: compare the
/// fingerprint, or see `check_update`. Fails malformed: no signed note, no canonical JSON;
/// unprocessable: an unknown key, a value that is not allowed, an unknown `schema` (up to ten
/// findings with their JSON pointers); unauthorized: a signature or one in a statement is missing
/// or does not verify; too_large.
[[nodiscard]] Result<SignedCard> read_card(std::string_view note_bytes);

/// The fingerprints of its identity keys; any one confirms the card, since they all signed it.
[[nodiscard]] std::vector<std::string> fingerprints(const Card& card);
/// True when `typed` is one of these; blanks do not matter.
[[nodiscard]] bool is_fingerprint(const Card& card, std::string_view typed);

/// A card and when this node took it.
struct TakenCard {
    SignedCard card;
    Micros at;
};

/// What follows from all cards of all parties, one list for each, oldest first, and from statements
/// about keys that came without a card.
[[nodiscard]] ledger::JudgedKeys judge_cards(
    std::span<const std::vector<TakenCard>> parties,
    std::span<const ledger::TakenStatement> others = {}
);

/// Whether `next` may take the place of `before` at `at`; `facts` are those that hold with the
/// statements of `next`. It may when its sequence is higher and it is signed by an identity key of
/// `before` (or one that follows such a key) that has not ended, or by the recovery key. Another
/// recovery key, or none, needs the signature of the one before: else a thief would make himself
/// the one who recovers. Fails conflict: an older card replayed, the same one again, another of the
/// same sequence or one more than card_step_max above, `from` not come; unauthorized: no such
/// signature; forbidden: it names an identity key that has ended.
[[nodiscard]] Result<void> check_update(
    const SignedCard& before, const SignedCard& next, const ledger::KeyFacts& facts, Micros at
);

/// What `check_update` asks of a party's first card: `from` has come, its keys have not ended.
[[nodiscard]] Result<void> check_first(
    const SignedCard& card, const ledger::KeyFacts& facts, Micros at
);

}  // namespace entente::agreement
