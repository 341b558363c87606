#include "pattern/prepared.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace entente::pattern {
namespace {

Prepared prepared(std::string_view text) {
    auto pattern = parse(text);
    EXPECT_TRUE(pattern.has_value()) << text;
    auto made = Prepared::make(std::move(*pattern));
    EXPECT_TRUE(made.has_value()) << text;
    return std::move(*made);
}

ObservationSet observed(std::string_view objects) {
    auto set = ObservationSet::read_text(fmt::format(
        R"({{"type": "observed-data", "first_observed": "2026-01-01T00:00:01.50Z", "last_observed": "2026-01-01T00:00:02Z", "number_observed": 2, "objects": {{{}}}}})",
        objects
    ));
    EXPECT_TRUE(set.has_value());
    return std::move(*set);
}

SeenTime at(std::int64_t second) {
    return {second, {}};
}

TEST(Prepared, JudgesEachExpressionInBracketsByItself) {
    const Prepared pattern = prepared("[a:x = 1] FOLLOWEDBY ([b:x LIKE 'q%'] OR [a:x > 1])");
    ASSERT_EQ(pattern.expressions().size(), 3U);
    const ObservationSet set = observed(R"("0": {"type": "a", "x": 2})");
    std::uint64_t steps = 10'000;
    EXPECT_EQ(pattern.holds(0, set, 0, steps), Prepared::Answer::no);
    EXPECT_EQ(pattern.holds(1, set, 0, steps), Prepared::Answer::no);
    EXPECT_EQ(pattern.holds(2, set, 0, steps), Prepared::Answer::yes);
    EXPECT_LT(steps, 10'000U);
    steps = 1;
    EXPECT_EQ(pattern.holds(2, set, 0, steps), Prepared::Answer::undecided);
    EXPECT_EQ(steps, 0U);
}

TEST(Prepared, BindsWhatWasSeenAsEvaluateDoes) {
    const Prepared pattern = prepared("([a:x = 1] FOLLOWEDBY [a:x = 2]) WITHIN 5 SECONDS");
    const Seen first{at(10), at(10), 1, {true, false}};
    const Seen second{at(14), at(14), 1, {false, true}};
    const Seen late{at(15), at(15), 1, {false, true}};
    EXPECT_EQ(pattern.bind({first, second}, 1U << 20U).verdict, Match::Verdict::match);
    EXPECT_EQ(pattern.bind({second, first}, 1U << 20U).bound, (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(pattern.bind({first, late}, 1U << 20U).verdict, Match::Verdict::no_match);
    EXPECT_EQ(pattern.bind({second}, 1U << 20U).verdict, Match::Verdict::no_match);
    EXPECT_EQ(pattern.bind({first, second}, 1).verdict, Match::Verdict::gave_up);
}

TEST(Prepared, KnowsWhatOneObservationDecidesAndForHowLongToWait) {
    EXPECT_TRUE(prepared("[a:x = 1 AND a:y = 2]").single());
    EXPECT_TRUE(prepared("[a:x = 1] WITHIN 5 SECONDS").single());
    EXPECT_FALSE(prepared("[a:x = 1] REPEATS 2 TIMES").single());
    EXPECT_FALSE(prepared("[a:x = 1] OR [a:y = 2]").single());
    EXPECT_FALSE(
        prepared("[a:x = 1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'").single()
    );
    EXPECT_EQ(prepared("([a:x = 1] AND [a:x = 2]) WITHIN 5.5 SECONDS").window_s(), 6);
    EXPECT_EQ(prepared("([a:x = 1] AND [a:x = 2]) WITHIN 9 SECONDS").window_s(), 9);
    EXPECT_EQ(prepared("([a:x = 1] AND [a:x = 2]) WITHIN 9 SECONDS REPEATS 2 TIMES").window_s(), 0);
    EXPECT_EQ(prepared("[a:x = 1] AND [a:x = 2]").window_s(), 0);
}

TEST(Prepared, KnowsHowManyObservationsAMatchTakesAtLeast) {
    EXPECT_EQ(prepared("[a:x = 1]").least(), 1U);
    EXPECT_EQ(prepared("[a:x = 1] REPEATS 5 TIMES AND [a:x = 2]").least(), 6U);
    EXPECT_EQ(
        prepared("[a:x = 1] REPEATS 5 TIMES OR ([a:x = 2] FOLLOWEDBY [a:x = 1])").least(), 2U
    );
    EXPECT_EQ(
        prepared("([a:x = 1] REPEATS 4000000000 TIMES) REPEATS 4000000000 TIMES").least(),
        1ULL << 62U
    );
}

TEST(Prepared, KnowsByCountsAloneThatNothingCanMatch) {
    const Prepared both = prepared("([a:x = 1] AND [a:x = 2] REPEATS 3 TIMES) WITHIN 5 SECONDS");
    EXPECT_TRUE(both.may_match({1, 3}));
    EXPECT_FALSE(both.may_match({1, 2}));
    EXPECT_FALSE(both.may_match({0, 9}));
    const Prepared twice =
        prepared("(([a:x = 1] OR [a:x = 2]) FOLLOWEDBY [a:x = 3]) REPEATS 2 TIMES");
    EXPECT_TRUE(twice.may_match({1, 1, 2}));
    EXPECT_TRUE(twice.may_match({2, 0, 2}));
    EXPECT_FALSE(twice.may_match({1, 0, 2}));
    EXPECT_FALSE(twice.may_match({9, 9, 1}));
    EXPECT_FALSE(prepared("[a:x = 1] REPEATS 4000000000 TIMES").may_match({3'999'999'999}));
}

TEST(Prepared, TellsTimesAndNumberOfAnObservation) {
    const Seen one = seen(observed(R"("0": {"type": "a"})"), 0);
    EXPECT_EQ(one.first.second + 1, one.last.second);
    EXPECT_EQ(one.first.fraction, "5");
    EXPECT_EQ(one.times, 2U);
}

TEST(Prepared, RefusesWhatMatchesNothingAndTypesThatAreNoObservables) {
    EXPECT_FALSE(Prepared::make(*parse("[a:x = 1] WITHIN 0 SECONDS")).has_value());
    EXPECT_FALSE(is_observable("indicator", Dialect::v21));
    EXPECT_TRUE(is_observable("indicator", Dialect::v20));
    EXPECT_TRUE(is_observable("file", Dialect::v21));
}

}  // namespace
}  // namespace entente::pattern
