// Paths and comparisons (STIX 2.1, 9.6, 9.7; P7-P19).
#include "pattern/evaluate.h"

#include "pattern/internal/evaluate_testing.h"

#include <gtest/gtest.h>

#include <vector>

namespace entente::pattern {
namespace {

using namespace testing;

struct Line {
    std::string_view pattern;
    bool matches;
};

void expect(
    const std::string& json, const std::vector<Line>& lines, const EvaluateOptions& options = plain
) {
    for (const Line& line : lines) {
        EXPECT_EQ(verdict(line.pattern, json, options), line.matches ? "match" : "no_match")
            << line.pattern << " over " << json;
    }
}

/// A bundle: an observed-data that names `refs`, and objects.
std::string bundle(std::string_view refs, std::string_view objects) {
    return fmt::format(
        R"({{"type": "bundle", "id": "bundle--0", "objects": [{{"type": "observed-data", "id": "observed-data--0", "number_observed": 1,
            "first_observed": "2026-01-01T00:00:00Z", "last_observed": "2026-01-01T00:00:00Z", "object_refs": [{}]}}, {}]}})",
        refs,
        objects
    );
}

// -- P7

TEST(EvaluatePath, OnlyObjectsThatTheObservationNamesCount) {
    const std::string objects =
        R"({"type": "x", "id": "x--1", "a": 1}, {"type": "x", "id": "x--2", "a": 2})";
    expect(
        bundle(R"("x--1")", objects),
        {{"[x:a = 1]", true}, {"[x:a = 2]", false}, {"[y:a = 1]", false}}
    );
    expect(
        bundle(R"("x--1", "x--2", "x--9")", objects), {{"[x:a = 1]", true}, {"[x:a = 2]", true}}
    );
}

TEST(EvaluatePath, ObjectsMayStandInAnotherBundleOrBesideTheObservation) {
    const std::string alone =
        R"({"type": "observed-data", "number_observed": 1, "first_observed": "2026-01-01T00:00:00Z",
        "last_observed": "2026-01-01T00:00:00Z", "object_refs": ["x--1"]})";
    expect("[" + alone + R"(, {"type": "x", "id": "x--1", "a": 1}])", {{"[x:a = 1]", true}});
    expect(
        "[" + alone + R"(, {"type": "bundle", "objects": [{"type": "x", "id": "x--1", "a": 1}]}])",
        {{"[x:a = 1]", true}}
    );
    // The own bundle's word counts first.
    expect(
        "[" + bundle(R"("x--1")", R"({"type": "x", "id": "x--1", "a": 1})") +
            R"(, {"type": "x", "id": "x--1", "a": 2}])",
        {{"[x:a = 1]", true}, {"[x:a = 2]", false}}
    );
}

TEST(EvaluatePath, DomainObjectsNeverMatch) {
    const std::string objects =
        R"({"type": "malware", "id": "malware--1", "name": "m"}, {"type": "x", "id": "x--1", "a": 1})";
    const std::string json = bundle(R"("malware--1", "x--1", "observed-data--0")", objects);
    expect(
        json,
        {{"[malware:name = 'm']", false},
         {"[observed-data:number_observed = 1]", false},
         {"[malware:name = 'm' OR x:a = 1]", true}}
    );
    // In STIX 2.0 what the container holds is an observable, whatever its type.
    expect(
        observed(R"({"0": {"type": "tool", "name": "t"}})"),
        {{"[tool:name = 't']", true}},
        version_20
    );
}

// -- P8

TEST(EvaluatePath, KeysIndexesAndStarsLeadIntoDictionariesAndLists) {
    const std::string json = of_x(
        R"("d": {"k": 1, "has-hyphen": 2, "has.dot": 3, "deep": {"er": [{"v": 4}, {"v": 5}]}}, "l": [10, 20, [30]], "s": "text")"
    );
    expect(
        json,
        {{"[x:d.k = 1]", true},
         {"[x:d.'has-hyphen' = 2]", true},
         {"[x:d.'has.dot' = 3]", true},
         {"[x:d.deep.er[*].v = 5]", true},
         {"[x:d.deep.er[0].v = 5]", false},
         {"[x:l[0] = 10]", true},
         {"[x:l[2][0] = 30]", true},
         {"[x:l[*] = 20]", true},
         {"[x:l[*] = 30]", false}}
    );
}

