#include "store/sqlite/sqlite_store.h"

#include "store/sqlite/internal/temp_database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace entente::store {
namespace {

using sqlite::TempDatabase;

void run_sql(const std::string& file, const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5'000);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
}

struct Feed {
    CollectionNo collection{};
    UserNo user{};
    ClassNo cls{};
};

Feed make_feed(Store& store) {
    Feed feed;
    store.write([&](Transaction& tx) {
        const PartyNo party =
            tx.put(Party{.no = {}, .name = "North", .own = true, .identities = {}});
        User user;
        user.name = "ann";
        user.party = party;
        feed.user = tx.put(user);
        ApiRoot root;
        root.name = "api";
        Collection c;
        c.root = tx.put(root);
        c.id = "feed";
        feed.collection = tx.put(c);
        feed.cls = tx.intern_class("a class");
    });
    return feed;
}

/// One group of `count` objects named by `name`, each with a body of about `bytes`.
Seq append(
    Transaction& tx,
    const Feed& feed,
    const std::string& name,
    std::size_t count,
    std::size_t bytes = 100
) {
    std::vector<std::string> ids;
    std::vector<std::string> bodies;
    std::string fill;
    while (fill.size() < bytes)
        fill += name;
    for (std::size_t i = 0; i < count; ++i) {
        ids.push_back(name + "-" + std::to_string(i));
        bodies.push_back(R"({"id":")" + ids.back() + R"(","x":")" + fill + R"("})");
    }
    std::vector<NewEntry> entries;
    for (std::size_t i = 0; i < count; ++i) {
        entries.push_back(
            {.cls = feed.cls,
             .lane = {},
             .id = ids[i],
             .version = "2024Z",
             .version_key = "2024",
             .digest = sha256(bodies[i]),
             .body = bodies[i],
             .siblings = false}
        );
    }
    return tx.append(feed.collection, {1}, entries);
}

void append(
    Store& store,
    const Feed& feed,
    const std::string& name,
    std::size_t count,
    std::size_t bytes = 100
) {
    store.write([&](Transaction& tx) { append(tx, feed, name, count, bytes); });
}

std::uint64_t entries_in(Store& store, const Feed& feed) {
    return agreement::raw(store.snapshot()->head(feed.collection).next_seq) - 1;
}

StorageError::Kind kind_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const StorageError& error) {
        return error.kind();
    }
    ADD_FAILURE() << "nothing was thrown";
    return StorageError::Kind::io;
}

// ---- Opening

TEST(SqliteOpening, MakesAFileThatOnlyItsOwnerReads) {
    const TempDatabase database;
    const auto store = database.create();
    make_feed(*store);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(database.directory())) {
        struct stat s {};

        ASSERT_EQ(::stat(entry.path().c_str(), &s), 0);
        EXPECT_EQ(s.st_mode & 0777U, 0600U) << entry.path();
        ++files;
    }
    EXPECT_EQ(
        files, 3U
    );  // the database, its log, and the log's index: nothing of the making is left
}

TEST(SqliteOpening, RefusesToMakeWhatIsThere) {
    const TempDatabase database;
    make_feed(*database.create());
    SqliteOptions options = database.options();
    options.create = true;
    const auto again = open_sqlite_store(options);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::conflict);
    EXPECT_EQ(database.open()->snapshot()->directory().users.size(), 1U);
}

TEST(SqliteOpening, MakesANewOneOverAnAttemptThatWasCutShort) {
    const TempDatabase database;
    std::ofstream(database.file() + ".new") << "half";
    std::ofstream(database.file() + ".new-wal") << "half";
    EXPECT_TRUE(database.create()->verify({}).empty());
}

