#include "stix/internal/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <random>

namespace entente::stix::internal {
namespace {

std::string of_double(double value) {
    std::string out;
    append_number(out, value);
    return out;
}

TEST(Number, Rfc8785AppendixB) {
    struct Case {
        std::uint64_t bits;
        std::string_view text;
    };

    for (const Case& c : {
             Case{0x0000000000000000, "0"},
             Case{0x8000000000000000, "0"},
             Case{0x0000000000000001, "5e-324"},
             Case{0x8000000000000001, "-5e-324"},
             Case{0x7fefffffffffffff, "1.7976931348623157e+308"},
             Case{0xffefffffffffffff, "-1.7976931348623157e+308"},
             Case{0x4340000000000000, "9007199254740992"},
             Case{0xc340000000000000, "-9007199254740992"},
             Case{0x4430000000000000, "295147905179352830000"},
             Case{0x44b52d02c7e14af5, "9.999999999999997e+22"},
             Case{0x44b52d02c7e14af6, "1e+23"},
             Case{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
             Case{0x444b1ae4d6e2ef4e, "999999999999999700000"},
             Case{0x444b1ae4d6e2ef4f, "999999999999999900000"},
             Case{0x444b1ae4d6e2ef50, "1e+21"},
             Case{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
             Case{0x3eb0c6f7a0b5ed8d, "0.000001"},
             Case{0x41b3de4355555553, "333333333.3333332"},
             Case{0x41b3de4355555554, "333333333.33333325"},
             Case{0x41b3de4355555555, "333333333.3333333"},
             Case{0x41b3de4355555556, "333333333.3333334"},
             Case{0x41b3de4355555557, "333333333.33333343"},
             Case{0xbecbf647612f3696, "-0.0000033333333333333333"},
             Case{0x43143ff3c1cb0959, "1424953923781206.2"},
         }) {
        EXPECT_EQ(of_double(std::bit_cast<double>(c.bits)), c.text);
    }
}

TEST(Number, SpellingsOfOneValueAgree) {
    struct Case {
        std::string_view raw;
        std::string_view canonical;
    };

    const std::string many_digits = "1" + std::string(400'000, '0') + "e-400000";
    const std::string many_zeros = "0." + std::string(400'000, '0') + "1e400001";
    for (const Case& c : {
             Case{"1e2", "100"},
             Case{"100.0", "100"},
             Case{"1E+2", "100"},
             Case{"-0", "0"},
             Case{"-0.0e5", "0"},
             Case{"0e999999999999999999999", "0"},
             Case{"1e-400", "0"},
             Case{"-1e-999999999999999999999", "0"},
             Case{"0.1", "0.1"},
             Case{"1e21", "1e+21"},
             Case{"123456789012345678901234567890", "1.2345678901234568e+29"},
             Case{"9007199254740993", "9007199254740992"},
             Case{"2.2250738585072011e-308", "2.225073858507201e-308"},
             Case{many_digits, "1"},
             Case{many_zeros, "1"},
         }) {
        std::string out;
        EXPECT_TRUE(append_number(out, c.raw)) << c.raw.substr(0, 40);
        EXPECT_EQ(out, c.canonical) << c.raw.substr(0, 40);
    }
}

TEST(Number, BeyondADoubleIsRefused) {
    const std::string long_integer(400, '9');
    for (const std::string_view raw :
         {std::string_view("1e309"),
          std::string_view("-1e309"),
          std::string_view("1.8e308"),
          std::string_view("1e999999999999999999999"),
          std::string_view("0.001e400"),
          std::string_view(long_integer)}) {
        std::string out;
        EXPECT_FALSE(append_number(out, raw)) << raw;
        EXPECT_EQ(out, "");
    }
}

TEST(Number, EveryDoubleComesBackFromItsSpelling) {
    constexpr std::uint64_t seed = 8785;
    std::mt19937_64 random(seed);
    for (int i = 0; i < 200'000; ++i) {
        const auto value = std::bit_cast<double>(random());
        if (!std::isfinite(value)) continue;
        const std::string text = of_double(value);
        double back = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), back);
        ASSERT_EQ(read.ec, std::errc{}) << text;
        ASSERT_EQ(read.ptr, text.data() + text.size()) << text;
        ASSERT_EQ(back, value) << text << " seed " << seed;
        std::string again;
        ASSERT_TRUE(append_number(again, text));
        ASSERT_EQ(again, text);
    }
}

}  // namespace
}  // namespace entente::stix::internal
