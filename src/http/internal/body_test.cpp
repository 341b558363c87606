#include "http/internal/body.h"

#include "http/internal/test_peer.h"

#include <gtest/gtest.h>

namespace entente::http {
namespace {

using State = BodyCollector::State;

TEST(BodyCollector, ExactlyTheLimitIsAccepted) {
    Budget budget(1U << 30U);
    BodyCollector exact(10, false, budget);
    EXPECT_EQ(exact.append("12345"), State::ok);
    EXPECT_EQ(exact.append("67890"), State::ok);
    EXPECT_EQ(exact.finish(), State::ok);
    EXPECT_EQ(exact.take(), "1234567890");

    BodyCollector over(10, false, budget);
    EXPECT_EQ(over.append("1234567890"), State::ok);
    EXPECT_EQ(over.append("x"), State::too_large);
    EXPECT_EQ(over.append(""), State::too_large);
    EXPECT_EQ(over.finish(), State::too_large);
}

TEST(BodyCollector, AnAnnouncedLengthTakesNoMemoryByItself) {
    Budget budget(100'000);
    BodyCollector body(1U << 29U, false, budget);
    body.expect(1U << 29U);
    EXPECT_EQ(body.append("x"), State::ok);
    EXPECT_LT(body.take().capacity(), 1'000U);
}

TEST(BodyCollector, AllBodiesTogetherKeepToTheBudget) {
    Budget budget(100'000);
    const std::string piece(40'000, 'x');
    {
        BodyCollector first(1U << 20U, false, budget);
        BodyCollector second(1U << 20U, false, budget);
        BodyCollector third(1U << 20U, false, budget);
        EXPECT_EQ(first.append(piece), State::ok);
        EXPECT_EQ(second.append(piece), State::ok);
        EXPECT_EQ(third.append(piece), State::busy);
    }
    BodyCollector fourth(1U << 20U, false, budget);
    EXPECT_EQ(fourth.append(piece), State::ok);
    EXPECT_EQ(fourth.append(piece), State::ok) << "the others have given theirs back";
}

TEST(BodyCollector, DecodedBytesCountInTheBudget) {
    Budget budget(100'000);
    const std::string packed = test::zlib_gzip(std::string(10'000'000, ' '));
    BodyCollector body(20'000'000, true, budget);
    EXPECT_EQ(body.append(packed), State::busy);
}

TEST(BodyCollector, GzipMustBeWhole) {
    Budget budget(1U << 20U);
    const std::string packed = test::zlib_gzip("hello");
    BodyCollector whole(5, true, budget);
    EXPECT_EQ(whole.append(packed), State::ok);
    EXPECT_EQ(whole.finish(), State::ok);
    EXPECT_EQ(whole.take(), "hello");
    BodyCollector cut(5, true, budget);
    EXPECT_EQ(cut.append(packed.substr(0, packed.size() - 1)), State::ok);
    EXPECT_EQ(cut.finish(), State::broken);
    BodyCollector empty(5, true, budget);
    EXPECT_EQ(empty.finish(), State::broken);
}

TEST(BodyCollector, EncodedBytesWithoutContentAreBoundedToo) {
    Budget budget(1U << 20U);
    std::string packed;
    const std::string empty = test::zlib_gzip("");
    while (packed.size() < 100'000)
        packed += empty;
    BodyCollector body(10, true, budget);
    EXPECT_EQ(body.append(packed), State::too_large);
}

}  // namespace
}  // namespace entente::http
