#include "exchange/hits.h"

#include "base/limits.h"
#include "exchange/internal/write_state.h"
#include "exchange/sightings.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace entente::exchange {
namespace {

using store::PartyNo;
using store::Sighting;

constexpr std::int64_t hour_us = 3'600'000'000;

Micros hour_of(Micros at) {
    return {at.count - at.count % hour_us};
}

/// An indicator as far as hits of it go: who may hear of them.
struct Source {
    std::string indicator;
    PartyNo party{};
    std::string agreement{};
    Report report = Report::off;
    Sighting::Why why = Sighting::Why::nothing;  // why nobody may
};

class Recorder {
  public:
    Recorder(store::Transaction& tx, Micros now, const std::shared_ptr<const State>& state)
        : tx_(tx),
          now_(now),
          state_(tx, state),
          reports_(tx) {}

    RecordedHits run(std::span<const SeenHit> hits) {
        for (const SeenHit& hit : hits)
            add(hit);
        flush();
        return done_;
    }

  private:
    using Bucket = std::tuple<std::string, Micros, PartyNo, std::string>;

    void add(const SeenHit& hit) {
        const Source* source = source_of(hit);
        if (source == nullptr) {
            ++done_.unknown;
            return;
        }
        if (!hit.event.empty() && !events_.emplace(hit.event, source->indicator).second) return;
        Sighting::Why why = source->why;
        if (hit.own) {
            why = Sighting::Why::own_asset;
        } else if (!hit.stopped.empty() && why != Sighting::Why::own_indicator) {
            why = Sighting::Why::stop_list;
        }
        // What never goes out is counted apart, so that no count that does tells of it.
        const bool local = why == Sighting::Why::own_asset || why == Sighting::Why::stop_list ||
                           why == Sighting::Why::own_indicator;
        const Micros at{std::clamp<std::int64_t>(hit.at.count, 0, now_.count)};
        const Bucket bucket{
            source->indicator,
            hour_of(at),
            local ? PartyNo{} : source->party,
            local ? std::string() : source->agreement};
        Sighting* row = row_of(bucket, hit, *source, why);
        if (row == nullptr) {
            ++done_.dropped;
            return;
        }
        count(*row, hit, at, why);
        ++done_.counted;
    }

    /// Nothing when the entry is gone, or is another's.
    const Source* source_of(const SeenHit& hit) {
        const auto [at, fresh] = sources_.try_emplace({hit.collection, hit.seq});
        if (fresh) at->second = read_source(hit);
        const bool same = at->second && at->second->indicator == hit.indicator;
        return same ? &*at->second : nullptr;
    }

    std::optional<Source> read_source(const SeenHit& hit) {
        const auto entry = tx_.entry(hit.collection, hit.seq);
        if (!entry) return std::nullopt;
        Source source;
        source.indicator = entry->id;
        const agreement::Facets* facets = state_.classes().find(entry->cls);
        if (facets == nullptr) return std::nullopt;
        const PartyNo own = state_.state().own_party().no;
        if (facets->source == own || state_.state().party(facets->source) == nullptr) {
            source.why = Sighting::Why::own_indicator;
            return source;
        }
        source.party = facets->source;
        source.why = Sighting::Why::no_agreement;
        for (const std::string& arrival : facets->arrivals) {
            const agreement::Standpoint* point = state_.state().agreements.point(arrival);
            if (point == nullptr) continue;
            const Report report = reports_.of(arrival).report;
            const bool better = source.agreement.empty() ||
                                (source.report == Report::off && point->standing.releases());
            if (!better) continue;
            source.agreement = arrival;
            source.report = report;
            source.why = report == Report::off ? Sighting::Why::not_asked : Sighting::Why::nothing;
        }
        return source;
    }

