#include "pattern/pattern.h"

#include "base/limits.h"
#include "pattern/internal/testing_dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::pattern {
namespace {

using ::testing::HasSubstr;

std::string tree(std::string_view text, Dialect dialect = Dialect::v21) {
    const auto pattern = parse(text, dialect);
    return pattern ? testing::dump(*pattern)
                   : fmt::format("{}: {}", pattern.error().at, pattern.error().message);
}

/// The tree of the one comparison `test`, without the braces around it.
std::string inside(std::string_view test, Dialect dialect = Dialect::v21) {
    const std::string all = tree(fmt::format("[{}]", test), dialect);
    return all.starts_with('{') ? all.substr(1, all.size() - 2) : all;
}

std::string printed(std::string_view text, Dialect dialect = Dialect::v21) {
    const auto pattern = parse(text, dialect);
    if (!pattern) return pattern.error().message;
    const std::string out = print(*pattern);
    const auto again = parse(out, dialect);
    EXPECT_TRUE(again) << out;
    if (again) {
        EXPECT_EQ(testing::dump(*again), testing::dump(*pattern)) << out;
        EXPECT_EQ(print(*again), out);
    }
    return out;
}

struct Wrong {
    std::string_view text;
    std::size_t at;
    std::string_view says;
    Dialect dialect = Dialect::v21;
};

void refused(const Wrong& wrong) {
    SCOPED_TRACE(wrong.text);
    const auto pattern = parse(wrong.text, wrong.dialect);
    EXPECT_FALSE(sound(wrong.text, wrong.dialect));
    ASSERT_FALSE(pattern);
    EXPECT_EQ(pattern.error().at, wrong.at) << pattern.error().message;
    EXPECT_THAT(pattern.error().message, HasSubstr(wrong.says));
    EXPECT_FALSE(pattern.error().rule.empty());
    EXPECT_EQ(pattern.error().message.find('\n'), std::string::npos);
}

// ---- P1: words

TEST(PatternWords, KeywordsAreCaseSensitive) {
    EXPECT_TRUE(parse("[a:b = 1] AND [a:b = 2]"));
    for (const Wrong& wrong : {
             Wrong{"[a:b = 1] and [a:b = 2]", 10, "upper case: AND"},
             Wrong{"[a:b = 1 or a:b = 2]", 9, "upper case: OR"},
             Wrong{"[a:b like 'x']", 5, "upper case: LIKE"},
             Wrong{"[a:b not LIKE 'x']", 5, "upper case: NOT"},
             Wrong{"[a:b = 1] within 2 seconds", 10, "upper case: WITHIN"},
             Wrong{"[a:b = 1] WITHIN 2 seconds", 19, "upper case: SECONDS"},
             Wrong{"[a:b = 1] REPEATS 2 times", 20, "upper case: TIMES"},
             Wrong{"[a:b = True]", 7, "lower case"},
             Wrong{"[a:b = FALSE]", 7, "lower case"},
             Wrong{"[a:b = 1] Followedby [a:b = 2]", 10, "upper case: FOLLOWEDBY"},
         })
        refused(wrong);
}

TEST(PatternWords, AnyUnicodeWhiteSpaceSeparates) {
    const std::string plain = tree("[a:b = 1]");
    for (const std::string_view blank :
         {" ",
          "\t",
          "\r\n",
          "\v",
          "\f",
          "\xC2\x85",
          "\xC2\xA0",
          "\xE1\x9A\x80",
          "\xE2\x80\x80",
          "\xE2\x80\x8A",
          "\xE2\x80\xA8",
          "\xE2\x80\xA9",
          "\xE2\x80\xAF",
          "\xE2\x81\x9F",
          "\xE3\x80\x80",
          "  \n\n "}) {
        const std::string text = fmt::format("{0}[{0}a{0}:{0}b{0}={0}1{0}]{0}", blank);
        EXPECT_EQ(tree(text), plain) << text;
    }
    refused({"[a:b =\xE2\x80\x8B 1]", 6, "no meaning here"});  // zero width space is no white space
    refused(
        {"[a:b =\xE2\x80\x8C"
         "1]",
         6,
         "no meaning here"}
    );
}

TEST(PatternWords, NeedNoBlankBetweenThem) {
    EXPECT_EQ(
        tree("[a:b=1AND a:c<>'x']REPEATS 5TIMES"), tree("[a:b = 1 AND a:c != 'x'] REPEATS 5 TIMES")
    );
    EXPECT_EQ(tree("[a:b IN(1,2)]"), tree("[a:b IN (1, 2)]"));
    EXPECT_EQ(tree("[a:b MATCHES'x']"), tree("[a:b MATCHES 'x']"));
}

TEST(PatternWords, CommentsCountAsBlanks) {
    EXPECT_EQ(tree("/* one */ [a:b // two ]\n = /*three*/ 1]// end"), tree("[a:b = 1]"));
    refused({"[a:b = 1] /* never", 10, "never closed"});
    refused({"[a:b = 1] / 2", 10, "'/' begins nothing"});
    refused({"[a:b = 1] // \xFF", 13, "UTF-8"});
}

TEST(PatternWords, OnlyUtf8IsAText) {
    EXPECT_EQ(
        inside("a:b = 'qu\xC3\xAAry \xF0\x9F\x90\x8D'"),
        "(0 a <b>, text <qu\xC3\xAAry \xF0\x9F\x90\x8D>)"
    );
    for (const std::string_view bad :
         {"\xFF",
          "\xC3",
          "\xC0\xAF",
          "\xED\xA0\x80",
          "\xF5\x80\x80\x80",
          "\xE2\x82",
          "\xE0\x80\x80"})
        refused({fmt::format("[a:b = '12345678{}']", bad), 16, "UTF-8"});
}

TEST(PatternWords, AKeywordIsANameOnlyInApostrophes) {
    refused({"[file:IN = 1]", 6, "in apostrophes: 'IN'"});
    refused({"[file:name.true = 1]", 11, "in apostrophes: 'true'"});
    refused({"[AND:name = 1]", 1, "expected a comparison"});
    EXPECT_EQ(inside("file:'IN'.x.'true' = 1"), "(0 file <IN> <x> <true>, int 1)");
    EXPECT_EQ(inside("file:in = 1"), "(0 file <in>, int 1)");
}

// ---- P2: constants

TEST(PatternConstants, IntegersAreDecimal) {
    EXPECT_EQ(inside("a:b = 0"), "(0 a <b>, int 0)");
    EXPECT_EQ(inside("a:b = -12"), "(0 a <b>, int -12)");
    EXPECT_EQ(inside("a:b = +12"), "(0 a <b>, int 12)");
    EXPECT_EQ(inside("a:b = 9223372036854775807"), "(0 a <b>, int 9223372036854775807)");
    refused({"[a:b = 9223372036854775808]", 7, "too large"});
    refused({"[a:b = 007]", 8, "no noughts in front"});
    refused({"[a:b = 1e5]", 8, "without an exponent"});
    refused({"[a:b = 0x10]", 8, "the number ended"});
    refused({"[a:b = -]", 7, "no meaning"});
    refused({"[a:b = 1.2.3.4]", 10, "apostrophes"});
}

TEST(PatternConstants, FloatsHaveAPoint) {
    EXPECT_EQ(inside("a:b = 7.0"), "(0 a <b>, float 7 7.0)");
    EXPECT_EQ(inside("a:b = .5"), "(0 a <b>, float 0.5 0.5)");
    EXPECT_EQ(inside("a:b = -0070.2500"), "(0 a <b>, float -70.25 -70.25)");
    EXPECT_EQ(inside("a:b = +.10"), "(0 a <b>, float 0.1 0.1)");
    refused({"[a:b = 5.]", 8, "the number ended"});
    refused({fmt::format("[a:b = {}.0]", std::string(400, '9')), 7, "too large for a double"});
    EXPECT_TRUE(parse(fmt::format("[a:b = 0.{}1]", std::string(400, '0'))));  // as good as nought
}

TEST(PatternConstants, TextsKnowTwoEscapes) {
    EXPECT_EQ(inside(R"(a:b = 'it\'s C:\\x')"), R"((0 a <b>, text <it's C:\x>))");
    EXPECT_EQ(inside("a:b = ''"), "(0 a <b>, text <>)");
    EXPECT_EQ(inside("a:b = 'line\nfeed'"), "(0 a <b>, text <line\nfeed>)");
    refused({R"([a:b = 'C:\Windows'])", 10, "backslash itself is written"});
    refused({R"([a:b = 'it's'])", 11, R"(written \')"});
    refused({"[a:b = 'never", 7, "never closed"});
    refused({R"([a:b = 'ends\'])", 7, "never closed"});
    refused({R"([a:b = "x"])", 7, "not in double quotes"});
    refused({"[a:b = \xE2\x80\x98x\xE2\x80\x99]", 7, "typographic"});
}

TEST(PatternConstants, HexIsPairsOfDigits) {
    EXPECT_EQ(inside("a:b = h'ffD8'"), "(0 a <b>, hex ffd8)");
    EXPECT_EQ(inside("a:b = h''"), "(0 a <b>, hex )");
    refused({"[a:b = h'ffd']", 12, "pairs of hexadecimal"});
    refused({"[a:b = h'fg']", 10, "pairs of hexadecimal"});
    refused({"[a:b = h'ff", 7, "never closed"});
}

TEST(PatternConstants, Base64IsGroupsOfFour) {
    EXPECT_EQ(
        inside("a:b = b'dGhpcyBpcyBhIHRlc3Q='"),
        "(0 a <b>, base64 " + testing::hex("this is a test") + ")"
    );
    EXPECT_EQ(inside("a:b = b'AB\nI='"), "(0 a <b>, base64 0012)");  // 9.2: line feeds are ignored
    EXPECT_EQ(inside("a:b = b'+/+/'"), "(0 a <b>, base64 fbffbf)");
    EXPECT_EQ(inside("a:b = b''"), "(0 a <b>, base64 )");
    refused({"[a:b = b'====']", 9, "base64"});
    refused({"[a:b = b'A===']", 10, "base64"});
    refused({"[a:b = b'ABC']", 12, "base64"});
    refused({"[a:b = b'AB=C']", 12, "base64"});
    refused({"[a:b = b'AB-C']", 11, "base64"});
    refused({"[a:b = b'ABCD", 7, "never closed"});
}

TEST(PatternConstants, BooleansAreLowerCaseAndWithoutOrder) {
    EXPECT_EQ(inside("a:b = true"), "(0 a <b>, bool true)");
    EXPECT_EQ(inside("a:b IN (true, false)"), "(6 a <b>, bool true, bool false)");
    refused({"[a:b > true]", 7, "no order"});
}

TEST(PatternConstants, ThereIsNoNull) {
    refused({"[a:b = null]", 7, "no null"});
    refused({"[a:b MATCHES null]", 13, "no null"});
}

TEST(PatternConstants, AMissingOneIsNamed) {
    refused({"[file:size = ]", 13, "missing"});
    refused({"[file:hashes.MD5 = cead3f77f6cda6ec00f57d76c9a6879f]", 19, "apostrophes: 'cead"});
    refused({"[domain-name:value = evil.example]", 21, "apostrophes: 'evil.example'"});
    refused({"[a:b = 2024-02-28]", 11, "the number ended"});
    refused({"[a:b = 1 OR '2']", 12, "found the text '2'"});
    refused({"[file:name MATCHES /.*/]", 19, "MATCHES '...'"});
    refused({"[a:b LIKE 5]", 10, "a text in apostrophes"});
    refused({"[a:b IN 5]", 8, "IN (80, 443)"});
    refused({"[a:b IN (1 2)]", 11, "byte 8"});
    refused({"[a:b IN (1,)]", 11, "expected a constant"});
    refused({"[a:b = 1, 2]", 8, "after IN"});
}

// ---- P3: timestamps

TEST(PatternTimestamps, AreCheckedCharacterByCharacter) {
    EXPECT_EQ(
        inside("x:created = t'2024-01-15T12:30:45.123456789Z'"),
        "(0 x <created>, time 2024-01-15T12:30:45.123456789Z)"
    );
    EXPECT_TRUE(parse("[x:created = t'2024-01-15T12:30:60Z']"));  // a leap second
    EXPECT_TRUE(parse("[x:created = t'2024-02-30T12:00:00Z']"));  // the grammar knows no calendar
    for (const Wrong& wrong : {
             Wrong{"[x:a = t'2024-13-01T12:00:00Z']", 14, "wrong from '1' on"},
             Wrong{"[x:a = t'2024-00-01T12:00:00Z']", 14, "wrong"},
             Wrong{"[x:a = t'2024-01-32T12:00:00Z']", 17, "wrong"},
             Wrong{"[x:a = t'2024-01-00T12:00:00Z']", 17, "wrong"},
             Wrong{"[x:a = t'2024-01-15T24:00:00Z']", 20, "wrong"},
             Wrong{"[x:a = t'2024-01-15T12:60:00Z']", 23, "wrong"},
             Wrong{"[x:a = t'2024-01-15T12:30:61Z']", 26, "wrong"},
             Wrong{"[x:a = t'2024-01-15T12:30:45']", 28, "ends too early"},
             Wrong{"[x:a = t'2024-01-15T12:30:45.Z']", 29, "wrong"},
             Wrong{"[x:a = t'2024-01-15t12:30:45Z']", 19, "upper-case T"},
             Wrong{"[x:a = t'2024-01-15 12:30:45Z']", 19, "upper-case T"},
             Wrong{"[x:a = t'2024-01-15T12:30:45z']", 28, "upper-case Z"},
             Wrong{"[x:a = t'2024-01-15T12:30:45+01:00']", 28, "offset"},
             Wrong{"[x:a = t'2024/01/15T12:30:45Z']", 13, "wrong"},
             Wrong{"[x:a = t'2024-01-15T12:30:45ZZ']", 29, "wrong"},
             Wrong{"[x:a = t'']", 9, "ends too early"},
             Wrong{"[x:a = t'2024", 7, "never closed"},
         })
        refused(wrong);
}

// ---- P4: qualifiers

TEST(PatternQualifiers, AreReadInTheOrderOfWriting) {
    EXPECT_EQ(
        tree("[a:b = 1] REPEATS 3 TIMES WITHIN 8.50 SECONDS START t'2024-01-01T00:00:00Z' STOP "
             "t'2025-01-01T00:00:00Z'"),
        "{(0 a <b>, int 1)} repeats 3 within 8.5 8.5 from 2024-01-01T00:00:00Z to "
        "2025-01-01T00:00:00Z"
    );
    EXPECT_EQ(tree("[a:b = 1] WITHIN .0001 SECONDS"), "{(0 a <b>, int 1)} within 0.0001 0.0001");
}

TEST(PatternQualifiers, SayWhatTheyNeed) {
    for (const Wrong& wrong : {
             Wrong{"[a:b = 1] WITHIN SECONDS", 17, "WITHIN takes a number"},
             Wrong{"[a:b = 1] WITHIN -5 SECONDS", 17, "WITHIN takes a number"},
             Wrong{"[a:b = 1] WITHIN ]", 17, "WITHIN takes a number"},
             Wrong{"[a:b = 1] WITHIN 5 HOURS]", 19, "3600 SECONDS"},
             Wrong{"[a:b = 1] WITHIN 5 minutes", 19, "60 SECONDS"},
             Wrong{"[a:b = 1] WITHIN 5", 18, "found the end"},
             Wrong{"[a:b = 1] REPEATS TIMES", 18, "REPEATS takes a whole number"},
             Wrong{"[a:b = 1] REPEATS 2.5 TIMES", 18, "REPEATS takes a whole number"},
             Wrong{"[a:b = 1] REPEATS -2 TIMES", 18, "REPEATS takes a whole number"},
             Wrong{"[a:b = 1] REPEATS 99999999999999999999 TIMES", 18, "too large"},
             Wrong{"[a:b = 1] REPEATS 2", 19, "expected TIMES"},
             Wrong{"[a:b = 1] START t'2024-01-01T00:00:00Z'", 39, "comes STOP"},
             Wrong{
                 "[a:b = 1] START '2024-01-01T00:00:00Z' STOP '2025-01-01T00:00:00Z'",
                 16,
                 "START takes a timestamp"},
             Wrong{"[a:b = 1] START t'2024-01-01T00:00:00Z' STOP 5", 45, "STOP takes a timestamp"},
             Wrong{"[a:b = 1] 5 TIMES", 10, "expected AND, OR"},
         })
        refused(wrong);
}

TEST(PatternQualifiers, TakePlainTextsAsTimesInStix20) {
    EXPECT_EQ(
        tree("[a:b = 1] START '2024-01-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z'", Dialect::v20),
        "{(0 a <b>, int 1)} from 2024-01-01T00:00:00Z to 2025-01-01T00:00:00Z"
    );
    EXPECT_EQ(
        printed("[a:b = 1] START '2024-01-01T00:00:00Z' STOP 'now'", Dialect::v20),
        "[a:b = 1] START t'2024-01-01T00:00:00Z' STOP 'now'"
    );
}

// ---- P5: precedence outside brackets

TEST(PatternPrecedence, AndBindsTighterThanOrThanFollowedby) {
    EXPECT_EQ(
        tree("[a:a = 1] OR [b:b = 2] AND [c:c = 3] FOLLOWEDBY [d:d = 4]"),
        "{FOLLOWEDBY {OR {(0 a <a>, int 1)} {AND {(0 b <b>, int 2)} {(0 c <c>, int 3)}}} {(0 d "
        "<d>, int 4)}}"
    );
    EXPECT_EQ(
        tree("[c:c = 3] FOLLOWEDBY [d:d = 4] AND [e:e = 5]"),
        "{FOLLOWEDBY {(0 c <c>, int 3)} {AND {(0 d <d>, int 4)} {(0 e <e>, int 5)}}}"
    );
    EXPECT_EQ(
        tree("([a:a = 1] FOLLOWEDBY [b:b = 2]) AND [c:c = 3]"),
        "{AND {FOLLOWEDBY {(0 a <a>, int 1)} {(0 b <b>, int 2)}} paren {(0 c <c>, int 3)}}"
    );
}

TEST(PatternPrecedence, AQualifierBindsToTheNearest) {
    EXPECT_EQ(
        tree("[b:b = 1] FOLLOWEDBY [c:c = 2] REPEATS 5 TIMES"),
        "{FOLLOWEDBY {(0 b <b>, int 1)} {(0 c <c>, int 2)} repeats 5}"
    );
    EXPECT_EQ(
        tree("([b:b = 1] FOLLOWEDBY [c:c = 2]) REPEATS 5 TIMES"),
        "{FOLLOWEDBY {(0 b <b>, int 1)} {(0 c <c>, int 2)}} repeats 5 paren"
    );
}

TEST(PatternPrecedence, TheSameOperatorAgainMakesOneList) {
    const std::string three = "{AND {(0 a <b>, int 1)} {(0 a <b>, int 2)} {(0 a <b>, int 3)}}";
    EXPECT_EQ(tree("[a:b = 1] AND [a:b = 2] AND [a:b = 3]"), three);
    EXPECT_EQ(tree("([a:b = 1] AND [a:b = 2]) AND [a:b = 3]"), three);
    EXPECT_EQ(tree("[a:b = 1] AND (([a:b = 2]) AND [a:b = 3])"), three);
    EXPECT_NE(tree("([a:b = 1] AND [a:b = 2]) WITHIN 5 SECONDS AND [a:b = 3]"), three);
}

TEST(PatternPrecedence, ParenthesesBetweenQualifiersStay) {
    EXPECT_EQ(
        tree("([a:b = 1] REPEATS 2 TIMES) REPEATS 3 TIMES"),
        "{GROUP {(0 a <b>, int 1)} repeats 2} repeats 3 paren"
    );
    EXPECT_EQ(
        tree("([a:b = 1] REPEATS 2 TIMES) WITHIN 3 SECONDS"),
        "{(0 a <b>, int 1)} repeats 2 within 3 3"
    );
    EXPECT_EQ(
        printed("((([a:b = 1] REPEATS 2 TIMES)) REPEATS 3 TIMES) REPEATS 4 TIMES"),
        "(([a:b = 1] REPEATS 2 TIMES) REPEATS 3 TIMES) REPEATS 4 TIMES"
    );
    EXPECT_EQ(
        printed("([a:b = 1]) WITHIN 5 SECONDS WITHIN 6 SECONDS"),
        "([a:b = 1]) WITHIN 5 SECONDS WITHIN 6 SECONDS"
    );
}

TEST(PatternPrecedence, UnbalancedBracketsAreNamed) {
    for (const Wrong& wrong : {
             Wrong{"[a:b = 1", 8, "the '[' at byte 0 is still open"},
             Wrong{"([a:b = 1]", 10, "the '(' at byte 0 is still open"},
             Wrong{"[a:b = 1]]", 9, "this ']' closes nothing"},
             Wrong{"[a:b = 1])", 9, "this ')' closes nothing"},
             Wrong{"[a:b = 1)]", 8, "this ')' closes nothing"},
             Wrong{"[(a:b = 1]", 9, "the '(' at byte 1 is still open"},
             Wrong{"[a:b = 1] [a:b = 2]", 10, "stands AND, OR or FOLLOWEDBY"},
             Wrong{"[a:b = 1] AND", 13, "expected '[' or '(', found the end"},
             Wrong{"[[a:b = 1]]", 1, "brackets do not stand inside"},
             Wrong{"()", 1, "brackets are missing"},
         })
        refused(wrong);
}

TEST(PatternPrecedence, MissingBracketsHaveAWordOfTheirOwn) {
    refused({"file:size = 1280", 0, "square brackets are missing"});
    refused({"  ( (file:size = 1280))", 5, "square brackets are missing"});
    refused({"\"x\"", 0, "not in double quotes"});
    refused({"alert tcp any any -> any any (msg:\"x\";)", 0, "square brackets are missing"});
    refused({"", 0, "the pattern is empty"});
    refused({" \n", 2, "the pattern is empty"});
    refused({"NOT [a:b = 1]", 0, "inside the brackets"});
}

// ---- P6: inside brackets, and paths (P8)

TEST(PatternComparisons, AndBindsTighterThanOr) {
    EXPECT_EQ(
        inside("a:b = 1 OR a:c = 2 AND a:d = 3"),
        "(or (0 a <b>, int 1) (and (0 a <c>, int 2) (0 a <d>, int 3)))"
    );
    EXPECT_EQ(
        inside("(a:b = 1 OR a:c = 2) AND (a:d = 3 AND a:e = 4)"),
        "(and (or (0 a <b>, int 1) (0 a <c>, int 2)) (0 a <d>, int 3) (0 a <e>, int 4))"
    );
    EXPECT_EQ(inside("((a:b = 1))"), "(0 a <b>, int 1)");
}

TEST(PatternComparisons, KnowEveryOperator) {
    constexpr std::pair<std::string_view, Op> operators[] = {
        {"= 'x'", Op::equal},
        {"== 'x'", Op::equal},
        {"!= 'x'", Op::not_equal},
        {"<> 'x'", Op::not_equal},
        {"< 'x'", Op::less},
        {"<= 'x'", Op::less_equal},
        {"> 'x'", Op::greater},
        {">= 'x'", Op::greater_equal},
        {"IN ('x')", Op::in},
        {"LIKE 'x'", Op::like},
        {"MATCHES 'x'", Op::matches},
        {"ISSUBSET 'x'", Op::is_subset},
        {"ISSUPERSET 'x'", Op::is_superset},
    };
    for (const auto& [text, op] : operators) {
        const std::string rest = fmt::format("{} a <b>, text <x>)", static_cast<int>(op));
        EXPECT_EQ(inside(fmt::format("a:b {}", text)), "(" + rest);
        EXPECT_EQ(inside(fmt::format("a:b NOT {}", text)), "(not " + rest);
    }
    EXPECT_EQ(inside("EXISTS a:b"), "(11 a <b>)");
    EXPECT_EQ(inside("NOT EXISTS a:b.c"), "(not 11 a <b> <c>)");
    EXPECT_EQ(inside("a:b IN ()"), "(6 a <b>)");
}

TEST(PatternComparisons, ExistsCameWithStix21) {
    refused({"[EXISTS file:name]", 8, "EXISTS came with STIX 2.1", Dialect::v20});
    EXPECT_EQ(inside("EXISTS:x = 1", Dialect::v20), "(0 EXISTS <x>, int 1)");
}

TEST(PatternComparisons, UnknownOperatorsAreNamed) {
    for (const Wrong& wrong : {
             Wrong{"[a:b => 1]", 5, "there is no operator '=>'; 'greater than or equal' is >="},
             Wrong{"[a:b =< 1]", 5, "'less than or equal' is <="},
             Wrong{"[a:b =? 'x']", 5, "there is no operator '=?'"},
             Wrong{"[a:b =~ 'x']", 5, "MATCHES"},
             Wrong{"[a:b = 1 && a:c = 2]", 9, "write AND"},
             Wrong{"[a:b = 1 || a:c = 2]", 9, "write OR"},
             Wrong{"[a:b === 1]", 5, "'equal' is ="},
             Wrong{"[a:b CONTAINS 'x']", 5, "write LIKE '%...%'"},
             Wrong{"[a:b 'x']", 5, "expected an operator"},
             Wrong{"[a:b]", 4, "expected an operator"},
             Wrong{"[a:b NOT 'x']", 9, "after NOT comes"},
             Wrong{"[NOT a:b = 1]", 5, "NOT stands before the operator"},
             Wrong{"[NOT (a:b = 1)]", 5, "NOT stands before the operator"},
         })
        refused(wrong);
}

TEST(PatternPaths, AreReadStepByStep) {
    EXPECT_EQ(
        inside("file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.0"),
        "(4 file <extensions> <windows-pebinary-ext> <sections> any <entropy>, float 7 7.0)"
    );
    EXPECT_EQ(inside("x-usb-device:'a.b'[0][-1] = 1"), "(0 x-usb-device <a.b> 0 -1, int 1)");
    EXPECT_EQ(inside(R"(a:'it\'s' = 1)"), "(0 a <it's>, int 1)");
}

TEST(PatternPaths, SayWhatTheyNeed) {
    for (const Wrong& wrong : {
             Wrong{"[file.size = 1280]", 5, "a path is type:property"},
             Wrong{"[file = 1]", 6, "expected ':'"},
             Wrong{"[file:hashes.SHA-256 = 'x']", 13, "in apostrophes: 'SHA-256'"},
             Wrong{"[some-type:needs-quotes = 1]", 11, "in apostrophes: 'needs-quotes'"},
             Wrong{"[file:hashes. = 1]", 14, "expected a name after '.'"},
             Wrong{"[file: = 1]", 7, "expected a property after ':'"},
             Wrong{"[file:1st = 1]", 6, "begins with a digit"},
             Wrong{"[file:x.1st = 1]", 7, "begins with a digit"},
             Wrong{"[file:hashes:MD5 = 1]", 12, "joined by '.'"},
             Wrong{"[file:x[a] = 1]", 8, "a number from 0 on, or *"},
             Wrong{"[file:x[1 = 1]", 10, "the '[' at byte 7 is still open"},
             Wrong{"['file':x = 1]", 1, "begins with a path"},
             Wrong{"[]", 1, "expected a comparison"},
         })
        refused(wrong);
}

// ---- Bounds

TEST(PatternBounds, HoldForDepthLengthAndSize) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '(') + "[a:b = 1]" + std::string(depth, ')');
    };
    EXPECT_TRUE(parse(nested(limits::pattern_depth_max)));
    refused({nested(limits::pattern_depth_max + 1), limits::pattern_depth_max, "parentheses"});
    const std::string deep = "[" + std::string(200'000, '(');
    refused({deep, 1 + limits::pattern_depth_max, "parentheses"});

    const std::string long_text = "[a:b = '" + std::string(limits::pattern_bytes_max, 'x') + "']";
    refused({long_text, limits::pattern_bytes_max, "longer than"});

    std::string set = "[a:b IN (1";
    for (std::size_t i = 0; i < limits::pattern_nodes_max; ++i)
        set += ",1";
    set += ")]";
    ASSERT_LT(set.size(), limits::pattern_bytes_max);
    EXPECT_FALSE(sound(set));
    EXPECT_THAT(parse(set).error().message, HasSubstr("comparisons, constants"));
}

// ---- Printing

TEST(PatternPrint, HasOneSpellingForEverything) {
    EXPECT_EQ(
        printed("( [ (network-traffic:dst_port IN(443,6443,+8443) AND "
                "network-traffic:'src_packets' <> 0.50) ])"),
        "[network-traffic:dst_port IN (443, 6443, 8443) AND network-traffic:src_packets != 0.5]"
    );
    EXPECT_EQ(
        printed("[a:b==h'FFd8' OR (a:c = b'A A' )]"),
        "b'...' holds base64 (RFC 4648): groups of four characters, the last padded with ="
    );
    EXPECT_EQ(
        printed("[a:b==h'FFd8' OR (a:c = b'dGVz\ndA==' )]"), "[a:b = h'ffd8' OR a:c = b'dGVzdA==']"
    );
    EXPECT_EQ(
        printed("[(a:b=1 OR a:c=2) AND NOT EXISTS a:'SHA-256'.'IN']"),
        "[(a:b = 1 OR a:c = 2) AND NOT EXISTS a:'SHA-256'.'IN']"
    );
    EXPECT_EQ(printed(R"([a:b NOT LIKE 'it\'s \\'])"), R"([a:b NOT LIKE 'it\'s \\'])");
    EXPECT_EQ(
        printed("([a:b=1]OR[a:b=2])FOLLOWEDBY([a:b=3])START t'2024-01-01T00:00:00Z'STOP "
                "t'2025-01-01T00:00:00.10Z'WITHIN 05.0 SECONDS"),
        "[a:b = 1] OR [a:b = 2] FOLLOWEDBY [a:b = 3] START t'2024-01-01T00:00:00Z' STOP "
        "t'2025-01-01T00:00:00.10Z' WITHIN 5.0 SECONDS"
    );
    EXPECT_EQ(
        printed("([a:b=1] OR [a:b=2]) AND [a:b=3]"), "([a:b = 1] OR [a:b = 2]) AND [a:b = 3]"
    );
    EXPECT_EQ(
        printed("[a:b = true AND a:b = t'2024-01-01T00:00:00Z']"),
        "[a:b = true AND a:b = t'2024-01-01T00:00:00Z']"
    );
    for (const std::string_view bytes :
         {"b''", "b'AA=='", "b'AAA='", "b'AAAA'", "b'AAAA+w=='", "h''", "h'00'"})
        EXPECT_EQ(printed(fmt::format("[a:b = {}]", bytes)), fmt::format("[a:b = {}]", bytes));
}

// ---- Caret

TEST(PatternCaret, StandsUnderTheByte) {
    const auto at = [](std::string_view text) { return caret(text, parse(text).error()); };
    EXPECT_EQ(
        at("[a:b => 1]"),
        "[a:b => 1]\n     ^ there is no operator '=>'; 'greater than or equal' is >="
    );
    EXPECT_THAT(at("[a:b = 'qu\xC3\xAAry' x]"), HasSubstr("\n               ^ expected AND"));
    EXPECT_THAT(
        at("[a:b = 1\n  AND a:c => 2]"), ::testing::StartsWith("  AND a:c => 2]\n          ^ ")
    );
    EXPECT_THAT(
        at("[a:b = '\x1b[31m' x]"), HasSubstr("[a:b = '\\u{001b}[31m' x]\n                      ^ ")
    );
    const std::string text =
        "[a:b = '" + std::string(500, 'x') + "' => '" + std::string(500, 'y') + "']";
    EXPECT_EQ(at(text).substr(0, 12), "...xxxxxxxxx");
    EXPECT_THAT(at(text), HasSubstr("...\n" + std::string(53, ' ') + "^ "));
    EXPECT_THAT(caret("", ParseError{0, "empty", "P1"}), "\n^ empty");
}

}  // namespace
}  // namespace entente::pattern
