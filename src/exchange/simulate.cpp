#include "exchange/simulate.h"

#include "base/escape.h"
#include "exchange/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace entente::exchange {
namespace {

using agreement::Bond;
using agreement::Decision;
using agreement::Document;
using agreement::Standpoint;
using agreement::Terms;
using store::PartyNo;

constexpr std::size_t examples_max = 3;
/// Numbers that no party of a node has.
constexpr std::uint32_t first_stranger = 0xffff'0000;

using Flows = std::set<std::string, std::less<>>;

/// The flows of the agreement that give from the collection; nothing if it is not bound to it.
std::optional<Flows> bound_flows(
    const State& state, const std::string& id, store::CollectionNo collection
) {
    const Agreements::Known* known = state.agreements.find(id);
    if (known == nullptr) return std::nullopt;
    Flows flows;
    bool bound = false;
    bool all = false;
    for (const store::AgreementBinding& b : known->bindings) {
        if (b.collection != collection || b.way != store::AgreementBinding::Way::out) continue;
        bound = true;
        all = all || b.flow.empty();
        flows.insert(b.flow);
    }
    if (!bound) return std::nullopt;
    if (all) flows.clear();
    return flows;
}

void add_example(std::vector<std::string>& examples, std::string_view id) {
    if (examples.size() < examples_max) examples.emplace_back(id);
}

/// Each class decided once, when it is first met.
class Decided {
  public:
    Decided(const Terms& terms, const State& of_entries)
        : terms_(terms),
          of_(of_entries),
          known_(of_entries.classes->size()) {}

    const Decision& of(store::ClassNo cls) {
        const std::uint32_t no = agreement::raw(cls);
        if (no >= known_.size()) return unknown_;
        if (!known_[no]) known_[no] = agreement::decide(terms_, *of_.classes, of_.markings, cls);
        return *known_[no];
    }

  private:
    const Terms& terms_;
    const State& of_;
    std::vector<std::optional<Decision>> known_;
    Decision unknown_;
};

template <class Groups, class List>
void most_first(Groups& groups, List& list) {
    for (auto& [key, group] : groups)
        list.push_back(std::move(group));
    std::ranges::stable_sort(list, std::greater<>(), [](const auto& group) { return group.count; });
}

std::string fid_of(const std::string& way, const std::string& agreement) {
    return way.starts_with(agreement + '/') ? way.substr(agreement.size() + 1) : way;
}

}  // namespace

Roles roles_of(const State& state, const Document& document) {
    std::map<std::string, std::set<PartyNo>> found;
    for (const agreement::PartyTerm& term : document.parties) {
        std::set<PartyNo>& of_pid = found[term.pid];
        if (const Standpoint* point = state.agreements.point(document.id)) {
            if (const auto at = point->parties.find(term.pid); at != point->parties.end())
                of_pid.insert(at->second);
        }
        if (!of_pid.empty()) continue;
        for (const std::string& identity : term.identities) {
            if (const auto party = state.party_of_identity(identity)) of_pid.insert(*party);
        }
        for (const ledger::Verifier& key : term.sign_keys) {
            if (const auto party = state.agreements.party_of_key(key)) of_pid.insert(*party);
        }
        if (of_pid.empty()) {
            if (const store::Party* party = state.party(term.name)) of_pid.insert(party->no);
        }
    }
    std::map<PartyNo, std::size_t> claims;
    for (const auto& [pid, parties] : found) {
        for (const PartyNo no : parties)
            ++claims[no];
    }
    Roles roles;
    for (const auto& [pid, parties] : found) {
        if (parties.size() == 1 && claims[*parties.begin()] == 1) {
            roles.known.emplace(pid, *parties.begin());
        } else {
            roles.strangers.push_back(pid);
        }
    }
    return roles;
}

Result<Simulation> Simulation::make(
    const State& state, const Document& document, const std::string& own_pid, const Readers& readers
) {
    Simulation made(state, document);
    ENTENTE_CHECK(made.assign_roles(own_pid));
    made.make_points();
    ENTENTE_CHECK(made.choose_readers(readers));
    return made;
}

