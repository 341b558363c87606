#include "cli/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

namespace entente::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StateFileTest : public ::testing::Test {
  protected:
    StateFileTest() {
        folder_ = std::filesystem::path(::testing::TempDir()) /
                  ::testing::UnitTest::GetInstance()->current_test_info()->name();
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }

    ~StateFileTest() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(const char* name = "state") const { return folder_ / name; }

    void put(const std::string& text) const { std::ofstream(path(), std::ios::binary) << text; }

    [[nodiscard]] std::string content() const {
        std::ostringstream text;
        text << std::ifstream(path(), std::ios::binary).rdbuf();
        return text.str();
    }

    [[nodiscard]] unsigned mode() const {
        struct stat info {};

        return ::stat(path().c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
    }

  private:
    std::filesystem::path folder_;
};

TEST_F(StateFileTest, IsWholeAndPrivate) {
    EXPECT_EQ(read_state(path(), 100)->has_value(), false);
    write_state(path(), "one");
    write_state(path(), "two, longer");
    EXPECT_EQ(read_state(path(), 100).value(), "two, longer");
    EXPECT_EQ(mode(), 0600U);
    EXPECT_FALSE(std::filesystem::exists(path("state.new")));
}

TEST_F(StateFileTest, RefusesWhatIsNone) {
    put(std::string(101, 'x'));
    EXPECT_EQ(read_state(path(), 100).error().code, Errc::too_large);
    EXPECT_FALSE(read_state(path("."), 100));
    EXPECT_THROW(write_state(path("absent/state"), "x"), StorageError);
}

TEST_F(StateFileTest, DoesNotWriteThroughALinkThatSomeoneLeft) {
    std::filesystem::create_symlink(path("victim"), path("state.new"));
    write_state(path(), "x");
    EXPECT_EQ(content(), "x");
    EXPECT_FALSE(std::filesystem::exists(path("victim")));
}

TEST_F(StateFileTest, LogKeepsWholeLinesOnly) {
    {
        Result<StateLog> log = StateLog::open(path(), 1'000);
        ASSERT_TRUE(log);
        EXPECT_THAT(log->lines(), IsEmpty());
        log->add("first\n");
        log->add("second\n");
        EXPECT_EQ(mode(), 0600U);
    }
    put(content() + "cut o");
    Result<StateLog> log = StateLog::open(path(), 1'000);
    ASSERT_TRUE(log);
    EXPECT_THAT(log->lines(), ElementsAre("first", "second"));
    log->add("third\n");
    EXPECT_EQ(content(), "first\nsecond\nthird\n");
    EXPECT_EQ(StateLog::open(path(), 5).error().code, Errc::too_large);
    EXPECT_EQ(StateLog::open(path("absent/state"), 5).error().code, Errc::not_found);
}

TEST_F(StateFileTest, LogOfHalfALineIsEmpty) {
    put("half");
    const Result<StateLog> log = StateLog::open(path(), 1'000);
    ASSERT_TRUE(log);
    EXPECT_THAT(log->lines(), IsEmpty());
    EXPECT_EQ(content(), "");
}

}  // namespace
}  // namespace entente::cli
