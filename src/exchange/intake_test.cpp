#include "exchange/intake.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace entente::exchange {
namespace {

using store::UserNo;

constexpr UserNo alice{1};
constexpr UserNo bob{2};
constexpr std::uint64_t usual_bytes = 50'000;
constexpr std::size_t patience = limits::write_patience_requests;

class IntakeTest : public ::testing::Test {
  protected:
    /// One more under way; false when it is refused.
    bool enter(UserNo user = alice, bool arrives = true, std::uint64_t bytes = usual_bytes) {
        auto place = intake_.enter(user, bytes);
        if (!place) return false;
        if (arrives) place->arrived(bytes);
        places_.push_back(std::move(*place));
        return true;
    }

    /// How many of `most` are let in.
    std::size_t enter_many(std::size_t most, UserNo user = alice, bool arrive = true) {
        std::size_t count = 0;
        while (count < most && enter(user, arrive))
            ++count;
        return count;
    }

    /// All that are under way are done, the oldest first, each after so long.
    void finish_all(std::int64_t each_us) {
        for (; !places_.empty(); places_.pop_front()) {
            clock_.advance(each_us);
            places_.front().end();
        }
    }

    /// Some seconds of load in which each request takes so long.
    void work(std::int64_t each_us) {
        const std::int64_t rounds = 2'000'000 / (each_us * static_cast<std::int64_t>(patience)) + 4;
        for (std::int64_t round = 0; round < rounds; ++round) {
            ASSERT_EQ(enter_many(patience), patience);
            finish_all(each_us);
        }
    }

    FakeClock clock_{Micros{0}};
    Intake intake_{clock_};
    std::deque<Intake::Place> places_;
};

TEST_F(IntakeTest, RefusesByTheTimeThatAllWouldTakeAndNotByTheirNumber) {
    constexpr std::int64_t each_us = 2'000;
    constexpr auto in_time = static_cast<std::size_t>(limits::write_wait_ms_max * 1'000 / each_us);
    static_assert(in_time > patience);
    work(each_us);
    // The last one let in finds as many before it as are done in time.
    EXPECT_EQ(enter_many(10'000), in_time + 1);
    EXPECT_EQ(intake_.counts().refused, 1U);
    finish_all(each_us);
    work(each_us / 10);
    EXPECT_GT(enter_many(10'000), 8 * in_time) << "more, when they are done faster";
}

TEST_F(IntakeTest, HasRoomAgainWhenSomeAreDone) {
    work(10'000);
    EXPECT_EQ(enter_many(1'000), patience);
    ASSERT_FALSE(enter());
    places_.front().end();
    places_.pop_front();
    EXPECT_TRUE(enter());
    EXPECT_FALSE(enter());
    places_.pop_front();  // its connection broke
    EXPECT_TRUE(enter());
}

TEST_F(IntakeTest, AFewMayWaitHoweverLongItTakes) {
    work(1'000'000);
    EXPECT_EQ(enter_many(1'000), patience);
    EXPECT_GT(intake_.counts().wait_ms, 10 * limits::write_wait_ms_max);
}

TEST_F(IntakeTest, RefusesNothingWhenIdleHoweverSlowOneAloneWas) {
    // One after the other, each with a commit of its own: that is not the pace of many.
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(enter());
        finish_all(100'000);
    }
    EXPECT_EQ(intake_.counts().wait_ms, 0);
    EXPECT_EQ(enter_many(4 * patience), 4 * patience);
    EXPECT_FALSE(enter()) << "without a pace the number is bounded";
}

TEST_F(IntakeTest, APaceIsForgottenWhenNothingWasDoneForLong) {
    work(1'000'000);
    clock_.advance(20'000'000);
    EXPECT_EQ(enter_many(2 * patience), 2 * patience);
}

TEST_F(IntakeTest, ABodyThatComesSlowlyStopsToCountUntilItIsComplete) {
    work(10'000);
    ASSERT_EQ(enter_many(1'000, alice, false), patience);
    clock_.advance(limits::write_arriving_ms * 1'000 - 1);
    EXPECT_FALSE(enter()) << "they may come any moment";
    clock_.advance(limits::write_arriving_ms * 1'000 + 1);
    EXPECT_EQ(intake_.counts().under_way, 0U);
    ASSERT_EQ(enter_many(10, bob), 10U);
    for (Intake::Place& place : places_) {
        place.arrived(usual_bytes);
        if (&place == &places_.at(patience - 1)) break;
    }
    EXPECT_EQ(intake_.counts().under_way, patience + 10);
    EXPECT_FALSE(enter());
    finish_all(10'000);
    EXPECT_EQ(intake_.counts().under_way, 0U);
    EXPECT_TRUE(enter());
}

TEST_F(IntakeTest, WhoHasNoneUnderWayIsNotShutOutByOneThatSendsMuch) {
    work(4'000);  // 75 of them are the limit
    ASSERT_GT(enter_many(1'000), patience);
    EXPECT_FALSE(enter(alice));
    EXPECT_TRUE(enter(bob));
    EXPECT_FALSE(enter(bob)) << "from the second on as everybody";
    finish_all(4'000);
    // What is announced and does not come counts for the one who announces it.
    for (std::size_t i = 0; i < patience; ++i)
        ASSERT_TRUE(enter(alice, false, limits::content_length_max));
    EXPECT_FALSE(enter(alice));
    EXPECT_TRUE(enter(bob));
}

TEST_F(IntakeTest, ButNotBeyondTwiceTheTime) {
    work(4'000);
    (void)enter_many(1'000);
    std::size_t others = 0;
    while (others < 1'000 && enter(UserNo{static_cast<std::uint32_t>(10 + others)}))
        ++others;
    EXPECT_EQ(places_.size(), static_cast<std::size_t>(2 * limits::write_wait_ms_max / 4 + 1));
}

TEST_F(IntakeTest, WhatCameToNothingTellsNothingOfThePace) {
    work(4'000);
    const std::size_t before = enter_many(1'000);
    ASSERT_GT(before, patience);
    // Refused by the writer at once: that is no work done.
    for (; !places_.empty(); places_.pop_front()) {
        clock_.advance(10);
        places_.front().give_up();
    }
    EXPECT_EQ(enter_many(1'000), before);
}

TEST_F(IntakeTest, AnAnnouncedLengthIsReplacedByTheRealOne) {
    work(4'000);
    auto place = intake_.enter(alice, usual_bytes);
    const double announced = intake_.counts().wait_ms;
    EXPECT_NEAR(announced, 4, 0.1);
    place->arrived(10 * usual_bytes);
    EXPECT_GT(intake_.counts().wait_ms, 9 * announced);
    place->end();
    EXPECT_EQ(intake_.counts().under_way, 0U);
    place->end();  // an empty place: nothing
}

TEST_F(IntakeTest, CountsWhatItRefusedAndTellsEachOnce) {
    work(1'000'000);
    (void)enter_many(patience);
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(enter());
    intake_.refused_late();
    EXPECT_EQ(intake_.counts().refused, 4U);
    EXPECT_EQ(intake_.take_refused(), 4U);
    EXPECT_EQ(intake_.take_refused(), 0U);
    EXPECT_FALSE(enter());
    EXPECT_EQ(intake_.take_refused(), 1U);
}

TEST_F(IntakeTest, APlaceMayOutliveTheIntake) {
    FakeClock clock{Micros{0}};
    std::optional<Intake> short_lived(clock);
    auto place = short_lived->enter(alice, 1);
    short_lived.reset();
    ASSERT_TRUE(place);
    place->arrived(1);
    place->end();
}

}  // namespace
}  // namespace entente::exchange
