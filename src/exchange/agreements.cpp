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

/// Keys as the directory's cards and statements tell them.
struct Keys {
    Digest digest{};  // of all that they are made of
    agreement::KeyFacts facts;
    /// By the text of an identity key or one that follows it; nothing where two parties have it.
    std::map<std::string, std::optional<PartyNo>, std::less<>> parties;
    std::set<PartyNo> with_card;
    std::set<std::string, std::less<>> clients;  // of the own party
    std::vector<std::string> problems;
};

/// The life of one agreement, and which records it was made of.
struct Kept {
    std::shared_ptr<const agreement::Life> life;  // shared: by those of later generations
    std::size_t records = 0;
    Digest digest{};  // of the keys and the records, one by one
};

}  // namespace

struct Agreements::Taken {
    std::shared_ptr<const Keys> keys;  // shared: from one generation to the next
    std::map<std::string, Kept> lives;
    std::vector<std::string> problems;
};

namespace {

Digest digest_of_keys(const store::Directory& directory) {
    std::string text;
    for (const store::Party& p : directory.parties) {
        if (p.own) text += fmt::format("{}\n", agreement::raw(p.no));
    }
    for (const store::Card& c : directory.cards) {
        text +=
            fmt::format("{} {} {}\n", agreement::raw(c.party), c.at.count, to_hex(sha256(c.note)));
    }
    for (const store::KeyStatement& s : directory.key_statements)
        text += fmt::format("{} {}\n", s.at.count, to_hex(sha256(s.note)));
    return sha256(text);
}

Digest digest_with(const Digest& before, const store::AgreementRecord& r) {
    return sha256(fmt::format(
        "{} {} {} {}", to_hex(before), static_cast<int>(r.kind), r.at.count, to_hex(sha256(r.body))
    ));
}

std::shared_ptr<const Keys> read_keys(const store::Directory& directory, const Digest& digest) {
    auto made = std::make_shared<Keys>();
    Keys& keys = *made;
    keys.digest = digest;
    KnownKeys known = known_keys(directory);
    std::map<std::string, std::string> next;
    for (const ledger::KeyFacts::Replaced& r : known.facts.replaced)
        next.emplace(ledger::verifier_text(r.key), ledger::verifier_text(r.successor));
    for (const PartyCards& of_party : known.parties) {
        keys.with_card.insert(of_party.party);
        std::set<std::string> of_it;
        for (const agreement::TakenCard& taken : of_party.cards) {
            for (const ledger::Verifier& key : taken.card.card.identity_keys) {
                // Facts have no circles, and few keys follow one another.
                std::string text = ledger::verifier_text(key);
                while (of_it.insert(text).second) {
                    const auto after = next.find(text);
                    if (after != next.end()) text = after->second;
                }
            }
        }
        for (const std::string& text : of_it) {
            const auto [at, fresh] = keys.parties.emplace(text, of_party.party);
            if (!fresh && at->second != of_party.party) at->second = std::nullopt;
        }
        const auto row = std::ranges::find(directory.parties, of_party.party, &store::Party::no);
        if (row == directory.parties.end() || !row->own) continue;
        const agreement::Card& newest = of_party.cards.back().card.card;
        keys.clients.insert(newest.clients.begin(), newest.clients.end());
    }
    keys.facts = std::move(known.facts);
    keys.problems = std::move(known.problems);
    return made;
}

/// What is kept of the same records, read under the same keys, is not judged again.
Kept read_life(
    const Keys& keys,
    const std::vector<const store::AgreementRecord*>& records,
    const std::vector<const Kept*>& before
) {
    std::vector<Digest> digests;  // with one record more each
    for (const store::AgreementRecord* r : records)
        digests.push_back(digest_with(digests.empty() ? keys.digest : digests.back(), *r));
    const Kept* longest = nullptr;
    for (const Kept* k : before) {
        const bool fits = k->records <= records.size() && digests[k->records - 1] == k->digest;
        if (fits && (longest == nullptr || k->records > longest->records)) longest = k;
    }
    if (longest != nullptr && longest->records == records.size()) return *longest;
    auto life =
        longest != nullptr
            ? std::make_shared<agreement::Life>(*longest->life)
            : std::make_shared<agreement::Life>(std::span<const agreement::Record>(), keys.facts);
    for (std::size_t i = longest == nullptr ? 0 : longest->records; i < records.size(); ++i) {
        const store::AgreementRecord& r = *records[i];
        life->restore({.kind = kind_of(r.kind), .body = r.body, .at = r.at});
    }
    return {.life = std::move(life), .records = records.size(), .digest = digests.back()};
}

}  // namespace

