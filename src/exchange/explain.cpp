#include "exchange/explain.h"

#include "exchange/internal/reach.h"
#include "stix/personal.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace entente::exchange {
namespace {

using agreement::Decision;
using agreement::Standpoint;
using agreement::Terms;
using store::ClassNo;
using store::Seq;

/// Where one entry of an id lies.
struct Place {
    Seq seq{};
    ClassNo cls{};
    std::string id;
    std::string version;
    std::string version_key;
    bool derived = false;
};

std::vector<Place> places_of(
    store::Snapshot& snapshot, store::CollectionNo collection, std::string_view object
) {
    std::vector<Place> places;
    for (const store::Version& v : snapshot.versions(collection, object)) {
        places.push_back(
            {.seq = v.seq,
             .cls = v.cls,
             .id = std::string(object),
             .version = v.version,
             .version_key = v.version_key,
             .derived = has(v.flags, store::Flag::derived)}
        );
    }
    for (const store::Derived& d : snapshot.derived(collection, object)) {
        const auto entry = snapshot.entry(collection, d.seq);
        places.push_back(
            {.seq = d.seq,
             .cls = d.cls,
             .id = d.id,
             .version = entry ? std::string(entry->version) : std::string(),
             .version_key = d.version_key,
             .derived = true}
        );
    }
    std::ranges::stable_sort(places, {}, &Place::version_key);
    return places;
}

std::vector<std::string> personal_names(std::uint8_t bits) {
    using stix::Personal;
    std::vector<std::string> names;
    for (const Personal p :
         {Personal::contact, Personal::account, Personal::free_text, Personal::credentials}) {
        if ((bits & stix::personal_bit(p)) != 0) names.emplace_back(stix::personal_name(p));
    }
    return names;
}

std::string party_name(const State& state, store::PartyNo no) {
    if (no == store::PartyNo{}) return {};
    const store::Party* party = state.party(no);
    return party == nullptr ? "?" : party->name;
}

bool is_of(const Standpoint& point, store::PartyNo party) {
    return std::ranges::any_of(point.parties, [&](const auto& p) { return p.second == party; });
}

const agreement::Document* shown_version(const agreement::Standing& standing) {
    return standing.document != nullptr ? standing.document : standing.next;
}

Path path_of(const Standpoint& point) {
    Path path{.what = Path::What::not_in_force, .agreement = point.id};
    const agreement::Standing& standing = point.standing;
    if (const auto* document = shown_version(standing)) path.title = document->title;
    if (standing.document != nullptr) path.version = standing.document->version;
    path.stage = standing.stage;
    path.missing = standing.missing;
    for (const auto& suspension : standing.suspensions)
        path.suspended_by.push_back(suspension.pid);
    return path;
}

Decision by_bond_alone(
    const State& state, const Terms& terms, const agreement::Bond& bond, ClassNo cls
) {
    const Terms one{
        .party = terms.party, .default_marking = terms.default_marking, .bonds = {bond}};
    return agreement::decide(one, *state.classes, state.markings, cls);
}

Path path_through(
    const State& state,
    const Terms& terms,
    const Standpoint& point,
    const store::Collection& collection,
    ClassNo cls
) {
    Path path = path_of(point);
    const auto bond = std::ranges::find(terms.bonds, point.id, &agreement::Bond::agreement);
    if (bond != terms.bonds.end()) {
        path.what = Path::What::asked;
        path.decision = by_bond_alone(state, terms, *bond, cls);
        return path;
    }
    if (!point.standing.releases() && point.standing.stage != agreement::Stage::suspended)
        return path;
    const auto* known = state.agreements.find(point.id);
    const bool bound =
        known != nullptr && std::ranges::any_of(known->bindings, [&](const auto& b) {
            return b.collection == collection.no && b.way == store::AgreementBinding::Way::out;
        });
    path.what = bound ? Path::What::gives_nothing : Path::What::not_bound;
    return path;
}

std::vector<Path> paths_of(
    const State& state, const Terms& terms, const Question& asked, ClassNo cls
) {
    std::vector<Path> paths;
    for (const agreement::Bond& bond : terms.bonds) {
        if (!bond.agreement.empty()) continue;
        paths.push_back(
            {.what = Path::What::asked, .decision = by_bond_alone(state, terms, bond, cls)}
        );
    }
    // To the own party's users agreements give nothing by themselves.
    if (asked.user.party == state.own_party().no) return paths;
    for (const Standpoint& point : state.agreements.points()) {
        if (is_of(point, asked.user.party))
            paths.push_back(path_through(state, terms, point, asked.collection, cls));
    }
    return paths;
}

Arrival arrival_of(const State& state, const std::string& agreement) {
    Arrival arrival{.agreement = agreement};
    if (const Standpoint* point = state.agreements.point(agreement)) {
        if (const auto* document = shown_version(point->standing)) arrival.title = document->title;
        arrival.stage = point->standing.stage;
        if (point->standing.releases()) arrival.onward = point->standing.document->onward;
    }
    return arrival;
}

}  // namespace