TEST(EvaluatePath, WhatIsNotThereIsFalseOutOfRangeNegativeOrOfAnotherKind) {
    const std::string json = of_x(R"("d": {"k": 1}, "l": [10], "empty": [], "s": "text")");
    expect(
        json,
        {{"[x:l[1] = 10]", false},
         {"[x:l[-1] = 10]", false},
         {"[x:l[-1] != 10]", false},
         {"[x:l.k = 1]", false},
         {"[x:d[*] = 1]", false},
         {"[x:d[0] = 1]", false},
         {"[x:s[0] = 't']", false},
         {"[x:empty[*] != 1]", false}}
    );
}

// -- P9

TEST(EvaluatePath, ReferencesAreFollowed) {
    const std::string json = observed(
        R"({"0": {"type": "n", "src_ref": "1", "dst_ref": "9", "many_refs": ["9", "1", "2"], "odd_ref": 5, "odd_refs": "1"},
            "1": {"type": "ipv4-addr", "value": "10.0.0.1", "back_ref": "0"}, "2": {"type": "ipv4-addr", "value": "10.0.0.2"}})"
    );
    expect(
        json,
        {{"[n:src_ref.value = '10.0.0.1']", true},
         {"[n:src_ref.type = 'ipv4-addr']", true},
         {"[n:src_ref.back_ref.src_ref.value = '10.0.0.1']", true},
         {"[n:many_refs[*].value = '10.0.0.2']", true},
         {"[n:many_refs[1].value = '10.0.0.1']", true},
         {"[n:many_refs[0].value = '10.0.0.1']", false},
         {"[n:many_refs.value = '10.0.0.1']", false},
         {"[n:dst_ref.value != 'x']", false},
         {"[n:odd_ref.value != 'x']", false},
         {"[n:odd_refs[*].value != 'x']", false},
         {"[n:src_ref = '1']", false},
         {"[n:src_ref != '1']", true}}
    );
}

TEST(EvaluatePath, ReferencesEndWhereObjectRefsEnds) {
    const std::string objects =
        R"({"type": "n", "id": "n--1", "src_ref": "ipv4-addr--1"}, {"type": "ipv4-addr", "id": "ipv4-addr--1", "value": "10.0.0.1"})";
    expect(
        bundle(R"("n--1")", objects),
        {{"[n:src_ref.value = '10.0.0.1']", false}, {"[EXISTS n:src_ref]", false}}
    );
    expect(
        bundle(R"("n--1", "ipv4-addr--1")", objects),
        {{"[n:src_ref.value = '10.0.0.1']", true}, {"[EXISTS n:src_ref]", true}}
    );
}

TEST(EvaluatePath, TheReferenceCountsOnlyReferencesThatResolve) {
    const std::string json =
        observed(R"({"0": {"type": "n", "many_refs": ["9", "1"]}, "1": {"type": "y", "v": 1}})");
    expect(json, {{"[n:many_refs[1].v = 1]", true}, {"[n:many_refs[0].v = 1]", false}});
    expect(
        json,
        {{"[n:many_refs[0].v = 1]", true}, {"[n:many_refs[1].v = 1]", false}},
        {Dialect::v20, true}
    );
}

// -- P10

TEST(EvaluateAbsence, AnAbsentPathIsFalseForEveryOperatorWithNotToo) {
    expect(
        of_x(R"("a": 1)"),
        {{"[x:b = 1]", false},
         {"[x:b != 1]", false},
         {"[x:b NOT = 1]", false},
         {"[x:b NOT IN (1)]", false},
         {"[x:b NOT LIKE 'a']", false},
         {"[x:b NOT MATCHES 'a']", false},
         {"[x:b NOT > 1]", false},
         {"[x:b NOT ISSUBSET '10.0.0.0/8']", false}}
    );
}

