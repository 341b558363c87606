#include "exchange/outbox.h"

#include "agreement/stix_object.h"
#include "base/limits.h"
#include "exchange/internal/agreement_steps.h"
#include "exchange/state_cache.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace entente::exchange {
namespace {

using store::OutboxNo;
using store::OutboxRow;
using store::PartyNo;

// Rows may hold limits::outbox_body_bytes_max each.
constexpr std::size_t chunk = 8;

/// Pids of an agreement that this node speaks to about it.
std::set<std::string, std::less<>> told_pids(
    const agreement::Standing& standing, std::string_view own
) {
    std::set<std::string, std::less<>> pids;
    const auto own_signed = [&](const agreement::Document* document) {
        return document != nullptr && std::ranges::any_of(standing.signatures, [&](const auto& s) {
                   return s.pid == own && s.digest == document->digest;
               });
    };
    const auto add = [&](const agreement::Document* document) {
        if (document == nullptr) return;
        for (const agreement::PartyTerm& term : document->parties)
            pids.insert(term.pid);
    };
    for (const agreement::Standing::Signed& s : standing.signatures)
        pids.insert(s.pid);
    if (!pids.contains(own)) return {};
    add(standing.document);
    // A draft that names somebody tells nobody anything: only what we put our name to does.
    if (own_signed(standing.next)) add(standing.next);
    for (const std::string& pid : standing.left)
        pids.erase(pid);
    pids.erase(std::string(own));
    return pids;
}

bool has_peer(const store::Directory& directory, PartyNo party) {
    return std::ranges::find(directory.peers, party, &store::Peer::party) != directory.peers.end();
}

/// Takes away what stands for the same: what will be sent holds all of it. Returns since when that
/// waits.
Micros replace(store::Transaction& tx, PartyNo party, std::string_view agreement, Micros now) {
    Micros since = now;
    for (OutboxNo from{1};;) {
        const auto rows = tx.outbox(from, chunk);
        for (const OutboxRow& row : rows) {
            from = OutboxNo{agreement::raw(row.no) + 1};
            const bool same = row.party == party && row.kind == OutboxRow::Kind::agreement &&
                              row.about == agreement && row.state != OutboxRow::State::delivered;
            if (!same) continue;
            since = std::min(since, row.created);
            tx.erase(row.no);
        }
        if (rows.size() < chunk) return since;
    }
}

}  // namespace

std::vector<PartyNo> who_is_told(const State& state, std::string_view agreement, Micros now) {
    const Agreements::Known* known = state.agreements.find(agreement);
    const agreement::Standpoint* point = state.agreements.point(agreement);
    if (known == nullptr || point == nullptr) return {};
    const PartyNo own = state.own_party().no;
    std::string_view own_pid;
    for (const auto& [pid, party] : point->parties) {
        if (party == own) own_pid = pid;
    }
    if (own_pid.empty()) return {};
    const auto pids = told_pids(known->life.at(now), own_pid);
    std::vector<PartyNo> parties;
    for (const auto& [pid, party] : point->parties) {
        if (party != own && pids.contains(pid)) parties.push_back(party);
    }
    return parties;
}

Told queue_agreement(
    store::Transaction& tx, Micros now, std::string_view agreement, std::span<const PartyNo> parties
) {
    Told told;
    const store::Directory directory = tx.directory();
    for (const PartyNo party : parties) {
        if (!has_peer(directory, party)) {
            told.no_address.push_back(party);
            continue;
        }
        OutboxRow row;
        row.party = party;
        row.kind = OutboxRow::Kind::agreement;
        row.about = agreement;
        row.created = replace(tx, party, agreement, now);
        row.due = now;
        tx.put(row);
        told.queued.push_back(party);
    }
    return told;
}

std::size_t queue_known(store::Transaction& tx, const Clock& clock, PartyNo party) {
    const State state = load_state(tx);
    const Micros now = judged_at(tx, clock);
    std::size_t count = 0;
    for (const Agreements::Known& known : state.agreements.all()) {
        const auto told = who_is_told(state, known.id, now);
        if (std::ranges::find(told, party) == told.end()) continue;
        count += queue_agreement(tx, now, known.id, std::array{party}).queued.size();
    }
    return count;
}

