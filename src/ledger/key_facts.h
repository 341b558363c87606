#pragma once
// Which words about keys count, and what follows: the keys that end and the keys that follow
// others. Pure: the same cards and statements give the same facts, whatever their order.
#include "base/result.h"
#include "base/time.h"
#include "ledger/certificate.h"
#include "ledger/note.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace entente::ledger {

/// What is known of keys.
struct KeyFacts {
    /// What this key signed counts only where this node took it before `since`.
    struct Revoked {
        Verifier key;
        Micros since;
        friend bool operator==(const Revoked&, const Revoked&) = default;
    };

    /// `successor` signs wherever `key` may.
    struct Replaced {
        Verifier key;
        Verifier successor;
        friend bool operator==(const Replaced&, const Replaced&) = default;
    };

    /// `by` speaks for `key` no longer: ends its certificates and nothing else.
    struct Withdrawn {
        Verifier by;
        Verifier key;
        Micros since;
        friend bool operator==(const Withdrawn&, const Withdrawn&) = default;
    };

    std::vector<Revoked> revoked;    // at most one of each key
    std::vector<Replaced> replaced;  // at most one of each key; no circles
    std::vector<Withdrawn> withdrawn;
    friend bool operator==(const KeyFacts&, const KeyFacts&) = default;
};

/// A party's keys as the cards said that this node accepted from it.
struct PartyKeys {
    std::vector<Verifier> identity;    // of every card, old ones too
    std::optional<Verifier> recovery;  // of the newest card
};

/// A statement whose signatures `verify_key_statement` checked.
struct TakenStatement {
    KeyStatement statement;
    Micros at;  // when this node took it first; what counts, whatever the text claims
};

struct JudgedKeys {
    KeyFacts facts;
    std::vector<std::string> problems;  // statements that do not count, and why
};

/// What follows from the statements:
/// - A revocation counts when its key or the recovery key of its party made it. Of several the
///   earliest `since` holds. One by another key ends that key's certificates of it, nothing else
///   (anybody can certify anybody's key).
/// - A rotation counts when the recovery key made it, or the key itself and this node took it
///   before the key was revoked. The recovery key's word goes before the key's own; of several by
///   one of them the first that was taken holds (a thief cannot undo a rotation). The old key is
///   revoked from its `until` on.
/// - A recovery key speaks for the identity keys of its party, for those that follow them and for
///   itself, and for no others; no longer once it has revoked itself. It speaks for no key that
///   the cards of two parties name.
/// - At most limits::identity_chain_max keys follow one another; no key follows itself.
/// Certificates yield no facts; see `certificate_holds`. Cost: O(n log n) for n statements and
/// keys.
[[nodiscard]] JudgedKeys judge_keys(
    std::span<const PartyKeys> parties, std::span<const TakenStatement> statements
);

/// The keys themselves and all that follow them, those first.
[[nodiscard]] std::vector<Verifier> with_successors(
    std::span<const Verifier> keys, const KeyFacts& facts
);

/// True when `key` has not ended at `at`.
[[nodiscard]] bool key_counts(const Verifier& key, const KeyFacts& facts, Micros at);

/// True when at `now` the certificate's dates have come and not passed, its key has not ended, and
/// who made it is among `identity` or follows one of these and has not ended either. A successor
/// certifies anew.
[[nodiscard]] bool certificate_holds(
    const Certificate& certificate,
    std::span<const Verifier> identity,
    const KeyFacts& facts,
    Micros now
);

}  // namespace entente::ledger
