#include "store/sqlite/internal/queries.h"

namespace entente::store::sqlite {
namespace {

// clang-format off
constexpr std::array<Query, query_count> table{{
    // -- transactions
    {Q::begin, "begin",
     "BEGIN DEFERRED",
     ""},
    {Q::begin_write, "begin_write",
     "BEGIN IMMEDIATE",
     ""},
    {Q::commit, "commit",
     "COMMIT",
     ""},
    {Q::savepoint, "savepoint",
     "SAVEPOINT job",
     ""},
    {Q::savepoint_release, "savepoint_release",
     "RELEASE job",
     ""},
    {Q::savepoint_undo, "savepoint_undo",
     "ROLLBACK TO job",
     ""},
    // -- the node
    {Q::generation, "generation",
     "SELECT generation FROM node WHERE one = 1",
     "SEARCH node USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::generation_move, "generation_move",
     "UPDATE node SET generation = generation + 1 WHERE one = 1",
     ""},
    {Q::node_add, "node_add",
     "INSERT INTO node(one, generation, id_secret) VALUES(1, 1, ?1)",
     ""},
    {Q::id_secret, "id_secret",
     "SELECT id_secret FROM node WHERE one = 1",
     ""},
    {Q::setting, "setting",
     "SELECT value FROM setting WHERE name = ?1",
     "SEARCH setting USING PRIMARY KEY (name=?)"},
    {Q::setting_set, "setting_set",
     "INSERT INTO setting(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value "
     "= excluded.value",
     ""},
    {Q::agreements_at, "agreements_at",
     "SELECT agreements_at FROM node WHERE one = 1",
     ""},
    {Q::agreements_at_set, "agreements_at_set",
     "UPDATE node SET agreements_at = ?1 WHERE one = 1 AND agreements_at < ?1",
     ""},
    // -- directory
    {Q::parties, "parties",
     "SELECT no, name, own FROM party ORDER BY no",
     ""},
    {Q::party_identities, "party_identities",
     "SELECT party, identity FROM party_identity ORDER BY party, place",
     ""},
    {Q::users, "users",
     "SELECT no, name, party, role, password_hash, password_expires, disabled FROM user "
     "ORDER BY no",
     ""},
    {Q::tokens, "tokens",
     "SELECT no, user, hash, label, created, expires, revoked, binding FROM token ORDER BY no",
     ""},
    {Q::roots, "roots",
     "SELECT no, name, title, description, max_content_length, is_default FROM api_root "
     "ORDER BY no",
     ""},
    {Q::collections, "collections",
     "SELECT no, root, id, alias, title, description, accepts_stix20, default_marking, checks, "
     "takes_agreements, keep_us, bytes_max, objects_max, drop_oldest FROM collection ORDER BY no",
     ""},
    {Q::grants, "grants",
     "SELECT no, collection, party, user, list, read, write, max_marking, personal_data FROM access ORDER "
     "BY no",
     ""},
    {Q::statements, "statements",
     "SELECT marking_id, source FROM statement_marking ORDER BY marking_id, source",
     ""},
    {Q::party_add, "party_add",
     "INSERT INTO party(name, own) VALUES(?1, ?2)",
     ""},
    {Q::party_set, "party_set",
     "UPDATE party SET name = ?2, own = ?3 WHERE no = ?1",
     ""},
    {Q::party_identities_erase, "party_identities_erase",
     "DELETE FROM party_identity WHERE party = ?1",
     ""},
    {Q::party_identity_add, "party_identity_add",
     "INSERT INTO party_identity(party, place, identity) VALUES(?1, ?2, ?3)",
     ""},
    {Q::party_erase, "party_erase",
     "DELETE FROM party WHERE no = ?1",
     ""},
    {Q::user_add, "user_add",
     "INSERT INTO user(name, party, role, password_hash, password_expires, disabled) "
     "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
     ""},
    {Q::user_set, "user_set",
     "UPDATE user SET name = ?2, party = ?3, role = ?4, password_hash = ?5, "
     "password_expires = ?6, disabled = ?7 WHERE no = ?1",
     ""},
    {Q::user_tokens_erase, "user_tokens_erase",
     "DELETE FROM token WHERE user = ?1",
     ""},
    {Q::user_grants_erase, "user_grants_erase",
     "DELETE FROM access WHERE user = ?1",
     ""},
    {Q::user_views_erase, "user_views_erase",
     "DELETE FROM reader_view WHERE user = ?1",
     ""},
    {Q::user_stretches_erase, "user_stretches_erase",
     "DELETE FROM stretch WHERE user = ?1",
     ""},
    {Q::user_late_erase, "user_late_erase",
     "DELETE FROM late WHERE user = ?1",
     ""},
    {Q::user_erase, "user_erase",
     "DELETE FROM user WHERE no = ?1",
     ""},
    {Q::token_add, "token_add",
     "INSERT INTO token(user, hash, label, created, expires, revoked, binding) VALUES(?1, ?2, ?3, "
     "?4, ?5, ?6, ?7)",
     ""},
    {Q::token_set, "token_set",
     "UPDATE token SET user = ?2, hash = ?3, label = ?4, created = ?5, expires = ?6, "
     "revoked = ?7, binding = ?8 WHERE no = ?1",
     ""},
    {Q::token_erase, "token_erase",
     "DELETE FROM token WHERE no = ?1",
     ""},
    {Q::root_add, "root_add",
     "INSERT INTO api_root(name, title, description, max_content_length, is_default) "
     "VALUES(?1, ?2, ?3, ?4, ?5)",
     ""},
    {Q::root_set, "root_set",
     "UPDATE api_root SET name = ?2, title = ?3, description = ?4, max_content_length = ?5, "
     "is_default = ?6 WHERE no = ?1",
     ""},
    {Q::root_erase, "root_erase",
     "DELETE FROM api_root WHERE no = ?1",
     ""},
    {Q::collection_add, "collection_add",
     "INSERT INTO collection(root, id, alias, title, description, accepts_stix20, "
     "default_marking, checks, takes_agreements, keep_us, bytes_max, objects_max, drop_oldest) "
     "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
     ""},
    {Q::collection_set, "collection_set",
     "UPDATE collection SET root = ?2, id = ?3, alias = ?4, title = ?5, description = ?6, "
     "accepts_stix20 = ?7, default_marking = ?8, checks = ?9, takes_agreements = ?10, keep_us = ?11, "
     "bytes_max = ?12, objects_max = ?13, drop_oldest = ?14 WHERE no = ?1",
     ""},
    {Q::collection_grants_erase, "collection_grants_erase",
     "DELETE FROM access WHERE collection = ?1",
     ""},
    {Q::collection_views_erase, "collection_views_erase",
     "DELETE FROM reader_view WHERE collection = ?1",
     ""},
    {Q::collection_stretches_erase, "collection_stretches_erase",
     "DELETE FROM stretch WHERE collection = ?1",
     ""},
    {Q::collection_late_erase, "collection_late_erase",
     "DELETE FROM late WHERE collection = ?1",
     ""},
    {Q::collection_quarantine_erase, "collection_quarantine_erase",
     "DELETE FROM quarantine WHERE collection = ?1",
     ""},
    {Q::collection_head_erase, "collection_head_erase",
     "DELETE FROM head WHERE collection = ?1",
     ""},
    {Q::collection_entries_erase, "collection_entries_erase",
     "DELETE FROM entry WHERE place BETWEEN ?1 AND ?2",
     ""},
    {Q::collection_groups_erase, "collection_groups_erase",
     "DELETE FROM entry_group WHERE place BETWEEN ?1 AND ?2",
     ""},
    {Q::collection_recent_erase, "collection_recent_erase",
     "DELETE FROM recent_id WHERE collection = ?1",
     ""},
    {Q::collection_ids_erase, "collection_ids_erase",
     "DELETE FROM settled_id WHERE collection = ?1",
     ""},
    {Q::collection_derived_erase, "collection_derived_erase",
     "DELETE FROM derived WHERE collection = ?1",
     ""},
    {Q::collection_holds_erase, "collection_holds_erase",
     "DELETE FROM hold WHERE collection = ?1",
     ""},
    {Q::collection_tombstones_erase, "collection_tombstones_erase",
     "DELETE FROM tombstone WHERE collection = ?1",
     ""},
    {Q::collection_kept_erase, "collection_kept_erase",
     "DELETE FROM kept WHERE collection = ?1",
     ""},
    {Q::collection_erase, "collection_erase",
     "DELETE FROM collection WHERE no = ?1",
     ""},
    {Q::grant_add, "grant_add",
     "INSERT INTO access(collection, party, user, list, read, write, max_marking, personal_data) "
     "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
     ""},
    {Q::grant_set, "grant_set",
     "UPDATE access SET collection = ?2, party = ?3, user = ?4, list = ?5, read = ?6, write "
     "= ?7, max_marking = ?8, personal_data = ?9 WHERE no = ?1",
     ""},
    {Q::grant_erase, "grant_erase",
     "DELETE FROM access WHERE no = ?1",
     ""},
    {Q::statement_add, "statement_add",
     "INSERT OR IGNORE INTO statement_marking(marking_id, source) VALUES(?1, ?2)",
     ""},
    {Q::peers, "peers",
     "SELECT party, url, settings, secret FROM peer ORDER BY party",
     ""},
    {Q::peer_put, "peer_put",
     "INSERT INTO peer(party, url, settings, secret) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(party) DO "
     "UPDATE SET url = excluded.url, settings = excluded.settings, secret = excluded.secret",
     ""},
    {Q::peer_erase, "peer_erase",
     "DELETE FROM peer WHERE party = ?1",
     ""},
    {Q::party_outbox_erase, "party_outbox_erase",
     "DELETE FROM outbox WHERE party = ?1",
     ""},
    {Q::holds, "holds",
     "SELECT no, collection, party, id, person, reason, at FROM hold ORDER BY no",
     ""},
    {Q::hold_add, "hold_add",
     "INSERT INTO hold(collection, party, id, person, reason, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
     ""},
    {Q::hold_set, "hold_set",
     "UPDATE hold SET collection = ?2, party = ?3, id = ?4, person = ?5, reason = ?6, at = ?7 WHERE "
     "no = ?1",
     ""},
    {Q::hold_erase, "hold_erase",
     "DELETE FROM hold WHERE no = ?1",
     ""},
    // -- agreements
    {Q::agreement_records, "agreement_records",
     "SELECT no, agreement, kind, body, at FROM agreement_record ORDER BY no",
     ""},
    {Q::agreement_record_add, "agreement_record_add",
     "INSERT INTO agreement_record(agreement, kind, body, at) VALUES(?1, ?2, ?3, ?4)",
     ""},
    {Q::agreement_parties, "agreement_parties",
     "SELECT agreement, pid, party FROM agreement_party ORDER BY agreement, pid",
     ""},
    {Q::agreement_party_put, "agreement_party_put",
     "INSERT INTO agreement_party(agreement, pid, party) VALUES(?1, ?2, ?3) ON CONFLICT(agreement, "
     "pid) DO UPDATE SET party = excluded.party WHERE party <> excluded.party",
     ""},
    {Q::agreement_party_erase, "agreement_party_erase",
     "DELETE FROM agreement_party WHERE agreement = ?1 AND pid = ?2",
     ""},
    {Q::party_agreements_erase, "party_agreements_erase",
     "DELETE FROM agreement_party WHERE party = ?1",
     ""},
    {Q::agreement_bindings, "agreement_bindings",
     "SELECT agreement, flow, collection, way FROM agreement_binding ORDER BY agreement, flow, "
     "collection, way",
     ""},
    {Q::agreement_binding_add, "agreement_binding_add",
     "INSERT OR IGNORE INTO agreement_binding(agreement, flow, collection, way) VALUES(?1, ?2, ?3, "
     "?4)",
     ""},
    {Q::agreement_binding_erase, "agreement_binding_erase",
     "DELETE FROM agreement_binding WHERE agreement = ?1 AND flow = ?2 AND collection = ?3 AND way "
     "= ?4",
     ""},
    {Q::collection_bindings_erase, "collection_bindings_erase",
     "DELETE FROM agreement_binding WHERE collection = ?1",
     ""},
    {Q::cards, "cards",
     "SELECT party, sequence, note, at FROM card ORDER BY party, sequence",
     ""},
    {Q::card_add, "card_add",
     "INSERT INTO card(party, sequence, note, at) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(party, "
     "sequence) DO NOTHING",
     ""},
    {Q::party_cards_erase, "party_cards_erase",
     "DELETE FROM card WHERE party = ?1",
     ""},
    {Q::key_statements, "key_statements",
     "SELECT note, at FROM key_statement ORDER BY no",
     ""},
    {Q::key_statement_add, "key_statement_add",
     "INSERT INTO key_statement(note, at) VALUES(?1, ?2) ON CONFLICT(note) DO NOTHING",
     ""},
    // -- classes
    {Q::classes, "classes",
     "SELECT no, key FROM class WHERE no >= ?1 ORDER BY no",
     "SEARCH class USING INTEGER PRIMARY KEY (rowid>?)"},
    {Q::class_by_digest, "class_by_digest",
     "SELECT no FROM class WHERE digest = ?1",
     "SEARCH class USING COVERING INDEX class_digest (digest=?)"},
    {Q::class_add, "class_add",
     "INSERT INTO class(digest, key) VALUES(?1, ?2)",
     ""},
    // -- heads
    {Q::head, "head",
     "SELECT next_seq, next_base, recent, next_bucket, entries, bytes FROM head WHERE collection = ?1",
     "SEARCH head USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::head_add, "head_add",
     "INSERT INTO head(collection, next_seq, next_base, recent, next_bucket) VALUES(?1, 1, "
     "0, 0, 0)",
     ""},
    {Q::head_set, "head_set",
     "UPDATE head SET next_seq = ?2, next_base = ?3, recent = ?4, next_bucket = ?5, entries = ?6, "
     "bytes = ?7 WHERE collection = ?1",
     "SEARCH head USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::head_recent_less, "head_recent_less",
     "UPDATE head SET recent = recent - 1 WHERE collection = ?1",
     ""},
    {Q::head_less, "head_less",
     "UPDATE head SET entries = entries - 1, bytes = bytes - ?2 WHERE collection = ?1",
     "SEARCH head USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::head_raise, "head_raise",
     "UPDATE head SET next_base = ?2 WHERE collection = ?1 AND next_base < ?2",
     ""},
    // -- entries
    {Q::entries, "entries",
     "SELECT place, class, flags, newer_seq, newer_class, id, version, version_key, CASE "
     "WHEN length(body) <= ?3 THEN body END FROM entry WHERE place BETWEEN ?1 AND ?2 ORDER "
     "BY place",
     "SEARCH entry USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
    {Q::entry, "entry",
     "SELECT place, class, flags, newer_seq, newer_class, id, version, version_key, body "
     "FROM entry WHERE place = ?1",
     "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::body, "body",
     "SELECT body FROM entry WHERE place = ?1",
     "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::next_of_class, "next_of_class",
     "SELECT place FROM entry INDEXED BY entry_class WHERE collection = ?1 AND class = ?2 "
     "AND place BETWEEN ?3 AND ?4 ORDER BY place LIMIT ?5",
     "SEARCH entry USING COVERING INDEX entry_class (collection=? AND class=? AND rowid>? "
     "AND rowid<?)"},
    {Q::versions, "versions",
     "SELECT i.seq, e.class, e.flags, e.lane, e.version_key, e.version, e.digest FROM "
     "recent_id AS i CROSS JOIN entry AS e ON e.place = (i.collection << 40) | i.seq WHERE "
     "i.collection = ?1 AND i.id_key = ?2 AND e.id = ?3 UNION ALL SELECT i.seq, e.class, "
     "e.flags, e.lane, e.version_key, e.version, e.digest FROM settled_id AS i CROSS JOIN "
     "entry AS e ON e.place = (i.collection << 40) | i.seq WHERE i.collection = ?1 AND "
     "i.id_key = ?2 AND e.id = ?3",
     "COMPOUND QUERY|LEFT-MOST SUBQUERY|SEARCH i USING PRIMARY KEY (collection=? AND "
     "id_key=?)|SEARCH e USING INTEGER PRIMARY KEY (rowid=?)|UNION ALL|SEARCH i USING "
     "PRIMARY KEY (collection=? AND id_key=?)|SEARCH e USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::chain, "chain",
     "SELECT i.seq, e.class, e.lane, e.version_key FROM recent_id AS i CROSS JOIN entry AS "
     "e ON e.place = (i.collection << 40) | i.seq WHERE i.collection = ?1 AND i.id_key = ?2 "
     "AND e.id = ?3 UNION ALL SELECT i.seq, e.class, e.lane, e.version_key FROM settled_id "
     "AS i CROSS JOIN entry AS e ON e.place = (i.collection << 40) | i.seq WHERE "
     "i.collection = ?1 AND i.id_key = ?2 AND e.id = ?3",
     "COMPOUND QUERY|LEFT-MOST SUBQUERY|SEARCH i USING PRIMARY KEY (collection=? AND "
     "id_key=?)|SEARCH e USING INTEGER PRIMARY KEY (rowid=?)|UNION ALL|SEARCH i USING "
     "PRIMARY KEY (collection=? AND id_key=?)|SEARCH e USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::entry_class_of, "entry_class_of",
     "SELECT class FROM entry WHERE place = ?1",
     "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::entry_id_of, "entry_id_of",
     "SELECT id, lane, flags, length(body) FROM entry WHERE place = ?1",
     "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::entry_add, "entry_add",
     "INSERT INTO entry(place, collection, class, flags, lane, newer_seq, newer_class, id, "
     "version_key, version, digest, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
     "?11, ?12)",
     ""},
    {Q::entry_newer_set, "entry_newer_set",
     "UPDATE entry SET flags = flags | 1, newer_seq = ?2, newer_class = ?3 WHERE place = ?1",
     "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::entry_newer_clear, "entry_newer_clear",
     "UPDATE entry SET flags = flags & ~1, newer_seq = 0, newer_class = 0 WHERE place = ?1",
     "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::entry_flags, "entry_flags",
     "UPDATE entry SET flags = (flags & ~?2) | ?3 WHERE place = ?1",
     "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"},
    {Q::entry_remove, "entry_remove",
     "DELETE FROM entry WHERE place = ?1",
     "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"},
    // -- entries made of others
    {Q::derived, "derived",
     "SELECT d.seq, e.class, e.id, e.version_key FROM derived AS d CROSS JOIN entry AS e ON e.place "
     "= (d.collection << 40) | d.seq WHERE d.collection = ?1 AND d.base = ?2 ORDER BY d.seq",
     "SEARCH d USING PRIMARY KEY (collection=? AND base=?)|SEARCH e USING INTEGER PRIMARY KEY "
     "(rowid=?)"},
    {Q::made_of, "made_of",
     "SELECT base FROM derived INDEXED BY derived_seq WHERE collection = ?1 AND seq = ?2",
     "SEARCH derived USING COVERING INDEX derived_seq (collection=? AND seq=?)"},
    {Q::derived_add, "derived_add",
     "INSERT INTO derived(collection, base, seq) VALUES(?1, ?2, ?3)",
     ""},
    {Q::derived_remove, "derived_remove",
     "DELETE FROM derived INDEXED BY derived_seq WHERE collection = ?1 AND seq = ?2",
     "SEARCH derived USING COVERING INDEX derived_seq (collection=? AND seq=?)"},
    // -- the index of ids (docs/adr/0003-entry-table.md)
    {Q::recent_add, "recent_add",
     "INSERT INTO recent_id(collection, id_key, seq) VALUES(?1, ?2, ?3)",
     ""},
    {Q::recent_remove, "recent_remove",
     "DELETE FROM recent_id WHERE collection = ?1 AND id_key = ?2 AND seq = ?3",
     "SEARCH recent_id USING PRIMARY KEY (collection=? AND id_key=? AND seq=?)"},
    {Q::settled_remove, "settled_remove",
     "DELETE FROM settled_id WHERE collection = ?1 AND id_key = ?2 AND seq = ?3",
     "SEARCH settled_id USING PRIMARY KEY (collection=? AND id_key=? AND seq=?)"},
    {Q::recent_settle, "recent_settle",
     "INSERT INTO settled_id(collection, id_key, seq) SELECT collection, id_key, seq FROM "
     "recent_id WHERE collection = ?1 AND id_key BETWEEN ?2 AND ?3 ORDER BY collection, "
     "id_key, seq",
     "SEARCH recent_id USING PRIMARY KEY (collection=? AND id_key>? AND id_key<?)"},
    {Q::recent_settled_erase, "recent_settled_erase",
     "DELETE FROM recent_id WHERE collection = ?1 AND id_key BETWEEN ?2 AND ?3",
     "SEARCH recent_id USING PRIMARY KEY (collection=? AND id_key>? AND id_key<?)"},
    // -- what left
    {Q::tombstones_any, "tombstones_any",
     "SELECT 1 FROM tombstone WHERE collection = ?1 LIMIT 1",
     "SEARCH tombstone USING PRIMARY KEY (collection=?)"},
    {Q::tombstone_of, "tombstone_of",
     "SELECT 1 FROM tombstone WHERE collection = ?1 AND id = ?2 AND version_key IN ('', ?3) LIMIT 1",
     "SEARCH tombstone USING PRIMARY KEY (collection=? AND id=? AND version_key=?)"},
    {Q::tombstones, "tombstones",
     "SELECT id, version_key, at FROM tombstone WHERE collection = ?1 AND id >= ?2 ORDER BY id, "
     "version_key LIMIT ?3",
     "SEARCH tombstone USING PRIMARY KEY (collection=? AND id>?)"},
    {Q::tombstone_add, "tombstone_add",
     "INSERT OR IGNORE INTO tombstone(collection, id, version_key, at) VALUES(?1, ?2, ?3, ?4)",
     ""},
    {Q::tombstones_erase, "tombstones_erase",
     "DELETE FROM tombstone WHERE collection = ?1 AND id = ?2",
     ""},
    {Q::kept, "kept",
     "SELECT no, collection, seq, class, lane, id, version, derived_of, digest, at, body FROM kept "
     "WHERE no >= ?1 ORDER BY no LIMIT ?2",
     "SEARCH kept USING INTEGER PRIMARY KEY (rowid>?)"},
    {Q::kept_add, "kept_add",
     "INSERT INTO kept(collection, seq, class, lane, id, version, derived_of, digest, at, body) "
     "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
     ""},
    {Q::kept_erase, "kept_erase",
     "DELETE FROM kept WHERE no = ?1",
     ""},
    // -- groups
    {Q::group_at, "group_at",
     "SELECT place, count, base, runs FROM entry_group WHERE place BETWEEN ?1 AND ?2 ORDER "
     "BY place DESC LIMIT 1",
     "SEARCH entry_group USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
    {Q::group_by_date, "group_by_date",
     "SELECT place, count, base, runs FROM entry_group INDEXED BY entry_group_base WHERE "
     "collection = ?1 AND base <= ?2 ORDER BY base DESC LIMIT 1",
     "SEARCH entry_group USING INDEX entry_group_base (collection=? AND base<?)"},
    {Q::group_add, "group_add",
     "INSERT INTO entry_group(place, collection, count, base, runs) VALUES(?1, ?2, ?3, ?4, "
     "?5)",
     ""},
    // -- views
    {Q::has_view, "has_view",
     "SELECT 1 FROM reader_view WHERE user = ?1 AND collection = ?2",
     "SEARCH reader_view USING PRIMARY KEY (user=? AND collection=?)"},
    {Q::viewers, "viewers",
     "SELECT user FROM reader_view WHERE collection = ?1 ORDER BY user",
     "SEARCH reader_view USING COVERING INDEX reader_view_collection (collection=?)"},
    {Q::view_add, "view_add",
     "INSERT OR IGNORE INTO reader_view(user, collection) VALUES(?1, ?2)",
     ""},
    {Q::stretches, "stretches",
     "SELECT class, after, upto, kept FROM stretch WHERE user = ?1 AND collection = ?2 ORDER BY "
     "class, after",
     "SEARCH stretch USING PRIMARY KEY (user=? AND collection=?)"},
    {Q::stretches_erase, "stretches_erase",
     "DELETE FROM stretch WHERE user = ?1 AND collection = ?2",
     ""},
    {Q::stretch_add, "stretch_add",
     "INSERT INTO stretch(user, collection, class, after, upto, kept) "
     "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
     ""},
    {Q::late_rows, "late_rows",
     "SELECT seq, entry, kind, date, class FROM late WHERE user = ?1 AND collection = ?2 AND seq "
     ">= ?3 ORDER BY seq LIMIT ?4",
     "SEARCH late USING PRIMARY KEY (user=? AND collection=? AND seq>?)"},
    {Q::late_by_date, "late_by_date",
     "SELECT seq, entry, kind, date, class FROM late INDEXED BY late_date WHERE user = ?1 AND "
     "collection = ?2 AND date <= ?3 ORDER BY date DESC LIMIT 1",
     "SEARCH late USING INDEX late_date (user=? AND collection=? AND date<?)"},
    {Q::late_of_entry, "late_of_entry",
     "SELECT seq, entry, kind, date, class FROM late INDEXED BY late_entry WHERE collection = ?2 "
     "AND entry = ?3 AND user = ?1 ORDER BY seq",
     "SEARCH late USING INDEX late_entry (collection=? AND entry=? AND user=?)"},
    {Q::late_add, "late_add",
     "INSERT INTO late(user, collection, seq, entry, class, kind, date) VALUES(?1, ?2, ?3, "
     "?4, ?5, ?6, ?7)",
     ""},
    {Q::late_of_class_erase, "late_of_class_erase",
     "DELETE FROM late WHERE user = ?1 AND collection = ?2 AND class = ?3",
     "SEARCH late USING PRIMARY KEY (user=? AND collection=?)"},
    {Q::late_of_entry_erase, "late_of_entry_erase",
     "DELETE FROM late INDEXED BY late_entry WHERE collection = ?1 AND entry = ?2",
     "SEARCH late USING COVERING INDEX late_entry (collection=? AND entry=?)"},
    {Q::delayed, "delayed",
     "SELECT class, upto FROM delayed WHERE user = ?1 AND collection = ?2 ORDER BY class",
     "SEARCH delayed USING PRIMARY KEY (user=? AND collection=?)"},
    {Q::delayed_erase, "delayed_erase",
     "DELETE FROM delayed WHERE user = ?1 AND collection = ?2",
     "SEARCH delayed USING PRIMARY KEY (user=? AND collection=?)"},
    {Q::delayed_add, "delayed_add",
     "INSERT INTO delayed(user, collection, class, upto) VALUES(?1, ?2, ?3, ?4)",
     ""},
    {Q::user_delayed_erase, "user_delayed_erase",
     "DELETE FROM delayed WHERE user = ?1",
     ""},
    {Q::collection_delayed_erase, "collection_delayed_erase",
     "DELETE FROM delayed WHERE collection = ?1",
     ""},
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
}};

// clang-format on

consteval bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (table[i].name != Q{static_cast<std::uint8_t>(i)}) return false;
    return true;
}

static_assert(in_order(), "the table is read by index");

}  // namespace

const std::array<Query, query_count>& queries() noexcept {
    return table;
}

}  // namespace entente::store::sqlite
