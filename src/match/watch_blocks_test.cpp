#include "match/event_reader.h"
#include "match/indicators.h"
#include "match/watch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace entente::match {
namespace {

std::string dotted(std::uint32_t address) {
    return fmt::format(
        "{}.{}.{}.{}", address >> 24U, address >> 16U & 255U, address >> 8U & 255U, address & 255U
    );
}

bool hits(Watch& watch, std::uint32_t address) {
    static std::uint64_t number = 0;
    EventReader reader(Format::plain);
    bool any = false;
    const auto read = reader.read(dotted(address), [&](const Event& event) {
        any = !watch.look(event, ++number).empty();
    });
    EXPECT_TRUE(read.has_value());
    return any;
}

TEST(WatchBlocks, ABlockOfEachLengthHoldsItsAddressesAndNoOthers) {
    for (const bool beside_base : {false, true}) {
        for (unsigned i = 0; i <= 2 * 32 + 1; ++i) {
            const unsigned prefix = i / 2;
            const bool among_many = i % 2 == 1;
            SCOPED_TRACE(fmt::format(
                "/{}{}{}",
                prefix,
                beside_base ? " beside a base" : "",
                among_many ? " among many" : ""
            ));
            const std::uint64_t size = 1ULL << (32U - prefix);
            const auto first = static_cast<std::uint32_t>(0xc6336407ULL / size * size);
            const auto last = static_cast<std::uint32_t>(first + (size - 1));
            IndicatorSet set({{3}, true});
            if (beside_base) {
                ASSERT_TRUE(set.add({1, "[ipv4-addr:value = '192.0.2.1']", {}, {}}));
                (void)set.publish();
            }
            const std::string pattern =
                fmt::format("[ipv4-addr:value ISSUBSET '{}/{}']", dotted(first), prefix);
            ASSERT_TRUE(set.add({2, pattern, pattern::Dialect::v21, {}}));
            for (unsigned n = 0; among_many && n < 100; ++n) {
                // All in one place that is asked for nowhere below.
                const std::string other =
                    fmt::format("[ipv4-addr:value ISSUBSET '10.1.{}.0/24']", n);
                ASSERT_TRUE(set.add({10 + n, other, pattern::Dialect::v21, {}}));
            }
            Watch watch(set.publish());
            EXPECT_TRUE(hits(watch, first));
            EXPECT_TRUE(hits(watch, last));
            EXPECT_TRUE(hits(watch, static_cast<std::uint32_t>(first + size / 2)));
            if (prefix == 0) continue;
            EXPECT_FALSE(hits(watch, first - 1));
            EXPECT_FALSE(hits(watch, last + 1));
        }
    }
}

TEST(WatchBlocks, BlocksOfManyLengthsAreFoundTogether) {
    IndicatorSet set({{3}, true});
    for (unsigned prefix = 8; prefix <= 32; ++prefix) {
        const std::string pattern =
            fmt::format("[ipv4-addr:value ISSUBSET '198.51.100.7/{}']", prefix);
        ASSERT_TRUE(set.add({prefix, pattern, pattern::Dialect::v21, {}}));
    }
    Watch watch(set.publish());
    EventReader reader(Format::plain);
    std::size_t found = 0;
    const auto look = [&](const Event& event) { found = watch.look(event, 1).size(); };
    ASSERT_TRUE(reader.read("198.51.100.7", look));
    EXPECT_EQ(found, 25U);
    ASSERT_TRUE(reader.read("198.51.100.0/24", look));
    EXPECT_EQ(found, 17U);
    ASSERT_TRUE(reader.read("198.99.0.1", look));
    EXPECT_EQ(found, 2U);  // 198.0.0.0/8, 198.0.0.0/9
}

}  // namespace
}  // namespace entente::match