Result<void> Simulation::assign_roles(const std::string& own_pid) {
    roles_ = roles_of(state_, document_);
    const PartyNo own = state_.own_party().no;
    if (!own_pid.empty()) {
        if (document_.party(own_pid) == nullptr) {
            return fail(
                Errc::invalid_argument,
                fmt::format("the agreement has no party '{}'", printable(own_pid, 100))
            );
        }
        std::erase_if(roles_.known, [&](const auto& role) { return role.second == own; });
        roles_.known[own_pid] = own;
        roles_.strangers.clear();
        for (const agreement::PartyTerm& term : document_.parties) {
            if (!roles_.known.contains(term.pid)) roles_.strangers.push_back(term.pid);
        }
        std::ranges::sort(roles_.strangers);
    }
    const bool has_own =
        std::ranges::any_of(roles_.known, [&](const auto& role) { return role.second == own; });
    if (!has_own) {
        std::vector<std::string> pids;
        for (const agreement::PartyTerm& term : document_.parties)
            pids.push_back(term.pid);
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "no party of the agreement has an identity, a key or the name of this node's "
                "party, {}; say which one it is: --own {}",
                printable(state_.own_party().name, 100),
                fmt::join(pids, "|")
            )
        );
    }
    numbers_ = roles_.known;
    std::uint32_t number = first_stranger;
    for (const std::string& pid : roles_.strangers)
        numbers_.emplace(pid, PartyNo{number++});
    return {};
}

void Simulation::make_points() {
    now_ = state_.agreements.points();
    then_ = now_;
    auto at = std::ranges::find(then_, document_.id, &Standpoint::id);
    if (at == then_.end()) {
        then_.push_back({.id = document_.id, .standing = {}, .parties = {}});
        at = std::prev(then_.end());
    }
    // Who has left stays away; everything else is as if all had signed and the date had come.
    agreement::Standing standing;
    standing.stage = agreement::Stage::in_force;
    standing.document = &document_;
    standing.left = at->standing.left;
    at->standing = std::move(standing);
    at->parties = numbers_;
}

Result<void> Simulation::choose_readers(const Readers& readers) {
    const PartyNo own = state_.own_party().no;
    std::set<std::string> pids;
    for (const agreement::Flow& flow : document_.flows) {
        for (const std::string& pid : flow.to) {
            if (numbers_.at(pid) != own) pids.insert(pid);
        }
    }
    if (!readers.pid.empty()) {
        if (document_.party(readers.pid) == nullptr || !pids.contains(readers.pid)) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "nothing goes from here to '{}'; recipients are {}",
                    printable(readers.pid, 100),
                    fmt::join(pids, ", ")
                )
            );
        }
        pids = {readers.pid};
    }
    if (readers.user != nullptr) {
        std::erase_if(pids, [&](const auto& pid) {
            return numbers_.at(pid) != readers.user->party;
        });
        if (pids.empty()) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "the party of {} is no recipient of this agreement",
                    printable(readers.user->name, 100)
                )
            );
        }
    }
    if (pids.empty()) {
        return fail(
            Errc::unprocessable, "no flow of the agreement goes from this node to another party"
        );
    }
    for (const std::string& pid : pids) {
        Running running;
        const PartyNo no = numbers_.at(pid);
        const store::Party* party = state_.party(no);
        running.told.pid = pid;
        if (party != nullptr) {
            running.told.party = party->name;
            running.row = readers.user != nullptr ? *readers.user : exchange::anyone_of(*party);
            running.told.user = running.row.name;
        }
        readers_.push_back(std::move(running));
    }
    // A principal names texts of its row, so the rows must be where they stay.
    for (Running& running : readers_) {
        const PartyNo no = numbers_.at(running.told.pid);
        if (running.told.party.empty()) {
            running.who.party = no;
        } else {
            running.who = state_.principal(running.row);
        }
    }
    return {};
}

std::vector<store::CollectionNo> Simulation::collections() const {
    std::vector<store::CollectionNo> all;
    std::vector<store::CollectionNo> bound;
    for (const store::Collection& c : state_.directory.collections) {
        all.push_back(c.no);
        if (bound_flows(state_, document_.id, c.no)) bound.push_back(c.no);
    }
    return bound.empty() ? all : bound;
}

