#include "ledger/key_facts.h"

#include "base/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

namespace entente::ledger {
namespace {

/// Everything said about one key, in the order in which it was taken.
struct Said {
    std::vector<const TakenStatement*> rotations;
    std::vector<const TakenStatement*> revocations;
};

/// Judges the statements key by key, along the chains from the keys that cards name.
class Judge {
  public:
    Judge(std::span<const PartyKeys> parties, std::span<const TakenStatement> statements)
        : parties_(parties) {
        sort(statements);
        own();
    }

    JudgedKeys run() {
        // Keys of cards first: who owns a key decides whether a recovery key speaks for its
        // successors. Sorted by their texts, so that the order of the input does not matter.
        std::deque<std::string> queue;
        for (const auto& [text, key] : owned_)
            queue.push_back(text);
        walk(queue);
        for (const auto& [text, said] : said_)
            queue.push_back(text);
        walk(queue);
        return std::move(judged_);
    }

  private:
    struct Owned {
        const PartyKeys* party = nullptr;  // none: the cards of two parties name it
        std::size_t depth = 0;             // keys that it follows
    };

    void sort(std::span<const TakenStatement> statements) {
        std::vector<std::pair<std::string, const TakenStatement*>> sorted;
        sorted.reserve(statements.size());
        for (const TakenStatement& taken : statements) {
            sorted.emplace_back(key_statement_text(taken.statement), &taken);
        }
        std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
            return std::pair(a.second->at, std::string_view(a.first)) <
                   std::pair(b.second->at, std::string_view(b.first));
        });
        std::set<std::string_view> seen;
        for (const auto& [text, taken] : sorted) {
            if (!seen.insert(text).second) continue;
            const KeyStatement& statement = taken->statement;
            const std::string about = verifier_text(statement_about(statement));
            if (std::holds_alternative<Rotation>(statement)) {
                said_[about].rotations.push_back(taken);
            } else if (const auto* r = std::get_if<Revocation>(&statement)) {
                said_[about].revocations.push_back(taken);
                if (r->by == r->key) {
                    const auto [at, fresh] = own_word_.emplace(about, r->since);
                    if (!fresh) at->second = std::min(at->second, r->since);
                }
            } else {
                certified_.emplace(verifier_text(statement_by(statement)), about);
            }
        }
    }

    void own() {
        for (const PartyKeys& party : parties_) {
            for (const Verifier& key : party.identity) {
                const auto [at, fresh] = owned_.emplace(verifier_text(key), Owned{.party = &party});
                if (!fresh && at->second.party != &party) at->second.party = nullptr;
            }
        }
    }

    /// Whether `by` is the recovery key that speaks for the key, and did when this was taken.
    bool recovers(const Verifier& by, const Owned* owned, Micros taken) const {
        if (owned == nullptr || owned->party == nullptr) return false;
        if (owned->party->recovery != by) return false;
        const auto ended = own_word_.find(verifier_text(by));
        return ended == own_word_.end() || taken < ended->second;
    }

    void problem(const TakenStatement& taken, std::string_view why) {
        judged_.problems.push_back(fmt::format("{}: {}", describe(taken.statement), why));
    }

    /// Since when the key is revoked.
    std::optional<Micros> revocations(const Said& said, const Owned* owned) {
        std::optional<Micros> since;
        for (const TakenStatement* taken : said.revocations) {
            const auto& r = std::get<Revocation>(taken->statement);
            if (r.by == r.key || recovers(r.by, owned, taken->at)) {
                since = since ? std::min(*since, r.since) : r.since;
            } else if (certified_.contains({verifier_text(r.by), verifier_text(r.key)})) {
                judged_.facts.withdrawn.push_back({r.by, r.key, r.since});
            } else {
                problem(
                    *taken, "does not count: neither the key, its recovery key nor who certified it"
                );
            }
        }
        return since;
    }

    /// The rotation that holds.
    const Rotation* rotation(const Said& said, const Owned* owned, std::optional<Micros> since) {
        const TakenStatement* own = nullptr;
        const TakenStatement* recovered = nullptr;
        for (const TakenStatement* taken : said.rotations) {
            const auto& r = std::get<Rotation>(taken->statement);
            const bool recovering = recovers(r.by, owned, taken->at);
            const TakenStatement*& first = recovering ? recovered : own;
            if (!recovering && r.by != r.key) {
                problem(*taken, "does not count: neither the key nor its recovery key");
            } else if (!recovering && since && taken->at >= *since) {
                problem(*taken, "does not count: the key had been revoked");
            } else if (first != nullptr) {
                problem(*taken, "does not count: another successor was named before");
            } else {
                first = taken;
            }
        }
        if (recovered != nullptr && own != nullptr) {
            problem(*own, "does not count: the recovery key named another successor");
        }
        const TakenStatement* holds = recovered != nullptr ? recovered : own;
        if (holds == nullptr) return nullptr;
        const auto& r = std::get<Rotation>(holds->statement);
        const std::size_t before = owned != nullptr ? owned->depth : 0;
        if (!chain_fits(r, before)) {
            problem(*holds, "does not count: a circle of keys, or too many after one another");
            return nullptr;
        }
        return &r;
    }

