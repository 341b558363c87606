#include "exchange/agreement_changes.h"

#include "base/hash.h"
#include "exchange/internal/agreement_steps.h"
#include "exchange/internal/write_state.h"
#include "exchange/outbox.h"
#include "exchange/rights.h"
#include "ledger/note.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace entente::exchange {
namespace {

namespace json = boost::json;
using agreement::Seq;
using store::AgreementRecord;
using store::ClassNo;
using store::CollectionNo;
using store::UserNo;

// ---- Delays

bool has_delay(const agreement::Terms& terms) {
    return std::ranges::any_of(terms.bonds, [](const agreement::Bond& bond) {
        return std::ranges::any_of(bond.ways, [](const agreement::Way& way) {
            if (way.delay_hours != 0) return true;
            return way.sources && std::ranges::any_of(way.sources->onward, [](const auto& o) {
                       return o.delay_hours != 0;
                   });
        });
    });
}

/// Entries of delayed classes whose time has come, in one view.
class DueEntries {
  public:
    DueEntries(store::Transaction& tx, const agreement::View& view, Micros now)
        : tx_(tx),
          view_(view),
          now_(now) {}

    void release(const Clock& clock) {
        std::map<ClassNo, Seq> upto;
        for (const store::Delayed& d : tx_.delayed(view_.user(), view_.collection()))
            upto.emplace(d.cls, d.upto);
        std::vector<store::Transaction::NewLate> rows;
        for (const agreement::Delay& delay : view_.delays()) {
            Seq& done = upto[delay.cls];
            for (const Seq seq : due(delay, done)) {
                rows.push_back({seq, store::LateRow::Kind::widened});
                done = seq;
            }
        }
        if (rows.empty()) return;
        std::ranges::sort(rows, {}, [](const auto& row) { return row.entry; });
        std::vector<store::Delayed> all;
        for (const auto& [cls, done] : upto)
            all.push_back({cls, done});
        tx_.set_delayed(view_.user(), view_.collection(), all);
        tx_.append_late(view_.user(), view_.collection(), clock.now(), rows);
    }

  private:
    [[nodiscard]] std::vector<Seq> due(const agreement::Delay& delay, Seq done) {
        constexpr std::size_t chunk = 256;
        constexpr std::int64_t us_per_hour = 3'600'000'000;
        std::vector<Seq> found;
        for (Seq from = agreement::next(done);;) {
            const auto some = tx_.next_of_class(view_.collection(), delay.cls, from, chunk);
            for (const Seq seq : some) {
                if (stored_at(seq) + delay.hours * us_per_hour > now_) return found;
                found.push_back(seq);
            }
            if (some.size() < chunk) return found;
            from = agreement::next(some.back());
        }
    }

    [[nodiscard]] Micros stored_at(Seq seq) {
        const bool here = group_ && group_->first <= seq &&
                          agreement::raw(seq) < agreement::raw(group_->first) + group_->count;
        if (!here) group_ = tx_.group_at(view_.collection(), seq);
        // An entry without its group is damage: it stays where it is.
        return group_ ? group_->base : Micros{std::numeric_limits<std::int64_t>::max() / 2};
    }

    store::Transaction& tx_;
    const agreement::View& view_;
    Micros now_;
    std::optional<store::Group> group_;
};

void release_delayed(store::Transaction& tx, const Clock& clock, const State& state, Micros now) {
    for (const store::Collection& collection : state.directory.collections) {
        for (const UserNo viewer : tx.viewers(collection.no)) {
            const store::User* user = state.user(viewer);
            if (user == nullptr) continue;
            const agreement::Terms terms = view_terms(state, *user, collection);
            if (!has_delay(terms)) continue;
            const agreement::View view = agreement::make_view(
                viewer, collection.no, terms, *state.classes, state.markings, {}
            );
            DueEntries(tx, view, now).release(clock);
        }
    }
}

// ---- Records

Result<std::string> agreement_of(const AgreementStep& step) {
    if (step.kind == AgreementRecord::Kind::document) {
        ENTENTE_TRY(const agreement::Document document, agreement::read_document(step.body));
        return document.id;
    }
    ENTENTE_TRY(const ledger::Note note, ledger::parse_note(step.body));
    if (step.kind == AgreementRecord::Kind::signature) {
        ENTENTE_TRY(const agreement::SignedText text, agreement::read_signed_text(note.text));
        return text.id;
    }
    ENTENTE_TRY(const agreement::Statement statement, agreement::read_statement(note.text));
    return statement.id;
}

agreement::Record::Kind kind_of(AgreementRecord::Kind kind) {
    switch (kind) {
        case AgreementRecord::Kind::document:
            return agreement::Record::Kind::document;
        case AgreementRecord::Kind::signature:
            return agreement::Record::Kind::signature;
        case AgreementRecord::Kind::statement:
            return agreement::Record::Kind::statement;
    }
    return agreement::Record::Kind::statement;
}

std::string_view step_name(const AgreementStep& step, const agreement::Standing& after) {
    switch (step.kind) {
        case AgreementRecord::Kind::document:
            return "agreement drafted";
        case AgreementRecord::Kind::signature:
            return after.missing.empty() ? "agreement signed by all" : "agreement signed";
        case AgreementRecord::Kind::statement:
            return "agreement statement";
    }
    return "agreement step";
}

const agreement::Document* newest(const agreement::Standing& standing) {
    return standing.next != nullptr ? standing.next : standing.document;
}

}  // namespace

