#include "store/sqlite/internal/runs.h"

#include <gtest/gtest.h>

namespace entente::store::sqlite {
namespace {

TEST(Runs, ComeBackAsTheyWere) {
    const std::vector<Group::Run> runs{
        {ClassNo{1}, 1},
        {ClassNo{127}, 128},
        {ClassNo{16'384}, 100'000},
        {ClassNo{UINT32_MAX}, UINT32_MAX}};
    const auto back = unpack_runs(pack_runs(runs));
    ASSERT_TRUE(back);
    ASSERT_EQ(back->size(), runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
        EXPECT_EQ((*back)[i].cls, runs[i].cls);
        EXPECT_EQ((*back)[i].count, runs[i].count);
    }
    EXPECT_TRUE(unpack_runs("")->empty());
}

TEST(Runs, RefuseWhatWasNotPacked) {
    using namespace std::string_view_literals;
    EXPECT_FALSE(unpack_runs("\x01"sv));                          // a class without a count
    EXPECT_FALSE(unpack_runs("\x01\x80"sv));                      // cut short
    EXPECT_FALSE(unpack_runs("\xff\xff\xff\xff\x10\x01"sv));      // over 32 bits
    EXPECT_FALSE(unpack_runs("\x80\x80\x80\x80\x80\x80\x01"sv));  // never ends
}

}  // namespace
}  // namespace entente::store::sqlite