State as_of(const State& state, Micros at) {
    store::Directory rows = state.directory;
    std::erase_if(rows.agreement_records, [&](const store::AgreementRecord& r) {
        return r.at > at;
    });
    rows.agreements_at = at;
    return {std::move(rows), state.classes, {state.stops, state.clock_doubt}};
}

store::User anyone_of(const store::Party& party) {
    store::User user;
    user.party = party.no;
    user.role = store::Role::reader;
    return user;
}

std::vector<ExplainedEntry> explain_object(
    store::Snapshot& snapshot, const State& state, const Question& question
) {
    const Terms terms = state.read_terms(question.user, question.collection);
    Reaches reaches(
        snapshot,
        {.user = question.user.no,
         .collection = question.collection.no,
         .at = question.at,
         .as_served = question.as_served}
    );
    std::vector<ExplainedEntry> entries;
    for (const Place& at : places_of(snapshot, question.collection.no, question.object)) {
        ExplainedEntry entry{.id = at.id, .version = at.version, .derived = at.derived};
        entry.decision = agreement::decide(terms, *state.classes, state.markings, at.cls);
        entry.reach = reaches.of(at.seq, at.cls, entry.decision);
        entry.paths = paths_of(state, terms, question, at.cls);
        if (const agreement::Facets* facets = state.classes->find(at.cls)) {
            entry.source = party_name(state, facets->source);
            entry.held_for = party_name(state, facets->held_for);
            entry.markings = facets->markings;
            entry.granular = facets->granular;
            entry.hidden = facets->hidden;
            entry.personal = personal_names(facets->personal);
            entry.stripped = personal_names(facets->cut);
            for (const std::string& agreement : facets->arrivals)
                entry.arrivals.push_back(arrival_of(state, agreement));
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::vector<Audience> audience_of(
    store::Snapshot& snapshot,
    const State& state,
    const store::Collection& collection,
    std::string_view object,
    Micros at
) {
    const std::vector<Place> places = places_of(snapshot, collection.no, object);
    std::vector<Audience> found;
    for (const Place& place : places)
        found.push_back(
            {.id = place.id, .version = place.version, .derived = place.derived, .members = {}}
        );
    if (places.empty()) return found;
    for (const store::User& user : state.directory.users) {
        const Terms terms = state.read_terms(user, collection);
        if (!terms.read()) continue;
        Reaches reaches(
            snapshot, {.user = user.no, .collection = collection.no, .at = at, .as_served = true}
        );
        for (std::size_t i = 0; i < places.size(); ++i) {
            Decision decision =
                agreement::decide(terms, *state.classes, state.markings, places[i].cls);
            if (!decision.releases()) continue;
            const Reach reach = reaches.of(places[i].seq, places[i].cls, decision);
            found[i].members.push_back(
                {.user = user.no,
                 .party = party_name(state, user.party),
                 .name = user.name,
                 .decision = std::move(decision),
                 .reach = reach}
            );
        }
    }
    for (Audience& audience : found) {
        std::ranges::sort(audience.members, [](const Member& a, const Member& b) {
            return std::tie(a.party, a.name) < std::tie(b.party, b.name);
        });
    }
    return found;
}

std::vector<store::CollectionNo> collections_with(
    store::Snapshot& snapshot, const State& state, std::string_view object
) {
    std::vector<store::CollectionNo> found;
    for (const store::Collection& c : state.directory.collections) {
        if (!snapshot.versions(c.no, object).empty()) found.push_back(c.no);
    }
    return found;
}

std::string clause_text(const State& state, const agreement::Decision& decision) {
    if (decision.agreement.empty()) return decision.way;
    const auto slash = decision.way.rfind('/');
    const Standpoint* point = state.agreements.point(decision.agreement);
    const agreement::Document* document =
        point == nullptr ? nullptr : shown_version(point->standing);
    if (document == nullptr || slash == std::string::npos) return decision.way;
    return document->title + ", flow " + decision.way.substr(slash + 1);
}

}  // namespace entente::exchange
