#include "cli/pull_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace entente::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PullOutTest : public ::testing::Test {
  protected:
    PullOutTest()
        : path_(
              ::testing::TempDir() + "/pull_out_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()
          ) {
        std::filesystem::remove(path_);
    }

    ~PullOutTest() override { std::filesystem::remove(path_); }

    void put(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

    [[nodiscard]] std::string content() const {
        std::ostringstream text;
        text << std::ifstream(path_, std::ios::binary).rdbuf();
        return text.str();
    }

    static void take(PullSink& sink, const std::vector<std::string_view>& objects) {
        const auto taken = sink.take(objects);
        ASSERT_TRUE(taken);
        EXPECT_EQ(taken->accepted, objects.size());
    }

    std::string path_;
};

TEST_F(PullOutTest, WritesOneObjectALine) {
    const auto sink = make_file_sink(path_, false);
    ASSERT_TRUE(sink);
    take(**sink, {R"({"a" : 1.0})", "{\n  \"b\": \"x y\"\r\n}"});
    take(**sink, {"{}"});
    EXPECT_EQ(content(), "{\"a\" : 1.0}\n{\"b\":\"x y\"}\n{}\n");
}

TEST_F(PullOutTest, LeavesOtherPeoplesFilesAlone) {
    put("mine");
    const auto sink = make_file_sink(path_, false);
    ASSERT_FALSE(sink);
    EXPECT_EQ(sink.error().code, Errc::conflict);
    EXPECT_EQ(content(), "mine");
    EXPECT_EQ(make_file_sink(path_ + "/below", false).error().code, Errc::not_found);
}

TEST_F(PullOutTest, ResumesBehindTheLastWholeLine) {
    put("{\"a\":1}\n{\"b\":2}\n{\"c\":");
    const auto sink = make_file_sink(path_, true);
    ASSERT_TRUE(sink);
    EXPECT_THAT(
        (*sink)->last_marks(),
        ElementsAre(
            taxii::client::object_mark("{\"a\":1}"), taxii::client::object_mark("{\"b\":2}")
        )
    );
    EXPECT_THAT((*sink)->last_marks(), IsEmpty());
    take(**sink, {"{\"d\":4}"});
    EXPECT_EQ(content(), "{\"a\":1}\n{\"b\":2}\n{\"d\":4}\n");
}

TEST_F(PullOutTest, AFileOfHalfALineIsEmptied) {
    put("{\"c\":");
    const auto sink = make_file_sink(path_, true);
    ASSERT_TRUE(sink);
    EXPECT_EQ(content(), "");
    EXPECT_THAT((*sink)->last_marks(), IsEmpty());
}

TEST_F(PullOutTest, KnowsTheEndOfALargeFile) {
    // More than what is read back, so that the part that is read begins within a line.
    const std::string line = "{\"x\":\"" + std::string(1'000'000, 'x') + "\"}";
    {
        std::ofstream file(path_, std::ios::binary);
        for (int i = 0; i < 80; ++i)
            file << line << '\n';
        file << "{\"last\":1}\n";
    }
    const auto sink = make_file_sink(path_, true);
    ASSERT_TRUE(sink);
    const std::vector<std::string> marks = (*sink)->last_marks();
    ASSERT_GT(marks.size(), 50U);
    EXPECT_LT(marks.size(), 80U);
    EXPECT_EQ(marks.front(), taxii::client::object_mark(line));
    EXPECT_EQ(marks.back(), taxii::client::object_mark("{\"last\":1}"));
}

TEST_F(PullOutTest, ADeviceIsWrittenTo) {
    const auto sink = make_file_sink("/dev/null", false);
    ASSERT_TRUE(sink);
    take(**sink, {"{}"});
}

TEST_F(PullOutTest, AStreamThatTakesNothingIsTheWorldsFault) {
    std::FILE* const full = std::fopen("/dev/full", "we");
    ASSERT_NE(full, nullptr);
    const auto sink = make_stream_sink(full);
    EXPECT_THROW((void)sink->take(std::vector<std::string_view>{"{}"}), StorageError);
    (void)std::fclose(full);
}

}  // namespace
}  // namespace entente::cli