TEST(EvaluateAbsence, ExistsAsksForThePathAndNotForItsAbsence) {
    const std::string json = of_x(R"("a": 1, "n": null, "e": [])");
    expect(
        json,
        {{"[EXISTS x:a]", true},
         {"[EXISTS x:n]", true},
         {"[EXISTS x:e]", true},
         {"[EXISTS x:e[*]]", false},
         {"[EXISTS x:b]", false},
         {"[EXISTS y:a]", false},
         {"[NOT EXISTS x:b]", true},
         {"[NOT EXISTS x:a]", false},
         {"[NOT EXISTS y:a]", false},
         {"[x:a = 1 AND NOT EXISTS x:b]", true}}
    );
    // The reference matcher overlooks NOT.
    expect(json, {{"[NOT EXISTS x:a]", true}, {"[NOT EXISTS x:b]", false}}, {Dialect::v21, true});
}

// -- P11

TEST(EvaluateRoot, AllComparisonsStartFromOneObject) {
    const std::string json = observed(
        R"({"0": {"type": "n", "src_ref": "1"}, "1": {"type": "ip", "value": "a"}, "2": {"type": "n", "dst_ref": "3"}, "3": {"type": "ip", "value": "b"},
            "4": {"type": "n", "src_ref": "1", "p": [1, 2]}})"
    );
    expect(
        json,
        {{"[n:src_ref.value = 'a' AND n:dst_ref.value = 'b']", false},
         {"[n:src_ref.value = 'a' AND n:p[*] = 1]", true},
         {"[n:src_ref.value = 'a' OR n:dst_ref.value = 'z']", true},
         {"[n:p[*] = 1 AND n:p[*] = 2]", true},
         {"[n:src_ref.value = 'a' AND ip:value = 'a']", false},
         {"[n:src_ref.value = 'z' OR ip:value = 'b']", true},
         {"[(n:src_ref.value = 'z' OR ip:value = 'b') AND ip:value = 'b']", true}}
    );
}

// -- P12

TEST(EvaluateTypes, NumbersCompareExactlyAndBooleansOnlyWithBooleans) {
    expect(
        of_x(
            R"("one": 1, "real": 1.5, "same": 1.0, "yes": true, "big": 9007199254740993, "bigger": 9007199254740992.0,
               "huge": 18446744073709551615, "exact": 0.41866852935895693, "tiny": 1e-400)"
        ),
        {{"[x:real = 1]", false},
         {"[x:real > 1]", true},
         {"[x:same = 1]", true},
         {"[x:one = 1.0]", true},
         {"[x:one < 1.5]", true},
         {"[x:yes = 1]", false},
         {"[x:yes != 1]", true},
         {"[x:yes = true]", true},
         {"[x:one = true]", false},
         {"[x:big = 9007199254740993]", true},
         {"[x:big > 9007199254740992.0]", true},
         {"[x:bigger < 9007199254740993]", true},
         {"[x:huge > 9223372036854775807]", true},
         {"[x:exact = 0.41866852935895693]", true},
         {"[x:exact = 0.41866852935895699]", false},
         {"[x:tiny = 0]", true}}
    );
}

