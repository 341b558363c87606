// Pieces of LIKE and MATCHES. That they stand in whatever an expression finds is what
// watch_random_test.cpp asks the plain evaluator.
#include "match/internal/access.h"

#include <gtest/gtest.h>

namespace entente::match {
namespace {

TEST(Literal, OfLikeIsTheLongestRunBetweenWildcards) {
    EXPECT_EQ(literal_of_like("abc%"), "abc");
    EXPECT_EQ(literal_of_like("%a_evil.example%x"), "evil.example");
    EXPECT_EQ(literal_of_like("%_%"), "");
}

TEST(Literal, OfARegexIsWhatStandsForItselfInEveryMatch) {
    struct Case {
        const char *expression, *literal;
    };

    for (const Case& c : std::initializer_list<Case>{
             {"^abc$", "abc"},
             {"evil\\.example", "evil.example"},
             {"evil\\.exam?ple", "evil.exa"},
             {"evil{2,3}good", "good"},
             {"path/+to", "path/"},
             {"colou*r", "colo"},
             {"(evil|good)\\.example", ".example"},
             {"(a(b)[)](c))tail", "tail"},
             {"[^]abc]tail", "tail"},
             {"\\d+tail\\w", "tail"},
             {"caf\xc3\xa9?s", "caf"},
             {"x(?:yz)*tail", "tail"},
         }) {
        EXPECT_EQ(literal_of_regex(c.expression), c.literal) << c.expression;
    }
}

TEST(Literal, OfARegexThatMaySayOtherwiseIsNone) {
    for (const char* expression :
         {"abcd|efgh",
          "(?i)abcd",
          "abcd(?i)efgh",
          "(?x)ab cd",
          "\\Qabcd",
          "[\\c]]abcd",
          "[\\Q]]\\Eabcd",
          "[[:alpha:]]abcd",
          "(?=abcd)",
          "(*UTF)abcd",
          "\\x61bcd",
          "abcd{",
          "(\\c)abcd)",
          "abcd)"}) {
        EXPECT_EQ(literal_of_regex(expression), "") << expression;
    }
}

}  // namespace
}  // namespace entente::match
