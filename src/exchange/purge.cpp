#include "exchange/purge.h"

#include "base/assert.h"
#include "base/limits.h"
#include "exchange/disclosure.h"
#include "exchange/holds.h"
#include "exchange/internal/remove_job.h"
#include "exchange/internal/write_state.h"

#include <boost/json.hpp>

#include <algorithm>

namespace entente::exchange {
namespace {

namespace json = boost::json;
using agreement::Facets;
using agreement::raw;
using store::CollectionNo;
using store::PartyNo;
using store::Seq;

bool fits(const PurgeQuery& what, const Facets& facets) {
    return (!what.source || facets.source == *what.source) &&
           (what.producer.empty() || facets.producer == what.producer);
}

/// The last position that was filled before `before`; all of them without it.
Seq last_before(store::Snapshot& snapshot, const PurgeQuery& what, CollectionNo collection) {
    if (!what.before) return agreement::seq_max;
    const auto group = snapshot.group_by_date(collection, *what.before + -1);
    return group ? Seq{raw(group->first) + group->count - 1} : Seq{0};
}

json::object query_json(const PurgeOrder& order) {
    json::object o{{"person", order.person}, {"reason", order.reason}};
    if (!order.what.id.empty()) o["object"] = order.what.id;
    if (order.what.source) o["source"] = raw(*order.what.source);
    if (!order.what.producer.empty()) o["producer"] = order.what.producer;
    if (order.what.before) o["before"] = format_taxii(*order.what.before);
    o["allow_again"] = order.allow_again;
    return o;
}

}  // namespace

void Purge::learn_classes(store::Snapshot& snapshot) {
    const store::ClassNo next{std::max<std::uint32_t>(classes_.size(), 1)};
    for (const auto& [no, key] : snapshot.classes(next)) {
        auto facets = agreement::facets_of(key);
        if (!facets) throw StorageError(StorageError::Kind::corrupt, facets.error().detail);
        classes_.add(no, std::move(*facets));
    }
}

std::vector<Purge::Found> Purge::find(
    store::Snapshot& snapshot, Place& place, std::size_t count, PurgeCount& held
) {
    const PurgeQuery& what = order_.what;
    const store::Directory directory = snapshot.directory();
    const LegalHolds holds(directory.holds);
    learn_classes(snapshot);
    std::vector<Found> found;
    const auto take = [&](CollectionNo collection, const store::Entry& e, std::uint64_t bytes) {
        if (store::has(e.flags, store::Flag::derived)) return;  // goes with what it was made of
        const Facets* known = classes_.find(e.cls);
        if (known == nullptr || !fits(what, *known)) return;
        const Facets& facets = *known;
        if (const store::Hold* hold = holds.on(collection, e.id, facets.source)) {
            ++held.held;
            held.holds.insert(hold->no);
            return;
        }
        found.push_back(
            {.collection = collection,
             .seq = e.seq,
             .cls = e.cls,
             .id = std::string(e.id),
             .version_key = std::string(e.version_key),
             .digest = {},
             .bytes = bytes}
        );
    };
    for (; place.collection < directory.collections.size();
         place = {place.collection + 1, 0, Seq{0}, false}) {
        const CollectionNo collection = directory.collections[place.collection].no;
        if (what.collection && *what.collection != collection) continue;
        const Seq last = last_before(snapshot, what, collection);
        if (!what.id.empty()) {
            for (const store::Version& v : snapshot.versions(collection, what.id)) {
                if (v.seq > last) continue;
                const auto entry = snapshot.entry(collection, v.seq);
                if (entry) take(collection, *entry, entry->body.size());
            }
        } else if (what.source || !what.producer.empty()) {
            for (; place.cls < classes_.size(); ++place.cls, place.seq = Seq{0}) {
                if (found.size() >= count) return found;
                const store::ClassNo cls{place.cls};
                const Facets* facets = classes_.find(cls);
                if (facets == nullptr || !fits(what, *facets)) continue;
                const auto some = snapshot.next_of_class(collection, cls, place.seq, count);
                for (const Seq seq : some) {
                    place.seq = agreement::next(seq);
                    if (seq > last) break;
                    const auto entry = snapshot.entry(collection, seq);
                    if (entry) take(collection, *entry, entry->body.size());
                }
                if (some.size() == count && some.back() <= last) return found;  // maybe more of it
            }
        } else {
            const auto cursor = snapshot.entries(collection, place.seq);
            while (const auto entry = cursor->next()) {
                if (entry->seq > last) break;
                place.seq = agreement::next(entry->seq);
                take(collection, *entry, cursor->body().size());
                if (found.size() >= count) return found;
            }
        }
        if (!found.empty()) {
            place = {place.collection + 1, 0, Seq{0}, false};
            return found;
        }
    }
    place.end = true;
    return found;
}

std::vector<store::QuarantineItem> Purge::in_quarantine(store::Snapshot& snapshot, PurgeCount& held)
    const {
    const PurgeQuery& what = order_.what;
    const store::Directory directory = snapshot.directory();
    const LegalHolds holds(directory.holds);
    std::vector<store::QuarantineItem> found;
    for (store::QuarantineItem& item : snapshot.quarantine()) {
        if (!what.producer.empty()) continue;  // only its body names it
        if (!what.id.empty() && item.id != what.id) continue;
        if (what.source && item.party != *what.source) continue;
        if (what.before && item.at >= *what.before) continue;
        if (what.collection && item.collection != *what.collection) continue;
        if (const store::Hold* hold = holds.on(item.collection, item.id, item.party)) {
            ++held.held;
            held.holds.insert(hold->no);
            continue;
        }
        found.push_back(std::move(item));
    }
    return found;
}

/// What was removed from its collection and is kept by a hold: it fits, and stays.
void Purge::count_kept(store::Snapshot& snapshot, PurgeCount& held) {
    const PurgeQuery& what = order_.what;
    learn_classes(snapshot);
    each_kept(snapshot, [&](const store::Kept& kept, const std::vector<const store::Hold*>& by) {
        if (by.empty() || !kept.derived_of.empty()) return;  // copies are not counted above either
        if (!what.id.empty() && kept.id != what.id) return;
        if (what.collection && kept.collection != *what.collection) return;
        if (what.before && kept.at >= *what.before) return;
        const Facets* facets = classes_.find(kept.cls);
        if (facets == nullptr || !fits(what, *facets)) return;
        ++held.held;
        for (const store::Hold* hold : by)
            held.holds.insert(hold->no);
    });
}

PurgeCount Purge::look(store::Snapshot& snapshot) {
    PurgeCount count;
    Place place;
    while (!place.end) {
        for (const Found& f : find(snapshot, place, limits::removal_step_entries, count)) {
            ++count.versions;
            count.bytes += f.bytes;
            for (const store::Derived& d : snapshot.derived(f.collection, f.id)) {
                if (d.version_key != f.version_key) continue;
                ++count.copies;
                if (const auto entry = snapshot.entry(f.collection, d.seq))
                    count.bytes += entry->body.size();
            }
        }
    }
    count.quarantined = in_quarantine(snapshot, count).size();
    count_kept(snapshot, count);
    return count;
}

void Purge::leave_tombstones(store::Transaction& tx, Micros now, const std::vector<Found>& some)
    const {
    const bool by_age_alone =
        order_.what.id.empty() && !order_.what.source && order_.what.producer.empty();
    for (const Found& f : some) {
        if (order_.allow_again) {
            tx.erase_tombstones(f.collection, f.id);
            continue;
        }
        // Of what only was too old a later version may come.
        const bool whole = !by_age_alone && tx.versions(f.collection, f.id).empty();
        tx.put(
            f.collection,
            {.id = f.id, .version_key = whole ? std::string() : f.version_key, .at = now}
        );
    }
}

void Purge::record(
    store::Transaction& tx,
    Micros now,
    CollectionNo collection,
    const std::vector<Found>& some,
    std::size_t copies
) const {
    json::object facts = query_json(order_);
    facts["versions"] = some.size();
    facts["copies"] = copies;
    json::array digests;
    for (const Found& f : some)
        digests.emplace_back(to_hex(f.digest));
    facts["digests"] = std::move(digests);
    store::Act act;
    act.kind = "purged";
    act.at = now;
    act.collection = collection;
    act.facts = json::serialize(facts);
    tx.append_act(act);
}

bool Purge::step(
    store::Transaction& tx, const Clock& clock, const std::shared_ptr<const State>& recent
) {
    const Micros now = clock.now();
    if (!begun_) {
        begun_ = true;
        // Those that went before may come again, or a later purge forbids it after all.
        if (!order_.what.id.empty()) {
            for (const store::Collection& c : tx.directory().collections) {
                if (order_.what.collection && *order_.what.collection != c.no) continue;
                if (order_.allow_again) tx.erase_tombstones(c.no, order_.what.id);
            }
        }
        PurgeCount held;
        for (const store::QuarantineItem& item : in_quarantine(tx, held)) {
            tx.erase(item.no);
            ++done_.quarantined;
        }
        count_kept(tx, held);
        done_.held += held.held;
        done_.holds.merge(held.holds);
        if (done_.quarantined > 0) {
            json::object facts = query_json(order_);
            facts["quarantined"] = done_.quarantined;
            store::Act act;
            act.kind = "purged";
            act.at = now;
            act.facts = json::serialize(facts);
            tx.append_act(act);
        }
    }
    std::vector<Found> some = find(tx, place_, limits::removal_step_entries, done_);
    if (some.empty()) return !place_.end;
    WriteState state(tx, recent);
    const store::Collection* where = state.state().collection(some.front().collection);
    ENTENTE_ASSERT(where != nullptr);
    const store::Collection collection = *where;
    std::map<std::string, std::vector<Seq>> by_id;
    for (Found& f : some) {
        by_id[f.id].push_back(f.seq);
        done_.bytes += f.bytes;
    }
    for (const auto& [id, seqs] : by_id) {
        for (const store::Version& v : tx.versions(collection.no, id)) {
            const auto of = std::ranges::find(some, v.seq, &Found::seq);
            if (of != some.end()) of->digest = v.digest;
        }
    }
    Removal removal;
    for (const auto& [id, seqs] : by_id)
        remove_entries(state, collection, clock, id, seqs, removal);
    ENTENTE_ASSERT(removal.kept == 0);  // what is held was not found
    record_removed(tx, now, collection.no, removal.entries);
    leave_tombstones(tx, now, some);
    const std::size_t copies = removal.entries.size() - some.size();
    record(tx, now, collection.no, some, copies);
    done_.versions += some.size();
    done_.copies += copies;
    for (const RemovedEntry& e : removal.entries)
        gone_[collection.no].push_back(e.seq);
    return true;
}

std::set<store::UserNo> Purge::readers(store::Store& store) const {
    std::map<CollectionNo, std::vector<Seq>> gone = gone_;
    for (auto& [collection, seqs] : gone)
        std::ranges::sort(seqs);
    std::set<store::UserNo> users;
    store::ActNo from{1};
    for (;;) {
        const auto some = store.snapshot()->acts(from, limits::acts_per_read);
        for (const store::Act& act : some) {
            const auto of = gone.find(act.collection);
            if (act.kind != "disclosed" || of == gone.end() || users.contains(act.user)) continue;
            const auto said = read_disclosure(act);
            if (!said) throw StorageError(StorageError::Kind::corrupt, said.error().detail);
            const auto hit = [&](Seq first, Seq last) {
                const auto at = std::ranges::lower_bound(of->second, first);
                if (at == of->second.end() || *at > last) return true;
                users.insert(act.user);
                return false;
            };
            // From before lists were kept: between these two.
            if (!said->entries) {
                (void)hit(agreement::next(said->after), said->to);
            } else if (const auto ok = each_run(*said->entries, hit); !ok) {
                throw StorageError(StorageError::Kind::corrupt, ok.error().detail);
            }
        }
        if (some.size() < limits::acts_per_read) return users;
        from = store::ActNo{raw(some.back().no) + 1};
    }
}

}  // namespace entente::exchange
