// Verification finds each kind of damage, and nothing where there is none.
#include "store/fault/history.h"
#include "store/sqlite/internal/temp_database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

namespace entente::store {
namespace {

class Verification : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        original_ = std::make_unique<sqlite::TempDatabase>();
        const auto store = original_->create();
        store->write(fault::History::begin);
        for (std::uint64_t seed = 1; seed < 60; ++seed)
            store->write([&](Transaction& tx) { fault::History::transaction(tx, seed); });
    }

    static void TearDownTestSuite() { original_.reset(); }

    void SetUp() override { std::filesystem::copy_file(original_->file(), damaged_.file()); }

    /// Does damage by SQL; it must change at least one row.
    void damage(const std::string& sql) {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(damaged_.file().c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db);
        EXPECT_GT(sqlite3_total_changes(db), 0) << sql;
        sqlite3_close(db);
    }

    std::vector<std::string> findings() { return damaged_.open()->verify({}); }

    static std::unique_ptr<sqlite::TempDatabase> original_;
    sqlite::TempDatabase damaged_;
};

std::unique_ptr<sqlite::TempDatabase> Verification::original_;

TEST_F(Verification, FindsNothingInASoundStoreAndTellsHowFarItIs) {
    std::uint64_t calls = 0;
    std::uint64_t last = 0;
    const auto found = damaged_.open()->verify([&](std::uint64_t done, std::uint64_t all) {
        EXPECT_GE(done, last);
        EXPECT_LE(done, all);
        last = done;
        ++calls;
    });
    EXPECT_TRUE(found.empty()) << found.front();
    EXPECT_GT(calls, 0U);
}

TEST_F(Verification, FindsNothingWhereAnObjectHasRecentAndSettledVersions) {
    // As an index of very many ids settles: one version of every object that has several.
    damage("INSERT INTO settled_id SELECT collection, id_key, min(seq) FROM recent_id GROUP BY 1, 2"
    );
    damage(
        "DELETE FROM recent_id WHERE (collection, id_key, seq) IN (SELECT collection, id_key, seq "
        "FROM settled_id)"
    );
    damage(
        "UPDATE head SET recent = (SELECT count(*) FROM recent_id AS r WHERE r.collection = "
        "head.collection)"
    );
    EXPECT_EQ(findings(), std::vector<std::string>{});
}

struct Damage {
    const char* name;
    const char* sql;
    const char* finding;
};

class EachDamage : public Verification, public testing::WithParamInterface<Damage> {};

TEST_P(EachDamage, IsFound) {
    damage(GetParam().sql);
    const auto found = findings();
    ASSERT_FALSE(found.empty());
    bool named = false;
    for (const std::string& line : found)
        named = named || line.find(GetParam().finding) != std::string::npos;
    EXPECT_TRUE(named) << found.front();
}

