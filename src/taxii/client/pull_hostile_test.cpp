#include "taxii/client/pull_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace entente::taxii::client {
namespace {

using ::testing::SizeIs;

struct Hostile {
    std::string name;
    std::function<http::Reply(std::size_t n)> page;
    std::size_t requests_max = 201;
};

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

}  // namespace
}  // namespace entente::taxii::client
