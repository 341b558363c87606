#include "taxii/client/pull.h"

#include "base/limits.h"
#include "taxii/client/pull_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace entente::taxii::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Pull, ReadsEverythingByCursorWithTheSameParameters) {
    for (const PagedPeer::Cursor cursor :
         {PagedPeer::Cursor::stateless, PagedPeer::Cursor::consuming}) {
        PagedPeer peer{.cursor = cursor};
        for (int i = 0; i < 35; ++i)
            peer.add(1, i);
        Keeper keeper;
        const PullReport report = keeper.run(
            peer.server,
            {.added_after = Micros{epoch - 5},
             .types = {"indicator", "malware"},
             .versions = {"all"},
             .spec_versions = {"2.1"}}
        );
        EXPECT_FALSE(report.stopped) << report.stopped->detail;
        EXPECT_EQ(report.pages, 4U);
        EXPECT_EQ(report.accepted, 35U);
        EXPECT_EQ(report.repeated, 0U);
        EXPECT_EQ(report.last_date, Micros{epoch + 34});
        expect_once(peer, keeper);
        const auto query = query_of(peer.server.asked.back());
        EXPECT_EQ(query.at("match[type]"), "indicator,malware");
        EXPECT_EQ(query.at("match[version]"), "all");
        EXPECT_EQ(query.at("match[spec_version]"), "2.1");
        EXPECT_EQ(query.at("added_after"), format_taxii(Micros{epoch - 5}));
    }
}

TEST(Pull, KeepsTheBytesOfObjects) {
    PagedPeer peer;
    peer.rows = {{"{\"a\" :1.0e2, \"\\u0062\":\"\xC3\xA9 \\/\"}", epoch}};
    Keeper keeper;
    EXPECT_FALSE(keeper.run(peer.server).stopped);
    EXPECT_THAT(keeper.got, ElementsAre(peer.rows[0].text));
}

TEST(Pull, GoesOnByDateWhereThereIsNoCursor) {
    PagedPeer peer{.cursor = PagedPeer::Cursor::none};
    for (int i = 0; i < 35; ++i)
        peer.add(1, i);
    Keeper keeper;
    const PullReport report = keeper.run(peer.server);
    EXPECT_FALSE(report.stopped) << report.stopped->detail;
    expect_once(peer, keeper);
}

TEST(Pull, LosesNothingWhereManyObjectsShareADate) {
    // Pages of 10 cut the groups of 7 in the middle: going on strictly after the last date would
    // lose their rest.
    PagedPeer peer{.cursor = PagedPeer::Cursor::none};
    for (int i = 0; i < 12; ++i)
        peer.add(7, i);
    Keeper keeper;
    const PullReport report = keeper.run(peer.server);
    EXPECT_FALSE(report.stopped) << report.stopped->detail;
    EXPECT_GT(report.repeated, 0U);
    expect_once(peer, keeper);
}

TEST(Pull, SaysSoWhereOneDateFillsAWholePage) {
    PagedPeer peer{.cursor = PagedPeer::Cursor::none};
    peer.add(25, 0);
    peer.add(3, 1);
    Keeper keeper;
    const PullReport report = keeper.run(peer.server);
    EXPECT_FALSE(report.stopped) << report.stopped->detail;
    EXPECT_THAT(keeper.got, SizeIs(13));
    ASSERT_THAT(peer.server.warnings, SizeIs(1));
    EXPECT_THAT(peer.server.warnings[0], HasSubstr("--limit"));
}

TEST(Pull, LosesNothingWhenAnAnswerOfAConsumingServerIsLost) {
    for (std::size_t lost = 1; lost <= 6; ++lost) {
        SCOPED_TRACE(lost);
        PagedPeer peer{.cursor = PagedPeer::Cursor::consuming, .drop = [lost](std::size_t request) {
                           return request == lost;
                       }};
        for (int i = 0; i < 9; ++i)
            peer.add(6, i);
        Keeper keeper;
        const PullReport report = keeper.run(peer.server);
        EXPECT_FALSE(report.stopped) << report.stopped->detail;
        expect_once(peer, keeper);
    }
}

