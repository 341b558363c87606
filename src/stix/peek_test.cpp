#include "stix/peek.h"

#include <gtest/gtest.h>

namespace entente::stix {
namespace {

TEST(PeekId, FindsTheIdOfAnObjectThatIsOtherwiseWrong) {
    EXPECT_EQ(peek_id(R"({"type":7,"id":"indicator--1"})"), "indicator--1");
    EXPECT_EQ(peek_id(R"({"type":"x"})"), std::nullopt);
    EXPECT_EQ(peek_id(R"({"id":12})"), std::nullopt);
    EXPECT_EQ(peek_id(R"({"id":""})"), std::nullopt);
    EXPECT_EQ(peek_id("17"), std::nullopt);
    EXPECT_EQ(peek_id(""), std::nullopt);
    EXPECT_EQ(peek_id("{\"id\":\"" + std::string(1'000, 'a') + "\"}"), std::nullopt);
}

}  // namespace
}  // namespace entente::stix