TEST(EvaluateTypes, BinaryAndHexValuesAreTheirOctets) {
    expect(
        of_x(
            R"("p_bin": "dGhpcyBpcyBhIHRlc3Q=", "p_hex": "7468697320697320612074657374", "wide": "\u0103", "latin": "\u00ff",
               "latin_hex": "ff", "bad_bin": "***", "bad_hex": "abc", "list_hex": ["ff"])"
        ),
        {{"[x:p_bin = 'dGhpcyBpcyBhIHRlc3Q=']", false},
         {"[x:p_bin = 'this is a test']", true},
         {"[x:p_bin = b'dGhpcyBpcyBhIHRlc3Q=']", true},
         {"[x:p_bin = h'7468697320697320612074657374']", true},
         {"[x:p_hex = 'this is a test']", true},
         {"[x:latin_hex = '\u00ff']", true},
         {"[x:latin = h'ff']", true},
         {"[x:latin_hex = '\u0103']", false},
         {"[x:latin_hex != '\u0103']", true},
         {"[x:latin_hex > '\u0103']", false},
         {"[x:wide = h'03']", false},
         {"[x:wide != h'03']", true},
         {"[x:bad_bin = '***']", false},
         {"[x:bad_bin != '***']", true},
         {"[x:bad_hex < 'b']", false},
         {"[x:list_hex[0] = 'ff']", true}}
    );
}

// -- P13

TEST(EvaluateTypes, OtherTypesAreFalseButUnequalAndNotNegates) {
    expect(
        of_x(R"("s": "text", "o": {}, "l": [1])"),
        {{"[x:s = 1]", false},
         {"[x:s != 1]", true},
         {"[x:s NOT = 1]", true},
         {"[x:s NOT != 1]", false},
         {"[x:s > 1]", false},
         {"[x:s NOT > 1]", true},
         {"[x:o = 1]", false},
         {"[x:o != 1]", true},
         {"[x:l = 1]", false},
         {"[x:s ISSUBSET '10.0.0.0/8']", false},
         {"[x:o LIKE '%']", false},
         {"[x:o NOT LIKE '%']", true},
         {"[x:l MATCHES '']", false}}
    );
    expect(
        of_x(R"("s": "text")"), {{"[x:s NOT > 1]", false}, {"[x:s NOT = 1]", true}}, as_reference
    );
}

// -- P14

TEST(EvaluateOrder, TextIsInCodePointOrderWithoutNormalisation) {
    // The standard's own row: o < oz < o+grave < z < ò.
    const std::vector<std::string> rising{
        "o", "oz", "o\u0300", "z", "\u00f2", "\uffff", "\U0001f600"};
    for (std::size_t i = 0; i < rising.size(); ++i) {
        for (std::size_t j = 0; j < rising.size(); ++j) {
            const std::string json = of_x(fmt::format(R"("s": "{}")", rising[i]));
            expect(
                json,
                {{fmt::format("[x:s < '{}']", rising[j]), i < j},
                 {fmt::format("[x:s >= '{}']", rising[j]), i >= j},
                 {fmt::format("[x:s = '{}']", rising[j]), i == j}}
            );
        }
    }
}

TEST(EvaluateOrder, OctetsAreUnsignedAndLongerIsGreater) {
    expect(
        of_x(R"("a_hex": "00", "b_hex": "ff", "c_hex": "ff00")"),
        {{"[x:a_hex < h'ff']", true},
         {"[x:b_hex > h'7f']", true},
         {"[x:c_hex > h'ff']", true},
         {"[x:b_hex = h'ff00']", false}}
    );
}

TEST(EvaluateIn, IsEqualityWithOneOfThem) {
    expect(
        of_x(R"("i": 5, "f": 12.0, "s": "b", "b": true, "h_hex": "616c")"),
        {{"[x:i IN (4, 5.0)]", true},
         {"[x:f IN (11.1, 12)]", true},
         {"[x:i IN ('5')]", false},
         {"[x:i NOT IN ('5')]", true},
         {"[x:s IN ('a', 'b')]", true},
         {"[x:h_hex IN ('al')]", true},
         {"[x:b IN (true)]", true}}
    );
    expect(of_x(R"("b": true)"), {{"[x:b IN (1)]", false}});
    // Python thinks that True is 1.
    expect(of_x(R"("b": true)"), {{"[x:b IN (1)]", true}}, as_reference);
}

TEST(EvaluateIn, AnEmptySetHoldsNothing) {
    expect(
        of_x(R"("i": 5)"),
        {{"[x:i IN ()]", false}, {"[x:i NOT IN ()]", true}, {"[x:j NOT IN ()]", false}}
    );
}

