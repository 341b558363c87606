#include "cli/node_dir.h"

#include "cli/change.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace entente::cli {
namespace {

class NodeDirTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "entente-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        base_ = pattern;
        path_ = base_ + "/node";
    }

    void TearDown() override { std::filesystem::remove_all(base_); }

    /// What `init` leaves, as far as a directory is concerned.
    void make() {
        const auto node = NodeDir::create(path_, random_);
        ASSERT_TRUE(node) << node.error().detail;
        node->store().write([](store::Transaction& tx) { tx.set_setting(node_id_setting, "n"); });
    }

    [[nodiscard]] mode_t mode_of(const std::string& name) const {
        struct stat info {};

        EXPECT_EQ(::stat((path_ + name).c_str(), &info), 0) << name;
        return info.st_mode & 07777U;
    }

    std::string base_;
    std::string path_;
    SeededRandom random_{7};
};

TEST_F(NodeDirTest, KeepsEverythingPrivate) {
    (void)::umask(0);
    make();
    EXPECT_EQ(mode_of(""), 0700U);
    EXPECT_EQ(mode_of("/keys"), 0700U);
    EXPECT_EQ(mode_of("/keys/cursor.key"), 0600U);
    EXPECT_EQ(mode_of("/keys/token.key"), 0600U);
    EXPECT_EQ(mode_of("/lock"), 0600U);
    EXPECT_EQ(mode_of("/entente.db") & 077U, 0U);
}

TEST_F(NodeDirTest, KeysStay) {
    make();
    const auto first = NodeDir::open(path_);
    ASSERT_TRUE(first) << first.error().detail;
    const auto second = NodeDir::open(path_ + "/");
    ASSERT_TRUE(second) << "two commands at once";
    EXPECT_EQ(first->keys().cursor, second->keys().cursor);
    EXPECT_EQ(first->keys().token, second->keys().token);
    EXPECT_NE(first->keys().cursor, first->keys().token);
    EXPECT_EQ(first->settings().cursor_key, first->keys().cursor);
    EXPECT_EQ(first->settings().epoch, 1U);
}

TEST_F(NodeDirTest, RefusesToMakeOneTwice) {
    make();
    const auto again = NodeDir::create(path_, random_);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::conflict);
}

TEST_F(NodeDirTest, GoesOnWhereAnInterruptedInitStopped) {
    Key cursor{};
    {
        const auto half = NodeDir::create(path_, random_);
        ASSERT_TRUE(half);
        cursor = half->keys().cursor;
    }
    const auto opened = NodeDir::open(path_);
    ASSERT_FALSE(opened) << "there is no node yet";
    EXPECT_EQ(opened.error().code, Errc::not_found);
    const auto again = NodeDir::create(path_, random_);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->keys().cursor, cursor);
}

TEST_F(NodeDirTest, RefusesForeignDirectories) {
    std::filesystem::create_directory(path_);
    std::ofstream(path_ + "/thesis.txt") << "x";
    const auto made = NodeDir::create(path_, random_);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::conflict);
    EXPECT_NE(made.error().detail.find("thesis.txt"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path_ + "/keys"));
}

TEST_F(NodeDirTest, TakesAnEmptyDirectoryAndProtectsIt) {
    std::filesystem::create_directory(path_);
    ASSERT_EQ(::chmod(path_.c_str(), 0755), 0);
    make();
    EXPECT_EQ(mode_of(""), 0700U);
}

TEST_F(NodeDirTest, SaysWhatToDoWhereNothingIs) {
    const auto none = NodeDir::open(path_);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Errc::not_found);
    EXPECT_NE(none.error().detail.find("entente init"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path_)) << "looking makes nothing";
}

TEST_F(NodeDirTest, RefusesSecretsThatOthersCanRead) {
    make();
    ASSERT_EQ(::chmod((path_ + "/keys/token.key").c_str(), 0640), 0);
    auto opened = NodeDir::open(path_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::forbidden);
    EXPECT_NE(opened.error().detail.find("chmod 600"), std::string::npos);
    ASSERT_EQ(::chmod((path_ + "/keys/token.key").c_str(), 0600), 0);
    ASSERT_EQ(::chmod(path_.c_str(), 0755), 0);
    opened = NodeDir::open(path_);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().detail.find("chmod 700"), std::string::npos);
}

TEST_F(NodeDirTest, NoticesALostOrDamagedKey) {
    make();
    std::ofstream(path_ + "/keys/token.key") << "short";
    auto opened = NodeDir::open(path_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::corrupt);
    std::filesystem::remove(path_ + "/keys/token.key");
    opened = NodeDir::open(path_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::not_found);
    EXPECT_NE(opened.error().detail.find("backup"), std::string::npos);
}

TEST_F(NodeDirTest, MayBeReachedThroughALink) {
    make();
    std::filesystem::create_directory_symlink(path_, base_ + "/link");
    const auto node = NodeDir::open(base_ + "/link");
    ASSERT_TRUE(node) << node.error().detail;
    EXPECT_EQ(node->path(), std::filesystem::canonical(path_).native());
}

TEST_F(NodeDirTest, FollowsNoLinksInside) {
    make();
    std::filesystem::rename(path_ + "/keys/token.key", base_ + "/elsewhere");
    std::filesystem::create_symlink(base_ + "/elsewhere", path_ + "/keys/token.key");
    EXPECT_FALSE(NodeDir::open(path_));
}

TEST_F(NodeDirTest, WhatRootMakesBelongsToTheOwner) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can work on another's directory";
    constexpr uid_t owner = 12'345;
    std::filesystem::create_directory(path_);
    ASSERT_EQ(::chown(path_.c_str(), owner, owner), 0);
    make();
    const auto node = NodeDir::open(path_);
    ASSERT_TRUE(node) << node.error().detail;
    node->store().write([](store::Transaction& tx) { tx.set_setting("x", "1"); });
    ASSERT_TRUE(node->subdirectory("tls"));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
        struct stat info {};

        ASSERT_EQ(::lstat(entry.path().c_str(), &info), 0);
        EXPECT_EQ(info.st_uid, owner) << entry.path();
    }
}

TEST_F(NodeDirTest, ExclusiveMeansAlone) {
    make();
    {
        const auto shared = NodeDir::open(path_);
        ASSERT_TRUE(shared);
        const auto alone = NodeDir::open(path_, NodeDir::Lock::exclusive);
        ASSERT_FALSE(alone);
        EXPECT_EQ(alone.error().code, Errc::conflict);
    }
    const auto alone = NodeDir::open(path_, NodeDir::Lock::exclusive);
    ASSERT_TRUE(alone) << alone.error().detail;
    const auto shared = NodeDir::open(path_);
    ASSERT_FALSE(shared);
    EXPECT_EQ(shared.error().code, Errc::conflict);
}

TEST_F(NodeDirTest, AFailedChangeLeavesNothing) {
    make();
    const auto node = NodeDir::open(path_);
    ASSERT_TRUE(node);
    const auto outcome = in_transaction(node->store(), [](store::Transaction& tx) -> Result<void> {
        tx.set_setting("x", "1");
        return fail(Errc::conflict, "no");
    });
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().detail, "no");
    EXPECT_FALSE(node->store().snapshot()->setting("x"));
}

}  // namespace
}  // namespace entente::cli
