// How hits become sightings: counted by the hour, and put to review or not.
#include "exchange/hits.h"

#include "exchange/own_assets.h"
#include "exchange/testing/seen.h"

namespace entente::exchange {
namespace {

using namespace testing;
using store::Sighting;
using State = Sighting::State;
using Why = Sighting::Why;

class Hits : public Seen {};

TEST_F(Hits, AreCountedByTheHourAndWaitForAPersonUnlessTheAgreementSaysOtherwise) {
    share(1);
    const RecordedHits done = hit(1, 5, {});
    EXPECT_EQ(done.counted, 5U);
    EXPECT_EQ(done.waiting, 1U);
    (void)hit(1, 2, {.ago_us = 1});
    ASSERT_EQ(rows().size(), 2U) << "a microsecond before midnight is another hour";
    const Sighting row = rows()[0];
    EXPECT_EQ(row.indicator, id(1));
    EXPECT_EQ(row.party, east);
    EXPECT_EQ(row.agreement, pact.id());
    EXPECT_EQ(row.count, 5U);
    EXPECT_EQ(row.state, State::waiting);
    EXPECT_EQ(row.hour.count % hour, 0);
    EXPECT_EQ(row.value, "198.51.100.1");
}

TEST_F(Hits, OfOneHourComeTogetherInOneRow) {
    share(1);
    h.clock.advance(1800LL * 1'000'000);
    (void)hit(1, 3, {});
    (void)hit(1, 4, {.ago_us = 600LL * 1'000'000});
    const Sighting row = only();
    EXPECT_EQ(row.count, 7U);
    EXPECT_EQ(row.last_seen - row.first_seen, 600LL * 1'000'000);
}

TEST_F(Hits, OfOneEventCountOnceForAnIndicator) {
    share(1);
    share(2);
    (void)hit(1, 9, {.event = "e1"});
    (void)hit(2, 9, {.event = "e1"});
    ASSERT_EQ(rows().size(), 2U);
    for (const Sighting& row : rows())
        EXPECT_EQ(row.count, 1U);
}

TEST_F(Hits, FromASensorWhoseClockIsAheadCountAsNow) {
    share(1);
    (void)hit(1, 1, {.ago_us = -50 * hour});
    EXPECT_LE(only().hour, h.clock.now());
}

TEST_F(Hits, OnAnOwnAssetAreCountedApartAndNeverGoOut) {
    share(1);
    EXPECT_EQ(hit(1, 3, {.own = true}).waiting, 0U);
    const Sighting own = only();
    EXPECT_EQ(own.state, State::counted);
    EXPECT_EQ(own.why, Why::own_asset);
    EXPECT_EQ(own.party, PartyNo{});
    EXPECT_FALSE(review({own.no}, Review::approve));
    (void)hit(1);
    ASSERT_EQ(rows().size(), 2U);
    EXPECT_EQ(rows()[1].count, 1U) << "what goes out tells nothing of own assets";
}

TEST_F(Hits, OnAListThatStopsNeverGoOut) {
    share(1);
    EXPECT_EQ(hit(1, 3, {.stopped = "Public DNS"}).waiting, 0U);
    EXPECT_EQ(only().why, Why::stop_list);
    EXPECT_EQ(why_held(only()), "what matched is on the list Public DNS");
    EXPECT_FALSE(review({only().no}, Review::approve));
}

TEST_F(Hits, OnAListThatWarnsWaitForAPersonEvenWhereReportsGoOutByThemselves) {
    share(1);
    share(2);
    set(Report::automatic);
    (void)hit(1);
    EXPECT_EQ(rows()[0].state, State::approved);
    (void)hit(1, 1, {.warned = "Top sites"});
    EXPECT_EQ(rows()[0].state, State::waiting);
    (void)hit(2, 1, {.warned = "Top sites"});
    EXPECT_EQ(rows()[1].state, State::waiting);
    EXPECT_EQ(rows()[1].warned, "Top sites");
}

TEST_F(Hits, OnABroadPatternAreMuted) {
    share(1);
    set(Report::automatic);
    (void)hit(1, limits::sighting_hits_hour_max - 1, {});
    EXPECT_EQ(only().state, State::approved);
    (void)hit(1);
    EXPECT_EQ(only().state, State::counted);
    EXPECT_EQ(only().why, Why::muted);
    EXPECT_FALSE(review({only().no}, Review::approve));
    h.clock.advance(2 * hour);
    EXPECT_EQ(send().sent, 0U);
}

TEST_F(Hits, OnOwnIndicatorsAndOnWhatCameUnderNoAgreementAreOnlyCounted) {
    const UserNo own = h.user("own", h.own());
    h.grant(own, in, {.read = true, .write = true});
    share_as(own, in, 1);
    const PartyNo west = h.party("West");
    const UserNo will = h.user("will", west);
    h.grant(will, in, {.read = true, .write = true});
    share_as(will, in, 2);
    (void)hit(1);
    (void)hit(2);
    ASSERT_EQ(rows().size(), 2U);
    EXPECT_EQ(rows()[0].why, Why::own_indicator);
    EXPECT_EQ(rows()[1].why, Why::no_agreement);
    EXPECT_EQ(rows()[1].party, west);
    for (const Sighting& row : rows()) {
        EXPECT_EQ(row.state, State::counted);
        EXPECT_FALSE(review({row.no}, Review::approve));
    }
}

TEST_F(Hits, AreOnlyCountedWhileReportsAreOff) {
    share(1);
    set(Report::off);
    EXPECT_EQ(hit(1).waiting, 0U);
    EXPECT_EQ(only().why, Why::not_asked);
    EXPECT_EQ(only().state, State::counted);
}

TEST_F(Hits, OnWhatIsGoneOrOnAnotherEntryAreUnknown) {
    EXPECT_EQ(hit(1).unknown, 1U);
    share(1);
    share(2);
    SeenHit wrong{.collection = in, .seq = store::Seq{1}, .indicator = "indicator--x"};
    h.store().write([&](store::Transaction& tx) {
        EXPECT_EQ(record_hits(tx, h.clock, nullptr, {&wrong, 1}).unknown, 1U);
    });
    EXPECT_TRUE(rows().empty());
}

TEST_F(Hits, ThatComeAfterTheHourWasSentAreAPartOfTheirOwn) {
    share(1);
    set(Report::automatic);
    (void)hit(1, 3, {});
    h.clock.advance(hour);
    EXPECT_EQ(send().sent, 1U);
    (void)hit(1, 2, {.ago_us = hour});
    ASSERT_EQ(rows().size(), 2U);
    EXPECT_EQ(rows()[1].hour, rows()[0].hour);
    EXPECT_EQ(rows()[1].part, 1U);
    EXPECT_EQ(rows()[1].count, 2U);
    EXPECT_EQ(send().sent, 1U);
    EXPECT_NE(rows()[0].object, rows()[1].object);
}

TEST_F(Hits, BeyondWhatMayWaitForAPartyAreOnlyCounted) {
    share(1);
    const auto state = h.states().get(*h.store().snapshot());
    h.store().write([&](store::Transaction& tx) {
        Sighting row = {};
        row.indicator = "i";
        row.party = east;
        row.agreement = pact.id();
        row.collection = in;
        row.state = State::waiting;
        for (std::size_t i = 0; i < limits::sightings_waiting_max; ++i) {
            row.hour = {static_cast<std::int64_t>(i) * hour};
            (void)tx.put(row);
        }
    });
    EXPECT_EQ(hit(1).waiting, 0U);
    const auto last =
        h.store().snapshot()->sightings(store::SightingNo{limits::sightings_waiting_max + 1}, 10);
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(last[0].why, Why::crowded);
    EXPECT_TRUE(review({last[0].no}, Review::approve)) << "a person may";
}

TEST_F(Hits, EventsArePostedByTheOwnPartyAlone) {
    const UserNo sensor = h.user("sensor", h.own(), Role::sensor);
    const UserNo reader = h.user("reader", h.own(), Role::reader);
    const auto state = h.states().get(*h.store().snapshot());
    EXPECT_TRUE(may_post_events(*state, *state->user(sensor)));
    EXPECT_FALSE(may_post_events(*state, *state->user(reader)));
    EXPECT_FALSE(may_post_events(*state, *state->user(eve)));
}

TEST_F(Hits, ASensorHasNoRightsWhateverIsGranted) {
    const UserNo sensor = h.user("sensor", h.own(), Role::sensor);
    h.grant(sensor, in, {.read = true, .write = true});
    const auto state = h.states().get(*h.store().snapshot());
    EXPECT_FALSE(state->rights(*state->user(sensor), in).any());
    EXPECT_FALSE(h.read(sensor, in));
}

}  // namespace
}  // namespace entente::exchange
