#include "cli/feed_files.h"

#include "cli/file_handle.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

namespace fs = std::filesystem;

class FeedFiles : public ::testing::Test {
  protected:
    FeedFiles() {
        std::string name = (fs::temp_directory_path() / "feed-files-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
    }

    ~FeedFiles() override { fs::remove_all(folder); }

    [[nodiscard]] std::string text(const std::string& name) const {
        const std::ifstream in(folder + "/" + name, std::ios::binary);
        std::stringstream all;
        all << in.rdbuf();
        return all.str();
    }

    [[nodiscard]] struct stat info(const std::string& name) const {
        struct stat found {};

        EXPECT_EQ(::stat((folder + "/" + name).c_str(), &found), 0) << name;
        return found;
    }

    [[nodiscard]] std::size_t count() const {
        std::size_t files = 0;
        for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder))
            ++files;
        return files;
    }

    std::string folder;
};

TEST_F(FeedFiles, OnlyWhatDiffersIsReplacedAndKeepsItsMode) {
    const std::vector<feed::File> first{{"a.lst", "one\n"}, {"b.rules", "two\n"}};
    EXPECT_EQ(*write_feed_files(folder, first), 2U);
    EXPECT_EQ(text("a.lst"), "one\n");
    EXPECT_EQ(info("a.lst").st_mode & 0777U, 0640U);
    ASSERT_EQ(::chmod((folder + "/b.rules").c_str(), 0604), 0);
    const ino_t a = info("a.lst").st_ino;
    const std::vector<feed::File> second{{"a.lst", "one\n"}, {"b.rules", "tow\n"}};
    EXPECT_EQ(*write_feed_files(folder, second), 1U);
    EXPECT_EQ(info("a.lst").st_ino, a);
    EXPECT_EQ(text("b.rules"), "tow\n");
    EXPECT_EQ(info("b.rules").st_mode & 0777U, 0604U);
    EXPECT_EQ(*write_feed_files(folder, second), 0U);
    EXPECT_EQ(count(), 2U);
}

TEST_F(FeedFiles, NothingIsWrittenThatIsNotWantedAnyMore) {
    const std::vector<feed::File> files{{"a", "1\n"}};
    FeedWriting asking;
    asking.wanted = [] { return false; };
    EXPECT_EQ(*write_feed_files(folder, files, asking), 0U);
    EXPECT_EQ(count(), 0U);
    asking.wanted = [] { return true; };
    std::vector<std::size_t> told;
    asking.last = [&](std::size_t replaced) -> std::optional<feed::File> {
        told.push_back(replaced);
        if (replaced == 0) return std::nullopt;
        return feed::File{"report", "{}\n"};
    };
    EXPECT_EQ(*write_feed_files(folder, files, asking), 1U);
    EXPECT_EQ(text("report"), "{}\n");
    EXPECT_EQ(*write_feed_files(folder, files, asking), 0U);
    EXPECT_EQ(told, (std::vector<std::size_t>{1, 0}));
}

TEST_F(FeedFiles, AReaderKeepsTheOldFileWhole) {
    ASSERT_TRUE(write_feed_files(folder, std::vector<feed::File>{{"a", "old text\n"}}));
    const FileHandle reader(::open((folder + "/a").c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(write_feed_files(folder, std::vector<feed::File>{{"a", ""}}));
    std::string read(100, '\0');
    EXPECT_EQ(::read(reader.get(), read.data(), read.size()), 9);
    EXPECT_EQ(text("a"), "");
}

TEST_F(FeedFiles, ALinkIsReplacedAndNotFollowed) {
    const std::string victim = folder + "/victim";
    std::ofstream(victim) << "precious";
    ASSERT_EQ(::symlink(victim.c_str(), (folder + "/a").c_str()), 0);
    ASSERT_EQ(::symlink(victim.c_str(), (folder + "/.a.part").c_str()), 0);
    ASSERT_TRUE(write_feed_files(folder, std::vector<feed::File>{{"a", "feed\n"}}));
    EXPECT_EQ(text("victim"), "precious");
    EXPECT_EQ(text("a"), "feed\n");
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(folder + "/a")));
}

TEST_F(FeedFiles, WhatACrashLeftIsWrittenOver) {
    std::ofstream(folder + "/.a.part") << "half of an old fe";
    ASSERT_TRUE(write_feed_files(folder, std::vector<feed::File>{{"a", "feed\n"}}));
    EXPECT_EQ(text("a"), "feed\n");
    EXPECT_EQ(count(), 1U);
}

TEST_F(FeedFiles, AFolderThatIsNotThereIsSaidToBeMissing) {
    const auto gone = write_feed_files(folder + "/none", std::vector<feed::File>{{"a", ""}});
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, Errc::not_found);
    EXPECT_EQ(check_feed_folder(folder + "/none").error().code, Errc::not_found);
    EXPECT_TRUE(check_feed_folder(folder));
}

TEST_F(FeedFiles, AreRemovedByName) {
    const std::vector<feed::File> files{{"a", "1\n"}, {"b", "2\n"}};
    ASSERT_TRUE(write_feed_files(folder, files));
    std::ofstream(folder + "/other") << "stays";
    EXPECT_EQ(*remove_feed_files(folder, files), 2U);
    EXPECT_EQ(*remove_feed_files(folder, files), 0U);
    EXPECT_EQ(text("other"), "stays");
}

TEST_F(FeedFiles, AReportThatIsNoneIsNothing) {
    EXPECT_EQ(read_feed_report(folder), std::nullopt);
    const auto put = [&](const std::string& report) {
        const std::vector<feed::File> file{{std::string(feed_report_name), report}};
        ASSERT_TRUE(write_feed_files(folder, file));
    };
    put("[1]\n");
    EXPECT_EQ(read_feed_report(folder), std::nullopt);
    put("{\"values\":3");
    EXPECT_EQ(read_feed_report(folder), std::nullopt);
    put("{\"values\":3}\n");
    EXPECT_EQ(read_feed_report(folder)->at("values"), 3);
}

}  // namespace
}  // namespace entente::cli
