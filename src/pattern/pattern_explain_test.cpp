#include "pattern/pattern.h"

#include <gtest/gtest.h>

namespace entente::pattern {
namespace {

std::string words(std::string_view text) {
    return explain(parse(text).value());
}

TEST(PatternExplain, SaysWhatIsAskedOfObjects) {
    EXPECT_EQ(
        words("[file:name LIKE '%.exe' AND (file:size > 5 OR file:hashes.MD5 NOT IN ('a', 'b'))]"),
        "one observation has an object for which\n"
        "  all of these hold:\n"
        "    it is of type file and its name looks like '%.exe' (% stands for any characters, _ "
        "for one)\n"
        "    at least one of these holds:\n"
        "      it is of type file and its size is greater than 5\n"
        "      it is of type file and its hashes.MD5 is none of 'a', 'b'\n"
    );
    EXPECT_EQ(
        words("[NOT EXISTS process:cwd]"),
        "one observation has an object for which\n"
        "  it is of type process and its cwd is absent\n"
    );
}

TEST(PatternExplain, SaysHowObservationsBelongTogether) {
    EXPECT_EQ(
        words("([url:value = 'x'] FOLLOWEDBY [url:value = 'y'] REPEATS 3 TIMES) WITHIN 300 SECONDS"
              " START t'2024-01-15T00:00:00Z' STOP t'2024-02-15T00:00:00Z'"),
        "these in turn, none later than what follows it, each in an observation of its own:\n"
        "  one observation has an object for which\n"
        "    it is of type url and its value is 'x'\n"
        "  one observation has an object for which\n"
        "    it is of type url and its value is 'y'\n"
        "  and all this 3 times, each time in other observations\n"
        "and the last observation comes less than 300 seconds after the first\n"
        "and each observation lies from 2024-01-15T00:00:00Z on and before 2024-02-15T00:00:00Z\n"
    );
    EXPECT_TRUE(words("[a:b = 1] OR [a:b = 2]").starts_with("at least one of these:\n  one"));
    EXPECT_TRUE(words("[a:b = 1] AND [a:b = 2]")
                    .starts_with("all of these, each in an observation of its own:\n  one"));
}

TEST(PatternExplain, HasAWordForEveryOperator) {
    constexpr std::pair<std::string_view, std::string_view> operators[] = {
        {"= 1", "is 1"},
        {"NOT = 1", "is there and is not 1"},
        {"!= 1", "is there and is not 1"},
        {"NOT != 1", "is 1"},
        {"< 1", "is less than 1"},
        {"NOT < 1", "is not less than 1"},
        {"<= 1", "is at most 1"},
        {"NOT <= 1", "is not at most 1"},
        {"> 1", "is greater than 1"},
        {"NOT > 1", "is not greater than 1"},
        {">= 1", "is at least 1"},
        {"NOT >= 1", "is not at least 1"},
        {"IN (1, 2)", "is one of 1, 2"},
        {"IN ()", "is one of nothing at all"},
        {"MATCHES 'x'", "is matched by the regular expression 'x'"},
        {"NOT MATCHES 'x'", "is not matched by the regular expression 'x'"},
        {"NOT LIKE 'x'", "does not look like 'x' (% stands"},
        {"ISSUBSET '::'", "lies within '::'"},
        {"NOT ISSUBSET '::'", "does not lie within '::'"},
        {"ISSUPERSET '::'", "contains '::'"},
        {"NOT ISSUPERSET '::'", "does not contain '::'"},
    };
    for (const auto& [test, says] : operators) {
        const std::string text = words("[a:b " + std::string(test) + "]");
        EXPECT_NE(text.find(" and its b " + std::string(says)), std::string::npos)
            << test << ": " << text;
    }
}

TEST(PatternExplain, CutsWhatIsLongAndShowsNoControls) {
    std::string set = "[a:b IN (0";
    for (int i = 1; i < 100; ++i)
        set += ", " + std::to_string(i);
    EXPECT_NE(words(set + ")]").find("18, 19 and 80 more\n"), std::string::npos);
    EXPECT_LT(words("[a:b = '" + std::string(10'000, 'x') + "']").size(), 400U);
    EXPECT_EQ(words("[a:b = 'x\x1b[2Jy\nz']").find('\x1b'), std::string::npos);
    EXPECT_NE(words("[a:b = 'x\ny']").find("'x\\"), std::string::npos);
}

}  // namespace
}  // namespace entente::pattern
