#include "exchange/clock_doubt.h"

#include "base/limits.h"
#include "exchange/agreement_changes.h"
#include "exchange/testing/harness.h"
#include "exchange/testing/pact.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::exchange {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr std::int64_t minute = 60 * micros_per_second;

class ClockDoubtTest : public ::testing::Test {
  protected:
    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    UserNo publisher = h.user("publisher", h.own());
    CollectionNo c = h.collection();
    GrantNo grant = h.grant(publisher, c, {.read = true, .write = true});

    void post(int number) {
        ASSERT_TRUE(h.publish(publisher, c, {object_json({.number = number})}));
    }

    void back(std::int64_t us) { h.clock.set(h.clock.now() + -us); }

    bool behind() {
        const auto snapshot = store->snapshot();
        return behind_dates(*snapshot, snapshot->directory().collections, h.clock.now())
            .has_value();
    }

    Result<ClockDoubt> accept() {
        Result<ClockDoubt> done;
        store->write([&](store::Transaction& tx) {
            done = accept_clock(tx, h.clock.now(), "Jane Doe");
        });
        return done;
    }

    void doubt() {
        store->write([&](store::Transaction& tx) { doubt_clock(tx, h.clock.now(), "it jumped"); });
    }
};

TEST_F(ClockDoubtTest, FarBehindTheNewestDateIsNoticed) {
    EXPECT_FALSE(behind()) << "nothing was given yet";
    post(1);
    EXPECT_FALSE(behind());
    back(limits::clock_behind_max_us - minute);
    EXPECT_FALSE(behind());
    back(2 * minute);
    EXPECT_TRUE(behind());
}

TEST_F(ClockDoubtTest, WhatAPersonAcceptedIsNoDoubtUntilTheClockStepsBackAgain) {
    post(1);
    back(3 * 60 * minute);
    ASSERT_TRUE(behind());
    ASSERT_TRUE(accept());
    EXPECT_FALSE(behind());
    post(2);
    h.clock.advance(60 * minute);
    EXPECT_FALSE(behind()) << "it catches up";
    h.clock.advance(3 * 60 * minute);
    post(3);
    EXPECT_FALSE(behind());
    back(2 * 60 * minute);
    EXPECT_TRUE(behind());
}

TEST_F(ClockDoubtTest, AcceptingAClockThatIsRightIsRefused) {
    EXPECT_EQ(accept().error().code, Errc::conflict);
    doubt();
    const auto done = accept();
    ASSERT_TRUE(done);
    EXPECT_EQ(done->why, "it jumped");
    EXPECT_FALSE(clock_doubt_of(*store->snapshot()));
    EXPECT_EQ(accept().error().code, Errc::conflict);
}

TEST_F(ClockDoubtTest, JumpsAgainstTheCountingClockAreNoticedOnce) {
    ClockWatch watch(h.clock);
    h.clock.advance(24 * 60 * minute);  // both clocks
    EXPECT_FALSE(watch.jumped());
    h.clock.set(h.clock.now() + (limits::clock_jump_max_us - minute));
    EXPECT_FALSE(watch.jumped());
    h.clock.set(h.clock.now() + 11 * minute);
    EXPECT_THAT(watch.jumped().value_or(""), HasSubstr("ahead by 11 minutes"));
    EXPECT_FALSE(watch.jumped());
    h.clock.set(h.clock.now() + -11 * minute);
    EXPECT_THAT(watch.jumped().value_or(""), HasSubstr("back by 11 minutes"));
}

TEST_F(ClockDoubtTest, ADoubtIsKeptOnceAndMovesTheGeneration) {
    const auto before = store->snapshot()->generation();
    doubt();
    EXPECT_NE(store->snapshot()->generation(), before);
    const auto first = clock_doubt_of(*store->snapshot());
    ASSERT_TRUE(first);
    h.clock.advance(minute);
    doubt();
    EXPECT_EQ(clock_doubt_of(*store->snapshot()), first);
    store->write([&](store::Transaction& tx) { tx.set_setting("clock_doubt", "x"); });
    EXPECT_TRUE(clock_doubt_of(*store->snapshot())) << "what cannot be read is no reason to trust";
}

TEST_F(ClockDoubtTest, ItEndsNoAgreementAndPartnersUnderAgreementsWait) {
    const PartyNo south = h.party("South");
    const PartyNo east = h.party("East");
    const UserNo reader = h.user("reader", south);
    const UserNo granted = h.user("granted", east);
    h.grant(granted, c, {.read = true, .write = false, .list = true, .ceiling = stix::Tlp::green});
    Pact pact(h, {{"north", h.own()}, {"south", south}});
    pact.agree({.flows = {{}}, .until = "2026-01-02T00:00:00Z"});
    pact.bind(c);
    post(1);
    ASSERT_TRUE(h.read(reader, c));
    doubt();
    h.clock.set(h.clock.now() + 10 * 24 * 60 * minute);  // a wrong time, past the end
    const auto waits = h.read(reader, c);
    ASSERT_FALSE(waits);
    EXPECT_EQ(waits.error().code, Errc::overloaded);
    EXPECT_TRUE(h.read(granted, c)) << "grants have no dates";
    EXPECT_TRUE(h.read(publisher, c));
    h.exchange().look_at_agreements();
    h.clock.set(h.clock.now() + -10 * 24 * 60 * minute);
    ASSERT_TRUE(accept());
    EXPECT_TRUE(h.read(reader, c)) << "nothing was ended by the wrong time";
    h.clock.set(h.clock.now() + 10 * 24 * 60 * minute);
    EXPECT_EQ(h.read(reader, c).error().code, Errc::not_found) << "by the right one it is";
}

}  // namespace
}  // namespace entente::exchange
