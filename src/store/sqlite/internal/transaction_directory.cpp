#include "base/assert.h"
#include "store/sqlite/internal/place.h"
#include "store/sqlite/internal/transaction.h"

#include <sqlite3.h>

#include <algorithm>

namespace entente::store::sqlite {

template <class No>
No SqliteTransaction::added(No no, std::int64_t rows_changed) {
    if (rows_changed != 1)
        throw StorageError(StorageError::Kind::corrupt, "database: a row to change is not there");
    if (no != No{}) return no;
    return static_cast<No>(sqlite3_last_insert_rowid(connection_.handle()));
}

void SqliteTransaction::changed() {
    run(Q::generation_move);
}

PartyNo SqliteTransaction::put(const Party& row) {
    changed();
    const bool is_new = row.no == PartyNo{};
    const PartyNo no = added(
        row.no,
        is_new ? run(Q::party_add, row.name, row.own) : run(Q::party_set, row.no, row.name, row.own)
    );
    if (!is_new) run(Q::party_identities_erase, no);
    std::int64_t at = 0;
    for (const std::string& identity : row.identities)
        run(Q::party_identity_add, no, at++, identity);
    return no;
}

UserNo SqliteTransaction::put(const User& r) {
    changed();
    const auto& hash = r.password_hash;
    return added(
        r.no,
        r.no == UserNo{}
            ? run(Q::user_add, r.name, r.party, r.role, hash, r.password_expires, r.disabled)
            : run(Q::user_set, r.no, r.name, r.party, r.role, hash, r.password_expires, r.disabled)
    );
}

TokenNo SqliteTransaction::put(const Token& r) {
    changed();
    const auto& [no, user, hash, binding, label, created, expires, revoked] = r;
    return added(
        no,
        no == TokenNo{}
            ? run(Q::token_add, user, hash, label, created, expires, revoked, binding)
            : run(Q::token_set, no, user, hash, label, created, expires, revoked, binding)
    );
}

RootNo SqliteTransaction::put(const ApiRoot& r) {
    changed();
    const auto length = r.max_content_length;
    return added(
        r.no,
        r.no == RootNo{}
            ? run(Q::root_add, r.name, r.title, r.description, length, r.is_default)
            : run(Q::root_set, r.no, r.name, r.title, r.description, length, r.is_default)
    );
}

CollectionNo SqliteTransaction::put(const Collection& r) {
    changed();
    const bool is_new = r.no == CollectionNo{};
    const auto rows_changed = is_new ? run(Q::collection_add,
                                           r.root,
                                           r.id,
                                           r.alias,
                                           r.title,
                                           r.description,
                                           r.accepts_stix20,
                                           r.default_marking,
                                           r.checks,
                                           r.takes_agreements,
                                           r.keep_us,
                                           r.bytes_max,
                                           r.objects_max,
                                           r.drop_oldest)
                                     : run(Q::collection_set,
                                           r.no,
                                           r.root,
                                           r.id,
                                           r.alias,
                                           r.title,
                                           r.description,
                                           r.accepts_stix20,
                                           r.default_marking,
                                           r.checks,
                                           r.takes_agreements,
                                           r.keep_us,
                                           r.bytes_max,
                                           r.objects_max,
                                           r.drop_oldest);
    const CollectionNo no = added(r.no, rows_changed);
    if (is_new) run(Q::head_add, no);
    return no;
}

GrantNo SqliteTransaction::put(const Grant& r) {
    changed();
    return added(
        r.no,
        r.no == GrantNo{} ? run(Q::grant_add,
                                r.collection,
                                r.party,
                                r.user,
                                r.list,
                                r.read,
                                r.write,
                                r.max_marking,
                                r.personal_data)
                          : run(Q::grant_set,
                                r.no,
                                r.collection,
                                r.party,
                                r.user,
                                r.list,
                                r.read,
                                r.write,
                                r.max_marking,
                                r.personal_data)
    );
}

void SqliteTransaction::put(const StatementMarking& row) {
    if (run(Q::statement_add, row.marking_id, row.source) > 0) changed();
}

void SqliteTransaction::put(const Peer& r) {
    changed();
    run(Q::peer_put, r.party, r.url, r.settings, r.secret);
}

void SqliteTransaction::erase_peer(PartyNo party) {
    if (run(Q::peer_erase, party) > 0) changed();
}

AgreementRecordNo SqliteTransaction::append_agreement(const AgreementRecord& r) {
    changed();
    return added(
        AgreementRecordNo{},
        run(Q::agreement_record_add, Lasting{r.agreement}, r.kind, Lasting{r.body}, r.at)
    );
}

void SqliteTransaction::put(const AgreementParty& r) {
    if (run(Q::agreement_party_put, r.agreement, r.pid, r.party) > 0) changed();
}

void SqliteTransaction::put(const AgreementBinding& r) {
    if (run(Q::agreement_binding_add, r.agreement, r.flow, r.collection, r.way) > 0) changed();
}

void SqliteTransaction::put(const Card& r) {
    if (run(Q::card_add, r.party, r.sequence, Lasting{r.note}, r.at) > 0) changed();
}

void SqliteTransaction::put(const KeyStatement& r) {
    if (run(Q::key_statement_add, Lasting{r.note}, r.at) > 0) changed();
}

void SqliteTransaction::erase(const AgreementParty& r) {
    if (run(Q::agreement_party_erase, r.agreement, r.pid) > 0) changed();
}

void SqliteTransaction::erase(const AgreementBinding& r) {
    if (run(Q::agreement_binding_erase, r.agreement, r.flow, r.collection, r.way) > 0) changed();
}

void SqliteTransaction::set_agreements_at(Micros at) {
    if (run(Q::agreements_at_set, at) > 0) changed();
}

void SqliteTransaction::erase(GrantNo no) {
    changed();
    run(Q::grant_erase, no);
}

void SqliteTransaction::erase(TokenNo no) {
    changed();
    run(Q::token_erase, no);
}

void SqliteTransaction::erase(UserNo no) {
    changed();
    run(Q::user_tokens_erase, no);
    run(Q::user_grants_erase, no);
    run(Q::user_stretches_erase, no);
    run(Q::user_late_erase, no);
    run(Q::user_delayed_erase, no);
    run(Q::user_views_erase, no);
    run(Q::user_erase, no);
}

void SqliteTransaction::erase(PartyNo no) {
    changed();
    run(Q::party_identities_erase, no);
    run(Q::party_agreements_erase, no);
    run(Q::party_cards_erase, no);
    run(Q::party_outbox_erase, no);
    run(Q::party_sightings_erase, no);
    run(Q::peer_erase, no);
    run(Q::party_erase, no);
}

void SqliteTransaction::erase(RootNo no) {
    changed();
    run(Q::root_erase, no);
}

void SqliteTransaction::erase(CollectionNo no) {
    changed();
    erased_ = true;
    const std::int64_t first = place_of(no, Seq{0});
    const std::int64_t last = place_of(no, agreement::seq_max);
    run(Q::collection_entries_erase, first, last);
    run(Q::collection_groups_erase, first, last);
    run(Q::collection_recent_erase, no);
    run(Q::collection_ids_erase, no);
    run(Q::collection_derived_erase, no);
    run(Q::collection_late_erase, no);
    run(Q::collection_delayed_erase, no);
    run(Q::collection_stretches_erase, no);
    run(Q::collection_views_erase, no);
    run(Q::collection_grants_erase, no);
    run(Q::collection_bindings_erase, no);
    run(Q::collection_quarantine_erase, no);
    run(Q::collection_holds_erase, no);
    run(Q::collection_tombstones_erase, no);
    run(Q::collection_kept_erase, no);
    run(Q::collection_sightings_erase, no);
    run(Q::collection_head_erase, no);
    run(Q::collection_erase, no);
}

HoldNo SqliteTransaction::put(const Hold& r) {
    changed();
    return added(
        r.no,
        r.no == HoldNo{}
            ? run(Q::hold_add, r.collection, r.party, r.id, r.person, r.reason, r.at)
            : run(Q::hold_set, r.no, r.collection, r.party, r.id, r.person, r.reason, r.at)
    );
}

void SqliteTransaction::erase(HoldNo no) {
    changed();
    run(Q::hold_erase, no);
}

void SqliteTransaction::put(CollectionNo collection, const Tombstone& row) {
    run(Q::tombstone_add, collection, Lasting{row.id}, Lasting{row.version_key}, row.at);
}

void SqliteTransaction::erase_tombstones(CollectionNo collection, std::string_view id) {
    run(Q::tombstones_erase, collection, Lasting{id});
}

KeptNo SqliteTransaction::append_kept(const Kept& row) {
    return added(
        KeptNo{},
        run(Q::kept_add,
            row.collection,
            row.seq,
            row.cls,
            row.lane,
            Lasting{row.id},
            Lasting{row.version},
            Lasting{row.derived_of},
            row.digest,
            row.at,
            LastingBlob{row.body})
    );
}

void SqliteTransaction::erase(KeptNo no) {
    erased_ = true;
    run(Q::kept_erase, no);
}

void SqliteTransaction::raise_dates(CollectionNo collection, Micros at) {
    run(Q::head_raise, collection, at);
}

void SqliteTransaction::set_setting(std::string_view name, std::string_view value) {
    run(Q::setting_set, name, value);
}

void SqliteTransaction::make_view(UserNo user, CollectionNo collection) {
    if (run(Q::view_add, user, collection) > 0) changed();
}

void SqliteTransaction::set_stretches(
    UserNo user, CollectionNo collection, std::span<const agreement::Stretch> stretches
) {
    changed();
    run(Q::view_add, user, collection);
    run(Q::stretches_erase, user, collection);
    for (const agreement::Stretch& s : stretches)
        run(Q::stretch_add, user, collection, s.cls, s.after, s.upto, s.kept);
}

void SqliteTransaction::set_delayed(
    UserNo user, CollectionNo collection, std::span<const Delayed> rows
) {
    ENTENTE_ASSERT(has_view(user, collection));
    run(Q::delayed_erase, user, collection);
    for (const Delayed& row : rows)
        run(Q::delayed_add, user, collection, row.cls, row.upto);
}

ClassNo SqliteTransaction::intern_class(std::string_view key) {
    const Digest digest = sha256(key);
    {
        Statement s(connection_, Q::class_by_digest, digest);
        if (s.row()) return s.as<ClassNo>(0);
    }
    return added(ClassNo{}, run(Q::class_add, digest, Lasting{key}));
}

ActNo SqliteTransaction::append_act(const Act& act) {
    return added(
        ActNo{},
        run(Q::act_add,
            Lasting{act.kind},
            act.at,
            act.user,
            act.party,
            act.collection,
            Lasting{act.facts},
            Lasting{act.agreement})
    );
}

void SqliteTransaction::put_status(const StatusRow& row) {
    run(Q::status_put, Lasting{row.id}, row.user, row.root, row.at, Lasting{row.body});
}

void SqliteTransaction::purge_statuses(Micros before) {
    run(Q::statuses_purge, before);
}

QuarantineNo SqliteTransaction::put(const QuarantineItem& r) {
    const LastingBlob body{r.body};
    const auto rows_changed = r.no == QuarantineNo{} ? run(Q::quarantine_add,
                                                           r.collection,
                                                           r.user,
                                                           r.party,
                                                           r.at,
                                                           r.reason,
                                                           r.id,
                                                           r.version,
                                                           body,
                                                           r.visible_to_sender,
                                                           r.state)
                                                     : run(Q::quarantine_set,
                                                           r.no,
                                                           r.collection,
                                                           r.user,
                                                           r.party,
                                                           r.at,
                                                           r.reason,
                                                           r.id,
                                                           r.version,
                                                           body,
                                                           r.visible_to_sender,
                                                           r.state);
    return added(r.no, rows_changed);
}

void SqliteTransaction::erase(QuarantineNo no) {
    erased_ = true;
    run(Q::quarantine_erase, no);
}

OutboxNo SqliteTransaction::put(const OutboxRow& r) {
    const LastingBlob body{r.body};
    const auto rows_changed = r.no == OutboxNo{} ? run(Q::outbox_add,
                                                       r.party,
                                                       r.kind,
                                                       r.about,
                                                       body,
                                                       r.created,
                                                       r.state,
                                                       r.tries,
                                                       r.due,
                                                       r.error)
                                                 : run(Q::outbox_set,
                                                       r.no,
                                                       r.party,
                                                       r.kind,
                                                       r.about,
                                                       body,
                                                       r.created,
                                                       r.state,
                                                       r.tries,
                                                       r.due,
                                                       r.error);
    return added(r.no, rows_changed);
}

void SqliteTransaction::erase(OutboxNo no) {
    run(Q::outbox_erase, no);
}

void SqliteTransaction::purge_outbox(Micros before) {
    run(Q::outbox_purge, before);
}

SightingNo SqliteTransaction::put(const Sighting& r) {
    const auto values = [&](Q q, const auto&... number) {
        return run(
            q,
            number...,
            Lasting{r.indicator},
            r.party,
            Lasting{r.agreement},
            r.hour,
            r.part,
            r.collection,
            r.seq,
            r.count,
            r.first_seen,
            r.last_seen,
            r.state,
            r.why,
            Lasting{r.warned},
            Lasting{r.note},
            Lasting{r.path},
            Lasting{r.value},
            Lasting{r.object},
            r.changed
        );
    };
    return added(
        r.no, r.no == SightingNo{} ? values(Q::sighting_add) : values(Q::sighting_set, r.no)
    );
}

std::size_t SqliteTransaction::erase_done_sightings(Micros before, std::size_t count) {
    erased_ = true;
    const auto most = static_cast<std::int64_t>(std::min<std::size_t>(count, INT64_MAX));
    return static_cast<std::size_t>(run(Q::sightings_done_erase, before, most));
}

}  // namespace entente::store::sqlite
