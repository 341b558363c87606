#include "taxii/client/pull.h"

#include "base/limits.h"
#include "taxii/client/fake_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace entente::taxii::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const http::Url objects_url{{"https", "peer.example", 443}, "/root/collections/107/objects/"};
constexpr std::int64_t epoch = 1'700'000'000'000'000;

std::map<std::string, std::string> query_of(const Asked& asked) {
    const std::size_t mark = asked.url.target.find('?');
    std::map<std::string, std::string> result;
    if (mark == std::string::npos) return result;
    const auto fields = http::parse_query(asked.url.target.substr(mark + 1)).value();
    for (const auto& [name, value] : fields) {
        EXPECT_TRUE(result.emplace(name, value).second) << "twice: " << name;
    }
    return result;
}

/// A collection behind a server whose manners can be chosen after real ones.
struct Peer {
    enum class Cursor { stateless, consuming, none };

    struct Row {
        std::string text;
        std::int64_t date = 0;
    };

    std::vector<Row> rows = {};  // rising dates
    Cursor cursor = Cursor::stateless;
    std::size_t page_max = 10;
    bool dates = true;
    std::int64_t date_grain = 1;   // header dates are cut to it
    bool check_parameters = true;  // as medallion: other filters with `next` are 400
    std::function<bool(std::size_t request)> drop = {};  // the answer is made, and lost on its way
    std::function<bool(std::size_t request)> forget =
        {};  // all cursors are gone before this request

    void add(std::size_t count, std::int64_t date) {
        for (std::size_t i = 0; i < count; ++i)
            rows.push_back({fmt::format(R"({{"id":"x--{}"}})", rows.size()), epoch + date});
    }

    struct Walk {
        std::vector<Row> left;
        std::map<std::string, std::string> query;
    };

    std::map<std::string, Walk> walks = {};
    FakeServer server{[this](const Asked& asked) { return serve(asked); }};

    Result<http::Reply> serve(const Asked& asked) {
        if (forget && forget(server.asked.size())) walks.clear();
        auto query = query_of(asked);
        // medallion breaks when `limit` is not repeated beside `next`.
        if (!query.contains("limit")) return answer(500, "");
        const std::size_t limit = std::min<std::size_t>(std::stoul(query["limit"]), page_max);
        Walk walk;
        const std::string next = query["next"];
        query.erase("next");
        query.erase("limit");
        if (next.empty()) {
            const std::int64_t after =
                query.contains("added_after") ? parse_client_time(query["added_after"])->count : 0;
            for (const Row& row : rows) {
                if (row.date > after) walk.left.push_back(row);
            }
            walk.query = query;
        } else {
            const auto found = walks.find(next);
            if (found == walks.end()) return answer(400, R"({"title":"'next' not valid"})");
            if (check_parameters && query != found->second.query)
                return answer(400, R"({"title":"params changed"})");
            walk = found->second;
        }
        Result<http::Reply> reply = page(std::move(walk), limit, next);
        if (drop && drop(server.asked.size())) return fail(Errc::overloaded, "connection lost");
        return reply;
    }

    http::Reply page(Walk walk, std::size_t limit, const std::string& came_by) {
        const auto count = static_cast<std::ptrdiff_t>(std::min(limit, walk.left.size()));
        const std::vector<Row> now(walk.left.begin(), walk.left.begin() + count);
        walk.left.erase(walk.left.begin(), walk.left.begin() + count);
        const bool more = !walk.left.empty();
        std::string body = fmt::format("{{\"more\":{}", more);
        if (more && cursor != Cursor::none) {
            // medallion keeps one cursor and drops what it served; others give a new one each time.
            const std::string next = cursor == Cursor::consuming && !came_by.empty()
                                         ? came_by
                                         : fmt::format("c{}", server.asked.size());
            body += fmt::format(",\"next\":\"{}\"", next);
            walks[next] = std::move(walk);
        } else if (cursor == Cursor::consuming) {
            walks.erase(came_by);
        }
        std::vector<std::pair<std::string, std::string>> headers;
        if (!now.empty()) {
            std::string objects;
            for (const Row& row : now)
                objects += (objects.empty() ? "" : ", ") + row.text;
            body += ",\"objects\":[" + objects + "]";
            const auto date = [&](const Row& row) {
                return format_taxii(Micros{row.date / date_grain * date_grain});
            };
            if (dates)
                headers = {
                    {"X-TAXII-Date-Added-First", date(now.front())},
                    {"X-TAXII-Date-Added-Last", date(now.back())}};
        }
        return answer(200, body + "}", std::move(headers));
    }
};