constexpr Damage damages[] = {
    {"Body",
     "UPDATE entry SET body = replace(CAST(body AS TEXT), 'id', 'di') WHERE place = (SELECT "
     "max(place) FROM entry)",
     "body is not what was stored"},
    {"Digest",
     "UPDATE entry SET digest = zeroblob(32) WHERE place = (SELECT min(place) FROM entry)",
     "body is not what was stored"},
    {"Newer",
     "UPDATE entry SET newer_seq = newer_seq + 1 WHERE place = (SELECT min(place) FROM entry WHERE "
     "flags & 1)",
     "link to the next version"},
    {"NewerClass",
     "UPDATE entry SET newer_class = newer_class + 1 WHERE place = (SELECT min(place) FROM entry "
     "WHERE flags & 1)",
     "link to the next version"},
    {"NewerFlag",
     "UPDATE entry SET flags = flags & ~1 WHERE place = (SELECT min(place) FROM entry WHERE flags "
     "& 1)",
     "link to the next version"},
    {"OlderFlag",
     "UPDATE entry SET flags = flags | 2 WHERE place = (SELECT min(place) FROM entry WHERE flags & "
     "2 = 0 AND lane = 0)",
     "mark of an older version"},
    {"LaneFlag",
     "UPDATE entry SET flags = flags | 2 WHERE place = (SELECT min(place) FROM entry WHERE lane <> "
     "0)",
     "linked in a lane"},
    {"Class",
     "UPDATE entry SET class = 99 WHERE place = (SELECT min(place) FROM entry)",
     "class unknown"},
    {"ClassOfGroup",
     "UPDATE entry SET class = 1 + class % 3 WHERE place = (SELECT min(place) FROM entry)",
     "its group knows it as another class"},
    {"LostEntry",
     "DELETE FROM entry WHERE place = (SELECT min(place) FROM entry)",
     "names nothing"},
    {"LostId",
     "DELETE FROM recent_id WHERE seq = (SELECT min(seq) FROM recent_id)",
     "does not hold every entry"},
    {"WrongId",
     "UPDATE entry SET id = id || 'x' WHERE place = (SELECT min(place) FROM entry)",
     "under another id"},
    {"Recent", "UPDATE head SET recent = recent + 1", "miscounted"},
    {"Entries", "UPDATE head SET entries = entries + 1", "or their bytes are miscounted"},
    {"Bytes", "UPDATE head SET bytes = bytes - 1 WHERE bytes > 0", "or their bytes are miscounted"},
    {"Kept",
     "INSERT INTO kept SELECT 7, collection, 1, class, 0, id, version, '', zeroblob(32), 1, body "
     "FROM entry LIMIT 1",
     "kept, number 7: the body is not what was stored"},
    {"Twice",
     "UPDATE entry SET version_key = (SELECT f.version_key FROM entry AS f WHERE f.id = entry.id "
     "AND f.lane = entry.lane "
     "AND f.collection = entry.collection AND f.place <> entry.place) WHERE flags & 1",
     "there twice"},
    {"Head", "UPDATE head SET next_seq = 1", "beyond the head"},
    {"HeadDate", "UPDATE head SET next_base = 0", "beyond the head"},
    {"LostHead", "DELETE FROM head", "has no head"},
    {"LostGroup",
     "DELETE FROM entry_group WHERE place = (SELECT min(place) FROM entry_group)",
     "in no group"},
    {"GroupCount",
     "UPDATE entry_group SET count = count + 1 WHERE place = (SELECT min(place) FROM entry_group)",
     "do not add up"},
    {"GroupRuns",
     "UPDATE entry_group SET runs = x'80' WHERE place = (SELECT min(place) FROM entry_group)",
     "cannot be read"},
    {"Derived",
     "UPDATE entry SET flags = flags | 16 WHERE place = (SELECT min(place) FROM entry)",
     "what it was made of is not known"},
    {"DerivedIndex",
     "INSERT INTO derived(collection, base, seq) SELECT min(collection), 'x', 1000000 FROM entry",
     "what it was made of is not known"},
    {"GroupDate",
     "UPDATE entry_group SET base = base - 1000000 WHERE place = (SELECT max(place) FROM "
     "entry_group)",
     "overlaps"},
    {"LateEntry", "UPDATE late SET entry = entry + 100000", "shows nothing"},
    {"LateClass", "UPDATE late SET class = class + 1", "another class than its entry"},
    {"LateDate", "UPDATE late SET date = -date", "does not rise"},
    {"LateBeyond", "UPDATE late SET seq = seq + 100000", "beyond the head"},
    {"LateView", "DELETE FROM reader_view", "of no view"},
    {"LateFlag", "UPDATE entry SET flags = flags & ~8", "exposed again"},
    {"ClassKey", "UPDATE class SET key = key || 'x' WHERE no = 2", "not that of its key"},
    {"ClassGap", "DELETE FROM class WHERE no = 2", "a gap"},
    {"Acts", "DROP TRIGGER act_stays; DELETE FROM act WHERE no = 1", "a number is missing"},
    {"Reference", "DELETE FROM user WHERE no = 1", "names nothing"},
    {"AgreementParty",
     "INSERT INTO agreement_party(agreement, pid, party) VALUES('agr:0', 'p', 999)",
     "a row of agreement_party names nothing"},
    {"AgreementBinding",
     "INSERT INTO agreement_binding(agreement, flow, collection, way) VALUES('agr:0', '', 999, 1)",
     "a row of agreement_binding names nothing"},
    {"UnknownAgreementOfAParty",
     "INSERT INTO agreement_party(agreement, pid, party) VALUES('agr:none', 'p', 1)",
     "agreement agr:none: the party p"},
    {"UnknownAgreementOfABinding",
     "INSERT INTO agreement_binding(agreement, flow, collection, way) VALUES('agr:none', '', 1, 1)",
     "agreement agr:none: a binding to collection 1"},
    {"AgreementRecord",
     "INSERT INTO agreement_record(no, agreement, kind, body, at) VALUES(100000, 'agr:0', 1, '', "
     "0)",
     "records of agreements: a number is missing"},
    {"AgreementRecordKind",
     "PRAGMA ignore_check_constraints = ON; INSERT INTO agreement_record(agreement, kind, body, "
     "at) VALUES('agr:0', 4, '', 0)",
     "CHECK constraint failed in agreement_record"},
    {"Card",
     "INSERT INTO card(party, sequence, note, at) VALUES(999, 1, '', 0)",
     "a row of card names nothing"},
    {"Outbox",
     "INSERT INTO outbox(party, kind, about, body, created, state, tries, due, error) SELECT no, "
     "1, "
     "'agr:none', x'', 1, 1, 0, 1, '' FROM party LIMIT 1",
     "an agreement of which nothing is known"},
    {"OutboxBody",
     "INSERT INTO outbox(party, kind, about, body, created, state, tries, due, error) SELECT no, "
     "2, "
     "'', x'', 1, 1, 0, 1, '' FROM party LIMIT 1",
     "nothing to send"},
    {"OutboxParty",
     "INSERT INTO outbox(party, kind, about, body, created, state, tries, due, error) VALUES(999, "
     "2, '', x'00', 1, 1, 0, 1, '')",
     "a row of outbox names nothing"},
    {"SightingOfNobody",
     "INSERT INTO sighting(indicator, party, agreement, hour, part, collection, seq, count, "
     "first_seen, last_seen, state, why, warned, note, path, value, object, changed) SELECT 'i', "
     "999, '', "
     "0, "
     "0, no, 1, 1, 0, 0, 3, 0, '', '', '', '', '', 0 FROM collection LIMIT 1",
     "its party is not there"},
    {"SightingForNobody",
     "INSERT INTO sighting(indicator, party, agreement, hour, part, collection, seq, count, "
     "first_seen, last_seen, state, why, warned, note, path, value, object, changed) SELECT 'i', "
     "0, '', 0, "
     "0, no, 1, 1, 0, 0, 1, 0, '', '', '', '', '', 0 FROM collection LIMIT 1",
     "nobody is to hear of it, yet it waits"},
    {"SightingCollection",
     "INSERT INTO sighting(indicator, party, agreement, hour, part, collection, seq, count, "
     "first_seen, last_seen, state, why, warned, note, path, value, object, changed) VALUES('i', "
     "0, '', 0, "
     "0, 999, 1, 1, 0, 0, 3, 0, '', '', '', '', '', 0)",
     "a row of sighting names nothing"},
    {"Peer",
     "INSERT INTO peer(party, url, settings, secret) VALUES(999, '', '{}', '')",
     "a row of peer names nothing"},
    {"KeyStatement",
     "INSERT INTO key_statement(no, note, at) VALUES(100000, 'none has it', 0)",
     "statements about keys: a number is missing"},
    {"DelayedView",
     "INSERT INTO delayed(user, collection, class, upto) VALUES(1, 999, 1, 1)",
     "a row of delayed names nothing"},
    {"DelayedClass",
     "INSERT INTO delayed(user, collection, class, upto) SELECT user, collection, 999, 1 FROM "
     "reader_view LIMIT 1",
     "a row of delayed names nothing"},
};

INSTANTIATE_TEST_SUITE_P(
    All,
    EachDamage,
    testing::ValuesIn(damages),
    [](const testing::TestParamInfo<Damage>& of) { return of.param.name; }
);

TEST_F(Verification, FindsAPageOfZerosOrTheStoreDoesNotOpen) {
    const auto size = std::filesystem::file_size(damaged_.file());
    for (std::uintmax_t page = 0; page * 8'192 < size; page += 3) {
        std::filesystem::copy_file(
            original_->file(), damaged_.file(), std::filesystem::copy_options::overwrite_existing
        );
        {
            std::fstream file(damaged_.file(), std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(static_cast<std::streamoff>(page * 8'192));
            file << std::string(8'192, '\0');
        }
        SCOPED_TRACE(page);
        const auto store = open_sqlite_store(damaged_.options());
        if (!store) {
            EXPECT_EQ(store.error().code, Errc::corrupt);
            continue;
        }
        try {
            EXPECT_FALSE((*store)->verify({}).empty());
        } catch (const StorageError& error) {
            EXPECT_EQ(error.kind(), StorageError::Kind::corrupt);
        }
    }
}

}  // namespace
}  // namespace entente::store