TEST(EvaluateIn, ConstantsOfSeveralTypesMakeThePatternMatchNothing) {
    expect(
        of_x(R"("i": 5)"),
        {{"[x:i IN (5, 'a')]", false},
         {"[x:i NOT IN (4, 'a')]", false},
         {"[x:i = 5 OR x:i IN (1, true)]", false}}
    );
}

// -- P15

TEST(EvaluateLike, MatchesTheWholeValueWithRunsAndSingles) {
    expect(
        of_x(
            R"("s": "a.b%c", "nl": "one\ntwo", "e": "", "uni": "d\u0323\u0307", "emoji": "x\ud83d\ude00y")"
        ),
        {{"[x:s LIKE 'a.b%c']", true},
         {"[x:s LIKE 'a_b_c']", true},
         {"[x:s LIKE 'a%']", true},
         {"[x:s LIKE '%c']", true},
         {"[x:s LIKE '%']", true},
         {"[x:s LIKE 'a']", false},
         {"[x:s LIKE 'axb%c']", false},
         {"[x:s LIKE '%b%b%']", false},
         {"[x:nl LIKE 'one%two']", true},
         {"[x:nl LIKE 'one_two']", true},
         {"[x:e LIKE '%']", true},
         {"[x:e LIKE '_']", false},
         {"[x:e LIKE '']", true},
         {"[x:uni LIKE '\u1e0d\u0307']", true},
         {"[x:uni LIKE '__']", true},
         {"[x:emoji LIKE 'x_y']", true},
         {"[x:s NOT LIKE 'a%']", false}}
    );
}

TEST(EvaluateLike, TheReferenceStopsAtLineFeeds) {
    const std::string json = of_x(R"("nl": "one\ntwo", "end": "one\n")");
    expect(json, {{"[x:nl LIKE 'one%']", true}, {"[x:end LIKE 'one']", false}});
    expect(
        json,
        {{"[x:nl LIKE 'one%']", false},
         {"[x:nl LIKE 'one\ntwo']", true},
         {"[x:end LIKE 'one']", true},
         {"[x:nl LIKE 'one_two']", false}},
        as_reference
    );
}

TEST(EvaluateLike, ComparesOctetsWithTheCodePointsBelow256) {
    expect(
        of_x(R"("s_bin": "YWxpY2U=", "l_hex": "e900ff")"),
        {{"[x:s_bin LIKE 'al%']", true},
         {"[x:s_bin LIKE '%\u0103%']", false},
         {"[x:s_bin NOT LIKE '%\u0103%']", true},
         {"[x:l_hex LIKE '\u00e9_\u00ff']", true}}
    );
}

// -- P16

TEST(EvaluateMatches, SearchesWithDotAllAndNormalForm) {
    const std::string json = of_x(
        R"("s": "hello", "nl": "a\nb", "nfd": "d\u0323\u0307", "word": "\u00e9t\u00e9", "s_bin": "/wBB")"
    );
    expect(
        json,
        {{"[x:s MATCHES 'l+']", true},
         {"[x:s MATCHES '^l']", false},
         {"[x:s MATCHES '(?i)HELLO$']", true},
         {"[x:s MATCHES '']", true},
         {"[x:nl MATCHES 'a.b']", true},
         {"[x:nfd MATCHES '^\u1e0d\u0307$']", true},
         {"[x:word MATCHES '^\\\\w+$']", true},
         {"[x:s NOT MATCHES 'z']", true},
         {"[x:s_bin MATCHES '^\\\\xff.A$']", true},
         {"[x:s_bin MATCHES '\\\\w\\\\z']", true},
         {"[x:s_bin MATCHES '^\\\\w']", false},
         {"[x:s_bin MATCHES '\u0103']", false}}
    );
    expect(json, {{"[x:nl MATCHES 'a.b']", false}, {"[x:s MATCHES 'l+']", true}}, as_reference);
}

