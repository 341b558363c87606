#pragma once
// What changes of agreements share: the chain of acts, and who a pid is here.
#include "agreement/document.h"
#include "exchange/caller.h"
#include "store/store.h"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// When agreements are judged: never behind what was judged before, so that a clock that was put
/// back takes nothing back.
[[nodiscard]] Micros judged_at(store::Snapshot& snapshot, const Clock& clock);

/// What an act holds of the ones before it: a hash over the link before and itself.
[[nodiscard]] std::string link_of(
    std::string_view before, const store::Act& act, const boost::json::object& facts_without_link
);
/// The link that an act tells; empty if none.
[[nodiscard]] std::string told_link(const store::Act& act);

[[nodiscard]] std::vector<store::Act> acts_of(
    store::Snapshot& snapshot, std::string_view agreement
);

/// Records a step of an agreement as an act that holds the hash of the one before it.
void append_step(
    store::Transaction& tx,
    Micros at,
    store::UserNo user,
    std::string kind,
    const std::string& agreement,
    boost::json::object facts
);

/// The pids of a document that are parties of this node, as far as the keys on their cards tell.
[[nodiscard]] std::vector<store::AgreementParty> mapped_parties(
    const State& state, const agreement::Document& document
);

}  // namespace entente::exchange
