// Older databases come forward with all that is in them.
#include "store/fault/history.h"
#include "store/sqlite/internal/schema.h"
#include "store/sqlite/internal/temp_database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace entente::store::sqlite {
namespace {

/// A database seen through SQLite alone, with another one beside it under the name `other`.
class Raw {
  public:
    Raw(const std::string& file, const std::string& other) {
        EXPECT_EQ(sqlite3_open(file.c_str(), &db_), SQLITE_OK);
        run("ATTACH '" + other + "' AS other");
    }

    ~Raw() { sqlite3_close(db_); }

    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;

    void run(const std::string& sql) { (void)lines(sql); }

    /// The first column of the rows that `sql` gives.
    std::vector<std::string> lines(const std::string& sql) {
        std::vector<std::string> found;
        sqlite3_stmt* s = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &s, nullptr), SQLITE_OK)
            << sql << ": " << sqlite3_errmsg(db_);
        int result = SQLITE_DONE;
        while ((result = sqlite3_step(s)) == SQLITE_ROW)
            found.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(s, 0)));
        EXPECT_EQ(result, SQLITE_DONE) << sql << ": " << sqlite3_errmsg(db_);
        sqlite3_finalize(s);
        return found;
    }

  private:
    sqlite3* db_ = nullptr;
};

struct Table {
    std::string name;
    std::string columns;  // "a, b, c"
};

/// The tables of the main database of `db`, the numbers that were given out among them.
std::vector<Table> tables_of(Raw& db) {
    std::vector<Table> found;
    for (const std::string& name :
         db.lines("SELECT name FROM main.sqlite_schema WHERE type = 'table'")) {
        const auto columns =
            db.lines("SELECT group_concat(name, ', ') FROM pragma_table_info('" + name + "')");
        found.push_back({name, columns.at(0)});
    }
    return found;
}

/// An empty database of schema `version`.
void make_empty(const TempDatabase& database, std::size_t version) {
    std::ofstream(database.file()).flush();
    Connection connection({.file = database.file(), .vfs = {}, .lock_wait_us = 0}, Use::creates);
    connection.set_pragma("application_id", application_id);
    ASSERT_TRUE(migrate(connection, steps().first(version)));
}

class Migration : public testing::TestWithParam<std::size_t> {
  protected:
    /// The newest schema after a history, and a number that was given and must not be given again.
    void SetUp() override {
        const auto store = newest_.create();
        store->write(fault::History::begin);
        for (std::uint64_t seed = 1; seed < 60; ++seed)
            store->write([&](Transaction& tx) { fault::History::transaction(tx, seed); });
        store->write([](Transaction& tx) {
            const Directory d = tx.directory();
            User user = d.users.back();
            user.no = {};
            user.name = "gone";
            tx.erase(tx.put(user));
            Token token;
            token.user = d.users.front().no;
            token.label = "laptop";
            token.hash = sha256("token");
            tx.put(token);
            tx.put(StatementMarking{.marking_id = "m", .source = d.parties.front().no});
            const std::string& agreement = d.agreement_records.front().agreement;
            tx.put(AgreementParty{.agreement = agreement, .pid = "p", .party = d.parties.front().no}
            );
            tx.put(Peer{
                .party = d.parties.front().no, .url = "https://x/", .settings = "{}", .secret = ""}
            );
            OutboxRow waits;
            waits.party = d.parties.front().no;
            waits.kind = OutboxRow::Kind::objects;
            waits.body = "{}";
            tx.put(waits);
            keep_some(tx, d.collections.front().no);
        });
        settle_some_ids();
    }

    static void keep_some(Transaction& tx, CollectionNo collection) {
        tx.put(Hold{
            .no = {},
            .collection = collection,
            .party = {},
            .id = "a",
            .person = "p",
            .reason = "r",
            .at = {1}});
        tx.put(collection, Tombstone{.id = "b", .version_key = "", .at = {1}});
        Kept kept;
        kept.collection = collection;
        kept.cls = tx.intern_class("kept");
        kept.body = "{}";
        kept.digest = sha256(kept.body);
        tx.append_kept(kept);
    }