    Sighting* row_of(
        const Bucket& bucket, const SeenHit& hit, const Source& source, Sighting::Why why
    ) {
        const auto known = rows_.find(bucket);
        if (known != rows_.end()) return &known->second;
        const auto& [indicator, hour, party, agreement] = bucket;
        std::optional<Sighting> stored = tx_.last_sighting(indicator, hour, party, agreement);
        // What was told is told: more of the same hour is told apart.
        if (!stored || stored->state == Sighting::State::sent) {
            if (!make_room()) return nullptr;
            Sighting row;
            row.indicator = indicator;
            row.party = party;
            row.agreement = agreement;
            row.hour = hour;
            row.part = stored ? stored->part + 1 : 0;
            row.collection = hit.collection;
            row.seq = hit.seq;
            row.why = why;
            row.path = cut(hit.path);
            row.value = cut(hit.value);
            if (why == Sighting::Why::nothing) open(row, source);
            stored = std::move(row);
        }
        return &rows_.emplace(bucket, std::move(*stored)).first->second;
    }

    /// A new row that may go out: by itself, or when somebody has looked.
    void open(Sighting& row, const Source& source) {
        std::uint64_t& waiting = waiting_[row.party];
        if (waiting >= limits::sightings_waiting_max) {
            row.why = Sighting::Why::crowded;
            return;
        }
        ++waiting;
        ++done_.waiting;
        row.state = source.report == Report::automatic ? Sighting::State::approved
                                                       : Sighting::State::waiting;
    }

    void count(Sighting& row, const SeenHit& hit, Micros at, Sighting::Why why) const {
        row.first_seen = row.count == 0 ? at : std::min(row.first_seen, at);
        row.last_seen = row.count == 0 ? at : std::max(row.last_seen, at);
        ++row.count;
        row.changed = now_;
        if (why == Sighting::Why::own_asset) row.why = why;  // the gravest is told
        const std::string_view list = hit.stopped.empty() ? hit.warned : hit.stopped;
        if (!list.empty() && row.warned.empty()) {
            row.warned = cut(list);
            if (row.state == Sighting::State::approved) row.state = Sighting::State::waiting;
        }
        const bool open =
            row.state == Sighting::State::waiting || row.state == Sighting::State::approved;
        if (open && row.count >= limits::sighting_hits_hour_max) {
            row.state = Sighting::State::counted;
            row.why = Sighting::Why::muted;
        }
    }

    /// Room for one more row; what waits for nothing any more makes it.
    bool make_room() {
        if (!rows_known_) {
            for (const store::SightingSum& sum : tx_.sighting_sums()) {
                total_ += sum.rows;
                if (sum.state <= Sighting::State::approved) waiting_[sum.party] += sum.rows;
            }
            rows_known_ = true;
        }
        if (total_ >= limits::sightings_max) {
            flush();  // so that no row in hand is among those that go
            total_ -= std::min<std::uint64_t>(
                total_,
                tx_.erase_done_sightings(
                    now_ + 1, std::max<std::size_t>(1, limits::sightings_max / 100)
                )
            );
        }
        if (total_ >= limits::sightings_max) return false;
        ++total_;
        return true;
    }

    void flush() {
        for (auto& [bucket, row] : rows_)
            (void)tx_.put(row);
        rows_.clear();
    }

    static std::string cut(std::string_view text) {
        return std::string(text.substr(0, limits::sighting_example_bytes_max));
    }

    store::Transaction& tx_;
    Micros now_;
    WriteState state_;
    Reports reports_;
    std::map<std::pair<store::CollectionNo, store::Seq>, std::optional<Source>> sources_;
    std::set<std::pair<std::string_view, std::string_view>> events_;  // event, indicator
    std::map<Bucket, Sighting> rows_;                                 // in hand, not yet put
    std::map<PartyNo, std::uint64_t> waiting_;
    std::uint64_t total_ = 0;
    bool rows_known_ = false;
    RecordedHits done_;
};

}  // namespace

RecordedHits record_hits(
    store::Transaction& tx,
    const Clock& clock,
    const std::shared_ptr<const State>& state,
    std::span<const SeenHit> hits
) {
    if (hits.empty()) return {};
    return Recorder(tx, clock.now(), state).run(hits);
}

bool may_post_events(const State& state, const store::User& user) {
    const bool role = user.role == store::Role::sensor || user.role == store::Role::publisher ||
                      user.role == store::Role::admin;
    return role && user.party == state.own_party().no && !user.disabled &&
           state.stops.of(user) == nullptr;
}

}  // namespace entente::exchange
