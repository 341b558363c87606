#include "cli/output.h"

#include "base/result.h"
#include "cli/progress.h"

#include <gtest/gtest.h>

namespace entente::cli {
namespace {

/// What `say` writes to an Output.
template <class Say>
std::string written(bool json, const Say& say) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* file = ::open_memstream(&text, &size);
    Output out(file, json);
    say(out);
    out.flush();
    (void)std::fclose(file);
    std::string result(text, size);
    std::free(text);
    return result;
}

TEST(Table, AlignsByWhatTerminalsShow) {
    Table table({"NAME", "N"});
    table.row({"日本", "1"});
    table.row({"Zürich", "22"});
    table.row({"", "3"});
    EXPECT_EQ(
        table.text(),
        "NAME    N\n"
        "日本    1\n"
        "Zürich  22\n"
        "-       3\n"
    );
}

TEST(Table, EscapesWhatComesFromOutside) {
    Table table({"A"});
    table.row({"x\x1b[31m\n"});
    const std::string text = table.text();
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Output, GivesProgramsJsonAndNothingElse) {
    const auto text = written(true, [](Output& out) {
        out.line("for people");
        out.field("name", "value");
        Table table({"A"});
        table.row({"x"});
        out.table(table, "none");
        out.document({{"a", 1}});
        out.document({{"b", "\xc3\xa9\n"}});
    });
    EXPECT_EQ(text, "{\"a\":1}\n{\"b\":\"\xc3\xa9\\n\"}\n");
}

TEST(Output, GivesPeopleTextAndNoJson) {
    const auto text = written(false, [](Output& out) {
        out.document({{"a", 1}});
        out.line("one\ttwo\x07");
        out.field("name", "");
        out.table(Table({"A"}), "none");
    });
    EXPECT_EQ(text.find("{\"a\""), std::string::npos) << text;
    EXPECT_EQ(text.find('\x07'), std::string::npos);
    EXPECT_NE(text.find("name              -\n"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("none\n")) << text;
}

TEST(Output, AFullDiskIsAnError) {
    std::FILE* full = std::fopen("/dev/full", "w");
    ASSERT_NE(full, nullptr);
    Output out(full, false);
    EXPECT_THROW(
        {
            out.line("x");
            out.flush();
        },
        StorageError
    );
    (void)std::fclose(full);
}

TEST(ProgressText, TellsCountPartAndRate) {
    EXPECT_EQ(
        Progress::text("importing", 12'000, 41, 100, 2'000'000), "importing: 12,000, 41%, 6,000/s"
    );
    EXPECT_EQ(Progress::text("checking", 5, 0, 0, 0), "checking: 5");
    EXPECT_EQ(Progress::text("x", 1, 200, 100, 1'000'000), "x: 1, 100%, 1/s");
}

TEST(Progress, WritesLinesNowAndThenAndNothingWhenSilent) {
    FakeClock clock({0});
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* file = ::open_memstream(&text, &size);
    {
        Progress lines(file, Progress::Mode::lines, clock, "x");
        Progress silent(file, Progress::Mode::silent, clock, "y");
        lines.at(1, 0, 0);
        clock.advance(3'000'000);
        lines.at(30, 0, 0);
        silent.at(30, 0, 0);
        lines.at(31, 0, 0);
    }
    (void)std::fclose(file);
    EXPECT_EQ(std::string(text, size), "x: 30, 10/s\n");
    std::free(text);
}

TEST(Grouped, SetsCommas) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1'000), "1,000");
    EXPECT_EQ(grouped(12'345'678), "12,345,678");
    EXPECT_EQ(counted(1, "page"), "1 page");
    EXPECT_EQ(counted(1'000, "page"), "1,000 pages");
    EXPECT_EQ(counted(0, "page"), "0 pages");
}

}  // namespace
}  // namespace entente::cli