const Document* Simulation::before() const noexcept {
    const Standpoint* point = state_.agreements.point(document_.id);
    return point == nullptr || !point->standing.releases() ? nullptr : point->standing.document;
}

Terms Simulation::terms(
    const Running& reader,
    const store::Collection& collection,
    const std::vector<Standpoint>& points
) const {
    Terms made{
        .party = reader.who.party, .default_marking = collection.default_marking, .bonds = {}};
    for (const Standpoint& point : points) {
        auto flows = bound_flows(state_, point.id, collection.no);
        // It is asked what it would give from here, wherever it gives from now.
        if (!flows && point.id == document_.id) flows.emplace();
        if (!flows) continue;
        auto ways =
            agreement::reading_ways(point, *flows, reader.who, state_.own_party().no, points);
        if (!ways.empty())
            made.bonds.push_back(
                {.ways = std::move(ways), .suspended = false, .agreement = point.id}
            );
    }
    return made;
}

Terms Simulation::terms_now(const Running& reader, const store::Collection& collection) const {
    if (reader.told.party.empty())
        return {
            .party = reader.who.party, .default_marking = collection.default_marking, .bonds = {}};
    if (state_.agreements.governs(reader.who.party)) return terms(reader, collection, now_);
    return state_.read_terms(reader.row, collection);
}

void Simulation::look_at(
    store::Snapshot& entries,
    const State& of_entries,
    store::CollectionNo collection,
    const store::Collection& like
) {
    for (Running& reader : readers_) {
        const Terms after = terms(reader, like, then_);
        const Terms before = terms_now(reader, like);
        Decided then(after, of_entries);
        Decided now(before, of_entries);
        const auto cursor = entries.entries(collection, store::Seq{1});
        while (const auto entry = cursor->next()) {
            const bool derived = has(entry->flags, store::Flag::derived);
            const Decision decision = then.of(entry->cls);
            const bool had = now.of(entry->cls).releases();
            const agreement::Facets* facets = of_entries.classes->find(entry->cls);
            const std::string type = facets == nullptr ? std::string() : facets->type;
            if (decision.releases() != had) {
                Difference& d = had ? reader.told.disappears : reader.told.appears;
                ++d.count;
                d.derived += derived ? 1 : 0;
                add_example(d.examples, entry->id);
            }
            if (decision.releases()) {
                ++reader.told.released;
                reader.told.derived += derived ? 1 : 0;
                std::vector<std::string> markings;
                if (facets != nullptr) markings = facets->markings;
                const std::string flow = fid_of(decision.way, document_.id);
                CrossingGroup& group =
                    reader.crossing[{type, markings, flow, decision.delay_hours}];
                group.type = type;
                group.markings = std::move(markings);
                group.flow = flow;
                group.delay_hours = decision.delay_hours;
                ++group.count;
                group.derived += derived ? 1 : 0;
                add_example(group.examples, entry->id);
                continue;
            }
            // What was made for other readers is no object that this one misses.
            if (derived) continue;
            WithheldGroup& group =
                reader.withheld[{decision.reason, decision.marking, type, decision.way}];
            group.reason = decision.reason;
            group.marking = decision.marking;
            group.type = type;
            group.way = decision.way;
            group.agreement = decision.agreement;
            ++group.count;
            const auto made = entries.derived(collection, entry->id);
            group.derived += std::ranges::any_of(made, [&](const store::Derived& d) {
                return d.version_key == entry->version_key && then.of(d.cls).releases();
            });
            add_example(group.examples, entry->id);
        }
    }
}

std::vector<SimulatedReader> Simulation::finish() && {
    std::vector<SimulatedReader> told;
    for (Running& reader : readers_) {
        most_first(reader.crossing, reader.told.crossing);
        most_first(reader.withheld, reader.told.withheld);
        told.push_back(std::move(reader.told));
    }
    return told;
}

}  // namespace entente::exchange
