#include "store/sqlite/internal/schema.h"

#include "base/random.h"
#include "store/sqlite/sqlite_store.h"

#include <array>
#include <string>

namespace entente::store::sqlite {
namespace {

// Version 1. A place is collection << 40 | seq, so that a collection lies together in order of seq.
void make_tables(Connection& c) {
    // The head of a row holds what a scan decides by; the body comes last and may go to pages of
    // its own.
    c.execute(R"(
CREATE TABLE node(one INTEGER PRIMARY KEY CHECK(one = 1), generation INTEGER NOT NULL, id_secret BLOB NOT NULL);
CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE party(no INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, own INTEGER NOT NULL);
CREATE TABLE party_identity(
  party INTEGER NOT NULL REFERENCES party(no), place INTEGER NOT NULL, identity TEXT NOT NULL,
  PRIMARY KEY(party, place)) WITHOUT ROWID;
CREATE TABLE user(
  no INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, party INTEGER NOT NULL REFERENCES party(no),
  role INTEGER NOT NULL, password_hash TEXT NOT NULL, password_expires INTEGER, disabled INTEGER NOT NULL);
CREATE INDEX user_party ON user(party);
CREATE TABLE token(
  no INTEGER PRIMARY KEY AUTOINCREMENT, user INTEGER NOT NULL REFERENCES user(no), hash BLOB NOT NULL UNIQUE,
  label TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, revoked INTEGER NOT NULL);
CREATE INDEX token_user ON token(user);
CREATE TABLE api_root(
  no INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, description TEXT NOT NULL,
  max_content_length INTEGER NOT NULL, is_default INTEGER NOT NULL);
CREATE TABLE collection(
  no INTEGER PRIMARY KEY AUTOINCREMENT, root INTEGER NOT NULL REFERENCES api_root(no), id TEXT NOT NULL UNIQUE,
  alias TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL, accepts_stix20 INTEGER NOT NULL,
  default_marking INTEGER NOT NULL);
CREATE UNIQUE INDEX collection_alias ON collection(root, alias) WHERE alias <> '';
CREATE TABLE access(
  no INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL REFERENCES collection(no),
  party INTEGER NOT NULL, user INTEGER NOT NULL, list INTEGER NOT NULL, read INTEGER NOT NULL,
  write INTEGER NOT NULL, max_marking INTEGER NOT NULL, CHECK((party = 0) <> (user = 0)));
CREATE INDEX access_collection ON access(collection);
CREATE INDEX access_user ON access(user);
CREATE TABLE statement_marking(
  marking_id TEXT NOT NULL, source INTEGER NOT NULL, PRIMARY KEY(marking_id, source)) WITHOUT ROWID;
)");
    c.execute(R"(
CREATE TABLE class(no INTEGER PRIMARY KEY, digest BLOB NOT NULL, key TEXT NOT NULL);
CREATE UNIQUE INDEX class_digest ON class(digest);
CREATE TABLE head(
  collection INTEGER PRIMARY KEY REFERENCES collection(no), next_seq INTEGER NOT NULL, next_base INTEGER NOT NULL,
  recent INTEGER NOT NULL, next_bucket INTEGER NOT NULL);
CREATE TABLE entry(
  place INTEGER PRIMARY KEY, collection INTEGER NOT NULL, class INTEGER NOT NULL, flags INTEGER NOT NULL,
  lane INTEGER NOT NULL, newer_seq INTEGER NOT NULL, newer_class INTEGER NOT NULL, id TEXT NOT NULL,
  version_key TEXT NOT NULL, version TEXT NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL);
CREATE INDEX entry_class ON entry(collection, class);
CREATE TABLE recent_id(
  collection INTEGER NOT NULL, id_key INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(collection, id_key, seq)) WITHOUT ROWID;
CREATE TABLE settled_id(
  collection INTEGER NOT NULL, id_key INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(collection, id_key, seq)) WITHOUT ROWID;
CREATE TABLE entry_group(
  place INTEGER PRIMARY KEY, collection INTEGER NOT NULL, count INTEGER NOT NULL, base INTEGER NOT NULL,
  runs BLOB NOT NULL);
CREATE UNIQUE INDEX entry_group_base ON entry_group(collection, base);
CREATE TABLE reader_view(
  user INTEGER NOT NULL REFERENCES user(no), collection INTEGER NOT NULL REFERENCES collection(no),
  PRIMARY KEY(user, collection)) WITHOUT ROWID;
CREATE INDEX reader_view_collection ON reader_view(collection, user);
CREATE TABLE stretch(
  user INTEGER NOT NULL, collection INTEGER NOT NULL, class INTEGER NOT NULL, after INTEGER NOT NULL,
  upto INTEGER NOT NULL, PRIMARY KEY(user, collection, class, after)) WITHOUT ROWID;
CREATE TABLE late(
  user INTEGER NOT NULL, collection INTEGER NOT NULL, seq INTEGER NOT NULL, entry INTEGER NOT NULL,
  class INTEGER NOT NULL, kind INTEGER NOT NULL, date INTEGER NOT NULL,
  PRIMARY KEY(user, collection, seq)) WITHOUT ROWID;
CREATE UNIQUE INDEX late_date ON late(user, collection, date);
CREATE INDEX late_entry ON late(collection, entry, user, seq);
)");
    c.execute(R"(
CREATE TABLE status(
  id TEXT NOT NULL, user INTEGER NOT NULL, root INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL);
CREATE UNIQUE INDEX status_id ON status(id);
CREATE INDEX status_at ON status(at);
CREATE TABLE quarantine(
  no INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, user INTEGER NOT NULL, party INTEGER NOT NULL,
  at INTEGER NOT NULL, reason TEXT NOT NULL, id TEXT NOT NULL, version TEXT NOT NULL, body BLOB NOT NULL,
  visible_to_sender INTEGER NOT NULL, state INTEGER NOT NULL);
CREATE TABLE act(
  no INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, user INTEGER NOT NULL, party INTEGER NOT NULL,
  collection INTEGER NOT NULL, facts TEXT NOT NULL);
CREATE TRIGGER act_stands BEFORE UPDATE ON act BEGIN SELECT raise(ABORT, 'acts are only appended'); END;
CREATE TRIGGER act_stays BEFORE DELETE ON act BEGIN SELECT raise(ABORT, 'acts are only appended'); END;
)");
    Key secret{};
    system_random().fill(secret);
    Statement(c, Q::node_add, LastingBlob{as_text(secret)}).run();
}

// Version 2. Entries that were made of others (redaction), by the id of what they were made of; how
// much a collection checks.
void add_derived(Connection& c) {
    c.execute(R"(
CREATE TABLE derived(
  collection INTEGER NOT NULL, base TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(collection, base, seq)) WITHOUT ROWID;
CREATE UNIQUE INDEX derived_seq ON derived(collection, seq);
ALTER TABLE collection ADD COLUMN checks INTEGER NOT NULL DEFAULT 0;
)");
}

// Version 3. Agreements: what was taken of them, where they apply, the cards and keys of parties,
// the moment as of which they are judged; the agreement that an act was done by; how far the
// delayed classes of a view have come.
void add_agreements(Connection& c) {
    c.execute(R"(
ALTER TABLE node ADD COLUMN agreements_at INTEGER NOT NULL DEFAULT 0;
-- What was given stays given.
ALTER TABLE access ADD COLUMN personal_data INTEGER NOT NULL DEFAULT 1;
ALTER TABLE stretch ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
CREATE TABLE agreement_record(
  no INTEGER PRIMARY KEY, agreement TEXT NOT NULL, kind INTEGER NOT NULL CHECK(kind BETWEEN 1 AND 3),
  body TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TRIGGER agreement_record_stands BEFORE UPDATE ON agreement_record
  BEGIN SELECT raise(ABORT, 'records of agreements are only appended'); END;
CREATE TRIGGER agreement_record_stays BEFORE DELETE ON agreement_record
  BEGIN SELECT raise(ABORT, 'records of agreements are only appended'); END;
CREATE TABLE agreement_party(
  agreement TEXT NOT NULL, pid TEXT NOT NULL, party INTEGER NOT NULL REFERENCES party(no),
  PRIMARY KEY(agreement, pid)) STRICT, WITHOUT ROWID;
CREATE TABLE agreement_binding(
  agreement TEXT NOT NULL, flow TEXT NOT NULL, collection INTEGER NOT NULL REFERENCES collection(no),
  way INTEGER NOT NULL CHECK(way BETWEEN 1 AND 2),
  PRIMARY KEY(agreement, flow, collection, way)) STRICT, WITHOUT ROWID;
CREATE TABLE card(
  party INTEGER NOT NULL REFERENCES party(no), sequence INTEGER NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(party, sequence)) STRICT;
CREATE TABLE key_statement(no INTEGER PRIMARY KEY, note TEXT NOT NULL UNIQUE, at INTEGER NOT NULL) STRICT;
CREATE TRIGGER key_statement_stands BEFORE UPDATE ON key_statement
  BEGIN SELECT raise(ABORT, 'statements about keys are only appended'); END;
CREATE TRIGGER key_statement_stays BEFORE DELETE ON key_statement
  BEGIN SELECT raise(ABORT, 'statements about keys are only appended'); END;
CREATE TABLE delayed(
  user INTEGER NOT NULL, collection INTEGER NOT NULL, class INTEGER NOT NULL REFERENCES class(no), upto INTEGER NOT NULL,
  PRIMARY KEY(user, collection, class),
  FOREIGN KEY(user, collection) REFERENCES reader_view(user, collection)) STRICT, WITHOUT ROWID;
ALTER TABLE act ADD COLUMN agreement TEXT NOT NULL DEFAULT '';
CREATE INDEX act_agreement ON act(agreement) WHERE agreement <> '';
)");
}

// Version 4. Where partners take what this node has to tell them, and what waits to be told.
void add_outbox(Connection& c) {
    c.execute(R"(
ALTER TABLE collection ADD COLUMN takes_agreements INTEGER NOT NULL DEFAULT 0;
CREATE TABLE peer(
  party INTEGER PRIMARY KEY REFERENCES party(no), url TEXT NOT NULL, settings TEXT NOT NULL, secret TEXT NOT NULL) STRICT;
CREATE TABLE outbox(
  no INTEGER PRIMARY KEY AUTOINCREMENT, party INTEGER NOT NULL REFERENCES party(no),
  kind INTEGER NOT NULL CHECK(kind BETWEEN 1 AND 2), about TEXT NOT NULL, body BLOB NOT NULL, created INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 3), tries INTEGER NOT NULL, due INTEGER NOT NULL,
  error TEXT NOT NULL) STRICT;
CREATE INDEX outbox_waiting ON outbox(state, party, no, created, due) WHERE state = 1;
CREATE INDEX outbox_done ON outbox(due) WHERE state <> 1;
)");
}

// Version 5. How long and how much a collection keeps, what it holds now; what must not be removed,
// what was removed and is kept all the same, and what is not taken in again.
void add_keeping(Connection& c) {
    c.execute(R"(
ALTER TABLE collection ADD COLUMN keep_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE collection ADD COLUMN bytes_max INTEGER NOT NULL DEFAULT 0;
ALTER TABLE collection ADD COLUMN objects_max INTEGER NOT NULL DEFAULT 0;
ALTER TABLE collection ADD COLUMN drop_oldest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE head ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE head ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE head SET (entries, bytes) = (
  SELECT count(*), coalesce(sum(length(body)), 0) FROM entry
  WHERE place BETWEEN head.collection << 40 AND (head.collection << 40) | 1099511627775);
CREATE TABLE hold(
  no INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, party INTEGER NOT NULL, id TEXT NOT NULL,
  person TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE tombstone(
  collection INTEGER NOT NULL REFERENCES collection(no), id TEXT NOT NULL, version_key TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(collection, id, version_key)) STRICT, WITHOUT ROWID;
CREATE TABLE kept(
  no INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL REFERENCES collection(no), seq INTEGER NOT NULL,
  class INTEGER NOT NULL REFERENCES class(no), lane INTEGER NOT NULL, id TEXT NOT NULL, version TEXT NOT NULL,
  derived_of TEXT NOT NULL, digest BLOB NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX kept_collection ON kept(collection);
)");
}

// Version 6. Which client certificates a credential stands for.
void add_certificates(Connection& c) {
    c.execute(R"(
ALTER TABLE token ADD COLUMN binding TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX token_binding ON token(binding) WHERE binding <> '' AND revoked = 0;
)");
}

// Version 7. How often indicators hit, by the hour, and what became of telling it.
void add_sightings(Connection& c) {
    c.execute(R"(
CREATE TABLE sighting(
  no INTEGER PRIMARY KEY AUTOINCREMENT, indicator TEXT NOT NULL, party INTEGER NOT NULL, agreement TEXT NOT NULL,
  hour INTEGER NOT NULL, part INTEGER NOT NULL, collection INTEGER NOT NULL REFERENCES collection(no),
  seq INTEGER NOT NULL, count INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 5), why INTEGER NOT NULL, warned TEXT NOT NULL, note TEXT NOT NULL, path TEXT NOT NULL,
  value TEXT NOT NULL, object TEXT NOT NULL, changed INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX sighting_bucket ON sighting(indicator, hour, party, agreement, part);
CREATE INDEX sighting_state ON sighting(state, party, no);
CREATE INDEX sighting_done ON sighting(changed) WHERE state > 2;
)");
}

constexpr std::array<Step, 7> all_steps{
    &make_tables,
    &add_derived,
    &add_agreements,
    &add_outbox,
    &add_keeping,
    &add_certificates,
    &add_sightings};

static_assert(all_steps.size() == sqlite_schema_version);

}  // namespace

std::span<const Step> steps() noexcept {
    return all_steps;
}

Result<std::int64_t> schema_version(Connection& connection, std::int64_t newest) {
    const std::int64_t id = connection.pragma("application_id");
    if (id != application_id) return fail(Errc::corrupt, "this file is not an Entente database");
    const std::int64_t version = connection.pragma("user_version");
    if (version > newest) {
        return fail(
            Errc::conflict,
            "the database has schema version " + std::to_string(version) +
                ", this program knows versions up to " + std::to_string(newest) +
                ": use the newer program that wrote it"
        );
    }
    return version;
}

Result<void> migrate(Connection& connection, std::span<const Step> steps) {
    const auto newest = static_cast<std::int64_t>(steps.size());
    for (;;) {
        ENTENTE_TRY(const std::int64_t seen, schema_version(connection, newest));
        if (seen == newest) return {};
        connection.execute("BEGIN IMMEDIATE");
        // Another process may have taken the step while this one waited for the lock.
        const auto version = schema_version(connection, newest);
        if (version && *version < newest) {
            steps[static_cast<std::size_t>(*version)](connection);
            connection.set_pragma("user_version", *version + 1);
        }
        connection.execute("COMMIT");
        if (!version) return fail(version.error().code, version.error().detail);
    }
}

}  // namespace entente::store::sqlite
