#include "agreement/class.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace entente::agreement {
namespace {

Facets full() {
    return {
        .type = "indicator",
        .spec_version = "2.1",
        .markings = {"marking-definition--a", "marking-definition--b"},
        .granular = {"marking-definition--c"},
        .hidden = {"marking-definition--d"},
        .producer = "identity--x",
        .source = PartyNo{7},
        .held_for = PartyNo{4'294'967'295U},
        .needs = {{ClassNo{1}, ClassNo{20}}, {}, {ClassNo{3}}},
    };
}

TEST(FacetsKey, GivesTheFacetsBack) {
    Facets described = full();
    described.described = true;
    Facets came = described;
    came.arrivals = {"agr:a", "agr:b"};
    Facets once = described;
    once.arrivals = {"agr:a"};
    for (const Facets& facets : {Facets{}, full(), described, came, once}) {
        const auto back = facets_of(facets_key(facets));
        ASSERT_TRUE(back);
        EXPECT_EQ(*back, facets);
    }
}

// Values chosen to imitate the borders of the key.
TEST(FacetsKey, DiffersForDifferentFacets) {
    std::mt19937 random(20'240'501);
    const auto pick = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    const std::vector<std::string> texts = {"", "0", ":", "1:a", "a", "0;", "2;1:a1:b", "1|"};
    const auto list = [&] {
        std::vector<std::string> out(pick(3));
        for (std::string& text : out)
            text = texts[pick(8)];
        return out;
    };
    std::vector<Facets> all;
    for (int i = 0; i < 3'000; ++i) {
        Facets f{
            .type = texts[pick(8)],
            .spec_version = texts[pick(8)],
            .markings = list(),
            .granular = list(),
            .hidden = list(),
            .producer = texts[pick(8)],
            .source = PartyNo{pick(2)},
            .held_for = PartyNo{pick(2)},
            .needs = {}};
        f.needs.resize(pick(3));
        for (auto& need : f.needs)
            need.assign(pick(3), ClassNo{pick(12)});
        const auto back = facets_of(facets_key(f));
        ASSERT_TRUE(back);
        ASSERT_EQ(*back, f);
        all.push_back(std::move(f));
    }
    std::set<std::string> keys;
    std::vector<Facets> distinct;
    for (const Facets& f : all) {
        if (keys.insert(facets_key(f)).second) distinct.push_back(f);
    }
    for (const Facets& f : all) {
        EXPECT_EQ(std::count(distinct.begin(), distinct.end(), f), 1);
    }
}

TEST(FacetsKey, DamagedKeysAreRefused) {
    const std::string key = facets_key(full());
    for (std::size_t cut = 0; cut < key.size(); ++cut) {
        const auto short_one = facets_of(std::string_view(key).substr(0, cut));
        ASSERT_FALSE(short_one) << cut;
        EXPECT_EQ(short_one.error().code, Errc::corrupt);
    }
    EXPECT_FALSE(facets_of(key + "0"));
    EXPECT_FALSE(facets_of(key + '\0'));
    // Two spellings of one number would be two keys for one class.
    for (const char* bad :
         {"",
          "1|",
          "2|0:0:0;0;0:0;0;0;",
          "1|00:0:0;0;0:0;0;0;",
          "1|0:0:0;0;0:00;0;0;",
          "1|0:0:0;0;0:+1;0;0;",
          "1|0:0:0;0;0:-1;0;0;",
          "1|0:0:0;0;0:4294967296;0;0;",
          "1|0:0:99999999999999999;0;0:0;0;0;",
          "1|18446744073709551615:0:0;0;0:0;0;0;",
          "1|0:0:0;0;0:0;0;4;1;1;",
          " 1|0:0:0;0;0:0;0;0;"}) {
        EXPECT_FALSE(facets_of(bad)) << bad;
    }
    EXPECT_TRUE(facets_of("1|0:0:0;0;0:0;0;0;"));
}

TEST(ClassTable, FindsByNumberAndKeepsGapsEmpty) {
    ClassTable table;
    EXPECT_EQ(table.size(), 0U);
    table.add(ClassNo{1}, full());
    table.add(ClassNo{5}, {.type = "malware"});
    EXPECT_EQ(table.size(), 6U);
    ASSERT_NE(table.find(ClassNo{1}), nullptr);
    EXPECT_EQ(*table.find(ClassNo{1}), full());
    EXPECT_EQ(table.find(ClassNo{5})->type, "malware");
    for (const std::uint32_t gap : {0U, 2U, 4U, 6U, 4'294'967'295U}) {
        EXPECT_EQ(table.find(ClassNo{gap}), nullptr) << gap;
    }
    EXPECT_DEATH(table.add(ClassNo{5}, {.type = "tool"}), "facets_.size");
    EXPECT_DEATH(ClassTable().add(ClassNo{0}, {.type = "tool"}), "raw\\(no\\) > 0");
}

}  // namespace
}  // namespace entente::agreement
