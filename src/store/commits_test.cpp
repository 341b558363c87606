// Marks of commits: equal only while nothing was committed, by whomever.
#include "store/commits.h"

#include "store/memory/memory_store.h"
#include "store/sqlite/internal/temp_database.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace entente::store {
namespace {

void set(Store& store, std::string_view value) {
    store.write([&](Transaction& tx) { tx.set_setting("name", value); });
}

void moves_with_commits_alone(Store& store) {
    const Commits* const commits = commits_of(store);
    ASSERT_NE(commits, nullptr);
    set(store, "a");
    const auto before = commits->committed();
    ASSERT_TRUE(before);
    EXPECT_EQ(store.snapshot()->setting("name"), "a");
    EXPECT_THROW(
        store.write([](Transaction& tx) {
            tx.set_setting("name", "b");
            throw std::runtime_error("given up");
        }),
        std::runtime_error
    );
    EXPECT_EQ(commits->committed(), before) << "reading, and a transaction that was given up";
    set(store, "c");
    const auto after = commits->committed();
    ASSERT_TRUE(after);
    EXPECT_NE(after, before);
    set(store, "a");
    EXPECT_NE(commits->committed(), after);
    EXPECT_NE(commits->committed(), before) << "the same content is not the same mark";
}

TEST(CommitMark, MovesWithEachCommitOfAStoreInMemory) {
    const auto store = make_memory_store();
    moves_with_commits_alone(*store);
}

class CommitMarkOnDisk : public ::testing::Test {
  protected:
    sqlite::TempDatabase database;
    std::unique_ptr<Store> store = database.create();
};

TEST_F(CommitMarkOnDisk, MovesWithEachCommit) {
    moves_with_commits_alone(*store);
}

TEST_F(CommitMarkOnDisk, MovesWithCommitsOfAnotherConnection) {
    const auto other = database.open();
    for (const char* value : {"a", "b", "a"}) {
        const auto before = commits_of(*store)->committed();
        ASSERT_TRUE(before);
        set(*other, value);
        EXPECT_NE(commits_of(*store)->committed(), before);
        EXPECT_EQ(commits_of(*store)->committed(), commits_of(*other)->committed());
    }
}

TEST(CommitMark, MovesWithCommitsOfAnotherProcess) {
    const sqlite::TempDatabase database;
    (void)database.create();
    std::array<int, 2> go{};
    ASSERT_EQ(::pipe(go.data()), 0);
    const pid_t child = ::fork();  // before this process opens the file
    ASSERT_GE(child, 0);
    if (child == 0) {
        char byte = 0;
        int failed = ::read(go[0], &byte, 1) == 1 ? 0 : 1;
        try {
            set(*database.open(), "b");
        } catch (...) {
            failed = 2;
        }
        ::_exit(failed);
    }
    const auto store = database.open();
    set(*store, "a");
    const auto before = commits_of(*store)->committed();
    ASSERT_TRUE(before);
    ASSERT_EQ(::write(go[1], "x", 1), 1);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_NE(commits_of(*store)->committed(), before);
    EXPECT_EQ(store->snapshot()->setting("name"), "b");
    ::close(go[0]);
    ::close(go[1]);
}

TEST_F(CommitMarkOnDisk, StaysOfUseWhenTheLogIsMovedAndBeginsAnew) {
    for (int round = 0; round < 3; ++round) {
        set(*store, "a");
        store->checkpoint();
        (void)store->cut_log();
        const auto before = commits_of(*store)->committed();
        ASSERT_TRUE(before);
        EXPECT_EQ(commits_of(*store)->committed(), before);
        set(*store, "b");
        EXPECT_NE(commits_of(*store)->committed(), before);
    }
}

}  // namespace
}  // namespace entente::store
