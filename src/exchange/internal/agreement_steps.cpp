#include "exchange/internal/agreement_steps.h"

#include "base/hash.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace entente::exchange {

namespace json = boost::json;
using store::UserNo;

Micros judged_at(store::Snapshot& snapshot, const Clock& clock) {
    return std::max(clock.now(), snapshot.directory().agreements_at);
}

std::string link_of(
    std::string_view before, const store::Act& act, const json::object& facts_without_link
) {
    return to_hex(sha256(fmt::format(
        "{}\n{}\n{}\n{}\n{}",
        before,
        act.kind,
        act.agreement,
        act.at.count,
        json::serialize(facts_without_link)
    )));
}

std::vector<store::Act> acts_of(store::Snapshot& snapshot, std::string_view agreement) {
    constexpr std::size_t chunk = 256;
    std::vector<store::Act> all;
    for (store::ActNo from{1};;) {
        auto some = snapshot.acts_of_agreement(agreement, from, chunk);
        const bool last = some.size() < chunk;
        if (!some.empty()) from = store::ActNo{agreement::raw(some.back().no) + 1};
        std::ranges::move(some, std::back_inserter(all));
        if (last) return all;
    }
}

std::string told_link(const store::Act& act) {
    const json::value facts = json::parse(act.facts);
    const json::value* link = facts.is_object() ? facts.as_object().if_contains("link") : nullptr;
    return link != nullptr && link->is_string() ? std::string(link->as_string()) : std::string();
}

void append_step(
    store::Transaction& tx,
    Micros at,
    UserNo user,
    std::string kind,
    const std::string& agreement,
    json::object facts
) {
    const auto before = acts_of(tx, agreement);
    store::Act act;
    act.kind = std::move(kind);
    act.at = at;
    act.user = user;
    act.agreement = agreement;
    facts["link"] = link_of(before.empty() ? std::string() : told_link(before.back()), act, facts);
    act.facts = json::serialize(facts);
    tx.append_act(act);
}

std::vector<store::AgreementParty> mapped_parties(
    const State& state, const agreement::Document& document
) {
    std::vector<store::AgreementParty> rows;
    std::set<store::PartyNo> used;
    for (const agreement::PartyTerm& term : document.parties) {
        // Whoever signs is who its keys say, all of them: anybody can write another's identity
        // beside a key of his own. Two answers are none; a person decides.
        std::set<std::optional<store::PartyNo>> found;
        for (const ledger::Verifier& key : term.sign_keys)
            found.insert(state.agreements.party_of_key(key));
        if (term.sign_keys.empty()) {
            for (const std::string& identity : term.identities)
                found.insert(state.party_of_identity(identity));
        }
        if (found.size() != 1 || !*found.begin()) continue;
        if (used.insert(**found.begin()).second)
            rows.push_back({document.id, term.pid, **found.begin()});
    }
    return rows;
}

}  // namespace entente::exchange
