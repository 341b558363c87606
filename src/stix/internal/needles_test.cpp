#include "stix/internal/needles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace entente::stix::internal {
namespace {

TEST(Needles, AreFoundWhereTheyStand) {
    Needles needles;
    for (const std::string_view text : {"she", "hers", "is"})
        needles.add(text);
    needles.prepare();
    EXPECT_TRUE(needles.stand_in("ushers"));
    EXPECT_TRUE(needles.stand_in("this"));
    EXPECT_TRUE(needles.stand_in("hers"));
    EXPECT_FALSE(needles.stand_in("her shi"));
    EXPECT_FALSE(needles.stand_in(""));
    EXPECT_FALSE(Needles().stand_in("anything"));
}

TEST(Needles, AgreeWithTheSlowSearch) {
    std::mt19937 random(11);
    const auto word = [&random](std::size_t bytes_max) {
        std::string out(1 + random() % bytes_max, 'a');
        for (char& c : out)
            c = static_cast<char>('a' + random() % 3);
        return out;
    };
    for (int round = 0; round < 2'000; ++round) {
        Needles needles;
        std::vector<std::string> texts(1 + random() % 5);
        for (std::string& text : texts)
            needles.add(text = word(6));
        needles.prepare();
        const std::string hay = word(20);
        EXPECT_EQ(
            needles.stand_in(hay),
            std::any_of(
                texts.begin(),
                texts.end(),
                [&hay](const std::string& text) { return hay.find(text) != std::string::npos; }
            )
        ) << hay;
    }
}

TEST(Needles, MayBeManyThatBeginAlike) {
    Needles needles;
    std::string text = "ab?c";
    for (int byte = 1; byte < 256; byte += 2) {
        text[2] = static_cast<char>(byte);
        needles.add(text);
    }
    needles.prepare();
    for (int byte = 0; byte < 256; ++byte) {
        text[2] = static_cast<char>(byte);
        EXPECT_EQ(needles.stand_in("xaab" + text), byte % 2 == 1) << byte;
    }
}

TEST(Needles, OfALongTextTheBeginningIsEnough) {
    Needles needles;
    const std::string text = std::string(Needles::bytes_max, 'x') + "tail";
    needles.add(text);
    needles.prepare();
    EXPECT_EQ(needles.nodes(), Needles::bytes_max + 1);
    EXPECT_TRUE(needles.stand_in("before " + text));
    EXPECT_FALSE(needles.stand_in(std::string(Needles::bytes_max - 1, 'x')));
}

}  // namespace
}  // namespace entente::stix::internal
