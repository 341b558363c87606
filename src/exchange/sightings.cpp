#include "exchange/sightings.h"

#include "base/hash.h"
#include "exchange/agreement_changes.h"
#include "exchange/disclosure.h"
#include "exchange/internal/sighting_release.h"
#include "exchange/outbox.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace entente::exchange {
namespace {

namespace json = boost::json;
using agreement::raw;
using store::PartyNo;
using store::Sighting;
using store::SightingNo;
using Why = Sighting::Why;

constexpr std::int64_t hour_us = 3'600'000'000;
constexpr std::size_t chunk = 256;  // rows looked at together
constexpr std::size_t named_in_act = 100;

SightingNo after(const Sighting& row) {
    return SightingNo{raw(row.no) + 1};
}

/// Whether a person may still let it go out.
bool may_go(const Sighting& row) {
    return row.state == Sighting::State::waiting ||
           (row.state == Sighting::State::counted && row.why == Why::crowded);
}

json::object named(const Sighting& row) {
    json::object one{
        {"no", raw(row.no)},
        {"indicator", row.indicator},
        {"hour", format_taxii(row.hour)},
        {"count", row.count}};
    if (!row.object.empty()) one["object"] = row.object;
    return one;
}

/// Acts of so many rows each, that each of them stays short.
void record(
    store::Transaction& tx,
    Micros at,
    std::string_view kind,
    PartyNo party,
    store::UserNo user,
    const std::vector<Sighting>& rows,
    const json::object& facts
) {
    for (std::size_t from = 0; from < rows.size(); from += named_in_act) {
        json::array list;
        for (std::size_t i = from; i < std::min(rows.size(), from + named_in_act); ++i)
            list.push_back(named(rows[i]));
        json::object all = facts;
        all["sightings"] = std::move(list);
        store::Act act;
        act.kind = std::string(kind);
        act.at = at;
        act.user = user;
        act.party = party;
        act.facts = json::serialize(all);
        tx.append_act(act);
    }
}

/// Whether it is time to try to send it.
bool is_due(const Sighting& row, Micros now, Again again) {
    if (row.hour + hour_us > now) return false;
    return again == Again::all || row.note.empty() ||
           now - row.changed >= limits::sighting_retry_us || now < row.changed;
}

std::vector<PartyNo> with_approved(store::Snapshot& snapshot) {
    std::vector<PartyNo> parties;
    for (const store::SightingSum& sum : snapshot.sighting_sums()) {
        if (sum.state == Sighting::State::approved) parties.push_back(sum.party);
    }
    return parties;
}

/// Hands `take` the approved rows of a party whose time has come, until it returns false.
template <class Take>
void each_due(store::Snapshot& snapshot, PartyNo party, Micros now, Again again, const Take& take) {
    for (SightingNo from{1};;) {
        const auto rows = snapshot.sightings_in(Sighting::State::approved, party, from, chunk);
        for (const Sighting& row : rows) {
            if (is_due(row, now, again) && !take(row)) return;
        }
        if (rows.size() < chunk) return;
        from = after(rows.back());
    }
}

/// Those that go to one party at once.
class Sending {
  public:
    Sending(store::Transaction& tx, const Clock& clock, const State& state, PartyNo party)
        : tx_(tx),
          clock_(clock),
          state_(state),
          party_(party),
          release_(tx, clock, state),
          has_peer_(
              std::ranges::find(state.directory.peers, party, &store::Peer::party) !=
              state.directory.peers.end()
          ) {}

    /// Sends it, or notes why it stays.
    bool add(Sighting row) {
        const auto done = release(row);
        row.note = done ? std::string() : done.error().detail;
        row.changed = clock_.now();
        (void)tx_.put(row);
        return done.has_value();
    }

    /// Puts down what goes to the party's server, with the records of it.
    void finish() {
        for (auto& [key, batch] : batches_) {
            const auto& [agreement, collection, pushed] = key;
            std::string envelope = R"({"objects":[)" + batch.objects + "]}";
            const Micros now = clock_.now();
            if (pushed) {
                // It is given from here on, whether or not the other side says so.
                tx_.append_act(disclosure_act(
                    {.what = "sightings",
                     .party = party_,
                     .collection = collection,
                     .sha256 = to_hex(sha256(envelope)),
                     .entries = batch.entries,
                     .by = "outbox"},
                    now
                ));
                const auto queued = queue_objects(tx_, now, party_, agreement, std::move(envelope));
                if (!queued) throw StorageError(StorageError::Kind::busy, queued.error().detail);
            }
            const store::Collection* where = state_.collection(collection);
            record(
                tx_,
                now,
                "sightings sent",
                party_,
                {},
                batch.rows,
                {{"agreement", agreement},
                 {"collection", where == nullptr ? "" : where->id},
                 {"pushed", pushed}}
            );
        }
    }

  private:
    struct Batch {
        std::string objects;
        std::vector<store::Seq> entries;
        std::vector<Sighting> rows;
    };

    Result<void> release(Sighting& row) {
        if (std::string why = release_.held(row); !why.empty())
            return fail(Errc::conflict, std::move(why));
        ENTENTE_TRY(const std::string object, release_.object_of(row));
        ENTENTE_TRY(const SightingRelease::Stored stored, release_.store(row, object));
        row.state = Sighting::State::sent;
        row.object = std::string(json::parse(object).at("id").as_string());
        // Where the agreement asks for a delay, the collection keeps it: the party fetches it.
        const bool pushed = has_peer_ && stored.delay_hours == 0;
        Batch& batch = batches_[{row.agreement, stored.collection->no, pushed}];
        if (!batch.objects.empty()) batch.objects += ',';
        batch.objects += object;
        batch.entries.push_back(stored.seq);
        batch.rows.push_back(row);
        DaysTold told(tx_, clock_.now());
        told.add(party_, 1);
        told.put(tx_);
        return {};
    }