    /// No circle, and no more keys in a row than are allowed.
    bool chain_fits(const Rotation& r, std::size_t before) const {
        const std::string key = verifier_text(r.key);
        std::string at = verifier_text(r.successor);
        for (std::size_t length = before + 2; length <= limits::identity_chain_max; ++length) {
            if (at == key) return false;
            const auto next = next_.find(at);
            if (next == next_.end()) return true;
            at = next->second;
        }
        return false;
    }

    void walk(std::deque<std::string>& queue) {
        for (; !queue.empty(); queue.pop_front()) {
            const std::string& key = queue.front();
            if (!done_.insert(key).second) continue;
            const auto said = said_.find(key);
            if (said == said_.end()) continue;
            const auto at = owned_.find(key);
            const Owned* owned = at == owned_.end() ? nullptr : &at->second;
            judge(said->second, owned, queue);
        }
    }

    void judge(const Said& said, const Owned* owned, std::deque<std::string>& queue) {
        std::optional<Micros> since = revocations(said, owned);
        if (const Rotation* r = rotation(said, owned, since)) {
            judged_.facts.replaced.push_back({r->key, r->successor});
            since = since ? std::min(*since, r->until) : r->until;
            std::string successor = verifier_text(r->successor);
            next_.emplace(verifier_text(r->key), successor);
            if (owned != nullptr) {
                owned_.emplace(successor, Owned{.party = owned->party, .depth = owned->depth + 1});
                queue.push_back(std::move(successor));
            }
        }
        if (!since) return;
        const TakenStatement& any =
            said.revocations.empty() ? *said.rotations.front() : *said.revocations.front();
        judged_.facts.revoked.push_back({statement_about(any.statement), *since});
    }

    std::span<const PartyKeys> parties_;
    std::map<std::string, Said> said_;        // by the text of the key that it is about
    std::map<std::string, Micros> own_word_;  // keys that revoked themselves: since when
    std::set<std::pair<std::string, std::string>> certified_;  // by whom, which
    std::map<std::string, Owned> owned_;
    std::map<std::string, std::string> next_;
    std::set<std::string> done_;
    JudgedKeys judged_;
};

}  // namespace

JudgedKeys judge_keys(
    std::span<const PartyKeys> parties, std::span<const TakenStatement> statements
) {
    return Judge(parties, statements).run();
}

std::vector<Verifier> with_successors(std::span<const Verifier> keys, const KeyFacts& facts) {
    // Asked for each party of an agreement: one look through the facts for each key costs less than
    // an index of them each time.
    std::vector<Verifier> all;
    const auto add = [&](const Verifier& key) {
        if (std::ranges::find(all, key) == all.end()) all.push_back(key);
    };
    for (const Verifier& key : keys)
        add(key);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto at = std::ranges::find(facts.replaced, all[i], &KeyFacts::Replaced::key);
        if (at != facts.replaced.end()) add(at->successor);
    }
    return all;
}

bool key_counts(const Verifier& key, const KeyFacts& facts, Micros at) {
    return std::ranges::none_of(facts.revoked, [&](const KeyFacts::Revoked& r) {
        return r.key == key && at >= r.since;
    });
}

bool certificate_holds(
    const Certificate& certificate,
    std::span<const Verifier> identity,
    const KeyFacts& facts,
    Micros now
) {
    if (now < certificate.from || now >= certificate.until) return false;
    if (!key_counts(certificate.key, facts, now)) return false;
    if (!key_counts(certificate.by, facts, now)) return false;
    const bool withdrawn = std::ranges::any_of(facts.withdrawn, [&](const KeyFacts::Withdrawn& w) {
        return w.by == certificate.by && w.key == certificate.key && now >= w.since;
    });
    if (withdrawn) return false;
    const std::vector<Verifier> speaking = with_successors(identity, facts);
    return std::ranges::find(speaking, certificate.by) != speaking.end();
}

}  // namespace entente::ledger