TEST(SqliteOpening, SaysWhatIsWrongWithAFile) {
    const TempDatabase database;
    EXPECT_EQ(open_sqlite_store(database.options()).error().code, Errc::not_found);
    std::ofstream(database.file()) << "";
    EXPECT_EQ(open_sqlite_store(database.options()).error().code, Errc::corrupt);
    std::ofstream(database.file()) << std::string(20'000, 'x');
    EXPECT_EQ(open_sqlite_store(database.options()).error().code, Errc::corrupt);
    std::filesystem::remove(database.file());
    run_sql(database.file(), "CREATE TABLE other(a)");
    EXPECT_EQ(open_sqlite_store(database.options()).error().code, Errc::corrupt);
    std::filesystem::remove(database.file());
    std::filesystem::create_directory(database.file());
    EXPECT_EQ(open_sqlite_store(database.options()).error().code, Errc::not_found);
}

TEST(SqliteOpening, RefusesANewerSchemaAndLeavesItAlone) {
    const TempDatabase database;
    (void)database.create();
    const std::string newer = "PRAGMA user_version = " + std::to_string(sqlite_schema_version + 1);
    run_sql(database.file(), newer.c_str());
    const auto refused = open_sqlite_store(database.options());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_NE(refused.error().detail.find("newer program"), std::string::npos);
}

// ---- Several processes

TEST(SqliteProcesses, WriteTheSameFileInTurns) {
    const TempDatabase database;
    const Feed feed = make_feed(*database.create());
    constexpr std::size_t each = 50;
    std::array<pid_t, 3> children{};
    for (std::size_t n = 0; n < children.size(); ++n) {
        children[n] = ::fork();
        if (children[n] != 0) continue;
        int failed = 1;
        try {
            const auto store = database.open();
            for (std::size_t i = 0; i < each; ++i)
                append(*store, feed, std::to_string(n) + "." + std::to_string(i), 2);
            failed = 0;
        } catch (...) {
            failed = 2;
        }
        ::_exit(failed);
    }
    for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    const auto store = database.open();
    EXPECT_EQ(entries_in(*store, feed), each * 2 * children.size());
    EXPECT_TRUE(store->verify({}).empty());
}

TEST(SqliteProcesses, SeeEachOthersCommitsAtOnce) {
    const TempDatabase database;
    const auto one = database.create();
    const auto two = database.open();
    const Feed feed = make_feed(*one);
    append(*two, feed, "a", 1);
    EXPECT_EQ(entries_in(*one, feed), 1U);
    one->write([&](Transaction& tx) { tx.erase(feed.collection); });
    EXPECT_TRUE(two->snapshot()->directory().collections.empty());
}

TEST(SqliteProcesses, AWriterThatGetsNoLockIsBusyAndWorksLater) {
    const TempDatabase database;
    const auto one = database.create();
    const Feed feed = make_feed(*one);
    SqliteOptions options = database.options();
    options.lock_wait_us = 20'000;
    const auto two = open_sqlite_store(options).value();
    one->write([&](Transaction&) {
        EXPECT_EQ(kind_of([&] { append(*two, feed, "a", 1); }), StorageError::Kind::busy);
        EXPECT_EQ(entries_in(*two, feed), 0U);
    });
    append(*two, feed, "a", 1);
    EXPECT_EQ(entries_in(*one, feed), 1U);
}

// ---- What fails

TEST(SqliteFailures, ABrokenRuleOfTheTablesUndoesItsStatementOnly) {
    const TempDatabase database;
    const auto store = database.create();
    const Feed feed = make_feed(*store);
    store->write([&](Transaction& tx) {
        User twin;
        twin.name = "ann";
        twin.party = tx.directory().parties[0].no;
        EXPECT_THROW(tx.put(twin), StorageError);
        EXPECT_THROW(tx.savepoint([&] { return tx.put(twin) != UserNo{}; }), StorageError);
        append(tx, feed, "a", 1);
    });
    EXPECT_EQ(entries_in(*store, feed), 1U);
    EXPECT_EQ(store->snapshot()->directory().users.size(), 1U);
}

TEST(SqliteFailures, ACertificateIsBoundOnceUntilItsBindingIsRevoked) {
    const TempDatabase database;
    const auto store = database.create();
    (void)make_feed(*store);
    store->write([&](Transaction& tx) {
        Token first;
        first.user = tx.directory().users[0].no;
        first.hash = sha256("1");
        first.binding = "key:0";
        first.no = tx.put(first);
        Token twin = first;
        twin.no = {};
        twin.hash = sha256("2");
        EXPECT_THROW(tx.put(twin), StorageError);
        first.revoked = true;
        tx.put(first);
        tx.put(twin);
        Token secret = twin;
        secret.hash = sha256("3");
        secret.binding.clear();
        tx.put(secret);
        secret.hash = sha256("4");
        tx.put(secret);
    });
    EXPECT_EQ(store->snapshot()->directory().tokens.size(), 4U);
}

TEST(SqliteFailures, WhatIsOnlyAppendedCanNotBeChangedOrTakenAway) {
    const TempDatabase database;
    const auto store = database.create();
    store->write([&](Transaction& tx) {
        tx.append_act({});
        (void)tx.append_agreement({.no = {}, .agreement = "agr:1", .body = "{}", .at = {1}});
        tx.put(KeyStatement{.note = "a note", .at = {1}});
    });
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(database.file().c_str(), &db), SQLITE_OK);
    for (const std::string table : {"act", "agreement_record", "key_statement"}) {
        for (const std::string& sql : {"DELETE FROM " + table, "UPDATE " + table + " SET at = 9"}) {
            EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_CONSTRAINT)
                << sql;
        }
    }
    sqlite3_close(db);
}

