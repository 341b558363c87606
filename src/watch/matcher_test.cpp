#include "watch/matcher.h"

#include "base/limits.h"
#include "watch/testing/sensors.h"

#include <gtest/gtest.h>

namespace entente::watch {
namespace {

using store::UserNo;
using testing::dns;
using testing::indicator;
using testing::named;

class MatcherTest : public testing::Sensors {};

TEST_F(MatcherTest, TellsHitsWithTheirIndicatorAndKeepsThemFirst) {
    publish({named(1, "one.example"), named(2, "two.example")});
    start();
    const auto seen = send(dns("two.example") + "\n" + dns("none.example") + dns("ONE.example."));
    ASSERT_TRUE(seen) << seen.error().detail;
    EXPECT_EQ(seen->events, 3U);
    EXPECT_EQ(seen->hits, 2U);
    EXPECT_EQ(seen->unreadable, 0U);
    const auto kept = hits();
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].name, "object 2");
    EXPECT_EQ(kept[0].line, 1U);
    EXPECT_EQ(kept[0].sensor, "probe");
    EXPECT_EQ(kept[0].path, "domain-name:value");
    EXPECT_EQ(kept[0].value, "two.example");
    EXPECT_EQ(kept[0].may, agreement::Action::block);
    EXPECT_EQ(kept[0].shared_by, "North CERT");
    EXPECT_EQ(kept[0].marking, "TLP:GREEN");
    EXPECT_EQ(format_taxii(kept[0].at), "2026-01-01T00:00:00.000000Z");
    EXPECT_EQ(kept[1].line, 4U);
    EXPECT_NE(kept[0].event, kept[1].event);
    EXPECT_NE(json_of(kept[0]).find(R"("may":"block")"), std::string::npos);
}

TEST_F(MatcherTest, FollowsWhatIsCommitted) {
    start();
    EXPECT_EQ(send(dns("one.example"))->hits, 0U);
    publish({named(1, "one.example")});
    wait_for(1);
    EXPECT_EQ(send(dns("one.example"))->hits, 1U);
    publish({indicator(1, "[domain-name:value = 'one.example']", 1, R"(,"revoked":true)")});
    EXPECT_EQ(send(dns("one.example"))->hits, 0U) << "at once";
    wait_for(0);
}

TEST_F(MatcherTest, NothingIsLookedForWithoutAWatch) {
    start();
    server.store.write([](store::Transaction& tx) {
        exchange::put_watch_settings(tx, std::nullopt);
    });
    while (matcher->live())
        std::this_thread::yield();
    const auto seen = send(dns("one.example"));
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().code, Errc::not_found);
}

TEST_F(MatcherTest, WhatIsNoEventIsToldWithItsLine) {
    publish({named(1, "one.example")});
    start();
    std::string body = dns("one.example") + "{\"event_type\":\n";
    for (std::size_t i = 0; i < limits::watch_errors_told_max; ++i)
        body += "{no\n";
    const auto seen = send(body + dns("one.example"));
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->hits, 2U);
    EXPECT_EQ(seen->unreadable, limits::watch_errors_told_max + 1);
    ASSERT_EQ(seen->errors.size(), limits::watch_errors_told_max);
    EXPECT_EQ(seen->errors[0].first, 2U);
    EXPECT_FALSE(seen->errors[0].second.empty());
    const auto none = send("[{]");
    EXPECT_TRUE(!none || none->events == 0);
}

TEST_F(MatcherTest, JoinsWhatOneSensorSentAndNoMore) {
    publish({indicator(
        1,
        "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example'] WITHIN 60 "
        "SECONDS"
    )});
    start();
    const UserNo one{1};
    const UserNo other{2};
    EXPECT_EQ(send(dns("a.example", "01"), one)->hits, 0U);
    EXPECT_EQ(send(dns("b.example", "02"), other)->hits, 0U);
    EXPECT_EQ(send(dns("b.example", "03"), one)->hits, 1U);
    ASSERT_EQ(hits().size(), 1U);
    EXPECT_EQ(hits()[0].lines, (std::vector<std::uint64_t>{1})) << "those of this request";
}

