// Cursors and restores: which position counts where an epoch ended.
#include "exchange/internal/cursor.h"

#include <gtest/gtest.h>

namespace entente::exchange {
namespace {

constexpr store::CollectionNo feed{3};
constexpr store::CollectionNo other{4};

Settings restored(std::uint32_t epoch, std::vector<EndedEpoch> ended) {
    Settings s;
    s.epoch = epoch;
    s.ended = std::move(ended);
    return s;
}

std::uint64_t goes_on_at(
    const Settings& settings,
    std::uint32_t epoch,
    std::uint64_t position,
    store::CollectionNo collection = feed
) {
    Cursor cursor;
    cursor.epoch = epoch;
    cursor.position.seq = store::Seq{position};
    return agreement::raw(position_now(cursor, settings, collection).seq);
}

TEST(CursorEpoch, GoesOnWhereItIsInItsOwnEpoch) {
    EXPECT_EQ(goes_on_at(restored(1, {}), 1, 500), 500U);
    EXPECT_EQ(goes_on_at(restored(9, {{1, {{feed, store::Seq{100}}}}}), 9, 500), 500U);
}

TEST(CursorEpoch, GoesBackToTheBackupAndNoFurther) {
    const Settings s = restored(9, {{1, {{feed, store::Seq{100}}}}});
    EXPECT_EQ(goes_on_at(s, 1, 500), 100U) << "what it had beyond was lost";
    EXPECT_EQ(goes_on_at(s, 1, 101), 100U);
    EXPECT_EQ(goes_on_at(s, 1, 100), 100U);
    EXPECT_EQ(goes_on_at(s, 1, 40), 40U) << "what it had up to there is not repeated";
}

TEST(CursorEpoch, GoesBackToTheEarliestOfLaterBackups) {
    const Settings s =
        restored(20, {{1, {{feed, store::Seq{100}}}}, {9, {{feed, store::Seq{60}}}}});
    EXPECT_EQ(goes_on_at(s, 1, 500), 60U);
    EXPECT_EQ(goes_on_at(s, 9, 500), 60U);
    EXPECT_EQ(goes_on_at(s, 9, 50), 50U);
}

TEST(CursorEpoch, BeginsAgainWhereNothingIsKnownOfIt) {
    const Settings s = restored(9, {{1, {{feed, store::Seq{100}}}}});
    EXPECT_EQ(goes_on_at(s, 7, 500), 0U) << "of another restore that was undone";
    EXPECT_EQ(goes_on_at(s, 1, 500, other), 0U) << "the backup had no such collection";
}

}  // namespace
}  // namespace entente::exchange
