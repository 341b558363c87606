#include "watch/ring.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace entente::watch {
namespace {

std::string text(const std::optional<Ring::Batch>& batch) {
    if (!batch) return "end";
    std::string out = batch->lost ? "lost " : "";
    for (const auto& [number, hit] : batch->hits)
        out += std::to_string(number) + hit + ' ';
    return out + "to " + std::to_string(batch->last);
}

TEST(Ring, GivesWhatCameAndThenWaits) {
    Ring ring("m");
    std::vector<std::string> got;
    const auto take = [&](std::optional<Ring::Batch> batch) { got.push_back(text(batch)); };
    ring.next(0, 0, take);
    EXPECT_TRUE(got.empty());
    ring.add({"a", "b"});
    ring.add({});
    EXPECT_EQ(got, (std::vector<std::string>{"1a 2b to 2"}));
    ring.next(1, 0, take);
    ring.next(2, 0, take);
    EXPECT_EQ(got.back(), "2b to 2");
    ring.add({"c"});
    EXPECT_EQ(got.back(), "3c to 3");
    EXPECT_EQ(got.size(), 3U);
}

TEST(Ring, SaysWhatIsGone) {
    Ring ring("m");
    ring.add(std::vector<std::string>(limits::watch_ring_hits_max + 3, "x"));
    std::string got;
    const auto take = [&](std::optional<Ring::Batch> batch) {
        got = (batch->lost ? "lost " : "") + std::to_string(batch->hits.front().first);
    };
    ring.next(2, 0, take);
    EXPECT_EQ(got, "lost 4");
    ring.next(3, 0, take);
    EXPECT_EQ(got, "4");
    ring.next(1'000'000, 0, take);
    EXPECT_EQ(got, "4") << "a number that was never given";
    ring.add({std::string(limits::watch_ring_bytes_max + 1, 'y')});
    ring.next(0, 0, take);
    EXPECT_EQ(got, "lost " + std::to_string(ring.last()));
}

TEST(Ring, WhoWaitsLongHearsThatNothingCame) {
    Ring ring("m");
    std::vector<std::string> got;
    const auto take = [&](std::optional<Ring::Batch> batch) { got.push_back(text(batch)); };
    ring.next(0, 5'000, take);
    ring.heartbeat(5'000 + limits::watch_heartbeat_ms * 1'000 - 1);
    EXPECT_TRUE(got.empty());
    ring.heartbeat(5'000 + limits::watch_heartbeat_ms * 1'000);
    EXPECT_EQ(got, (std::vector<std::string>{"to 0"}));
    ring.next(0, 0, take);
    ring.end();
    ring.next(0, 0, take);
    EXPECT_EQ(got, (std::vector<std::string>{"to 0", "end", "end"}));
}

TEST(Ring, NamesTellRunsApart) {
    const Ring ring("2026-a");
    EXPECT_EQ(ring.name(7), "2026-a-7");
    EXPECT_EQ(ring.number("2026-a-7"), 7U);
    EXPECT_EQ(ring.number("2025-a-7"), 0U);
    for (const char* none : {"", "7", "2026-a-", "2026-a-7x", "2026-a--"})
        EXPECT_EQ(ring.number(none), std::nullopt) << none;
}

}  // namespace
}  // namespace entente::watch
