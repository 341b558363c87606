#include "stix/tlp.h"

#include <gtest/gtest.h>

#include <array>

namespace entente::stix {
namespace {

constexpr std::array levels = {Tlp::clear, Tlp::green, Tlp::amber, Tlp::amber_strict, Tlp::red};

TEST(Tlp, KnowsTheIdsOfBothVersionsAndNoOthers) {
    EXPECT_EQ(
        tlp_of_marking("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"), Tlp::clear
    );
    EXPECT_EQ(
        tlp_of_marking("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"), Tlp::green
    );
    EXPECT_EQ(
        tlp_of_marking("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"), Tlp::amber
    );
    EXPECT_EQ(tlp_of_marking("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"), Tlp::red);
    EXPECT_EQ(
        tlp_of_marking("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"), Tlp::clear
    );
    EXPECT_EQ(
        tlp_of_marking("marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"), Tlp::green
    );
    EXPECT_EQ(
        tlp_of_marking("marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"), Tlp::amber
    );
    EXPECT_EQ(
        tlp_of_marking("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"),
        Tlp::amber_strict
    );
    EXPECT_EQ(tlp_of_marking("marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"), Tlp::red);
    for (const std::string_view other :
         {"",
          "marking-definition--",
          "marking-definition--613F2E26-407D-48C7-9ECA-B8E91DF99DC9",
          "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc8",
          "613f2e26-407d-48c7-9eca-b8e91df99dc9",
          "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9 "}) {
        EXPECT_EQ(tlp_of_marking(other), std::nullopt) << other;
    }
}

TEST(Tlp, IsOrderedFromOpenToClosed) {
    for (std::size_t i = 1; i < levels.size(); ++i)
        EXPECT_LT(levels[i - 1], levels[i]);
}

TEST(Tlp, ReadsWhatItWrites) {
    for (const Tlp level : levels) {
        EXPECT_EQ(parse_tlp(tlp_name(level)), level);
        EXPECT_EQ(parse_tlp(tlp2_marking_id(level)), level);
        EXPECT_EQ(tlp_of_marking(tlp2_marking_id(level)), level);
    }
    EXPECT_EQ(tlp_name(Tlp::amber_strict), "TLP:AMBER+STRICT");
}

TEST(Tlp, ReadsWhatPeopleWrite) {
    EXPECT_EQ(parse_tlp("green"), Tlp::green);
    EXPECT_EQ(parse_tlp("tlp:white"), Tlp::clear);
    EXPECT_EQ(parse_tlp("Tlp:Amber+Strict"), Tlp::amber_strict);
    EXPECT_EQ(parse_tlp("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"), Tlp::red);
    for (const std::string_view other :
         {"",
          "TLP:",
          "TLP",
          "TLP:TLP:RED",
          "TLP:BLACK",
          "TLP:GREEN ",
          "ambe",
          "TLP:AMBER STRICT"}) {
        EXPECT_EQ(parse_tlp(other), std::nullopt) << other;
    }
}

}  // namespace
}  // namespace entente::stix
