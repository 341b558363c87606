#include "exchange/agreements.h"

#include "agreement/card.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace entente::exchange {

using agreement::Bond;
using agreement::Stage;
using agreement::Standpoint;
using store::AgreementBinding;
using store::CollectionNo;
using store::PartyNo;

namespace {

agreement::Record::Kind kind_of(store::AgreementRecord::Kind kind) {
    using From = store::AgreementRecord::Kind;
    using To = agreement::Record::Kind;
    switch (kind) {
        case From::document:
            return To::document;
        case From::signature:
            return To::signature;
        case From::statement:
            return To::statement;
    }
    return To::statement;  // what cannot be read there gives nothing
}

/// Signed by all who must, now or earlier.
bool was_agreed(Stage stage) {
    return stage != Stage::drafted && stage != Stage::proposed;
}

/// One of the flows would give to the party, or take from it.
bool concerns(
    const Standpoint& point,
    const std::set<std::string, std::less<>>& flows,
    PartyNo party,
    AgreementBinding::Way way
) {
    const auto& all = point.standing.document->flows;
    return std::ranges::any_of(all, [&](const agreement::Flow& flow) {
        return (flows.empty() || flows.contains(flow.fid)) &&
               point.among(way == AgreementBinding::Way::out ? flow.to : flow.from, party);
    });
}

}  // namespace

Agreements::Agreements(const store::Directory& directory) {
    read_keys(directory);
    read_records(directory);
    for (const Known& known : known_) {
        Standpoint point{
            .id = known.id, .standing = known.life.at(directory.agreements_at), .parties = {}};
        for (const store::AgreementParty& p : directory.agreement_parties) {
            if (p.agreement == known.id) point.parties.emplace(p.pid, p.party);
        }
        if (was_agreed(point.standing.stage)) {
            for (const auto& [pid, party] : point.parties)
                governed_.insert(party);
        }
        if (const auto at = point.standing.changes_at; at && (!changes_at_ || *at < *changes_at_))
            changes_at_ = at;
        points_.push_back(std::move(point));
    }
}

void Agreements::read_keys(const store::Directory& directory) {
    std::map<PartyNo, std::vector<agreement::TakenCard>> cards;
    for (const store::Card& row : directory.cards) {  // by party, sequence
        auto card = agreement::read_card(row.note);
        if (!card) {
            problems_.push_back(fmt::format("a stored card: {}", card.error().detail));
            continue;
        }
        cards[row.party].push_back({.card = std::move(*card), .at = row.at});
    }
    std::vector<std::vector<agreement::TakenCard>> all;
    for (auto& [party, of_party] : cards) {
        const agreement::Card& newest = of_party.back().card.card;
        for (const ledger::Verifier& key : newest.identity_keys)
            identity_keys_.emplace_back(key, party);
        const auto row = std::ranges::find(directory.parties, party, &store::Party::no);
        if (row != directory.parties.end() && row->own)
            clients_.insert(newest.clients.begin(), newest.clients.end());
        all.push_back(std::move(of_party));
    }
    ledger::JudgedKeys judged = agreement::judge_cards(all);
    keys_ = std::move(judged.facts);
    std::ranges::move(judged.problems, std::back_inserter(problems_));
}

std::optional<PartyNo> Agreements::party_of_key(const ledger::Verifier& key) const {
    std::optional<PartyNo> found;
    for (const auto& [known, party] : identity_keys_) {
        if (!(known == key)) continue;
        if (found && *found != party) return std::nullopt;
        found = party;
    }
    return found;
}

void Agreements::read_records(const store::Directory& directory) {
    std::map<std::string, std::vector<agreement::Record>> records;
    for (const store::AgreementRecord& r : directory.agreement_records)
        records[r.agreement].push_back({.kind = kind_of(r.kind), .body = r.body, .at = r.at});
    for (const auto& [id, own] : records) {
        known_.push_back({.id = id, .life = agreement::Life(own, keys_), .bindings = {}});
        for (const std::string& problem : known_.back().life.problems())
            problems_.push_back(fmt::format("{}: {}", id, problem));
        for (const AgreementBinding& b : directory.agreement_bindings) {
            if (b.agreement == id) known_.back().bindings.push_back(b);
        }
    }
}

const Agreements::Known* Agreements::find(std::string_view id) const noexcept {
    const auto at = std::ranges::find(known_, id, &Known::id);
    return at == known_.end() ? nullptr : &*at;
}

const Standpoint* Agreements::point(std::string_view id) const noexcept {
    const auto at = std::ranges::find(points_, id, &Standpoint::id);
    return at == points_.end() ? nullptr : &*at;
}

bool Agreements::governs(PartyNo party) const noexcept {
    return governed_.contains(party);
}

template <class WaysOf>
std::vector<Bond> Agreements::bonds(
    PartyNo party, CollectionNo collection, AgreementBinding::Way way, const WaysOf& ways_of
) const {
    std::vector<Bond> bonds;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const Standpoint& point = points_[i];
        std::set<std::string, std::less<>> flows;
        bool bound = false;
        bool all_flows = false;
        for (const AgreementBinding& b : known_[i].bindings) {
            if (b.collection != collection || b.way != way) continue;
            bound = true;
            all_flows = all_flows || b.flow.empty();
            flows.insert(b.flow);
        }
        if (!bound) continue;
        if (all_flows) flows.clear();
        if (point.standing.stage == Stage::suspended) {
            if (concerns(point, flows, party, way))
                bonds.push_back({.ways = {}, .suspended = true});
        } else if (point.standing.releases()) {
            if (auto ways = ways_of(point, flows); !ways.empty())
                bonds.push_back({.ways = std::move(ways)});
        }
    }
    return bonds;
}

std::vector<Bond> Agreements::reading(
    const agreement::Principal& reader, PartyNo own, CollectionNo collection
) const {
    return bonds(
        reader.party,
        collection,
        AgreementBinding::Way::out,
        [&](const Standpoint& by, const auto& flows) {
            return agreement::reading_ways(by, flows, reader, own, points_);
        }
    );
}

std::vector<Bond> Agreements::writing(
    const agreement::Principal& writer, PartyNo own, CollectionNo collection
) const {
    return bonds(
        writer.party,
        collection,
        AgreementBinding::Way::in,
        [&](const Standpoint& by, const auto& flows) {
            return agreement::writing_ways(by, flows, writer, own);
        }
    );
}

}  // namespace entente::exchange