TEST_F(MatcherTest, MutesWhatHitsTooOftenUntilTheHourEnds) {
    publish({named(1, "loud.example"), named(2, "one.example")});
    start();
    std::string body;
    for (std::uint64_t i = 0; i < limits::watch_hits_per_hour_max + 5; ++i)
        body += dns("loud.example");
    auto seen = send(body + dns("one.example"));
    EXPECT_EQ(seen->hits, limits::watch_hits_per_hour_max + 1);
    EXPECT_EQ(seen->muted, 5U);
    {
        const std::lock_guard lock(mutex);
        EXPECT_EQ(muted.indicators.size(), 1U);
        muted = {};
    }
    seen = send(dns("loud.example") + dns("one.example"));
    EXPECT_EQ(seen->hits, 1U);
    EXPECT_EQ(seen->muted, 1U);
    {
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(muted.indicators.empty()) << "said once";
    }
    h.clock.advance(3'600 * micros_per_second);
    EXPECT_EQ(send(dns("loud.example"))->hits, 1U);
}

TEST_F(MatcherTest, MarksOwnAssetsAndWhatIsOnLists) {
    publish({named(1, "ours.example"), named(2, "cdn.example"), named(3, "news.example")});
    server.store.write([](store::Transaction& tx) {
        ASSERT_TRUE(exchange::put_own_assets(tx, {"ours.example"}));
        const auto list = [](const char* name, const char* host) {
            return fmt::format(R"({{"name":"{}","type":"hostname","list":["{}"]}})", name, host);
        };
        ASSERT_TRUE(exchange::put_kept_list(
            tx, {.name = "Delivery", .stops = true, .entries = 1}, list("Delivery", "cdn.example")
        ));
        ASSERT_TRUE(exchange::put_kept_list(
            tx, {.name = "Known", .entries = 1}, list("Known", "news.example")
        ));
    });
    start();
    EXPECT_EQ(send(dns("ours.example") + dns("cdn.example") + dns("news.example"))->hits, 3U);
    const auto kept = hits();
    ASSERT_EQ(kept.size(), 3U);
    EXPECT_TRUE(kept[0].own);
    EXPECT_EQ(kept[1].stopped, "Delivery");
    EXPECT_FALSE(kept[1].own);
    EXPECT_EQ(kept[2].warned, "Known");
    EXPECT_EQ(kept[2].stopped, "");
}

TEST_F(MatcherTest, AnEventWithoutATimeIsOfNow) {
    publish(
        {indicator(
             1,
             "[domain-name:value = 'later.example']",
             0,
             R"(,"valid_until":"2026-06-01T00:00:00Z")"
         ),
         named(2, "one.example")}
    );
    start();
    EXPECT_EQ(send("later.example\none.example\n")->hits, 2U);
    h.clock.advance(200 * micros_per_day);
    EXPECT_EQ(send("later.example\none.example\n")->hits, 1U);
    EXPECT_EQ(hits().back().at, h.clock.now());
}

TEST_F(MatcherTest, SettingsMakeItAnew) {
    publish({named(1, "one.example")});
    start({.subdomains = true, .fields = "eve  asked  domain-name:value\n"});
    EXPECT_EQ(send(dns("www.one.example"))->hits, 1U);
    EXPECT_EQ(
        send(
            R"({"timestamp":"2026-01-01T00:00:00.000000+0000","event_type":"alert","src_ip":"10.0.0.1","dest_ip":"10.0.0.2","asked":"one.example"})"
        )
            ->hits,
        1U
    );
}

TEST_F(MatcherTest, WhatCannotBeKeptIsToldToNobody) {
    publish({named(1, "one.example")});
    start();
    {
        const std::lock_guard lock(mutex);
        record_fails = true;
    }
    const auto seen = send(dns("one.example"));
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().code, Errc::overloaded);
    EXPECT_EQ(matcher->ring().last(), 0U);
}

TEST_F(MatcherTest, ObservedDataAndListsOfEventsAreRead) {
    publish({named(1, "one.example")});
    start();
    const std::string line = dns("one.example");
    EXPECT_EQ(send("[\n" + line + ",\n" + line + "]\n")->hits, 2U);
    const auto observed = send(
        R"([{"type":"observed-data","id":"observed-data--1","first_observed":"2026-01-01T00:00:00Z",)"
        R"("last_observed":"2026-01-01T00:00:00Z","number_observed":1,)"
        R"("objects":{"0":{"type":"domain-name","value":"one.example"}}}])"
    );
    ASSERT_TRUE(observed) << observed.error().detail;
    EXPECT_EQ(observed->hits, 1U);
}

TEST_F(MatcherTest, EndsWithWhatWaits) {
    start();
    std::vector<std::promise<Result<Seen>>> answers(20);
    for (auto& answer : answers)
        matcher->post({UserNo{1}, "probe"}, dns("one.example"), [&](Result<Seen> seen) {
            answer.set_value(std::move(seen));
        });
    matcher->stop();
    for (auto& answer : answers)
        (void)answer.get_future().get();
    EXPECT_FALSE(send(dns("one.example")));
}

}  // namespace
}  // namespace entente::watch