Result<void> queue_objects(
    store::Transaction& tx, Micros now, PartyNo party, std::string_view about, std::string envelope
) {
    if (!has_peer(tx.directory(), party)) {
        return fail(Errc::not_found, "no address is set for that party");
    }
    if (envelope.size() > limits::outbox_body_bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "{} bytes for a partner; at most {} are kept together",
                envelope.size(),
                limits::outbox_body_bytes_max
            )
        );
    }
    for (const store::OutboxHead& head : tx.outbox_heads()) {
        if (head.party != party || head.waiting < limits::outbox_rows_max) continue;
        return fail(
            Errc::overloaded, fmt::format("{} things wait for that party already", head.waiting)
        );
    }
    OutboxRow row;
    row.party = party;
    row.kind = OutboxRow::Kind::objects;
    row.about = about;
    row.body = std::move(envelope);
    row.created = row.due = now;
    tx.put(row);
    return {};
}

void settle(store::Transaction& tx, const Clock& clock, const Delivery& delivery) {
    const Micros now = clock.now();
    for (const OutboxNo no : delivery.rows) {
        const auto found = tx.outbox(no, 1);
        if (found.empty() || found.front().no != no) continue;
        OutboxRow row = found.front();
        if (row.state != OutboxRow::State::waiting) continue;
        ++row.tries;
        row.error = delivery.error.substr(0, limits::outbox_error_bytes_max);
        row.due = delivery.next;
        if (delivery.delivered) {
            row.state = OutboxRow::State::delivered;
            row.error.clear();
            row.body.clear();
            row.due = now;
        } else if (now - row.created > limits::outbox_age_max_us) {
            row.state = OutboxRow::State::given_up;
            row.due = now;
        }
        tx.put(row);
        if (row.state == OutboxRow::State::waiting || row.kind != OutboxRow::Kind::agreement) {
            continue;
        }
        const store::Directory directory = tx.directory();
        const auto party = std::ranges::find(directory.parties, row.party, &store::Party::no);
        append_step(
            tx,
            now,
            {},
            delivery.delivered ? "agreement sent" : "agreement not sent",
            row.about,
            {{"party", party == directory.parties.end() ? "" : party->name}, {"tries", row.tries}}
        );
    }
}

void try_again(store::Transaction& tx, Micros now, PartyNo party) {
    for (OutboxNo from{1};;) {
        const auto rows = tx.outbox(from, chunk);
        for (OutboxRow row : rows) {
            from = OutboxNo{agreement::raw(row.no) + 1};
            if (row.party != party || row.state == OutboxRow::State::delivered) continue;
            if (row.state == OutboxRow::State::given_up) row.created = now;
            row.state = OutboxRow::State::waiting;
            row.due = now;
            tx.put(row);
        }
        if (rows.size() < chunk) return;
    }
}

Result<std::string> agreement_object(
    const store::Directory& directory, std::string_view agreement
) {
    const auto own = std::ranges::find(directory.parties, true, &store::Party::own);
    if (own == directory.parties.end() || own->identities.empty()) {
        return fail(
            Errc::conflict,
            fmt::format(
                "your party has no STIX identity to send it under; give it one: entente party set "
                "'{}' --identity identity--UUID",
                own == directory.parties.end() ? "" : own->name
            )
        );
    }
    agreement::Carried carried;
    agreement::Envelope envelope{
        .created_by_ref = own->identities.front(), .created = {}, .modified = {}, .marking = {}};
    bool first = true;
    for (const store::AgreementRecord& r : directory.agreement_records) {
        if (r.agreement != agreement) continue;
        const bool document = r.kind == store::AgreementRecord::Kind::document;
        (document ? carried.documents : carried.notes).push_back(r.body);
        if (first) envelope.created = r.at;
        envelope.modified = r.at;
        first = false;
    }
    if (first) return fail(Errc::not_found, fmt::format("no agreement {}", agreement));
    return agreement::as_stix(carried, envelope);
}

}  // namespace entente::exchange