TEST(EvaluateMatches, ABadExpressionMatchesNothingAnywhereInThePattern) {
    const std::string json = of_x(R"("s": "hello")");
    expect(
        json,
        {{"[x:s MATCHES '(']", false},
         {"[x:s NOT MATCHES '(']", false},
         {"[x:s = 'hello' OR x:s MATCHES '[']", false},
         {"[x:s = 'hello'] OR [y:s MATCHES '*']", false},
         {"[x:s MATCHES '\\\\C']", false}}
    );
    const auto wrong = flaw(parse("[x:s MATCHES 'a(']").value());
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->rule, "P16");
    EXPECT_EQ(wrong->at, 13U);
    EXPECT_NE(wrong->message.find("at its byte 2"), std::string::npos) << wrong->message;
    EXPECT_TRUE(verdict("[x:s MATCHES '(']", json, as_reference).starts_with("error: "));
}

// -- P17

TEST(EvaluateSubnets, BothFamiliesBareAddressesAndEqualSets) {
    expect(
        of_x(
            R"("v4": "198.51.100.7", "net": "198.51.100.0/27", "v6": "2001:db8::1", "net6": "2001:0DB8:0:0::/48", "all": "0.0.0.0/0",
               "bad": "198.51.100", "zero": "198.051.100.7", "i": 1, "mapped": "::ffff:198.51.100.7")"
        ),
        {{"[x:v4 ISSUBSET '198.51.100.0/24']", true},
         {"[x:v4 ISSUBSET '198.51.100.7']", true},
         {"[x:v4 ISSUBSET '198.51.100.99/24']", true},
         {"[x:v4 ISSUBSET '198.51.101.0/24']", false},
         {"[x:v4 ISSUBSET '0.0.0.0/0']", true},
         {"[x:net ISSUBSET '198.51.100.0/27']", true},
         {"[x:net ISSUBSET '198.51.100.0/28']", false},
         {"[x:net ISSUPERSET '198.51.100.31']", true},
         {"[x:net ISSUPERSET '198.51.100.32']", false},
         {"[x:net ISSUPERSET '198.51.100.0/27']", true},
         {"[x:all ISSUPERSET '10.0.0.0/8']", true},
         {"[x:v6 ISSUBSET '2001:db8::/32']", true},
         {"[x:v6 ISSUBSET '2001:0db8:0000:0000:0000:0000:0000:0001']", true},
         {"[x:v6 ISSUBSET '2001:db9::/32']", false},
         {"[x:net6 ISSUPERSET '2001:db8:0:1::/64']", true},
         {"[x:net6 ISSUPERSET '2001:db8:1::/64']", false},
         {"[x:v6 ISSUBSET '0.0.0.0/0']", false},
         {"[x:mapped ISSUBSET '::ffff:0:0/96']", true},
         {"[x:mapped ISSUBSET '198.51.100.0/24']", false},
         {"[x:bad ISSUBSET '198.51.100.0/24']", false},
         {"[x:bad NOT ISSUBSET '198.51.100.0/24']", true},
         {"[x:zero ISSUBSET '198.51.100.0/24']", false},
         {"[x:i NOT ISSUPERSET '198.51.100.0/24']", true}}
    );
    expect(
        observed(
            R"({"0": {"type": "n", "dst_ref": "1"}, "1": {"type": "ipv6-addr", "value": "2001:db8:dead:beef::5"}})"
        ),
        {{"[n:dst_ref.value ISSUBSET '2001:0db8:dead:beef:0000:0000:0000:0000/64']", true}}
    );
}

TEST(EvaluateSubnets, AConstantThatIsNoAddressMakesThePatternMatchNothing) {
    for (const std::string_view bad :
         {"",
          "10.0.0.0/33",
          "10.0.0",
          "::1::",
          "1:2:3:4:5:6:7:8:9",
          "::/129",
          "10.0.0.0/08",
          "example.com",
          "fe80::1%eth0"}) {
        const std::string text = fmt::format("[x:v4 NOT ISSUBSET '{}']", bad);
        EXPECT_EQ(verdict(text, of_x(R"("v4": "10.0.0.1")")), "no_match") << text;
        ASSERT_TRUE(flaw(parse(text).value())) << text;
        EXPECT_EQ(flaw(parse(text).value())->rule, "P17");
    }
}

