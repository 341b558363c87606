#pragma once
// A part of the table of statements, in the order of `Q`: records, and what the verification asks.
#include "store/sqlite/internal/queries.h"

namespace entente::store::sqlite {

// clang-format off
inline constexpr Query records_queries[] = {
    // -- records
    {Q::status, "status",
     "SELECT user, root, at, body FROM status WHERE id = ?1",
     "SEARCH status USING INDEX status_id (id=?)"},
    {Q::status_put, "status_put",
     "INSERT INTO status(id, user, root, at, body) VALUES(?1, ?2, ?3, ?4, ?5) ON "
     "CONFLICT(id) DO UPDATE SET user = excluded.user, root = excluded.root, at = "
     "excluded.at, body = excluded.body",
     ""},
    {Q::statuses_purge, "statuses_purge",
     "DELETE FROM status WHERE at < ?1",
     "SEARCH status USING INDEX status_at (at<?)"},
    {Q::quarantine_all, "quarantine_all",
     "SELECT no, collection, user, party, at, reason, id, version, body, visible_to_sender, "
     "state FROM quarantine ORDER BY no",
     ""},
    {Q::quarantine_one, "quarantine_one",
     "SELECT no, collection, user, party, at, reason, id, version, body, visible_to_sender, "
     "state FROM quarantine WHERE no = ?1",
     "SEARCH quarantine USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::quarantine_add, "quarantine_add",
     "INSERT INTO quarantine(collection, user, party, at, reason, id, version, body, "
     "visible_to_sender, state) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
     ""},
    {Q::quarantine_set, "quarantine_set",
     "UPDATE quarantine SET collection = ?2, user = ?3, party = ?4, at = ?5, reason = ?6, "
     "id = ?7, version = ?8, body = ?9, visible_to_sender = ?10, state = ?11 WHERE no = ?1",
     ""},
    {Q::quarantine_erase, "quarantine_erase",
     "DELETE FROM quarantine WHERE no = ?1",
     ""},
    {Q::outbox_heads, "outbox_heads",
     "SELECT party, count(*), min(created), min(due) FROM outbox INDEXED BY outbox_waiting WHERE "
     "state = 1 GROUP BY party",
     "SEARCH outbox USING COVERING INDEX outbox_waiting (state=?)"},
    {Q::outbox_waiting, "outbox_waiting",
     "SELECT no, party, kind, about, body, created, state, tries, due, error FROM outbox INDEXED BY "
     "outbox_waiting WHERE state = 1 AND party = ?1 AND no >= ?2 ORDER BY no LIMIT ?3",
     "SEARCH outbox USING INDEX outbox_waiting (state=? AND party=? AND no>?)"},
    {Q::outbox_all, "outbox_all",
     "SELECT no, party, kind, about, body, created, state, tries, due, error FROM outbox WHERE no >= "
     "?1 ORDER BY no LIMIT ?2",
     "SEARCH outbox USING INTEGER PRIMARY KEY (rowid>?)"},
    {Q::outbox_add, "outbox_add",
     "INSERT INTO outbox(party, kind, about, body, created, state, tries, due, error) VALUES(?1, ?2, "
     "?3, ?4, ?5, ?6, ?7, ?8, ?9)",
     ""},
    {Q::outbox_set, "outbox_set",
     "UPDATE outbox SET party = ?2, kind = ?3, about = ?4, body = ?5, created = ?6, state = ?7, tries "
     "= ?8, due = ?9, error = ?10 WHERE no = ?1",
     "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::outbox_erase, "outbox_erase",
     "DELETE FROM outbox WHERE no = ?1",
     "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::outbox_purge, "outbox_purge",
     "DELETE FROM outbox WHERE state <> 1 AND due < ?1",
     "SEARCH outbox USING INDEX outbox_done (due<?)"},
    {Q::acts, "acts",
     "SELECT no, kind, at, user, party, collection, facts, agreement FROM act WHERE no >= ?1 ORDER "
     "BY no LIMIT ?2",
     "SEARCH act USING INTEGER PRIMARY KEY (rowid>?)"},
    {Q::acts_of_agreement, "acts_of_agreement",
     "SELECT no, kind, at, user, party, collection, facts, agreement FROM act INDEXED BY "
     "act_agreement WHERE agreement = ?1 AND agreement <> '' AND no >= ?2 ORDER BY no LIMIT ?3",
     "SEARCH act USING INDEX act_agreement (agreement=? AND rowid>?)"},
    {Q::act_add, "act_add",
     "INSERT INTO act(kind, at, user, party, collection, facts, agreement) VALUES(?1, ?2, ?3, ?4, "
     "?5, ?6, ?7)",
     ""},
    {Q::sighting_one, "sighting_one",
     "SELECT no, indicator, party, agreement, hour, part, collection, seq, count, first_seen, last_seen, "
     "state, why, warned, note, path, value, object, changed FROM sighting WHERE no = ?1",
     "SEARCH sighting USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::sightings_all, "sightings_all",
     "SELECT no, indicator, party, agreement, hour, part, collection, seq, count, first_seen, last_seen, "
     "state, why, warned, note, path, value, object, changed FROM sighting WHERE no >= ?1 ORDER BY no "
     "LIMIT ?2",
     "SEARCH sighting USING INTEGER PRIMARY KEY (rowid>?)"},
    {Q::sightings_in, "sightings_in",
     "SELECT no, indicator, party, agreement, hour, part, collection, seq, count, first_seen, last_seen, "
     "state, why, warned, note, path, value, object, changed FROM sighting INDEXED BY sighting_state "
     "WHERE state = ?1 AND party = ?2 AND no >= ?3 ORDER BY no LIMIT ?4",
     "SEARCH sighting USING INDEX sighting_state (state=? AND party=? AND no>?)"},
    {Q::sighting_last, "sighting_last",
     "SELECT no, indicator, party, agreement, hour, part, collection, seq, count, first_seen, last_seen, "
     "state, why, warned, note, path, value, object, changed FROM sighting INDEXED BY sighting_bucket "
     "WHERE indicator = ?1 AND hour = ?2 AND party = ?3 AND agreement = ?4 ORDER BY part DESC LIMIT 1",
     "SEARCH sighting USING INDEX sighting_bucket (indicator=? AND hour=? AND party=? AND agreement=?)"},
    {Q::sighting_sums, "sighting_sums",
     "SELECT state, party, count(*) FROM sighting INDEXED BY sighting_state GROUP BY state, party "
     "ORDER BY state, party",
     ""},
    {Q::sighting_add, "sighting_add",
     "INSERT INTO sighting(indicator, party, agreement, hour, part, collection, seq, count, first_seen, "
     "last_seen, state, why, warned, note, path, value, object, changed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
     "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
     ""},
    {Q::sighting_set, "sighting_set",
     "UPDATE sighting SET indicator = ?2, party = ?3, agreement = ?4, hour = ?5, part = ?6, collection = "
     "?7, seq = ?8, count = ?9, first_seen = ?10, last_seen = ?11, state = ?12, why = ?13, warned = "
     "?14, note = ?15, path = ?16, value = ?17, object = ?18, changed = ?19 WHERE no = ?1",
     "SEARCH sighting USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::sightings_done_erase, "sightings_done_erase",
     "DELETE FROM sighting WHERE no IN (SELECT no FROM sighting INDEXED BY sighting_done WHERE state > 2 "
     "AND changed < ?1 ORDER BY changed, no LIMIT ?2)",
     ""},
    // -- verification
    {Q::verify_structure, "verify_structure",
     "PRAGMA integrity_check",
     ""},
    {Q::verify_references, "verify_references",
     "PRAGMA foreign_key_check",
     ""},
    {Q::verify_count, "verify_count",
     "SELECT count(*) FROM entry",
     ""},
    {Q::verify_heads, "verify_heads",
     "SELECT h.collection, h.next_seq, h.next_base, h.recent, (SELECT count(*) FROM "
     "recent_id WHERE collection = h.collection), c.no FROM head AS h FULL JOIN collection "
     "AS c ON c.no = h.collection",
     ""},
    {Q::verify_classes, "verify_classes",
     "SELECT no, digest, key FROM class ORDER BY no",
     ""},
    {Q::verify_groups, "verify_groups",
     "SELECT place, count, base, runs, collection FROM entry_group ORDER BY place",
     ""},
    {Q::verify_entries, "verify_entries",
     "SELECT place, class, collection, digest, body FROM entry ORDER BY place",
     ""},
    {Q::verify_ids, "verify_ids",
     "SELECT i.collection, i.id_key, i.seq, e.id, e.version_key, e.lane, e.class, e.flags, "
     "e.newer_seq, e.newer_class FROM (SELECT collection, id_key, seq FROM recent_id UNION "
     "ALL SELECT collection, id_key, seq FROM settled_id) AS i LEFT JOIN entry AS e ON e.place = "
     "(i.collection << 40) | i.seq ORDER BY i.collection, i.id_key, i.seq",
     ""},
    {Q::verify_late, "verify_late",
     "SELECT l.user, l.collection, l.seq, l.entry, l.class, l.kind, l.date, e.class, "
     "e.flags, v.user FROM late AS l LEFT JOIN entry AS e ON e.place = (l.collection << 40) "
     "| l.entry LEFT JOIN reader_view AS v ON v.user = l.user AND v.collection = "
     "l.collection ORDER BY l.user, l.collection, l.seq",
     ""},
    {Q::verify_derived, "verify_derived",
     "SELECT e.collection, e.place, d.seq FROM entry AS e LEFT JOIN derived AS d ON d.collection = "
     "e.collection AND d.seq = e.place & 1099511627775 WHERE (e.flags & 16 <> 0) <> (d.seq IS NOT "
     "NULL) UNION ALL SELECT d.collection, (d.collection << 40) | d.seq, d.seq FROM derived AS d "
     "WHERE NOT EXISTS (SELECT 1 FROM entry WHERE place = (d.collection << 40) | d.seq)",
     ""},
    {Q::verify_acts, "verify_acts",
     "SELECT count(*), coalesce(max(no), 0) FROM act",
     ""},
    {Q::verify_agreement_records, "verify_agreement_records",
     "SELECT count(*), coalesce(max(no), 0) FROM agreement_record",
     ""},
    {Q::verify_key_statements, "verify_key_statements",
     "SELECT count(*), coalesce(max(no), 0) FROM key_statement",
     ""},
    {Q::verify_agreement_names, "verify_agreement_names",
     "SELECT 'the party ' || pid, agreement FROM agreement_party WHERE agreement NOT IN (SELECT "
     "agreement FROM agreement_record) UNION ALL SELECT 'a binding to collection ' || collection, "
     "agreement FROM agreement_binding WHERE agreement NOT IN (SELECT agreement FROM "
     "agreement_record)",
     ""},
    {Q::verify_outbox, "verify_outbox",
     "SELECT no, CASE WHEN kind = 1 THEN 'an agreement of which nothing is known' ELSE 'nothing to "
     "send' END FROM outbox WHERE (kind = 1 AND about NOT IN (SELECT agreement FROM "
     "agreement_record)) OR (kind = 2 AND state = 1 AND length(body) = 0) ORDER BY no",
     ""},
    {Q::verify_sums, "verify_sums",
     "SELECT h.collection FROM head AS h LEFT JOIN (SELECT collection, count(*) AS entries, "
     "sum(length(body)) AS bytes FROM entry GROUP BY collection) AS e ON e.collection = h.collection "
     "WHERE h.entries <> coalesce(e.entries, 0) OR h.bytes <> coalesce(e.bytes, 0)",
     ""},
    {Q::verify_kept, "verify_kept",
     "SELECT no, digest, body FROM kept ORDER BY no",
     ""},
    {Q::verify_sightings, "verify_sightings",
     "SELECT no, CASE WHEN party <> 0 THEN 'its party is not there' ELSE 'nobody is to hear of it, yet "
     "it waits' END FROM sighting WHERE (party <> 0 AND party NOT IN (SELECT no FROM party)) OR (party "
     "= 0 AND state <= 2) ORDER BY no",
     ""},
};

// clang-format on

}  // namespace entente::store::sqlite