    store::Transaction& tx_;
    const Clock& clock_;
    const State& state_;
    PartyNo party_;
    SightingRelease release_;
    bool has_peer_;
    std::map<std::tuple<std::string, store::CollectionNo, bool>, Batch> batches_;
};

}  // namespace

std::string why_held(const Sighting& row) {
    switch (row.why) {
        case Why::nothing:
            break;
        case Why::own_asset:
            return "what matched is an own asset";
        case Why::stop_list:
            return "what matched is on the list " + row.warned;
        case Why::muted:
            return fmt::format("{} hits or more in the hour", limits::sighting_hits_hour_max);
        case Why::own_indicator:
            return "the indicator is your own";
        case Why::no_agreement:
            return "the indicator came under no agreement";
        case Why::not_asked:
            return "reports under the agreement were off";
        case Why::crowded:
            return fmt::format("more than {} waited for that party", limits::sightings_waiting_max);
    }
    if (row.state == Sighting::State::approved) return row.note;
    return {};
}

Result<void> review_sightings(
    store::Transaction& tx,
    Micros now,
    const Reviewer& reviewer,
    std::span<const SightingNo> numbers,
    Review review
) {
    std::map<std::pair<PartyNo, std::string>, std::vector<Sighting>> decided;
    for (const SightingNo no : numbers) {
        std::optional<Sighting> row = tx.sighting(no);
        if (!row) {
            return fail(
                Errc::not_found, fmt::format("no sighting {}; see: entente sightings list", raw(no))
            );
        }
        const bool approved = row->state == Sighting::State::approved;
        if (review == Review::approve ? !may_go(*row) : !may_go(*row) && !approved) {
            std::string why = why_held(*row);
            if (row->state == Sighting::State::sent) why = "it was sent";
            if (row->state == Sighting::State::declined) why = "it was declined";
            if (approved) why = "it is approved already";
            return fail(Errc::conflict, fmt::format("sighting {}: {}", raw(no), why));
        }
        row->state =
            review == Review::approve ? Sighting::State::approved : Sighting::State::declined;
        row->why = Why::nothing;
        row->note.clear();
        row->changed = now;
        (void)tx.put(*row);
        decided[{row->party, row->agreement}].push_back(std::move(*row));
    }
    for (const auto& [whose, rows] : decided) {
        record(
            tx,
            now,
            review == Review::approve ? "sightings approved" : "sightings declined",
            whose.first,
            reviewer.user,
            rows,
            {{"agreement", whose.second}, {"person", reviewer.person}}
        );
    }
    return {};
}

Result<SightingPreview> preview_sighting(
    store::Transaction& tx, const Clock& clock, SightingNo no
) {
    const std::optional<Sighting> row = tx.sighting(no);
    if (!row) {
        return fail(
            Errc::not_found, fmt::format("no sighting {}; see: entente sightings list", raw(no))
        );
    }
    (void)sighting_key(tx);  // stays: what is shown is what will go out
    SightingPreview preview;
    (void)tx.savepoint([&] {
        const State state = load_state(tx);
        SightingRelease release(tx, clock, state);
        preview.held = row->state == Sighting::State::sent ? "it was sent" : why_held(*row);
        if (row->state == Sighting::State::approved) preview.held.clear();  // asked anew
        if (preview.held.empty()) preview.held = release.held(*row);
        const auto hold = [&](const Error& error) {
            if (preview.held.empty()) preview.held = error.detail;
        };
        const auto object = release.object_of(*row);
        if (!object) {
            hold(object.error());
            return false;
        }
        preview.object = *object;
        const auto stored = release.store(*row, *object);
        if (!stored) {
            hold(stored.error());
            return false;
        }
        preview.through = stored->collection->no;
        preview.readers = stored->readers;
        preview.pushed =
            stored->delay_hours == 0 &&
            std::ranges::find(state.directory.peers, row->party, &store::Peer::party) !=
                state.directory.peers.end();
        return false;
    });
    return preview;
}

SentSightings send_sightings(
    store::Transaction& tx,
    const Clock& clock,
    const std::shared_ptr<const State>& state,
    Again again
) {
    SentSightings done;
    const auto parties = with_approved(tx);
    if (parties.empty()) return done;
    WriteState known(tx, state);
    if (agreements_due(known.state(), clock.now())) {
        advance(tx, clock);
        known.reload();
    }
    for (const PartyNo party : parties) {
        std::vector<Sighting> due;
        each_due(tx, party, clock.now(), again, [&](const Sighting& row) {
            due.push_back(row);
            return done.sent + done.held + due.size() < limits::sightings_sent_at_once;
        });
        Sending sending(tx, clock, known.state(), party);
        for (Sighting& row : due)
            ++(sending.add(std::move(row)) ? done.sent : done.held);
        sending.finish();
        if (done.sent + done.held >= limits::sightings_sent_at_once) break;
    }
    return done;
}

void look_at_sightings(
    store::Store& store, StateCache& states, Writer& writer, const Clock& clock
) {
    std::shared_ptr<const State> state;
    bool due = false;
    {
        // The snapshot ends before the writer is asked: it may have to wait for all readers to go.
        const auto snapshot = store.snapshot();
        const Micros now = clock.now();
        for (const PartyNo party : with_approved(*snapshot)) {
            each_due(*snapshot, party, now, Again::some, [&](const Sighting&) {
                due = true;
                return false;
            });
        }
        if (due) state = states.get(*snapshot);
    }
    if (!due) return;
    writer.run([&](store::Transaction& tx) { (void)send_sightings(tx, clock, state, Again::some); }
    );
}

}  // namespace entente::exchange
