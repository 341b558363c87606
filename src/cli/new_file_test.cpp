#include "cli/new_file.h"

#include "cli/state_file.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

class NewFile : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string made = ::testing::TempDir() + "/new_file_XXXXXX";
        ASSERT_NE(::mkdtemp(made.data()), nullptr);
        folder_ = made;
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string at(const std::string& name) const { return folder_ + "/" + name; }

    [[nodiscard]] std::size_t files() const {
        const std::filesystem::directory_iterator all(folder_);
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }

    static std::string text_of(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path, std::ios::binary).rdbuf();
        return text.str();
    }

    static mode_t mode_of(const std::string& path) {
        struct stat info {};

        EXPECT_EQ(::stat(path.c_str(), &info), 0);
        return info.st_mode & 0777U;
    }

    std::string folder_;
};

TEST_F(NewFile, IsWholeAndItsOwnersAlone) {
    ASSERT_TRUE(write_new_file(at("key"), "secret", Readers::owner));
    EXPECT_EQ(text_of(at("key")), "secret");
    EXPECT_EQ(mode_of(at("key")), 0600U);
    EXPECT_EQ(files(), 1U);
}

TEST_F(NewFile, OverwritesNothingAndFollowsNoLink) {
    ASSERT_TRUE(write_new_file(at("key"), "first", Readers::all));
    std::filesystem::create_symlink(at("elsewhere"), at("link"));
    for (const std::string& path : {at("key"), at("link"), folder_}) {
        EXPECT_EQ(check_new_file(path).error().code, Errc::conflict);
        EXPECT_EQ(write_new_file(path, "second", Readers::all).error().code, Errc::conflict);
    }
    EXPECT_EQ(text_of(at("key")), "first");
    EXPECT_EQ(files(), 2U);
}

TEST_F(NewFile, SaysThatThereIsNoSuchDirectory) {
    const auto checked = check_new_file(at("no/key"));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Errc::not_found);
    EXPECT_NE(checked.error().detail.find("there is no directory " + at("no")), std::string::npos);
    EXPECT_EQ(write_new_file(at("no/key"), "", Readers::all).error().code, Errc::not_found);
    EXPECT_TRUE(check_new_file(at("key")));
}

TEST_F(NewFile, OnAFullDiskLeavesNothing) {
    // A limit on the size of files fails as late as a full disk does: some bytes are written.
    struct rlimit before {};

    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);

    const struct rlimit small { .rlim_cur = 10, .rlim_max = before.rlim_max };

    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_THROW(
        (void)write_new_file(at("key"), std::string(100, 'x'), Readers::all), StorageError
    );
    EXPECT_THROW(write_state(at("state"), std::string(100, 'x')), StorageError);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)std::signal(SIGXFSZ, handler);
    EXPECT_EQ(files(), 0U);
}

TEST_F(NewFile, WhatIsReplacedIsNotWrittenIntoAStrangersFile) {
    std::ofstream(at("state.new")) << "left by another";
    std::filesystem::permissions(at("state.new"), std::filesystem::perms(0666));
    write_state(at("state"), "secret");
    EXPECT_EQ(text_of(at("state")), "secret");
    EXPECT_EQ(mode_of(at("state")), 0600U);
    EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace entente::cli