bool agreements_due(const State& state, Micros now) noexcept {
    if (state.clock_doubt) return false;  // a wrong time must end or begin nothing
    const auto at = state.agreements.changes_at();
    return at && *at <= now;
}

void advance(store::Transaction& tx, const Clock& clock) {
    const Micros now = judged_at(tx, clock);
    State state = load_state(tx);
    if (state.directory.agreement_records.empty() || state.clock_doubt) return;
    if (agreements_due(state, now)) {
        change_rights(tx, clock, all_collections(tx), [&] { tx.set_agreements_at(now); });
        release_delayed(tx, clock, load_state(tx), now);
        return;
    }
    release_delayed(tx, clock, state, now);
}

Present present(
    store::Store& store,
    StateCache& states,
    const Clock& clock,
    const std::function<void(const std::function<void(store::Transaction&)>&)>& write
) {
    auto snapshot = store.snapshot();
    auto state = states.get(*snapshot);
    if (agreements_due(*state, clock.now())) {
        snapshot.reset();
        write([&clock](store::Transaction& tx) { advance(tx, clock); });
        snapshot = store.snapshot();
        state = states.get(*snapshot);
    }
    return {.snapshot = std::move(snapshot), .state = std::move(state)};
}

Result<TakenRecord> take_record(
    store::Transaction& tx, const Clock& clock, const AgreementStep& step
) {
    ENTENTE_TRY(const std::string id, agreement_of(step));
    const Micros now = judged_at(tx, clock);
    const State before = load_state(tx);
    std::vector<store::PartyNo> told = who_is_told(before, id, now);
    const Agreements::Known* known = before.agreements.find(id);
    TakenRecord taken;
    taken.agreement = id;
    taken.new_agreement = known == nullptr;
    agreement::Life life =
        known != nullptr ? known->life : agreement::Life({}, before.agreements.keys());
    taken.before = life.at(now).stage;
    ENTENTE_CHECK(life.add({.kind = kind_of(step.kind), .body = step.body, .at = now}));
    const agreement::Standing after = life.at(now);
    taken.after = after.stage;
    std::vector<store::AgreementParty> parties;
    if (step.kind == AgreementRecord::Kind::document && newest(after) != nullptr) {
        std::set<std::string> mapped;
        for (const store::AgreementParty& p : before.directory.agreement_parties) {
            if (p.agreement == id) mapped.insert(p.pid);
        }
        ENTENTE_TRY(const agreement::Document document, agreement::read_document(step.body));
        for (store::AgreementParty& row : mapped_parties(before, document)) {
            if (!mapped.contains(row.pid)) parties.push_back(std::move(row));
        }
    }
    change_rights(tx, clock, all_collections(tx), [&] {
        tx.append_agreement(
            {.no = {}, .agreement = id, .kind = step.kind, .body = step.body, .at = now}
        );
        for (const store::AgreementParty& row : parties)
            tx.put(row);
        tx.set_agreements_at(now);
    });
    append_step(
        tx,
        now,
        step.user,
        std::string(step_name(step, after)),
        id,
        {{"sha256", to_hex(sha256(step.body))},
         {"stage", agreement::stage_text(after.stage)},
         {"version", newest(after) != nullptr ? newest(after)->version : 0}}
    );
    const State now_known = load_state(tx);
    release_delayed(tx, clock, now_known, now);
    // A draft obliges nobody; it goes along with the first signature under it.
    if (step.kind == AgreementRecord::Kind::document) return taken;
    for (const store::PartyNo party : who_is_told(now_known, id, now)) {
        if (std::ranges::find(told, party) == told.end()) told.push_back(party);
    }
    std::erase(told, step.from);
    taken.told = queue_agreement(tx, now, id, told);
    return taken;
}

