#include "pattern/address.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace entente::pattern {
namespace {

TEST(AddressText, IsOneForAllSpellings) {
    constexpr std::array<std::array<std::string_view, 2>, 12> cases{{
        {"198.51.100.7", "198.51.100.7"},
        {"198.51.100.99/24", "198.51.100.0"},
        {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"0:1:2:3:4:5:6:0", "0:1:2:3:4:5:6:0"},
        {"::ffff:1.2.3.4", "::ffff:102:304"},
        {"2001:db8:ffff::1/32", "2001:db8::"},
    }};
    for (const auto& [text, becomes] : cases) {
        const auto block = read_address_block(text);
        ASSERT_TRUE(block) << text;
        EXPECT_EQ(address_text(*block), becomes) << text;
        const auto again = read_address_block(becomes);
        ASSERT_TRUE(again) << becomes;
        EXPECT_EQ(again->v6, block->v6);
        EXPECT_EQ(again->bytes, block->bytes);
    }
}

}  // namespace
}  // namespace entente::pattern
