#pragma once
// What makes agreements act: a record that is taken, a date that comes, a delay that is over. Each
// goes through `change_rights`, so that what it widens becomes late rows and what it narrows is
// gone at once.
#include "base/result.h"
#include "base/time.h"
#include "exchange/outbox.h"
#include "exchange/state_cache.h"
#include "store/store.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// A date has come since agreements were judged last: nothing may be released before `advance`.
[[nodiscard]] bool agreements_due(const State& state, Micros now) noexcept;

/// Judges agreements as of now if a date has come, and shows each view what its delays no longer
/// hold back. Cheap when there is nothing to do.
void advance(store::Transaction& tx, const Clock& clock);

/// A snapshot and its state. Texts and rows of the snapshot live as long as it.
struct Present {
    std::unique_ptr<store::Snapshot> snapshot;
    std::shared_ptr<const State> state;
};

/// What every way out reads: no date of an agreement lies between it and now. Where one does,
/// `write` is called once, with what has to be done in a transaction; it returns when that is
/// committed.
[[nodiscard]] Present present(
    store::Store& store,
    StateCache& states,
    const Clock& clock,
    const std::function<void(const std::function<void(store::Transaction&)>&)>& write
);

/// Of a person who does something about an agreement on this node; nothing for the program itself.
struct AgreementStep {
    store::AgreementRecord::Kind kind = store::AgreementRecord::Kind::document;
    std::string body;
    store::UserNo user{};
    store::PartyNo from{};  // the partner whose node brought it: it is not told again
};

struct TakenRecord {
    std::string agreement;
    bool new_agreement = false;
    agreement::Stage before = agreement::Stage::drafted;
    agreement::Stage after = agreement::Stage::drafted;
    Told told;  // the other parties of it
};

/// Takes a document, signature or statement, judges the agreement anew, records the step as an
/// act that holds the hash of the one before it, and puts down in the outbox which parties have to
/// be told of a signature or statement. A pid is mapped to the party of this node whose card lists
/// all its keys (of one without keys, to the one that lists its identities). Fails as
/// `agreement::Life::add` does.
[[nodiscard]] Result<TakenRecord> take_record(
    store::Transaction& tx, const Clock& clock, const AgreementStep& step
);

/// Says which party of this node a pid is (PartyNo{0}: none). Fails not_found: no such agreement or
/// pid; conflict: the party is another pid there, or has a card without a key that the pid signs
/// with.
[[nodiscard]] Result<void> map_party(
    store::Transaction& tx, const Clock& clock, const store::AgreementParty& row, store::UserNo user
);

/// Lets an agreement's flows read from or write to a collection, or no longer. Fails not_found: no
/// such agreement or flow.
[[nodiscard]] Result<void> bind_collection(
    store::Transaction& tx,
    const Clock& clock,
    const store::AgreementBinding& row,
    bool bound,
    store::UserNo user
);

/// Checks the chain of acts of an agreement: the acts whose link does not follow from the one
/// before, by number. Empty = whole.
[[nodiscard]] std::vector<store::ActNo> broken_links(
    store::Snapshot& snapshot, std::string_view agreement
);

}  // namespace entente::exchange