namespace {

/// What the keys and identities of a version say against a party that a pid is said to be.
/// REQUIRES: the version has the pid.
Result<void> check_mapping(
    const State& state, const store::AgreementParty& row, const agreement::Document& document
) {
    const agreement::PartyTerm& term = *document.party(row.pid);
    const store::Party* party = state.party(row.party);
    if (party == nullptr) return {};
    if (state.agreements.has_card(row.party)) {
        for (const ledger::Verifier& key : term.sign_keys) {
            const auto of = state.agreements.party_of_key(key);
            if (of && *of == row.party) continue;
            return fail(
                Errc::conflict,
                fmt::format(
                    "'{}' signs with the key {} in version {}, which is not on the card of that "
                    "party; take the party's newer card first, or ask it",
                    row.pid,
                    ledger::fingerprint(key),
                    document.version
                )
            );
        }
    }
    const auto listed = [&](const std::string& identity) {
        return std::ranges::find(party->identities, identity) != party->identities.end();
    };
    if (term.sign_keys.empty() && !term.identities.empty() &&
        std::ranges::none_of(term.identities, listed)) {
        return fail(
            Errc::conflict,
            fmt::format(
                "'{}' has no key in version {}, so its identities tell who it is, and '{}' lists "
                "none of them; add {} to the party first",
                row.pid,
                document.version,
                party->name,
                term.identities.front()
            )
        );
    }
    return {};
}

}  // namespace

Result<void> map_party(
    store::Transaction& tx, const Clock& clock, const store::AgreementParty& row, UserNo user
) {
    const State state = load_state(tx);
    const auto* known = state.agreements.find(row.agreement);
    if (known == nullptr) return fail(Errc::not_found, "no agreement " + row.agreement);
    const agreement::Standing standing = known->life.at(judged_at(tx, clock));
    const bool named =
        std::ranges::any_of(std::array{standing.document, standing.next}, [&](const auto* d) {
            return d != nullptr && d->party(row.pid) != nullptr;
        });
    if (!named) {
        return fail(Errc::not_found, fmt::format("the agreement names no party '{}'", row.pid));
    }
    for (const auto* d : {standing.document, standing.next}) {
        if (d != nullptr && d->party(row.pid) != nullptr)
            ENTENTE_CHECK(check_mapping(state, row, *d));
    }
    for (const store::AgreementParty& other : state.directory.agreement_parties) {
        if (other.agreement == row.agreement && other.pid != row.pid && other.party == row.party &&
            row.party != store::PartyNo{}) {
            return fail(Errc::conflict, fmt::format("that party is '{}' there already", other.pid));
        }
    }
    change_rights(tx, clock, all_collections(tx), [&] {
        if (row.party == store::PartyNo{}) {
            tx.erase(row);
        } else {
            tx.put(row);
        }
    });
    const store::Party* party = state.party(row.party);
    append_step(
        tx,
        judged_at(tx, clock),
        user,
        "agreement party mapped",
        row.agreement,
        {{"pid", row.pid}, {"party", party == nullptr ? "" : party->name}}
    );
    // What was signed before it was known who this is.
    const Micros now = judged_at(tx, clock);
    const auto told = who_is_told(load_state(tx), row.agreement, now);
    if (std::ranges::find(told, row.party) != told.end()) {
        queue_agreement(tx, now, row.agreement, std::array{row.party});
    }
    return {};
}

Result<void> bind_collection(
    store::Transaction& tx,
    const Clock& clock,
    const store::AgreementBinding& row,
    bool bound,
    UserNo user
) {
    const State state = load_state(tx);
    const auto* known = state.agreements.find(row.agreement);
    if (known == nullptr) return fail(Errc::not_found, "no agreement " + row.agreement);
    const agreement::Standing standing = known->life.at(judged_at(tx, clock));
    const bool there =
        row.flow.empty() ||
        std::ranges::any_of(std::array{standing.document, standing.next}, [&](const auto* d) {
            return d != nullptr &&
                   std::ranges::find(d->flows, row.flow, &agreement::Flow::fid) != d->flows.end();
        });
    if (!there) {
        return fail(Errc::not_found, fmt::format("the agreement has no flow '{}'", row.flow));
    }
    const store::Collection* collection = state.collection(row.collection);
    if (collection == nullptr) return fail(Errc::not_found, "no such collection");
    change_rights(tx, clock, all_collections(tx), [&] {
        if (bound) {
            tx.put(row);
        } else {
            tx.erase(row);
        }
    });
    append_step(
        tx,
        judged_at(tx, clock),
        user,
        bound ? "agreement bound" : "agreement unbound",
        row.agreement,
        {{"flow", row.flow},
         {"collection", collection->id},
         {"way", row.way == store::AgreementBinding::Way::out ? "out" : "in"}}
    );
    release_delayed(tx, clock, load_state(tx), judged_at(tx, clock));
    return {};
}

std::vector<store::ActNo> broken_links(store::Snapshot& snapshot, std::string_view agreement) {
    std::vector<store::ActNo> broken;
    std::string before;
    for (const store::Act& act : acts_of(snapshot, agreement)) {
        json::object facts = json::parse(act.facts).as_object();
        const std::string told = told_link(act);
        facts.stable_erase("link");
        if (told != link_of(before, act, facts)) broken.push_back(act.no);
        before = told;
    }
    return broken;
}

}  // namespace entente::exchange
