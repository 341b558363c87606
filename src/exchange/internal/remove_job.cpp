#include "exchange/internal/remove_job.h"

#include "exchange/disclosure.h"
#include "exchange/holds.h"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace entente::exchange {
namespace {

using store::PartyNo;
using store::Seq;
using store::Version;

bool wanted(
    const Version& v,
    const store::VersionFilter& filter,
    const std::vector<const Version*>& candidates
) {
    if (filter.all) return true;
    if (std::ranges::binary_search(filter.keys, v.version_key)) return true;
    if (filter.first && v.version_key == candidates.front()->version_key) return true;
    return filter.last && v.version_key == candidates.back()->version_key;
}

/// Keeps an entry that is to be removed, if a hold lies on it.
bool keep_if_held(
    WriteState& state,
    const store::Collection& collection,
    const Clock& clock,
    const Version& version,
    const RemovedEntry& named
) {
    const auto& holds = state.state().directory.holds;
    if (holds.empty()) return false;
    const std::string& id = named.original.empty() ? named.id : named.original;
    const PartyNo source = state.facets(version.cls).source;
    if (LegalHolds(holds).on(collection.no, id, source) == nullptr) return false;
    const auto entry = state.tx().entry(collection.no, version.seq);
    if (!entry) return false;
    store::Kept kept;
    kept.collection = collection.no;
    kept.seq = version.seq;
    kept.cls = version.cls;
    kept.lane = version.lane;
    kept.id = named.id;
    kept.version = version.version;
    kept.derived_of = named.original;
    kept.digest = version.digest;
    kept.body = std::string(entry->body);
    kept.at = clock.now();
    state.tx().append_kept(kept);
    return true;
}

}  // namespace

void remove_entries(
    WriteState& state,
    const store::Collection& collection,
    const Clock& clock,
    std::string_view id,
    const std::vector<Seq>& entries,
    Removal& removal
) {
    store::Transaction& tx = state.tx();
    const std::vector<Version> before = tx.versions(collection.no, id);
    std::vector<Version> after = before;
    std::set<std::string> gone;  // version keys
    std::erase_if(after, [&](const Version& v) {
        if (std::ranges::find(entries, v.seq) == entries.end()) return false;
        removal.entries.push_back(
            {.seq = v.seq,
             .id = std::string(id),
             .version = v.version,
             .original = tx.made_of(collection.no, v.seq).value_or("")}
        );
        if (keep_if_held(state, collection, clock, v, removal.entries.back())) ++removal.kept;
        if (v.lane == PartyNo{}) gone.insert(v.version_key);
        return true;
    });
    // What was made of a version goes with it.
    std::map<std::string, std::vector<Seq>> made;
    for (const store::Derived& d : tx.derived(collection.no, id)) {
        if (gone.contains(d.version_key)) made[d.id].push_back(d.seq);
    }
    for (const auto& [made_id, seqs] : made)
        remove_entries(state, collection, clock, made_id, seqs, removal);
    for (const Seq seq : entries)
        tx.remove(collection.no, seq);
    if (after.empty()) return;
    for (const store::UserNo viewer : tx.viewers(collection.no)) {
        const store::User* user = state.state().user(viewer);
        if (user == nullptr) continue;
        const agreement::Terms terms = view_terms(state.state(), *user, collection);
        const Shown shown(tx, viewer, collection.no);
        const bool paused = !can_release(terms);
        const auto visible = [&](const Version& v) {
            if (paused) return shown.paused(v);
            const agreement::Decision d =
                agreement::decide(terms, state.classes(), state.state().markings, v.cls);
            return shown(v, d.releases() ? d.delay_hours : agreement::never);
        };
        const auto was = latest_visible(before, state.classes(), visible);
        const auto is = latest_visible(after, state.classes(), visible);
        if (!is || is == was) continue;
        const store::Transaction::NewLate row{*is, store::LateRow::Kind::reexposed};
        tx.append_late(viewer, collection.no, clock.now(), {&row, 1});
    }
}

Removal remove_and_reexpose(
    WriteState& state,
    const store::Collection& collection,
    const Clock& clock,
    std::string_view id,
    const std::vector<Seq>& entries
) {
    Removal removal;
    remove_entries(state, collection, clock, id, entries, removal);
    record_removed(state.tx(), clock.now(), collection.no, removal.entries);
    return removal;
}

Result<std::size_t> remove_versions(
    WriteState& state,
    const store::User& user,
    const store::Collection& collection,
    const Clock& clock,
    const DeleteRequest& request,
    bool newest_only_by_default
) {
    const auto nothing = [] {
        return fail(Errc::not_found, "no such object or version in this collection");
    };
    const std::vector<Version> versions = state.tx().versions(collection.no, request.id);
    std::vector<const Version*> candidates;  // by version key, as `versions` is
    for (const Version& v : versions) {
        if (v.lane != PartyNo{} && v.lane != user.party) continue;
        if (!state.reads(user, collection, v)) continue;
        if (!request.spec_versions.empty() &&
            std::ranges::find(request.spec_versions, state.facets(v.cls).spec_version) ==
                request.spec_versions.end()) {
            continue;
        }
        candidates.push_back(&v);
    }
    if (candidates.empty()) return nothing();
    // T98: the standard's own reading of a bare DELETE is all versions.
    store::VersionFilter filter{
        .all = !newest_only_by_default, .first = false, .last = newest_only_by_default, .keys = {}};
    if (request.version) filter = *request.version;
    std::ranges::sort(filter.keys);

    std::vector<Seq> entries;
    std::vector<std::string> keys;
    for (const Version* v : candidates) {
        if (!wanted(*v, filter, candidates)) continue;
        const agreement::Facets& facets = state.facets(v->cls);
        const PartyNo custodian =
            v->lane != PartyNo{}
                ? v->lane
                : state.state().party_of_identity(facets.producer).value_or(facets.source);
        if (custodian != user.party) {
            return fail(
                Errc::forbidden, "only the party that this object belongs to may delete it"
            );
        }
        entries.push_back(v->seq);
        keys.push_back(v->version);
    }
    if (entries.empty()) return nothing();
    const Removal removal = remove_and_reexpose(state, collection, clock, request.id, entries);

    store::Act act;
    act.kind = "deleted";
    act.at = clock.now();
    act.user = user.no;
    act.party = user.party;
    act.collection = collection.no;
    boost::json::array list;
    for (const std::string& k : keys)
        list.emplace_back(k);
    boost::json::object facts{{"id", request.id}, {"versions", std::move(list)}};
    if (removal.kept > 0) facts["kept_by_holds"] = removal.kept;
    act.facts = boost::json::serialize(facts);
    state.tx().append_act(act);
    return entries.size();
}

}  // namespace entente::exchange
