#include "match/values.h"

#include "pattern/pattern.h"

#include <gtest/gtest.h>

namespace entente::match {
namespace {

TEST(Values, WhatIsNoUtf8IsNoValue) {
    const auto sound = pattern_of_value("hxxp://evil.example/\xc3\xa3");
    ASSERT_TRUE(sound);
    EXPECT_TRUE(pattern::parse(*sound));
    Event event;
    for (const std::string_view broken :
         {"http://evil.example/\xa3", "evil.example/\xff", "a\xc0\x80@evil.example"}) {
        EXPECT_EQ(pattern_of_value(broken), std::nullopt);
        EXPECT_FALSE(read_value(broken, event));
    }
}

}  // namespace
}  // namespace entente::match
