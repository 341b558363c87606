#include "cli/validate_ids.h"

#include <gtest/gtest.h>

#include <set>

namespace entente::cli {
namespace {

TEST(FingerprintSet, RemembersEveryOneUpToItsLimit) {
    SeededRandom random(3);
    Fingerprints prints(random);
    FingerprintSet set(1'000);
    EXPECT_FALSE(set.has(prints.of("0")));
    for (int i = 0; i < 1'000; ++i)
        ASSERT_EQ(set.add(prints.of(std::to_string(i))), FingerprintSet::Added::yes) << i;
    EXPECT_EQ(set.size(), 1'000U);
    for (int i = 0; i < 1'000; ++i)
        ASSERT_EQ(set.add(prints.of(std::to_string(i))), FingerprintSet::Added::was_there) << i;
    EXPECT_EQ(set.add(prints.of("1000")), FingerprintSet::Added::full);
    EXPECT_FALSE(set.has(prints.of("1000")));
    set.clear();
    EXPECT_FALSE(set.has(prints.of("7")));
    EXPECT_EQ(set.add(prints.of("7")), FingerprintSet::Added::yes);
}

TEST(Fingerprints, TellPairsApartHoweverTheyAreCut) {
    SeededRandom random(3);
    Fingerprints prints(random);
    EXPECT_NE(prints.of("ab", "c"), prints.of("a", "bc"));
    EXPECT_EQ(prints.of("ab", "c"), prints.of("ab", "c"));
    // Another run has another key: collisions cannot be prepared.
    Fingerprints others(random);
    EXPECT_NE(prints.of("a"), others.of("a"));
}

OpenReferences::Reference to(const std::string& target, std::uint64_t byte) {
    return {.target = target, .type = "t", .id = "i", .pointer = "/p", .at = {0, byte, 1}};
}

TEST(OpenReferences, AreThoseThatNoObjectAnswers) {
    SeededRandom random(3);
    OpenReferences open(random, 100, 100);
    open.is_there("a");
    EXPECT_FALSE(open.refers("a"));
    ASSERT_TRUE(open.refers("b"));
    open.first_seen(to("b", 5));
    EXPECT_FALSE(open.refers("b"));
    ASSERT_TRUE(open.refers("c"));
    open.first_seen(to("c", 2));
    open.is_there("b");  // comes later than what refers to it
    ASSERT_TRUE(open.refers("d"));
    open.first_seen(to("d", 1));
    EXPECT_FALSE(open.refers("d"));
    const auto left = open.unanswered();
    ASSERT_EQ(left.size(), 2U);
    EXPECT_EQ(left[0].target, "d");
    EXPECT_EQ(left[0].count, 2U);
    EXPECT_EQ(left[1].target, "c");
    EXPECT_EQ(left[1].count, 1U);
}

TEST(OpenReferences, SayWhenALimitIsReached) {
    SeededRandom random(3);
    OpenReferences open(random, 2, 1);
    ASSERT_TRUE(open.refers("x"));
    open.first_seen(to("x", 1));
    EXPECT_FALSE(open.refers("y"));
    EXPECT_EQ(open.not_followed(), 1U);
    open.is_there("a");
    open.is_there("b");
    EXPECT_FALSE(open.overflowed());
    open.is_there("c");
    EXPECT_TRUE(open.overflowed());
}

}  // namespace
}  // namespace entente::cli