TEST(Pull, GoesOnByDateWhenACursorExpires) {
    PagedPeer peer{.forget = [](std::size_t request) { return request % 3 == 0; }};
    for (int i = 0; i < 20; ++i)
        peer.add(4, i);
    Keeper keeper;
    const PullReport report = keeper.run(peer.server);
    EXPECT_FALSE(report.stopped) << report.stopped->detail;
    expect_once(peer, keeper);
    EXPECT_THAT(peer.server.warnings, SizeIs(1));
}

TEST(Pull, BeginsAgainOnceWhereACursorExpiresAndThereAreNoDates) {
    PagedPeer peer{.dates = false, .forget = [](std::size_t request) { return request == 3; }};
    peer.add(40, 0);
    Keeper keeper;
    EXPECT_FALSE(keeper.run(peer.server).stopped);
    EXPECT_GE(keeper.got.size(), 40U);
    EXPECT_THAT(peer.server.warnings, SizeIs(1));

    PagedPeer worse{.dates = false, .forget = [](std::size_t request) { return request % 3 == 0; }};
    worse.add(40, 0);
    Keeper other;
    const PullReport report = other.run(worse.server);
    ASSERT_TRUE(report.stopped);
    EXPECT_EQ(report.stopped->code, Errc::unprocessable);
    EXPECT_LT(worse.server.asked.size(), 10U);
}

TEST(Pull, RepeatsALostRequestWhereThereAreNoDates) {
    PagedPeer peer{.dates = false, .drop = [](std::size_t request) { return request == 2; }};
    peer.add(40, 0);
    Keeper keeper;
    EXPECT_FALSE(keeper.run(peer.server).stopped);
    expect_once(peer, keeper);
}

TEST(Pull, ResumesAfterEveryKillWithoutLoss) {
    for (const PagedPeer::Cursor cursor :
         {PagedPeer::Cursor::stateless, PagedPeer::Cursor::consuming, PagedPeer::Cursor::none}) {
        for (std::size_t kill = 1; kill <= 8; ++kill) {
            for (const bool before_save : {false, true}) {
                SCOPED_TRACE(fmt::format(
                    "cursor {} kill {} before {}", static_cast<int>(cursor), kill, before_save
                ));
                PagedPeer peer{.cursor = cursor};
                for (int i = 0; i < 10; ++i)
                    peer.add(6, i);
                Keeper keeper;
                keeper.fail_at = kill;
                keeper.die_before_save = before_save;
                try {
                    (void)keeper.run(peer.server);
                } catch (const Keeper::Killed&) {
                    const PullReport report = keeper.run(peer.server);
                    EXPECT_FALSE(report.stopped) << report.stopped->detail;
                }
                if (before_save) {
                    // At most the last page comes twice.
                    std::ranges::sort(keeper.got);
                    const auto same = std::unique(keeper.got.begin(), keeper.got.end());
                    EXPECT_LE(keeper.got.end() - same, 10);
                    keeper.got.erase(same, keeper.got.end());
                }
                expect_once(peer, keeper);
            }
        }
    }
}

TEST(Pull, ResumesWithoutLossWhereAPageCameAndWasNotHandedOver) {
    for (const PagedPeer::Cursor cursor :
         {PagedPeer::Cursor::stateless, PagedPeer::Cursor::consuming, PagedPeer::Cursor::none}) {
        for (std::size_t kill = 1; kill <= 8; ++kill) {
            SCOPED_TRACE(kill);
            PagedPeer peer{.cursor = cursor};
            for (int i = 0; i < 10; ++i)
                peer.add(6, i);
            Keeper keeper;
            keeper.fail_at = kill;
            keeper.die_in_sink = true;
            try {
                (void)keeper.run(peer.server);
            } catch (const Keeper::Killed&) {
                EXPECT_FALSE(keeper.run(peer.server).stopped);
            }
            expect_once(peer, keeper);
        }
    }
}

