#pragma once
// What partners have to be told: put down in the transaction that made it so, kept until their node
// has it or until it is given up (docs/adr/0007-outbox.md).
#include "base/result.h"
#include "base/time.h"
#include "exchange/caller.h"
#include "store/store.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// Parties that have to know of a step, by whether it can be sent to them.
struct Told {
    std::vector<store::PartyNo> queued;      // it waits for them now
    std::vector<store::PartyNo> no_address;  // no peer is set for them
};

/// Whom this node tells what it knows of an agreement: the other parties that signed anything of
/// it, those of the version that holds, and those of the next one once the own party has signed
/// that. Nobody before the own party has signed; nobody who has left it; nobody whom no party here
/// is.
[[nodiscard]] std::vector<store::PartyNo> who_is_told(
    const State& state, std::string_view agreement, Micros now
);

/// Puts down that `parties` have to be told all that is known of the agreement. What waits already
/// for one of them is replaced, so that one row stands for each party and agreement; it is tried at
/// once.
Told queue_agreement(
    store::Transaction& tx,
    Micros now,
    std::string_view agreement,
    std::span<const store::PartyNo> parties
);

/// Puts down every agreement that `party` is to know of: for a peer that was just set. Returns how
/// many.
std::size_t queue_known(store::Transaction& tx, const Clock& clock, store::PartyNo party);

/// Puts down objects for a party that has a peer. `envelope` is a TAXII envelope. Fails: not_found
/// (no peer); too_large: limits::outbox_body_bytes_max; overloaded: limits::outbox_rows_max wait
/// for that party.
[[nodiscard]] Result<void> queue_objects(
    store::Transaction& tx,
    Micros now,
    store::PartyNo party,
    std::string_view about,
    std::string envelope
);

/// What a try to send rows came to.
struct Delivery {
    std::vector<store::OutboxNo> rows;
    bool delivered = false;
    std::string error;  // of a failure, for people; no secret
    Micros next;        // of a failure: when to try again
};

/// Marks what was delivered, or when it is tried again; one that has waited for
/// limits::outbox_age_max_us is given up. What is delivered of an agreement is a step of it. Rows
/// that do not wait any more are left alone.
void settle(store::Transaction& tx, const Clock& clock, const Delivery& delivery);

/// What was given up for `party` waits again, and all of it is due now.
void try_again(store::Transaction& tx, Micros now, store::PartyNo party);

/// All that is known of an agreement as one STIX object under the own party's name. Fails:
/// not_found; conflict: the own party has no identity; too_large.
[[nodiscard]] Result<std::string> agreement_object(
    const store::Directory& directory, std::string_view agreement
);

}  // namespace entente::exchange