TEST(EvaluateSubnets, TheReferenceKnowsIPv4BlocksAlone) {
    const std::string json = of_x(R"("v4": "198.51.100.7", "v6": "2001:db8::1", "i": 1)");
    EXPECT_EQ(verdict("[x:v4 ISSUBSET '198.51.100.0/24']", json, as_reference), "match");
    for (const std::string_view text :
         {"[x:v6 ISSUBSET '2001:db8::/32']",
          "[x:v4 ISSUBSET '198.51.100.7']",
          "[x:v4 ISSUBSET '0.0.0.0/0']",
          "[x:v4 ISSUPERSET '198.51.100.7']",
          "[x:v4 ISSUBSET 'x']"}) {
        EXPECT_TRUE(verdict(text, json, as_reference).starts_with("error: invalid IPv4")) << text;
    }
    EXPECT_EQ(verdict("[x:i NOT ISSUBSET '198.51.100.7']", json, as_reference), "match");
}

// -- P18

TEST(EvaluateTimes, InstantsOfAnyFractionCompareAsInstants) {
    const std::string json = of_x(
        R"("t": "2010-05-21T13:21:43.120Z", "nano": "2010-05-21T13:21:43.123456789Z", "bad": "2010-05-21T13:21:43", "i": 5,
                                  "feb": "2010-02-30T00:00:00Z")"
    );
    expect(
        json,
        {{"[x:t = t'2010-05-21T13:21:43.12Z']", true},
         {"[x:t < t'2010-05-21T13:21:43.1200000000001Z']", true},
         {"[x:t > t'2010-05-21T13:21:43Z']", true},
         {"[x:nano = t'2010-05-21T13:21:43.123456Z']", false},
         {"[x:nano = t'2010-05-21T13:21:43.1234567890Z']", true},
         {"[x:nano IN (t'2010-05-21T13:21:43.123456789Z')]", true},
         {"[x:t = '2010-05-21T13:21:43.120Z']", true},
         {"[x:bad = t'2010-05-21T13:21:43Z']", false},
         {"[x:bad != t'2010-05-21T13:21:43Z']", true},
         {"[x:bad > t'2000-05-21T13:21:43Z']", false},
         {"[x:feb != t'2010-05-21T13:21:43Z']", true},
         {"[x:i != t'2010-05-21T13:21:43Z']", true}}
    );
    expect(json, {{"[x:nano = t'2010-05-21T13:21:43.123456Z']", true}}, as_reference);
    EXPECT_TRUE(verdict("[x:bad != t'2010-05-21T13:21:43Z']", json, as_reference)
                    .starts_with("error: invalid timestamp"));
}

TEST(EvaluateTimes, ADateThatDoesNotExistMatchesNothing) {
    // P3: the grammar takes it.
    expect(
        of_x(R"("t": "2024-03-01T00:00:00Z")"),
        {{"[x:t != t'2024-02-30T00:00:00Z']", false},
         {"[x:t = t'2024-03-01T00:00:00Z' OR x:t = t'2024-02-30T00:00:00Z']", false}}
    );
}

// -- P19

TEST(EvaluateNull, IsFalseButUnequal) {
    expect(
        of_x(R"("n": null)"),
        {{"[x:n = 'a']", false},
         {"[x:n != 'a']", true},
         {"[x:n > 1]", false},
         {"[x:n IN ('a')]", false},
         {"[x:n LIKE '%']", false},
         {"[x:n MATCHES '']", false},
         {"[x:n ISSUBSET '0.0.0.0/0']", false}}
    );
}

}  // namespace
}  // namespace entente::pattern
