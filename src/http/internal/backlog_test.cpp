#include "http/internal/backlog.h"

#include <gtest/gtest.h>

namespace entente::http {
namespace {

using std::chrono::milliseconds;

TEST(Backlog, RefusesBeyondItsLength) {
    Backlog backlog(2, 100);
    const Backlog::TimePoint now;
    EXPECT_TRUE(backlog.enter());
    EXPECT_TRUE(backlog.enter());
    EXPECT_FALSE(backlog.enter());
    EXPECT_EQ(backlog.counts().waiting, 2U);
    EXPECT_EQ(backlog.counts().refused, 1U);
    EXPECT_TRUE(backlog.leave(now, now));
    EXPECT_TRUE(backlog.enter());
}

TEST(Backlog, RefusesWhatHasWaitedTooLong) {
    Backlog backlog(9, 100);
    const Backlog::TimePoint since;
    ASSERT_TRUE(backlog.enter());
    EXPECT_TRUE(backlog.leave(since, since + milliseconds(100)));
    ASSERT_TRUE(backlog.enter());
    EXPECT_FALSE(backlog.leave(since, since + milliseconds(101)));
    EXPECT_EQ(backlog.counts().waiting, 0U);
    EXPECT_EQ(backlog.counts().refused, 1U);
}

}  // namespace
}  // namespace entente::http
