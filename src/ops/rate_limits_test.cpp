#include "ops/rate_limits.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace entente::ops {
namespace {

constexpr RateTable::Rate ten{.per_second = 10, .burst_s = 2};
constexpr std::int64_t second = 1'000'000;

/// How many of `count` requests are taken.
int taken(RateTable& table, std::string_view key, std::int64_t now, int count) {
    int all = 0;
    for (int i = 0; i < count; ++i)
        all += table.ask(key, ten, now) ? 0 : 1;
    return all;
}

TEST(RateTable, TakesABurstThenItsRate) {
    RateTable table(100);
    EXPECT_EQ(taken(table, "a", 0, 100), 20);
    EXPECT_EQ(taken(table, "a", second, 100), 10);
    EXPECT_EQ(taken(table, "a", second + second / 10, 100), 1);
    EXPECT_EQ(taken(table, "a", 100 * second, 100), 20) << "no more than a burst is saved up";
    EXPECT_EQ(taken(table, "b", 0, 100), 20) << "another key has its own";
}

TEST(RateTable, TellsHowLongToWait) {
    RateTable table(100);
    (void)taken(table, "a", 0, 20);
    EXPECT_EQ(table.ask("a", ten, 0), 1);
    EXPECT_EQ(table.ask("a", ten, second / 10), std::nullopt);
    table.charge("a", ten, second / 10, 15);
    EXPECT_EQ(table.ask("a", ten, second / 10), 2) << "16 requests later, at ten a second";
}

TEST(RateTable, WhatIsOwedIsBounded) {
    RateTable table(100);
    table.charge("a", ten, 0, 1'000'000);
    EXPECT_EQ(table.ask("a", ten, 0), 3) << "twice the burst, less one burst, and the request";
    EXPECT_EQ(table.ask("a", ten, 3 * second), std::nullopt);
}

TEST(RateTable, StrangersCannotFillIt) {
    RateTable table(64);
    (void)taken(table, "guilty", 0, 20);
    for (int i = 0; i < 10'000; ++i)
        EXPECT_EQ(table.ask(std::to_string(i), ten, 0), std::nullopt) << i;
    EXPECT_TRUE(table.ask("guilty", ten, 0)) << "who owes most is remembered";
}

struct Limits : ::testing::Test {
    FakeClock clock{Micros{0}};
    RateLimits limits{{.address = 10, .user = 5}, clock};

    int addresses(const char* address, int count) {
        int all = 0;
        for (int i = 0; i < count; ++i)
            all += limits.address_waits(address) ? 0 : 1;
        return all;
    }
};

TEST_F(Limits, CountIpv6By64) {
    constexpr int burst = 10 * static_cast<int>(entente::limits::rate_burst_s);
    EXPECT_EQ(addresses("2001:db8:1:2::1", burst), burst);
    EXPECT_EQ(addresses("2001:db8:1:2:ffff::9", 5), 0);
    EXPECT_EQ(addresses("2001:db8:1:3::1", 5), 5);
    EXPECT_EQ(addresses("192.0.2.1", burst + 5), burst);
    EXPECT_EQ(addresses("192.0.2.2", 5), 5);
    EXPECT_EQ(limits.refused().by_address, 10U);
}

TEST_F(Limits, ThisMachineHasNone) {
    EXPECT_EQ(addresses("127.0.0.1", 1'000), 1'000);
    EXPECT_EQ(addresses("::1", 1'000), 1'000);
    limits.login_refused("127.0.0.1");
    EXPECT_EQ(limits.refused().by_address, 0U);
}

TEST_F(Limits, ARefusedLoginCountsAsMany) {
    const auto logins = static_cast<int>(
        10 * entente::limits::rate_burst_s / entente::limits::rate_failed_login_cost
    );
    for (int i = 0; i < logins; ++i) {
        EXPECT_EQ(addresses("192.0.2.1", 1), 1) << i;
        limits.login_refused("192.0.2.1");
    }
    EXPECT_EQ(addresses("192.0.2.1", 1), 0);
    clock.advance(2 * second);
    EXPECT_EQ(addresses("192.0.2.1", 1), 1);
}

TEST_F(Limits, UsersHaveTheirOwn) {
    constexpr int burst = 5 * static_cast<int>(entente::limits::rate_burst_s);
    int all = 0;
    for (int i = 0; i < burst + 7; ++i)
        all += limits.user_waits(3) ? 0 : 1;
    EXPECT_EQ(all, burst);
    EXPECT_FALSE(limits.user_waits(4));
    EXPECT_EQ(limits.refused().by_user, 7U);
    limits.change({.address = 0, .user = 0});
    EXPECT_FALSE(limits.user_waits(3));
    EXPECT_EQ(addresses("192.0.2.1", 1'000), 1'000);
}

}  // namespace
}  // namespace entente::ops