TEST(Pull, GetsOnThroughOneDateWithFewPagesARun) {
    PagedPeer peer{.cursor = PagedPeer::Cursor::consuming};
    peer.add(75, 0);
    peer.add(1, 1);
    Keeper keeper;
    int runs = 0;
    while (keeper.run(peer.server, {}, 10, {}, 2).stopped && ++runs < 10) {
    }
    EXPECT_EQ(runs, 3);
    expect_once(peer, keeper);
}

TEST(Pull, PagesOfWhatIsKnownComeToAnEndToo) {
    PagedPeer peer;
    peer.add(30, 0);
    Keeper keeper;
    EXPECT_TRUE(keeper.run(peer.server, {}, 10, {}, 2).stopped);  // 20 objects are known
    std::mt19937 dice(1);
    FakeServer endless([&](const Asked&) -> Result<http::Reply> {
        std::string objects;
        for (int i = 0; i < 20; ++i) {
            if (dice() % 2 == 0)
                objects +=
                    (objects.empty() ? "" : ",") + peer.rows[static_cast<std::size_t>(i)].text;
        }
        return answer(
            200,
            fmt::format(R"({{"objects":[{}],"more":true,"next":"{}"}})", objects, dice()),
            {{"X-TAXII-Date-Added-Last", format_taxii(Micros{epoch})}}
        );
    });
    EXPECT_TRUE(keeper.run(endless, {}, 10, {}, 5).stopped);
    EXPECT_LE(endless.asked.size(), 25U);
}