std::shared_ptr<const Agreements::Taken> Agreements::taken_of(const store::Directory& directory) {
    // Verifying signatures costs more than all else that a new generation does, and hardly any
    // generation brings new ones. By content alone, so that it does not matter whose store it is.
    using Some = std::array<std::shared_ptr<const Taken>, 4>;
    static std::mutex mutex;
    static Some kept;               // guarded by `mutex`
    static std::size_t oldest = 0;  // guarded by `mutex`
    const Digest digest = digest_of_keys(directory);
    std::vector<std::shared_ptr<const Taken>> before;  // under the same keys
    {
        const std::lock_guard lock(mutex);
        std::ranges::copy_if(kept, std::back_inserter(before), [&](const auto& t) {
            return t && t->keys->digest == digest;
        });
    }
    auto taken = std::make_shared<Taken>();
    taken->keys = before.empty() ? read_keys(directory, digest) : before.front()->keys;
    taken->problems = taken->keys->problems;
    std::map<std::string, std::vector<const store::AgreementRecord*>> records;
    for (const store::AgreementRecord& r : directory.agreement_records)
        records[r.agreement].push_back(&r);
    for (const auto& [id, own] : records) {
        std::vector<const Kept*> there;
        for (const auto& t : before) {
            if (const auto at = t->lives.find(id); at != t->lives.end())
                there.push_back(&at->second);
        }
        Kept life = read_life(*taken->keys, own, there);
        for (const std::string& problem : life.life->problems())
            taken->problems.push_back(fmt::format("{}: {}", id, problem));
        taken->lives.emplace(id, std::move(life));
    }
    for (const auto& t : before) {
        const bool same =
            std::ranges::equal(t->lives, taken->lives, [](const auto& a, const auto& b) {
                return a.second.life == b.second.life;
            });
        if (same) return t;
    }
    const std::lock_guard lock(mutex);
    kept[oldest] = taken;
    oldest = (oldest + 1) % kept.size();
    return taken;
}

Agreements::Agreements(const store::Directory& directory)
    : taken_(taken_of(directory)),
      problems_(taken_->problems) {
    for (const auto& [id, kept] : taken_->lives) {
        known_.push_back({.id = id, .life = *kept.life, .bindings = {}});
        for (const AgreementBinding& b : directory.agreement_bindings) {
            if (b.agreement == id) known_.back().bindings.push_back(b);
        }
        Standpoint point{
            .id = id, .standing = kept.life->at(directory.agreements_at), .parties = {}};
        add_parties(directory, point);
        if (const auto at = point.standing.changes_at; at && (!changes_at_ || *at < *changes_at_))
            changes_at_ = at;
        points_.push_back(std::move(point));
    }
}

void Agreements::add_parties(const store::Directory& directory, Standpoint& point) {
    const agreement::Standing& standing = point.standing;
    const agreement::Document* document =
        standing.document != nullptr ? standing.document : standing.next;
    if (document == nullptr) return;
    std::map<std::string_view, PartyNo> said;  // by an operator, or by keys when a document came
    std::string_view own_pid;
    for (const store::AgreementParty& p : directory.agreement_parties) {
        if (p.agreement != point.id) continue;
        const auto row = std::ranges::find(directory.parties, p.party, &store::Party::no);
        if (row == directory.parties.end()) continue;
        said.emplace(p.pid, p.party);
        if (row->own) own_pid = p.pid;
        const agreement::PartyTerm* term = document->party(p.pid);
        if (term == nullptr || can_be(*term, *row)) {
            point.parties.emplace(p.pid, p.party);
            continue;
        }
        problems_.push_back(fmt::format(
            "{}: '{}' was taken for '{}', but version {} gives it keys that are not on that "
            "party's card, or identities of which it has none; it gives and gets nothing until "
            "the card is here or the party is mapped anew",
            point.id,
            p.pid,
            row->name,
            document->version
        ));
    }
    if (!was_agreed(standing.stage)) return;
    // What one party says of others in terms that it signs alone binds itself, and those to whom
    // this node gives by its own.
    const std::string_view first = document->parties.front().pid;
    const bool of_another = document->one_sided && own_pid != first;
    const bool ours = !own_pid.empty() && !of_another;
    if (!ours && known_.back().bindings.empty()) return;
    for (const auto& [pid, party] : said) {
        if (!of_another || pid == first) governed_.insert(party);
    }
}

bool Agreements::can_be(const agreement::PartyTerm& term, const store::Party& party) const {
    if (!term.sign_keys.empty()) {
        if (!has_card(party.no)) return true;  // an operator's word, with nothing to compare
        return std::ranges::all_of(term.sign_keys, [&](const ledger::Verifier& key) {
            return party_of_key(key) == party.no;
        });
    }
    return term.identities.empty() ||
           std::ranges::any_of(term.identities, [&](const std::string& identity) {
               return std::ranges::find(party.identities, identity) != party.identities.end();
           });
}

bool Agreements::has_card(PartyNo party) const noexcept {
    return taken_->keys->with_card.contains(party);
}

std::optional<PartyNo> Agreements::party_of_key(const ledger::Verifier& key) const {
    const auto at = taken_->keys->parties.find(ledger::verifier_text(key));
    return at == taken_->keys->parties.end() ? std::nullopt : at->second;
}

bool Agreements::is_client(std::string_view party_name) const noexcept {
    return taken_->keys->clients.contains(party_name);
}

const agreement::KeyFacts& Agreements::keys() const noexcept {
    return taken_->keys->facts;
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