/// What a pull hands over and remembers.
struct Keeper {
    std::vector<std::string> got;
    std::string state;
    std::size_t fail_at = 0;  // the page whose sink fails, from 1; 0 = none
    bool die_before_save = false;
    bool die_in_sink = false;  // the page came, and was not handed over
    std::size_t sinks = 0;
    std::size_t pages = 0;

    struct Killed {};

    PullReport run(
        FakeServer& server,
        PullFilter filter = {},
        std::uint64_t limit = 10,
        Budget budget = {},
        std::uint64_t pages_max = 10'000
    ) {
        Session session = server.session(budget);
        PullPlan plan{
            .objects = objects_url,
            .filter = std::move(filter),
            .limit = limit,
            .pages_max = pages_max};
        plan.sink = [this](std::span<const std::string_view> objects) -> Result<Taken> {
            if (++sinks == fail_at && die_in_sink) throw Killed();
            got.insert(got.end(), objects.begin(), objects.end());
            return Taken{.accepted = objects.size()};
        };
        plan.save = [this](const PullPosition& position) {
            if (++pages == fail_at && die_before_save) throw Killed();
            state = position_text(position, "test");
            if (pages == fail_at && !die_in_sink) throw Killed();
        };
        const PullPosition from =
            state.empty() ? PullPosition() : read_position(state, "test").value();
        return pull(session, plan, from);
    }
};

void expect_once(const Peer& peer, const Keeper& keeper) {
    std::vector<std::string> want;
    for (const Peer::Row& row : peer.rows)
        want.push_back(row.text);
    std::vector<std::string> got = keeper.got;
    std::ranges::sort(want);
    std::ranges::sort(got);
    EXPECT_EQ(got, want);
}