TEST(Pull, TheNextPullBringsOnlyWhatIsNew) {
    for (const std::int64_t grain : {1, 1'000}) {
        // A server that cuts its dates to milliseconds serves some again.
        PagedPeer peer{.date_grain = grain};
        for (int i = 0; i < 25; ++i)
            peer.add(1, i * 700);
        Keeper keeper;
        EXPECT_FALSE(keeper.run(peer.server).stopped);
        const PullReport idle = keeper.run(peer.server);
        EXPECT_FALSE(idle.stopped);
        EXPECT_EQ(idle.accepted, 0U);
        for (int i = 0; i < 15; ++i)
            peer.add(1, 100'000 + i * 700);
        const PullReport report = keeper.run(peer.server);
        EXPECT_FALSE(report.stopped);
        EXPECT_EQ(report.accepted, 15U);
        expect_once(peer, keeper);
    }
}

TEST(Pull, RandomHistoriesArriveExactlyOnce) {
    const char* const given = std::getenv("ENTENTE_SEED");
    const auto seed =
        given == nullptr ? std::random_device()() : static_cast<unsigned>(std::stoul(given));
    SCOPED_TRACE(seed);
    std::mt19937 dice(seed);
    const auto roll = [&dice](int n) {
        return static_cast<std::size_t>(std::uniform_int_distribution<int>(0, n - 1)(dice));
    };
    for (int round = 0; round < 300; ++round) {
        SCOPED_TRACE(round);
        PagedPeer peer{.cursor = static_cast<PagedPeer::Cursor>(roll(3)), .page_max = 9 + roll(5)};
        peer.drop = [&roll](std::size_t) { return roll(6) == 0; };
        peer.forget = [&roll](std::size_t) { return roll(6) == 0; };
        std::int64_t date = 0;
        Keeper keeper;
        for (int step = 0; step < 4; ++step) {
            for (std::size_t i = roll(20); i > 0; --i)
                peer.add(1 + roll(8), ++date);
            keeper.fail_at = keeper.pages + roll(10);
            for (int tries = 0; tries < 30; ++tries) {
                try {
                    if (!keeper.run(peer.server, {}, 9 + roll(9)).stopped) break;
                } catch (const Keeper::Killed&) {
                }
            }
        }
        keeper.fail_at = 0;
        peer.drop = {};
        peer.forget = {};
        EXPECT_FALSE(keeper.run(peer.server).stopped);
        expect_once(peer, keeper);
        if (HasFailure()) return;
    }
}

TEST(Pull, WhatIsNoObjectIsCountedAsRefused) {
    FakeServer server([](const Asked&) { return answer(200, R"({"objects":[1,{"id":"a"},"x"]})"); }
    );
    Keeper keeper;
    const PullReport report = keeper.run(server);
    EXPECT_FALSE(report.stopped);
    EXPECT_EQ(report.accepted, 1U);
    EXPECT_EQ(report.refused, 2U);
}

TEST(Pull, AnEmptyPageOnTheWayIsLegal) {
    FakeServer server([](const Asked&) { return answer(200, ""); });
    server.script = [&](const Asked&) -> Result<http::Reply> {
        switch (server.asked.size()) {
            case 1:
                return page_of(R"({"id":"a"})", R"(,"more":true,"next":"1")");
            case 2:
                return answer(200, R"({"more":true,"next":"2"})");
            default:
                return page_of(R"({"id":"b"})", "");
        }
    };
    Keeper keeper;
    EXPECT_FALSE(keeper.run(server).stopped);
    EXPECT_THAT(keeper.got, SizeIs(2));
}

TEST(Pull, StopsWithAnErrorOfTheSinkAndKeepsItsPlace) {
    PagedPeer peer;
    for (int i = 0; i < 20; ++i)
        peer.add(1, i);
    Session session = peer.server.session();
    int saves = 0;
    PullPlan plan{.objects = objects_url, .filter = {}, .limit = 10};
    plan.sink = [](std::span<const std::string_view>) -> Result<Taken> {
        return fail(Errc::forbidden, "no");
    };
    plan.save = [&](const PullPosition&) { ++saves; };
    const PullReport report = pull(session, plan, {});
    ASSERT_TRUE(report.stopped);
    EXPECT_EQ(report.stopped->code, Errc::forbidden);
    EXPECT_EQ(saves, 0);
}

TEST(Position, RoundTripsAndKnowsWhatItBelongsTo) {
    const PullPosition position{
        .base = Micros{epoch},
        .next = "a\"\xC3\xA9\n",
        .last = Micros{epoch + 1},
        .open = true,
        .recent = {"00ff", "11"}};
    const std::string text = position_text(position, "here type=\"x\"");
    const Result<PullPosition> back = read_position(text, "here type=\"x\"");
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(back->base, position.base);
    EXPECT_EQ(back->next, position.next);
    EXPECT_EQ(back->last, position.last);
    EXPECT_TRUE(back->open);
    EXPECT_EQ(back->recent, position.recent);
    EXPECT_EQ(read_position(text, "there").error().code, Errc::conflict);
    for (const std::string_view bad :
         {"",
          "{",
          "[]",
          "{}",
          R"({"entente_pull":2,"of":"x","recent":[]})",
          R"({"entente_pull":1,"of":"x"})",
          R"({"entente_pull":1,"of":"x","recent":[1]})",
          R"({"entente_pull":1,"of":"x","last":"soon","recent":[]})"}) {
        EXPECT_EQ(read_position(bad, "x").error().code, Errc::corrupt) << bad;
    }
}

TEST(FilterKey, IsEqualForEqualFilters) {
    const PullFilter one{
        .added_after = {}, .ids = {"b", "a"}, .types = {"t"}, .versions = {}, .spec_versions = {}};
    PullFilter two = one;
    two.ids = {"a", "b"};
    EXPECT_EQ(one.key(), two.key());
    two.ids = {"a,b"};
    EXPECT_NE(one.key(), two.key());
    two.ids = {"a"};
    EXPECT_NE(one.key(), two.key());
    EXPECT_EQ(PullFilter().key(), "");
}

}  // namespace
}  // namespace entente::taxii::client