TEST(SqliteRemoval, LeavesNoTraceInTheFiles) {
    const TempDatabase database;
    const auto store = database.create();
    const Feed feed = make_feed(*store);
    append(*store, feed, "kept", 50, 700);
    append(*store, feed, "secretname", 1, 700);
    append(*store, feed, "secretname2", 1, 30'000);
    append(*store, feed, "alsokept", 50, 700);
    store->checkpoint();
    const auto found = [&](const std::string& word) {
        std::size_t hits = 0;
        for (const auto& entry : std::filesystem::directory_iterator(database.directory())) {
            std::ifstream in(entry.path(), std::ios::binary);
            const std::string all(std::istreambuf_iterator<char>(in), {});
            hits += all.find(word) != std::string::npos ? 1 : 0;
        }
        return hits;
    };
    EXPECT_GT(found("secretname"), 0U);
    store->write([&](Transaction& tx) {
        tx.remove(feed.collection, Seq{51});
        tx.remove(feed.collection, Seq{52});
    });
    store->checkpoint();
    EXPECT_EQ(found("secretname"), 0U);
    EXPECT_GT(found("alsokept"), 0U);
}

// ---- The log

class SqliteLog : public testing::Test {
  protected:
    static constexpr std::uint64_t ceiling = 4U << 20U;

    std::unique_ptr<Store> open(std::int64_t lock_wait_us = 10'000'000) {
        SqliteOptions options = database_.options();
        options.wal_bytes_max = ceiling;
        options.lock_wait_us = lock_wait_us;
        return open_sqlite_store(options).value();
    }

    [[nodiscard]] std::uint64_t log_bytes() const {
        std::error_code none;
        const auto size = std::filesystem::file_size(database_.file() + "-wal", none);
        return none ? 0 : size;
    }

    TempDatabase database_;
    Feed feed_ = make_feed(*database_.create());
};

TEST_F(SqliteLog, StaysUnderItsCeilingBesideStalledReadersAndAFastWriter) {
    const auto store = open();
    std::atomic<bool> stop{false};
    // A reader that waits for its socket holds no snapshot: it took its page and let go.
    std::vector<std::string> stalled;
    for (int i = 0; i < 200; ++i) {
        const auto s = store->snapshot();
        const auto cursor = s->entries(feed_.collection, {});
        while (cursor->next())
            stalled.emplace_back(cursor->body());
    }
    std::thread checkpoints([&] {
        while (!stop)
            store->checkpoint();
    });
    std::thread reads([&] {
        while (!stop) {
            const auto s = store->snapshot();
            const auto cursor = s->entries(feed_.collection, {});
            for (int i = 0; i < 100 && cursor->next(); ++i)
                ASSERT_FALSE(cursor->body().empty());
        }
    });
    std::uint64_t highest = 0;
    for (int i = 0; i < 200; ++i) {
        append(*store, feed_, std::to_string(i), 100, 400);
        highest = std::max(highest, log_bytes());
    }
    stop = true;
    checkpoints.join();
    reads.join();
    EXPECT_LT(highest, ceiling + (2U << 20U));  // and one transaction
    EXPECT_EQ(entries_in(*store, feed_), 20'000U);
    EXPECT_TRUE(store->verify({}).empty());
}

TEST_F(SqliteLog, StaysUnderItsCeilingWithNobodyWhoCheckpoints) {
    const auto store = open();
    std::uint64_t highest = 0;
    for (int i = 0; i < 100; ++i) {
        append(*store, feed_, std::to_string(i), 100, 400);
        highest = std::max(highest, log_bytes());
    }
    EXPECT_LT(highest, ceiling + (2U << 20U));
}

TEST_F(SqliteLog, AHeldSnapshotMakesWritersBusyAndNotTheLogGrow) {
    const auto store = open(20'000);
    auto held = store->snapshot();
    bool busy = false;
    std::size_t done = 0;
    for (; done < 200 && !busy; ++done) {
        try {
            append(*store, feed_, std::to_string(done), 100, 400);
        } catch (const StorageError& error) {
            EXPECT_EQ(error.kind(), StorageError::Kind::busy);
            busy = true;
        }
    }
    EXPECT_TRUE(busy);
    EXPECT_LT(log_bytes(), ceiling + (2U << 20U));
    EXPECT_EQ(held->head(feed_.collection).next_seq, Seq{1});
    held.reset();
    append(*store, feed_, "after", 1);
    EXPECT_EQ(entries_in(*store, feed_), (done - 1) * 100 + 1);
}

TEST_F(SqliteLog, AHeldSnapshotThatEndsLetsTheWaitingWriterGoOn) {
    const auto store = open();
    auto held = store->snapshot();
    std::atomic<std::size_t> done{0};
    std::thread writer([&] {
        for (std::size_t i = 0; i < 100; ++i, ++done)
            append(*store, feed_, std::to_string(i), 100, 400);
    });
    while (log_bytes() <= ceiling && done < 100U)
        std::this_thread::yield();
    EXPECT_LT(done, 100U);
    held.reset();
    writer.join();
    EXPECT_EQ(entries_in(*store, feed_), 10'000U);
}

// ---- Snapshots

TEST(SqliteSnapshots, MoreThanAreKeptAreOpenedWhenAsked) {
    const TempDatabase database;
    (void)database.create();
    SqliteOptions options = database.options();
    options.readers = 2;
    const auto store = open_sqlite_store(options).value();
    const Feed feed = make_feed(*store);
    std::vector<std::unique_ptr<Snapshot>> all;
    for (std::size_t i = 0; i < 20; ++i) {
        append(*store, feed, std::to_string(i), 1);
        all.push_back(store->snapshot());
    }
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(agreement::raw(all[i]->head(feed.collection).next_seq), i + 2);
}

TEST(SqliteIds, SettleInTheLargeIndexAndAreFoundAndRemovedThere) {
    const TempDatabase database;
    const auto store = database.create();
    const Feed feed = make_feed(*store);
    for (int i = 0; i < 14; ++i)
        append(*store, feed, std::to_string(i), 5'000, 1);
    {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(database.file().c_str(), &db), SQLITE_OK);
        sqlite3_stmt* s = nullptr;
        const char* sql =
            "SELECT (SELECT count(*) FROM recent_id), (SELECT count(*) FROM settled_id)";
        ASSERT_EQ(sqlite3_prepare_v2(db, sql, -1, &s, nullptr), SQLITE_OK);
        ASSERT_EQ(sqlite3_step(s), SQLITE_ROW);
        EXPECT_LE(sqlite3_column_int64(s, 0), static_cast<std::int64_t>(limits::recent_ids_max));
        EXPECT_EQ(sqlite3_column_int64(s, 0) + sqlite3_column_int64(s, 1), 70'000);
        sqlite3_finalize(s);
        sqlite3_close(db);
    }
    EXPECT_TRUE(store->verify({}).empty());
    for (const int i : {0, 3, 6, 9, 11})
        ASSERT_EQ(
            store->snapshot()->versions(feed.collection, std::to_string(i) + "-77").size(), 1U
        );
    store->write([&](Transaction& tx) {
        for (std::uint64_t seq = 1; seq <= 70'000; seq += 100)
            tx.remove(feed.collection, Seq{seq});
    });
    EXPECT_TRUE(store->snapshot()->versions(feed.collection, "0-0").empty());
    EXPECT_TRUE(store->verify({}).empty());
}

}  // namespace
}  // namespace entente::store
