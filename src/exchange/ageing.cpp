#include "exchange/ageing.h"

#include "base/limits.h"
#include "exchange/holds.h"
#include "exchange/internal/remove_job.h"
#include "exchange/internal/write_state.h"

#include <boost/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace entente::exchange {
namespace {

using store::Collection;
using store::Seq;

bool limited(const Collection& c) {
    return c.keep_us > 0 || (c.drop_oldest && (c.bytes_max > 0 || c.objects_max > 0));
}

bool over(const Collection& c, const store::Snapshot::Head& head) {
    return c.drop_oldest && ((c.bytes_max > 0 && head.bytes > c.bytes_max) ||
                             (c.objects_max > 0 && head.entries > c.objects_max));
}

/// The last position whose entries are too old. Seq{0}: none is.
Seq too_old(store::Snapshot& snapshot, const Collection& c, Micros now) {
    if (c.keep_us <= 0) return Seq{0};
    const auto group = snapshot.group_by_date(c.no, now + -c.keep_us);
    if (!group) return Seq{0};
    return Seq{agreement::raw(group->first) + group->count - 1};
}

struct Candidate {
    Seq seq{};
    std::string id;
};

/// The first entries from `from` on that no hold lies on. What was made of others goes with them.
std::vector<Candidate> first_free(
    WriteState& state, const Collection& c, Seq from, Seq upto, Seq& looked_at
) {
    std::vector<Candidate> found;
    const LegalHolds holds(state.state().directory.holds);
    const auto cursor = state.tx().entries(c.no, from);
    std::size_t looked = 0;
    while (found.size() < limits::removal_step_entries &&
           ++looked <= 4 * limits::removal_step_entries) {
        const auto entry = cursor->next();
        if (!entry || entry->seq > upto) break;
        looked_at = entry->seq;
        if (store::has(entry->flags, store::Flag::derived)) continue;
        if (holds.on(c.no, entry->id, state.facets(entry->cls).source) != nullptr) continue;
        found.push_back({entry->seq, std::string(entry->id)});
    }
    return found;
}

void record_aged(
    store::Transaction& tx, const Clock& clock, const Collection& c, std::size_t count
) {
    store::Act act;
    act.kind = "aged";
    act.at = clock.now();
    act.collection = c.no;
    act.facts = boost::json::serialize(boost::json::object{
        {"id", c.id},
        {"entries", count},
        {"keep_us", c.keep_us},
        {"bytes_max", c.bytes_max},
        {"objects_max", c.objects_max}});
    tx.append_act(act);
}

}  // namespace

bool Ageing::due(const store::Directory& directory) noexcept {
    return std::ranges::any_of(directory.collections, limited);
}

AgeingStep Ageing::step(
    store::Transaction& tx, const Clock& clock, const std::shared_ptr<const State>& recent
) {
    WriteState state(tx, recent);
    const store::Directory& directory = state.state().directory;
    if (generation_ != directory.generation) from_.clear();
    generation_ = directory.generation;
    const LegalHolds holds(directory.holds);
    for (const Collection& c : directory.collections) {
        if (!limited(c) || holds.on_all(c.no) != nullptr) continue;
        const Seq old = too_old(tx, c, clock.now());
        const bool full = over(c, tx.head(c.no));
        Seq& from = from_[c.no];
        if (!full && (old == Seq{0} || old < from)) continue;
        Seq looked_at{};
        const std::vector<Candidate> some =
            first_free(state, c, from, full ? agreement::seq_max : old, looked_at);
        if (looked_at == Seq{0}) continue;  // nothing is left there
        Removal removal;
        for (const Candidate& one : some) {
            // How much is left to go is asked each time: what was made of one went with it.
            if (one.seq > old && !over(c, tx.head(c.no))) break;
            remove_entries(state, c, clock, one.id, {one.seq}, removal);
            from = agreement::next(one.seq);
        }
        if (some.empty()) from = agreement::next(looked_at);  // all are held
        if (!removal.entries.empty()) {
            record_removed(tx, clock.now(), c.no, removal.entries);
            record_aged(tx, clock, c, removal.entries.size());
        }
        return {.entries = removal.entries.size(), .more = true};
    }
    return {};
}

void let_age(
    Ageing& ageing, store::Store& store, StateCache& states, Writer& writer, const Clock& clock
) {
    const std::int64_t end = clock.monotonic_us() + limits::ageing_ms_max * 1'000;
    for (AgeingStep step{.more = true}; step.more && clock.monotonic_us() < end;) {
        const auto recent = states.get(*store.snapshot());
        // A clock that runs ahead would make everything old.
        if (recent->clock_doubt || !Ageing::due(recent->directory)) return;
        Ageing after = ageing;
        writer.run([&](store::Transaction& tx) { step = after.step(tx, clock, recent); });
        // Only now: what a transaction that failed had removed is still there.
        ageing = std::move(after);
    }
}

}  // namespace entente::exchange
