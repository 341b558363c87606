#pragma once
// A part of the table of statements, in the order of `Q`: classes, entries with their index of ids, what left, groups, views.
#include "store/sqlite/internal/queries.h"

namespace entente::store::sqlite {

// clang-format off
inline constexpr Query entries_queries[] = {
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
};

// clang-format on

}  // namespace entente::store::sqlite
