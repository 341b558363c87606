// Bindings: which observations a pattern may be bound to, and when (STIX 2.1, 9.5; P20-P29).
#include "pattern/internal/evaluate_testing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace entente::pattern {
namespace {

using namespace testing;

/// `marks` seen from second `first` to second `last` of a day, `times` times.
struct Seen {
    std::string_view marks;
    int first = 0;
    int last = -1;  // as first
    int times = 1;
};

std::string at(int second) {
    return fmt::format(
        "2026-01-01T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60
    );
}

std::string json_of(const std::vector<Seen>& all) {
    std::string text;
    for (const Seen& seen : all) {
        std::string members = R"("type": "x")";
        for (const char mark : seen.marks)
            members += fmt::format(R"(, "{}": 1)", mark);
        text += text.empty() ? "" : ", ";
        text += observed(
            fmt::format(R"({{"0": {{{}}}}})", members),
            at(seen.first),
            at(seen.last < 0 ? seen.first : seen.last),
            seen.times
        );
    }
    return "[" + text + "]";
}

/// [a] stands for [x:a = 1].
std::string written(std::string_view shorthand) {
    std::string text;
    for (const char c : shorthand) {
        if (c == '[')
            text += "[x:";
        else if (c == ']')
            text += " = 1]";
        else
            text += c;
    }
    return text;
}

std::string verdict_of(
    std::string_view shorthand,
    const std::vector<Seen>& seen,
    const EvaluateOptions& options = plain
) {
    return verdict(written(shorthand), json_of(seen), options);
}

Match match_of(std::string_view shorthand, const std::vector<Seen>& seen) {
    const auto pattern = parse(written(shorthand));
    const auto observations = ObservationSet::read_text(json_of(seen));
    return evaluate(pattern.value(), observations.value()).value();
}

// -- P20, P29

TEST(EvaluateBinding, TellsTheObservationsOfOneBinding) {
    const std::vector<Seen> seen{{"c", 0}, {"a", 1}, {"b", 2}, {"a", 3}};
    EXPECT_EQ(match_of("[a] AND [b]", seen).bound, (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(match_of("[b] FOLLOWEDBY [a]", seen).bound, (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(match_of("[a] REPEATS 2 TIMES", seen).bound, (std::vector<std::size_t>{1, 3}));
    EXPECT_EQ(match_of("[z] OR [c]", seen).bound, (std::vector<std::size_t>{0}));
    EXPECT_TRUE(match_of("[z] OR [y]", seen).bound.empty());
    EXPECT_EQ(
        match_of("[a] REPEATS 2 TIMES", {{"a", 0, 0, 2}}).bound, (std::vector<std::size_t>{0})
    );
}

TEST(EvaluateBinding, ATimeIsChosenWithinEachInterval) {
    EXPECT_EQ(verdict_of("([a] AND [b]) WITHIN 1 SECONDS", {{"a", 0, 50}, {"b", 50, 99}}), "match");
    EXPECT_EQ(verdict_of("[b] FOLLOWEDBY [a]", {{"a", 0, 50}, {"b", 50, 99}}), "match");
    EXPECT_EQ(verdict_of("[b] FOLLOWEDBY [a]", {{"a", 0, 49}, {"b", 50, 99}}), "no_match");
}

TEST(EvaluateBinding, OneTimeHasToKeepAllRules) {
    // To be in the span, a must be late; then b cannot follow it. The reference asks each rule for
    // itself.
    const std::string text = written("[a]") + " START t'" + at(50) + "' STOP t'" + at(60) +
                             "' FOLLOWEDBY " + written("[b]");
    const std::string json = json_of({{"a", 0, 100}, {"b", 0, 20}});
    EXPECT_EQ(verdict(text, json), "no_match");
    EXPECT_EQ(verdict(text, json, as_reference), "match");
}

// -- P21

TEST(EvaluateBinding, PartsNeedDifferentObservations) {
    EXPECT_EQ(verdict_of("[a] AND [b]", {{"ab", 0}}), "no_match");
    EXPECT_EQ(verdict_of("[a] AND [a]", {{"a", 0}}), "no_match");
    EXPECT_EQ(verdict_of("[a] FOLLOWEDBY [b]", {{"ab", 0}}), "no_match");
    EXPECT_EQ(verdict_of("[a] AND [b] AND [c]", {{"ab", 0}, {"bc", 0}, {"ac", 0}}), "match");
    EXPECT_EQ(verdict_of("[a] AND [b] AND [c]", {{"abc", 0}, {"a", 0}, {"a", 0}}), "no_match");
}

TEST(EvaluateBinding, NumberObservedCountsAsSoManyObservations) {
    EXPECT_EQ(verdict_of("[a] REPEATS 5 TIMES", {{"a", 0, 0, 2}, {"a", 9, 9, 3}}), "match");
    EXPECT_EQ(verdict_of("[a] REPEATS 6 TIMES", {{"a", 0, 0, 2}, {"a", 9, 9, 3}}), "no_match");
    EXPECT_EQ(verdict_of("[a] AND [b]", {{"ab", 0, 0, 2}}), "match");
    EXPECT_EQ(
        verdict_of(
            "[a] REPEATS 2 TIMES AND [b] REPEATS 2 TIMES", {{"ab", 0, 0, 2}, {"a", 1}, {"b", 2}}
        ),
        "match"
    );
    EXPECT_EQ(
        verdict_of("[a] REPEATS 2 TIMES AND [b] REPEATS 2 TIMES", {{"ab", 0, 0, 3}}), "no_match"
    );
    // Each of them has a time of its own within the interval.
    EXPECT_EQ(verdict_of("[a] FOLLOWEDBY [a]", {{"a", 0, 10, 2}}), "match");
    EXPECT_EQ(verdict_of("[a] REPEATS 999999999 TIMES", {{"a", 0, 0, 999999999}}), "match");
}

// -- P22

TEST(EvaluateBinding, OneSideOfOrIsEnough) {
    EXPECT_EQ(verdict_of("[a] OR [z]", {{"a", 0}}), "match");
    EXPECT_EQ(verdict_of("[z] OR [a]", {{"a", 0}}), "match");
    EXPECT_EQ(verdict_of("([z] AND [a]) OR [b]", {{"a", 0}, {"b", 0}}), "match");
    EXPECT_EQ(verdict_of("([a] AND [b]) OR ([b] AND [c])", {{"b", 0}, {"c", 0}}), "match");
    EXPECT_EQ(
        verdict_of("(([a] AND [b]) OR [c]) REPEATS 2 TIMES", {{"a", 0}, {"b", 0}, {"c", 0}}),
        "match"
    );
    EXPECT_EQ(
        verdict_of("(([a] AND [b]) OR [c]) REPEATS 2 TIMES", {{"a", 0}, {"b", 0}, {"a", 0}}),
        "no_match"
    );
}

TEST(EvaluateBinding, AndBindsTighterThanOrAndOrTighterThanFollowedBy) {
    // P5, P29: the reference's vectors.
    EXPECT_EQ(verdict_of("[a] OR [b] AND [c]", {{"a", 0}}), "match");
    EXPECT_EQ(verdict_of("([a] OR [b]) AND [c]", {{"a", 0}}), "no_match");
    EXPECT_EQ(verdict_of("[a] OR [b] FOLLOWEDBY [c]", {{"a", 0}}), "no_match");
    EXPECT_EQ(verdict_of("[c] FOLLOWEDBY [d] AND [e]", {{"c", 5}, {"d", 6}, {"e", 4}}), "no_match");
    EXPECT_EQ(verdict_of("([c] FOLLOWEDBY [d]) AND [e]", {{"c", 5}, {"d", 6}, {"e", 4}}), "match");
}

// -- P23

TEST(EvaluateBinding, FollowedByTakesEqualTimesAndAllOfBothSides) {
    EXPECT_EQ(verdict_of("[a] FOLLOWEDBY [b]", {{"a", 5}, {"b", 5}}), "match");
    EXPECT_EQ(verdict_of("[a] FOLLOWEDBY [b]", {{"a", 6}, {"b", 5}}), "no_match");
    EXPECT_EQ(
        verdict_of("([a] AND [b]) FOLLOWEDBY [c]", {{"a", 1}, {"b", 7}, {"c", 5}}), "no_match"
    );
    EXPECT_EQ(
        verdict_of("[a] FOLLOWEDBY [b] FOLLOWEDBY [c]", {{"a", 1}, {"b", 2}, {"c", 3}}), "match"
    );
    EXPECT_EQ(
        verdict_of("[a] FOLLOWEDBY [b] FOLLOWEDBY [c]", {{"a", 4}, {"b", 2, 9}, {"c", 3}}),
        "no_match"
    );
    EXPECT_EQ(
        verdict_of("[b] FOLLOWEDBY [c] REPEATS 2 TIMES", {{"b", 3}, {"c", 2}, {"c", 4}}), "no_match"
    );
    EXPECT_EQ(
        verdict_of("[b] FOLLOWEDBY [c] REPEATS 2 TIMES", {{"b", 3}, {"c", 3}, {"c", 4}}), "match"
    );
}

// -- P24

TEST(EvaluateBinding, RepeatsTakesDisjointMatchesOfAGroup) {
    const std::vector<Seen> pairs{{"a", 0}, {"b", 1}, {"a", 2}, {"b", 3}, {"a", 4}, {"b", 5}};
    EXPECT_EQ(verdict_of("([a] AND [b]) REPEATS 3 TIMES", pairs), "match");
    EXPECT_EQ(verdict_of("([a] AND [b]) REPEATS 4 TIMES", pairs), "no_match");
    EXPECT_EQ(verdict_of("([a] FOLLOWEDBY [b]) REPEATS 3 TIMES", pairs), "match");
    EXPECT_EQ(verdict_of("([b] FOLLOWEDBY [a]) REPEATS 3 TIMES", pairs), "no_match");
    EXPECT_EQ(verdict_of("([b] FOLLOWEDBY [a]) REPEATS 2 TIMES", pairs), "match");
    EXPECT_EQ(match_of("([a] FOLLOWEDBY [b]) REPEATS 3 TIMES", pairs).bound.size(), 6U);
    EXPECT_EQ(verdict_of("([a] REPEATS 2 TIMES) REPEATS 2 TIMES", pairs), "no_match");
    EXPECT_EQ(verdict_of("([a] OR [b]) REPEATS 6 TIMES", pairs), "match");
    EXPECT_EQ(verdict_of("[a] REPEATS 1 TIMES", pairs), "match");
}

// -- P25

TEST(EvaluateBinding, WithinIsStrictlyLessThanTheWindow) {
    const std::vector<Seen> five_apart{{"a", 0}, {"b", 5}};
    EXPECT_EQ(verdict_of("([a] AND [b]) WITHIN 6 SECONDS", five_apart), "match");
    EXPECT_EQ(verdict_of("([a] AND [b]) WITHIN 5.0001 SECONDS", five_apart), "match");
    EXPECT_EQ(verdict_of("([a] AND [b]) WITHIN 5 SECONDS", five_apart), "no_match");
    EXPECT_EQ(verdict_of("([a] AND [b]) WITHIN 5 SECONDS", five_apart, as_reference), "match");
    EXPECT_EQ(
        verdict_of("([a] AND [b]) WITHIN 4.9999 SECONDS", five_apart, as_reference), "no_match"
    );
    EXPECT_EQ(verdict_of("([a] AND [b]) WITHIN 2 SECONDS", {{"a", 0, 1}, {"b", 3, 4}}), "no_match");
    EXPECT_EQ(verdict_of("([a] AND [b]) WITHIN 2.1 SECONDS", {{"a", 0, 1}, {"b", 3, 4}}), "match");
    EXPECT_EQ(verdict_of("[a] WITHIN .0001 SECONDS", {{"a", 0, 50}}), "match");
    EXPECT_EQ(verdict_of("([a] AND [b]) WITHIN .0001 SECONDS", {{"a", 7}, {"b", 7}}), "match");
}

TEST(EvaluateBinding, WithinPicksTheObservationsThatAreNear) {
    const std::vector<Seen> seen{{"a", 0}, {"a", 100}, {"b", 50}, {"b", 103}, {"a", 106}};
    EXPECT_EQ(match_of("([a] AND [b]) WITHIN 5 SECONDS", seen).bound.size(), 2U);
    EXPECT_EQ(verdict_of("([a] REPEATS 2 TIMES AND [b]) WITHIN 7 SECONDS", seen), "match");
    EXPECT_EQ(verdict_of("([a] REPEATS 2 TIMES AND [b]) WITHIN 6 SECONDS", seen), "no_match");
    EXPECT_EQ(verdict_of("([b] FOLLOWEDBY [a]) WITHIN 4 SECONDS", seen), "match");
    EXPECT_EQ(verdict_of("([b] FOLLOWEDBY [a]) WITHIN 3 SECONDS", seen), "no_match");
}

TEST(EvaluateBinding, WindowsWithinWindowsAndRepeatedOnes) {
    const std::vector<Seen> seen{{"a", 0}, {"b", 1}, {"c", 8}, {"a", 20}, {"b", 21}, {"c", 40}};
    EXPECT_EQ(
        verdict_of("(([a] AND [b]) WITHIN 2 SECONDS AND [c]) WITHIN 9 SECONDS", seen), "match"
    );
    EXPECT_EQ(
        verdict_of("(([a] AND [b]) WITHIN 2 SECONDS AND [c]) WITHIN 8 SECONDS", seen), "no_match"
    );
    EXPECT_EQ(verdict_of("(([a] AND [b]) WITHIN 2 SECONDS) REPEATS 2 TIMES", seen), "match");
    EXPECT_EQ(
        verdict_of("(([a] AND [b]) WITHIN 2 SECONDS) REPEATS 2 TIMES WITHIN 21 SECONDS", seen),
        "no_match"
    );
    EXPECT_EQ(
        verdict_of("(([a] AND [b]) WITHIN 2 SECONDS) REPEATS 2 TIMES WITHIN 22 SECONDS", seen),
        "match"
    );
    EXPECT_EQ(verdict_of("(([a] AND [c]) WITHIN 10 SECONDS) REPEATS 2 TIMES", seen), "no_match");
}

TEST(EvaluateBinding, FractionsOfAnyLengthCount) {
    const auto two = [](std::string_view later) {
        return "[" + observed(R"({"0": {"type": "x", "a": 1}})", "2026-01-01T00:00:00Z") + "," +
               observed(R"({"0": {"type": "x", "b": 1}})", later) + "]";
    };
    const std::string text = written("([a] AND [b]) WITHIN 1 SECONDS");
    EXPECT_EQ(verdict(text, two("2026-01-01T00:00:00.999999999999Z")), "match");
    EXPECT_EQ(verdict(text, two("2026-01-01T00:00:01.000000000001Z")), "no_match");
    EXPECT_EQ(verdict(text, two("2026-01-01T00:00:01.000000000001Z"), as_reference), "match");
}

// -- P26

TEST(EvaluateBinding, StartAndStopAreHalfOpen) {
    const auto span = [](std::string_view what, int start, int stop) {
        return fmt::format("{} START t'{}' STOP t'{}'", written(what), at(start), at(stop));
    };
    EXPECT_EQ(verdict(span("[a]", 5, 6), json_of({{"a", 5}})), "match");
    EXPECT_EQ(verdict(span("[a]", 4, 5), json_of({{"a", 5}})), "no_match");
    EXPECT_EQ(verdict(span("[a]", 5, 5), json_of({{"a", 5}})), "no_match");
    EXPECT_EQ(verdict(span("[a]", 6, 5), json_of({{"a", 0, 9}})), "no_match");
    EXPECT_EQ(verdict(span("[a]", 0, 5), json_of({{"a", 5, 9}})), "no_match");
    EXPECT_EQ(verdict(span("[a]", 9, 20), json_of({{"a", 5, 9}})), "match");
    EXPECT_EQ(verdict(span("([a] AND [b])", 0, 5), json_of({{"a", 1}, {"b", 7}})), "no_match");
    EXPECT_EQ(verdict(span("[a] AND [b]", 5, 9), json_of({{"a", 1}, {"b", 7}})), "match");
    // Just before STOP, and so not yet together with what is at STOP.
    EXPECT_EQ(
        verdict(written("[b] FOLLOWEDBY ") + span("[a]", 0, 5), json_of({{"a", 0, 9}, {"b", 5}})),
        "no_match"
    );
}

// -- P27

TEST(EvaluateBinding, QualifiersApplyInTheOrderOfWriting) {
    const std::vector<Seen> seen{{"a", 0}, {"a", 1}, {"a", 50}, {"a", 51}};
    EXPECT_EQ(verdict_of("[a] REPEATS 4 TIMES WITHIN 10 SECONDS", seen), "no_match");
    EXPECT_EQ(verdict_of("[a] WITHIN 10 SECONDS REPEATS 4 TIMES", seen), "match");
    EXPECT_EQ(verdict_of("([a] REPEATS 2 TIMES WITHIN 10 SECONDS) REPEATS 2 TIMES", seen), "match");
    EXPECT_EQ(
        verdict_of(
            "([a] REPEATS 2 TIMES WITHIN 10 SECONDS) REPEATS 2 TIMES WITHIN 51 SECONDS", seen
        ),
        "no_match"
    );
    EXPECT_EQ(
        verdict_of(
            "([a] REPEATS 2 TIMES WITHIN 10 SECONDS) REPEATS 2 TIMES WITHIN 52 SECONDS", seen
        ),
        "match"
    );
}

// -- P4, P24, P25

TEST(EvaluateBinding, QualifiersThatCannotBeMatchNothing) {
    const std::vector<Seen> seen{{"a", 0}, {"a", 1}, {"a", 2}, {"a", 3}};
    EXPECT_EQ(verdict_of("[a] WITHIN 0 SECONDS", seen), "no_match");
    EXPECT_EQ(verdict_of("[a] REPEATS 0 TIMES", seen), "no_match");
    EXPECT_EQ(verdict_of("[a] OR [a] WITHIN 0 SECONDS", seen), "no_match");
    EXPECT_EQ(verdict_of("[a] REPEATS 2 TIMES REPEATS 2 TIMES", seen), "no_match");
    EXPECT_EQ(verdict_of("[a] REPEATS 2 TIMES REPEATS 2 TIMES", seen, as_reference), "match");
    EXPECT_EQ(verdict_of("([a] REPEATS 2 TIMES) REPEATS 2 TIMES", seen), "match");
    EXPECT_EQ(verdict_of("[a] REPEATS 2 TIMES REPEATS 2 TIMES", seen, version_20), "match");
    EXPECT_EQ(flaw(parse("[x:a = 1] WITHIN 0 SECONDS").value())->rule, "P25");
    EXPECT_EQ(flaw(parse("[x:a = 1] REPEATS 0 TIMES").value())->rule, "P24");
    EXPECT_EQ(flaw(parse("[x:a = 1] REPEATS 2 TIMES REPEATS 2 TIMES").value())->rule, "P4");
    EXPECT_FALSE(flaw(parse("[x:a = 1] REPEATS 2 TIMES WITHIN 1 SECONDS").value()));
    EXPECT_TRUE(verdict_of("[a] WITHIN 0 SECONDS", seen, as_reference).starts_with("error: "));
}

}  // namespace
}  // namespace entente::pattern