    /// What an index of very many ids would do.
    void settle_some_ids() {
        Raw db(newest_.file(), ":memory:");
        db.run("INSERT INTO settled_id SELECT * FROM recent_id WHERE id_key % 2 = 0");
        db.run("DELETE FROM recent_id WHERE id_key % 2 = 0");
        db.run(
            "UPDATE head SET recent = (SELECT count(*) FROM recent_id AS r WHERE r.collection = "
            "head.collection)"
        );
    }

    /// Makes `old_` as a program of schema `version` would have left it: with its own tables, and
    /// of the newest one's rows what they hold.
    void make_old(std::size_t version) {
        make_empty(old_, version);
        Raw db(old_.file(), newest_.file());
        tables_ = tables_of(db);
        for (const auto& [name, columns] : tables_) {
            db.run("DELETE FROM main." + name);
            db.run(
                "INSERT INTO main." + name + "(" + columns + ") SELECT " + columns +
                " FROM other." + name +
                (name == "sqlite_sequence" ? " WHERE name IN (SELECT name FROM main.sqlite_schema)"
                                           : "")
            );
        }
    }

    TempDatabase newest_;
    TempDatabase old_;
    std::vector<Table> tables_;  // of the old schema
};

INSTANTIATE_TEST_SUITE_P(
    FromVersion,
    Migration,
    testing::Range<std::size_t>(1, sqlite_schema_version),
    testing::PrintToStringParamName()
);

TEST_P(Migration, KeepsEveryRow) {
    make_old(GetParam());
    ASSERT_GT(tables_.size(), 15U);
    EXPECT_EQ(old_.open()->verify({}), std::vector<std::string>{});
    Raw db(old_.file(), newest_.file());
    std::string names;  // of the tables that the old schema has
    for (const Table& table : tables_)
        names += (names.empty() ? "'" : ", '") + table.name + "'";
    for (const Table& table : tables_) {
        const std::string& name = table.name;
        const std::string& columns = table.columns;
        SCOPED_TRACE(name);
        const auto rows = [&](const std::string& where) {
            std::string text = "SELECT " + columns + " FROM " + where + "." + name;
            if (name == "sqlite_sequence") text += " WHERE name IN (" + names + ")";
            return text;
        };
        const auto count = [&](const std::string& sql) {
            return db.lines("SELECT count(*) FROM (" + sql + ")").at(0);
        };
        EXPECT_EQ(count(rows("other") + " EXCEPT " + rows("main")), "0");
        EXPECT_EQ(count(rows("main")), count(rows("other")));
        if (name == "derived") continue;
        EXPECT_NE(count(rows("main")), "0") << "a table that tests nothing";
    }
}

