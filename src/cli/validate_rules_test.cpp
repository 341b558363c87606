#include "cli/validate_rules.h"

#include <gtest/gtest.h>

namespace entente::cli {
namespace {

bool ignores(const std::vector<std::string>& words, std::uint16_t code, std::string_view rule) {
    const auto ignored = Ignored::read(words);
    EXPECT_TRUE(ignored) << ignored.error().detail;
    const auto level = code == 0 ? stix::Level::must : stix::Level::should;
    return ignored && ignored->has({level, code, rule, "", ""});
}

TEST(Ignored, KnowsNumbersGroupsNamesAndRules) {
    EXPECT_TRUE(ignores({"401"}, 401, "S74"));
    EXPECT_FALSE(ignores({"401"}, 302, "S8"));
    EXPECT_FALSE(ignores({"401"}, 0, "S74"));
    EXPECT_TRUE(ignores({"extensions-use"}, 401, "S74"));
    EXPECT_TRUE(ignores({"indicator-label"}, 214, "S5"));
    EXPECT_TRUE(ignores({"1"}, 103, "S19"));
    EXPECT_FALSE(ignores({"1"}, 203, "S25"));
    EXPECT_TRUE(ignores({"2"}, 203, "S25"));
    EXPECT_TRUE(ignores({"approved-values"}, 277, "S5"));
    EXPECT_TRUE(ignores({"210"}, 245, "S5"));
    EXPECT_FALSE(ignores({"210"}, 203, "S25"));
    EXPECT_FALSE(ignores({"210"}, 271, "V8"));
    EXPECT_TRUE(ignores({"270"}, 277, "S5"));
    EXPECT_TRUE(ignores({"S34"}, 0, "S34"));
    EXPECT_TRUE(ignores({"v12"}, 0, "V12"));
    EXPECT_FALSE(ignores({"S3"}, 0, "S34"));
    EXPECT_TRUE(ignores({"101,302", "S58"}, 302, "S8"));
    EXPECT_TRUE(ignores({"101,302", "S58"}, 202, "S58"));
}

TEST(Ignored, RefusesWhatItDoesNotKnow) {
    for (const char* word : {"", "999", "3", "nothing-like-this", "S", "S3456", "401,", "X1"}) {
        const auto ignored = Ignored::read({word});
        ASSERT_FALSE(ignored) << word;
        EXPECT_EQ(ignored.error().code, Errc::invalid_argument);
    }
}

TEST(Rules, HaveNames) {
    EXPECT_EQ(check_name(401), "extensions-use");
    EXPECT_EQ(check_name(214), "indicator-types");
    EXPECT_EQ(check_name(999), "");
    EXPECT_EQ(check_name(0), "");
    EXPECT_EQ(rule_title("S43"), "bundle (8)");
    EXPECT_EQ(rule_title("P12"), "patterns (9)");
    EXPECT_EQ(rule_title("X"), "");
}

}  // namespace
}  // namespace entente::cli