TEST(Pull, ReadsEverythingByCursorWithTheSameParameters) {
    for (const Peer::Cursor cursor : {Peer::Cursor::stateless, Peer::Cursor::consuming}) {
        Peer peer{.cursor = cursor};
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
    Peer peer;
    peer.rows = {{"{\"a\" :1.0e2, \"\\u0062\":\"\xC3\xA9 \\/\"}", epoch}};
    Keeper keeper;
    EXPECT_FALSE(keeper.run(peer.server).stopped);
    EXPECT_THAT(keeper.got, ElementsAre(peer.rows[0].text));
}

TEST(Pull, GoesOnByDateWhereThereIsNoCursor) {
    Peer peer{.cursor = Peer::Cursor::none};
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
    Peer peer{.cursor = Peer::Cursor::none};
    for (int i = 0; i < 12; ++i)
        peer.add(7, i);
    Keeper keeper;
    const PullReport report = keeper.run(peer.server);
    EXPECT_FALSE(report.stopped) << report.stopped->detail;
    EXPECT_GT(report.repeated, 0U);
    expect_once(peer, keeper);
}

TEST(Pull, SaysSoWhereOneDateFillsAWholePage) {
    Peer peer{.cursor = Peer::Cursor::none};
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
        Peer peer{.cursor = Peer::Cursor::consuming, .drop = [lost](std::size_t request) {
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
    Peer peer{.forget = [](std::size_t request) { return request % 3 == 0; }};
    for (int i = 0; i < 20; ++i)
        peer.add(4, i);
    Keeper keeper;
    const PullReport report = keeper.run(peer.server);
    EXPECT_FALSE(report.stopped) << report.stopped->detail;
    expect_once(peer, keeper);
    EXPECT_THAT(peer.server.warnings, SizeIs(1));
}

TEST(Pull, BeginsAgainOnceWhereACursorExpiresAndThereAreNoDates) {
    Peer peer{.dates = false, .forget = [](std::size_t request) { return request == 3; }};
    peer.add(40, 0);
    Keeper keeper;
    EXPECT_FALSE(keeper.run(peer.server).stopped);
    EXPECT_GE(keeper.got.size(), 40U);
    EXPECT_THAT(peer.server.warnings, SizeIs(1));

    Peer worse{.dates = false, .forget = [](std::size_t request) { return request % 3 == 0; }};
    worse.add(40, 0);
    Keeper other;
    const PullReport report = other.run(worse.server);
    ASSERT_TRUE(report.stopped);
    EXPECT_EQ(report.stopped->code, Errc::unprocessable);
    EXPECT_LT(worse.server.asked.size(), 10U);
}

TEST(Pull, RepeatsALostRequestWhereThereAreNoDates) {
    Peer peer{.dates = false, .drop = [](std::size_t request) { return request == 2; }};
    peer.add(40, 0);
    Keeper keeper;
    EXPECT_FALSE(keeper.run(peer.server).stopped);
    expect_once(peer, keeper);
}

TEST(Pull, ResumesAfterEveryKillWithoutLoss) {
    for (const Peer::Cursor cursor :
         {Peer::Cursor::stateless, Peer::Cursor::consuming, Peer::Cursor::none}) {
        for (std::size_t kill = 1; kill <= 8; ++kill) {
            for (const bool before_save : {false, true}) {
                SCOPED_TRACE(fmt::format(
                    "cursor {} kill {} before {}", static_cast<int>(cursor), kill, before_save
                ));
                Peer peer{.cursor = cursor};
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
                    const auto same = std::ranges::unique(keeper.got);
                    EXPECT_LE(same.size(), 10U);
                    keeper.got.erase(same.begin(), same.end());
                }
                expect_once(peer, keeper);
            }
        }
    }
}

TEST(Pull, ResumesWithoutLossWhereAPageCameAndWasNotHandedOver) {
    for (const Peer::Cursor cursor :
         {Peer::Cursor::stateless, Peer::Cursor::consuming, Peer::Cursor::none}) {
        for (std::size_t kill = 1; kill <= 8; ++kill) {
            SCOPED_TRACE(kill);
            Peer peer{.cursor = cursor};
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

TEST(Pull, TheNextPullBringsOnlyWhatIsNew) {
    for (const std::int64_t grain : {1, 1'000}) {
        // A server that cuts its dates to milliseconds serves some again.
        Peer peer{.date_grain = grain};
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
    const unsigned seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937 dice(seed);
    const auto roll = [&dice](int n) {
        return static_cast<std::size_t>(std::uniform_int_distribution<int>(0, n - 1)(dice));
    };
    for (int round = 0; round < 300; ++round) {
        SCOPED_TRACE(round);
        Peer peer{.cursor = static_cast<Peer::Cursor>(roll(3)), .page_max = 9 + roll(5)};
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

// ---- hostile servers

struct Hostile {
    std::string name;
    std::function<http::Reply(std::size_t n)> page;
    std::size_t requests_max = 201;
};

http::Reply page_of(
    const std::string& objects, const std::string& rest, std::int64_t date = epoch
) {
    return answer(
        200,
        "{\"objects\":[" + objects + "]" + rest + "}",
        {{"X-TAXII-Date-Added-Last", format_taxii(Micros{date})}}
    );
}

TEST(Pull, EveryHostileServerComesToAnEnd) {
    const auto fresh = [](std::size_t n) { return fmt::format(R"({{"id":"x--{}"}})", n); };
    const std::vector<Hostile> servers = {
        {"same page and cursor",
         [](std::size_t) { return page_of("{}", R"(,"more":true,"next":"a")"); },
         2},
        {"same page, new cursors",
         [](std::size_t n) { return page_of("{}", fmt::format(R"(,"more":true,"next":"{}")", n)); },
         5},
        {"two pages in turn",
         [&](std::size_t n) {
             return page_of(fresh(n % 2), fmt::format(R"(,"more":true,"next":"{}")", n));
         },
         7},
        {"same page, no cursor", [](std::size_t) { return page_of("{}", R"(,"more":true)"); }, 3},
        {"same page, rising dates",
         [](std::size_t n) {
             return page_of("{}", R"(,"more":true)", epoch + static_cast<std::int64_t>(n));
         },
         5},
        {"same page, falling dates",
         [](std::size_t n) {
             return page_of("{}", R"(,"more":true)", epoch - static_cast<std::int64_t>(n));
         },
         4},
        {"empty pages, new cursors",
         [](std::size_t n) {
             return answer(200, fmt::format(R"({{"more":true,"next":"{}"}})", n));
         },
         21},
        {"empty pages, one cursor",
         [](std::size_t) { return answer(200, R"({"more":true,"next":"a"})"); },
         21},
        {"empty pages, no cursor", [](std::size_t) { return answer(200, R"({"more":true})"); }, 2},
        {"more without dates",
         [&](std::size_t n) {
             return answer(200, "{\"objects\":[" + fresh(n) + "],\"more\":true}");
         },
         1},
        {"endless new pages",
         [&](std::size_t n) {
             return page_of(fresh(n), fmt::format(R"(,"more":true,"next":"{}")", n));
         }},
        {"endless new pages by date",
         [&](std::size_t n) {
             return page_of(fresh(n), R"(,"more":true)", epoch + static_cast<std::int64_t>(n));
         }},
        {"endless new pages, bad dates",
         [&](std::size_t n) {
             return answer(
                 200,
                 fmt::format(R"({{"objects":[{}],"more":true,"next":"{}"}})", fresh(n), n),
                 {{"X-TAXII-Date-Added-Last", "9999999999"}}
             );
         }},
        {"cursor too long",
         [](std::size_t) {
             return page_of(
                 "{}", ",\"more\":true,\"next\":\"" + std::string(1U << 20U, 'a') + "\""
             );
         },
         1},
        {"no envelope", [](std::size_t) { return answer(200, "[]"); }, 1},
        {"wrong types", [](std::size_t) { return answer(200, R"({"objects":{"a":1}})"); }},
        {"no UTF-8", [](std::size_t) { return answer(200, "{\"objects\":[{\"a\":\"\xff\"}]}"); }},
        {"cut off", [](std::size_t) { return answer(200, R"({"objects":[{"a":)"); }},
        {"deep nesting",
         [](std::size_t) { return answer(200, "{\"objects\":[" + std::string(1U << 20U, '[')); }},
        {"web page",
         [](std::size_t) {
             return answer(200, "<html>", {{"Content-Type", "text/html"}});
         }},
        {"always busy", [](std::size_t) { return answer(503, ""); }, 7},
        {"cursor always gone",
         [](std::size_t n) {
             return n % 2 == 1 ? page_of("{}", R"(,"more":true,"next":"a")") : answer(400, "");
         },
         12},
        {"redirect in circles",
         [](std::size_t) {
             return answer(301, "", {{"Location", "/"}});
         }},
    };
    for (const Hostile& hostile : servers) {
        SCOPED_TRACE(hostile.name);
        FakeServer server([&](const Asked&) -> Result<http::Reply> { return hostile.page(0); });
        server.script = [&](const Asked&) -> Result<http::Reply> {
            return hostile.page(server.asked.size());
        };
        Keeper keeper;
        const PullReport report = keeper.run(server, {}, 10, {}, 200);
        ASSERT_TRUE(report.stopped);
        EXPECT_LE(server.asked.size(), hostile.requests_max);
        EXPECT_LE(keeper.got.size(), 200U);
        EXPECT_LT(report.stopped->detail.size(), 400U);
        EXPECT_THAT(server.warnings, SizeIs(::testing::Le(3)));
    }
}

TEST(Pull, KeepsWithinBytesAndTime) {
    std::size_t n = 0;
    FakeServer server([&n](const Asked&) -> Result<http::Reply> {
        ++n;
        return page_of(
            fmt::format(R"({{"id":"{}","x":"{}"}})", n, std::string(1'000, 'x')),
            fmt::format(R"(,"more":true,"next":"{}")", n)
        );
    });
    Keeper keeper;
    const PullReport bytes = keeper.run(server, {}, 10, {.bytes_max = 10'000});
    ASSERT_TRUE(bytes.stopped);
    EXPECT_EQ(bytes.stopped->code, Errc::overloaded);
    EXPECT_LT(n, 12U);

    server.script = [&](const Asked&) -> Result<http::Reply> {
        server.clock.advance(1'000'000);
        ++n;
        return page_of(
            fmt::format("{{\"id\":{}}}", n), fmt::format(R"(,"more":true,"next":"{}")", n)
        );
    };
    const PullReport time = keeper.run(server, {}, 10, {.ms_max = 5'000});
    ASSERT_TRUE(time.stopped);
    EXPECT_LE(time.pages, 6U);
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
    Peer peer;
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
