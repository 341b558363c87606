#include "exchange/agreements.h"

#include "base/hash.h"
#include "exchange/known_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
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

struct Agreements::Taken {
    agreement::KeyFacts keys;
    std::vector<std::pair<ledger::Verifier, PartyNo>> identity_keys;
    std::set<std::string, std::less<>> clients;  // of the own party
    std::map<std::string, agreement::Life> lives;
    std::vector<std::string> problems;

    explicit Taken(const store::Directory& directory) {
        read_cards(directory);
        read_records(directory);
    }

    void read_cards(const store::Directory& directory);
    void read_records(const store::Directory& directory);
};

void Agreements::Taken::read_cards(const store::Directory& directory) {
    KnownKeys known = known_keys(directory);
    for (const PartyCards& of_party : known.parties) {
        for (const agreement::TakenCard& taken : of_party.cards) {
            for (const ledger::Verifier& key : taken.card.card.identity_keys)
                identity_keys.emplace_back(key, of_party.party);
        }
        const auto row = std::ranges::find(directory.parties, of_party.party, &store::Party::no);
        if (row == directory.parties.end() || !row->own) continue;
        const agreement::Card& newest = of_party.cards.back().card.card;
        clients.insert(newest.clients.begin(), newest.clients.end());
    }
    keys = std::move(known.facts);
    problems = std::move(known.problems);
}

void Agreements::Taken::read_records(const store::Directory& directory) {
    std::map<std::string, std::vector<agreement::Record>> records;
    for (const store::AgreementRecord& r : directory.agreement_records)
        records[r.agreement].push_back({.kind = kind_of(r.kind), .body = r.body, .at = r.at});
    for (const auto& [id, own] : records) {
        const auto& life = lives.emplace(id, agreement::Life(own, keys)).first->second;
        for (const std::string& problem : life.problems())
            problems.push_back(fmt::format("{}: {}", id, problem));
    }
}

namespace {

/// Of all that `Taken` is made of.
Digest digest_of(const store::Directory& directory) {
    std::string text;
    const auto add = [&](const std::vector<std::string>& parts) {
        text += fmt::format("{}\n", fmt::join(parts, " "));
    };
    for (const store::Party& p : directory.parties) {
        if (p.own) add({std::to_string(agreement::raw(p.no))});
    }
    for (const store::Card& c : directory.cards) {
        add(
            {std::to_string(agreement::raw(c.party)),
             std::to_string(c.at.count),
             to_hex(sha256(c.note))}
        );
    }
    for (const store::KeyStatement& s : directory.key_statements)
        add({std::to_string(s.at.count), to_hex(sha256(s.note))});
    for (const store::AgreementRecord& r : directory.agreement_records) {
        add(
            {r.agreement,
             std::to_string(static_cast<int>(r.kind)),
             std::to_string(r.at.count),
             to_hex(sha256(r.body))}
        );
    }
    return sha256(text);
}

}  // namespace

std::shared_ptr<const Agreements::Taken> Agreements::taken_of(const store::Directory& directory) {
    // Verifying signatures costs more than all else that a new generation does, and hardly any
    // generation brings new ones. By content alone, so that it does not matter whose store it is.
    struct Kept {
        Digest digest{};
        std::shared_ptr<const Taken> taken;
    };

    static std::mutex mutex;
    static std::array<Kept, 4> kept;  // guarded by `mutex`
    static std::size_t oldest = 0;
    const Digest digest = digest_of(directory);
    {
        const std::lock_guard lock(mutex);
        for (const Kept& k : kept) {
            if (k.taken && k.digest == digest) return k.taken;
        }
    }
    auto taken = std::make_shared<const Taken>(directory);
    const std::lock_guard lock(mutex);
    kept[oldest] = {.digest = digest, .taken = taken};
    oldest = (oldest + 1) % kept.size();
    return taken;
}

Agreements::Agreements(const store::Directory& directory) : taken_(taken_of(directory)) {
    for (const auto& [id, life] : taken_->lives) {
        known_.push_back({.id = id, .life = life, .bindings = {}});
        for (const AgreementBinding& b : directory.agreement_bindings) {
            if (b.agreement == id) known_.back().bindings.push_back(b);
        }
        Standpoint point{.id = id, .standing = life.at(directory.agreements_at), .parties = {}};
        for (const store::AgreementParty& p : directory.agreement_parties) {
            if (p.agreement == id) point.parties.emplace(p.pid, p.party);
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

bool Agreements::has_card(PartyNo party) const noexcept {
    const auto& keys = taken_->identity_keys;
    return std::ranges::any_of(keys, [&](const auto& k) { return k.second == party; });
}

std::optional<PartyNo> Agreements::party_of_key(const ledger::Verifier& key) const {
    std::optional<PartyNo> found;
    for (const auto& [known, party] : taken_->identity_keys) {
        if (!(known == key)) continue;
        if (found && *found != party) return std::nullopt;
        found = party;
    }
    return found;
}

bool Agreements::is_client(std::string_view party_name) const noexcept {
    return taken_->clients.contains(party_name);
}

const agreement::KeyFacts& Agreements::keys() const noexcept {
    return taken_->keys;
}

const std::vector<std::string>& Agreements::problems() const noexcept {
    return taken_->problems;
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
                bonds.push_back({.ways = {}, .suspended = true, .agreement = point.id});
        } else if (point.standing.releases()) {
            if (auto ways = ways_of(point, flows); !ways.empty())
                bonds.push_back({.ways = std::move(ways), .suspended = false, .agreement = point.id}
                );
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