TEST_P(Migration, GivesWhatIsNewItsFirstValue) {
    make_old(GetParam());
    const auto store = old_.open();
    const auto snapshot = store->snapshot();
    const Directory d = snapshot->directory();
    ASSERT_FALSE(d.collections.empty());
    for (const Collection& c : d.collections) {
        EXPECT_EQ(c.checks, Checks::must);
        EXPECT_FALSE(c.takes_agreements);
        EXPECT_EQ(c.keep_us, 0);
        EXPECT_EQ(c.bytes_max + c.objects_max, 0U);
        EXPECT_TRUE(GetParam() >= 5 || !snapshot->has_tombstones(c.no));
        std::uint64_t entries = 0;
        std::uint64_t bytes = 0;
        for (const auto cursor = snapshot->entries(c.no, {}); cursor->next();) {
            ++entries;
            bytes += cursor->body().size();
        }
        EXPECT_EQ(snapshot->head(c.no).entries, entries);
        EXPECT_EQ(snapshot->head(c.no).bytes, bytes);
        for (const User& u : d.users)
            EXPECT_TRUE(GetParam() >= 3 || snapshot->delayed(u.no, c.no).empty());
    }
    if (GetParam() < 4) {
        EXPECT_TRUE(d.peers.empty());
        EXPECT_TRUE(snapshot->outbox({}, 10).empty());
        EXPECT_TRUE(snapshot->outbox_heads().empty());
    }
    if (GetParam() < 5) {
        EXPECT_TRUE(d.holds.empty());
        EXPECT_TRUE(snapshot->kept({}, 10).empty());
    }
    EXPECT_TRUE(GetParam() >= 7 || snapshot->sightings({}, 10).empty());
    ASSERT_EQ(d.tokens.size(), 1U);
    EXPECT_EQ(d.tokens[0].binding, "") << "every token was a secret";
    EXPECT_EQ(d.tokens[0].hash, sha256("token"));
    const auto acts = snapshot->acts({}, 1'000);
    ASSERT_FALSE(acts.empty());
    EXPECT_TRUE(snapshot->acts_of_agreement("", {}, 10).empty());
    if (GetParam() >= 3) return;  // what follows came with version 3
    for (const Act& act : acts)
        EXPECT_EQ(act.agreement, "");
    EXPECT_TRUE(d.agreement_records.empty());
    EXPECT_TRUE(d.agreement_parties.empty());
    EXPECT_TRUE(d.agreement_bindings.empty());
    EXPECT_TRUE(d.cards.empty());
    EXPECT_TRUE(d.key_statements.empty());
    EXPECT_EQ(d.agreements_at, Micros{0});
}

TEST_P(Migration, MakesAStoreThatWorks) {
    make_old(GetParam());
    const auto store = old_.open();
    for (std::uint64_t seed = 100; seed < 130; ++seed) {
        store->write([&](Transaction& tx) {
            if (seed == 100)
                (void)tx.append_agreement({.no = {}, .agreement = "agr:0", .body = "{}", .at = {1}}
                );
            fault::History::transaction(tx, seed);
        });
    }
    store->write([](Transaction& tx) {
        Act act;
        act.agreement = "agr:0";
        tx.append_act(act);
        OutboxRow row;
        row.party = tx.directory().parties.front().no;
        row.about = "agr:0";
        tx.put(row);
    });
    EXPECT_FALSE(store->snapshot()->outbox_heads().empty());
    EXPECT_FALSE(store->snapshot()->acts_of_agreement("agr:0", {}, 10).empty());
    EXPECT_EQ(store->verify({}), std::vector<std::string>{});
}

TEST(SqliteMigration, BringsAnEmptyFileOfOursForward) {
    const TempDatabase database;
    make_empty(database, 0);
    const auto store = database.open();
    store->write(fault::History::begin);
    EXPECT_TRUE(store->verify({}).empty());
}

TEST(SqliteMigration, TakesEachStepOnceAndKeepsAFailedOneOut) {
    const TempDatabase database;
    (void)database.create();
    const Place place{.file = database.file(), .vfs = {}, .lock_wait_us = 0};
    Connection connection(place, Use::writes);
    constexpr std::int64_t now = sqlite_schema_version;
    const Step never = [](Connection&) { FAIL() << "this version was reached long ago"; };
    const Step first = [](Connection& c) { c.execute("ALTER TABLE act ADD COLUMN extra"); };
    const Step second = [](Connection& c) { c.execute("CREATE TABLE more(a)"); };
    const Step broken = [](Connection& c) {
        c.execute("CREATE TABLE half(a)");
        c.execute("CREATE TABLE half(a)");
    };
    std::vector<Step> all(sqlite_schema_version, never);
    all.insert(all.end(), {first, second});
    EXPECT_TRUE(migrate(connection, all));
    all.assign(sqlite_schema_version + 2, never);
    EXPECT_TRUE(migrate(connection, all));
    EXPECT_EQ(connection.pragma("user_version"), now + 2);
    all.push_back(broken);
    EXPECT_THROW((void)migrate(connection, all), StorageError);
    EXPECT_TRUE(connection.roll_back());
    EXPECT_EQ(connection.pragma("user_version"), now + 2);
    EXPECT_EQ(connection.pragma("table_info(half)"), 0);
    all.resize(sqlite_schema_version);
    EXPECT_FALSE(migrate(connection, all));
}

}  // namespace
}  // namespace entente::store::sqlite
