#include "cli/validate_report.h"

#include "base/limits.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace entente::cli {
namespace {

using stix::Finding;
using stix::Level;

class Reports : public ::testing::Test {
  protected:
    Reports() : ignored_(*Ignored::read({"302,S5"})), report_({}, ignored_) {
        report_.add_input("a.json");
        report_.add_input("b.json");
    }

    void take(
        std::string_view text, const std::vector<Finding>& findings, FoundAt at = {0, 100, 7}
    ) {
        Facts facts;
        read_facts(text, facts);
        report_.take({text, at, facts}, findings);
    }

    static Finding must(std::string pointer, std::string_view rule = "S33") {
        return {Level::must, 0, rule, std::move(pointer), "this is wrong"};
    }

    static Finding should(std::string pointer, std::uint16_t code = 401) {
        return {Level::should, code, "S74", std::move(pointer), "this could be better"};
    }

    [[nodiscard]] boost::json::object document() const {
        return report_.document(4'096, 2'000'000);
    }

    [[nodiscard]] std::string text() const {
        std::string all;
        for (const std::string& line : report_.lines(4'096, 2'000'000))
            all += line + "\n";
        return all;
    }

    [[nodiscard]] std::uint64_t number(std::string_view name) const {
        return document().at(name).to_number<std::uint64_t>();
    }

    Ignored ignored_;
    Report report_;
};

TEST_F(Reports, CountByLevelObjectAndFile) {
    take("{}", {});
    take("{}", {must("/a"), must("/b"), should("/c")});
    take("{}", {should("/c")}, {1, 0, 1});
    EXPECT_EQ(number("objects"), 3U);
    EXPECT_EQ(number("must"), 2U);
    EXPECT_EQ(number("should"), 2U);
    EXPECT_EQ(number("objects_with_must"), 1U);
    EXPECT_EQ(number("objects_with_should_only"), 1U);
    const auto inputs = document().at("inputs").as_array();
    ASSERT_EQ(inputs.size(), 2U);
    EXPECT_EQ(inputs[0].at("must").to_number<int>(), 2);
    EXPECT_EQ(inputs[1].at("should").to_number<int>(), 1);
    EXPECT_FALSE(report_.sound());
    EXPECT_TRUE(report_.readable());
}

TEST_F(Reports, StrictCountsRecommendationsToo) {
    Report strict({.strict = true}, ignored_);
    strict.add_input("a.json");
    Facts facts;
    strict.take({"{}", {0, 0, 1}, facts}, {should("/c")});
    EXPECT_FALSE(strict.sound());
    take("{}", {should("/c")});
    EXPECT_TRUE(report_.sound());
}

TEST_F(Reports, LeaveOutWhatIsIgnored) {
    take("{}", {should("/c", 302), must("/v", "S5")});
    EXPECT_EQ(number("ignored"), 2U);
    EXPECT_EQ(number("must"), 0U);
    EXPECT_EQ(number("objects_with_must"), 0U);
    EXPECT_TRUE(report_.sound());
    EXPECT_TRUE(document().at("groups").as_array().empty());
}

TEST_F(Reports, GroupByRuleThenByPlace) {
    take(R"({"type":"tool"})", {should("/l/0/x"), should("/l/17/x"), must("/m")});
    take(R"({"type":"tool"})", {should("/l/3/x"), should("/other")});
    const auto groups = document().at("groups").as_array();
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].at("level").as_string(), "must");
    EXPECT_TRUE(groups[0].at("code").is_null());
    EXPECT_EQ(groups[0].at("about").as_string(), "indicator (4.7)");
    EXPECT_EQ(groups[1].at("code").to_number<int>(), 401);
    EXPECT_EQ(groups[1].at("check").as_string(), "extensions-use");
    EXPECT_EQ(groups[1].at("count").to_number<int>(), 4);
    EXPECT_EQ(groups[1].at("objects").to_number<int>(), 2);
    const auto places = groups[1].at("places").as_array();
    ASSERT_EQ(places.size(), 2U);
    EXPECT_EQ(places[0].at("pointer").as_string(), "/l/*/x");
    EXPECT_EQ(places[0].at("type").as_string(), "tool");
    EXPECT_EQ(places[0].at("count").to_number<int>(), 3);
    EXPECT_EQ(places[0].at("examples").as_array().size(), 3U);
    EXPECT_EQ(places[0].at("examples").at(1).at("pointer").as_string(), "/l/17/x");
}

TEST_F(Reports, ShowWhereAnExampleStands) {
    const std::string_view object =
        "{\n  \"type\": \"tool\",\n  \"id\": \"tool--1\",\n  \"m\": 5\n}";
    take(object, {must("/m")});
    const auto example = document().at("groups").at(0).at("places").at(0).at("examples").at(0);
    EXPECT_EQ(example.at("file").as_string(), "a.json");
    EXPECT_EQ(example.at("line").to_number<std::size_t>(), 10U);
    EXPECT_EQ(example.at("byte").to_number<std::size_t>(), 100 + object.find("\"m\""));
    EXPECT_EQ(example.at("id").as_string(), "tool--1");
    EXPECT_EQ(example.at("excerpt").as_string(), "\"m\": 5");
    EXPECT_EQ(
        text().substr(0, text().find("\n\n") + 1),
        "MUST   S33  indicator (4.7): 1 finding in 1 object\n"
        "  tool /m\n"
        "    this is wrong\n"
        "    a.json:10 (byte " +
            std::to_string(100 + object.find("\"m\"")) +
            ") tool--1\n"
            "    | \"m\": 5\n"
    );
}

TEST_F(Reports, EscapeWhatStrangersWrote) {
    const std::string evil =
        "{\"type\":\"\x1b[31m\",\"id\":\"a\x07\",\"m\":\"\xE2\x80\xAE\xFF\x1b\"}";
    take(evil, {{Level::must, 0, "S33", "/m\x1b", "wrong: \x1b[2J"}});
    const std::string shown = text() + boost::json::serialize(document());
    for (const char c : shown) {
        EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << shown;
    }
    EXPECT_EQ(shown.find("\xE2\x80\xAE"), std::string::npos);
    EXPECT_EQ(shown.find('\xFF'), std::string::npos);
    EXPECT_NE(text().find("wrong: \\u{001b}[2J"), std::string::npos) << text();
}

TEST_F(Reports, AreBoundedHoweverMuchIsWrong) {
    for (int i = 0; i < 5'000; ++i) {
        const std::string type = "x-" + std::to_string(i);
        take(R"({"type":")" + type + R"("})", {must("/k" + std::to_string(i)), should("/p")});
    }
    const auto group = document().at("groups").at(0);
    EXPECT_EQ(group.at("count").to_number<int>(), 5'000);
    EXPECT_EQ(group.at("places").as_array().size(), limits::validate_places_max);
    EXPECT_EQ(group.at("elsewhere").to_number<std::size_t>(), 5'000 - limits::validate_places_max);
    EXPECT_LE(document().at("types").as_object().size(), limits::validate_types_max);
    const auto lines = report_.lines(0, 1);
    EXPECT_LT(lines.size(), 60U);
    for (int i = 0; i < 5'000; ++i)
        report_.unreadable({0, 0, 0}, "broken");
    EXPECT_EQ(document().at("unreadable").as_array().size(), limits::validate_unreadable_max);
    EXPECT_EQ(number("unreadable_count"), 5'000U);
}

TEST_F(Reports, KeepOnlySoManyExamples) {
    Report many({.examples_max = 100}, ignored_);
    many.add_input("a.json");
    Facts facts;
    for (int i = 0; i < 12'000; ++i) {
        facts.type = "t" + std::to_string(i % 64);
        many.take(
            {"{}", {0, 0, 1}, facts}, {must("/a", "S33"), must("/a", "S34"), must("/a", "S35")}
        );
    }
    std::size_t examples = 0;
    const auto whole = many.document(0, 1);
    for (const auto& group : whole.at("groups").as_array()) {
        for (const auto& place : group.at("places").as_array())
            examples += place.at("examples").as_array().size();
    }
    EXPECT_EQ(examples, limits::validate_examples_max);
}

TEST_F(Reports, EndWithTheVerdict) {
    take("{}", {});
    EXPECT_NE(text().find("sound: 1 object in 2 files; 0 with"), std::string::npos) << text();
    report_.unreadable({1, 12, 3}, "truncated");
    EXPECT_NE(text().find("unreadable: b.json:3 (byte 12): truncated\n"), std::string::npos);
    EXPECT_NE(text().find("\nunreadable: 1 object"), std::string::npos) << text();
    EXPECT_FALSE(document().at("valid").as_bool());
    take("{}", {must("/a")});
    EXPECT_NE(text().find("not sound, and in part unreadable: 2 objects"), std::string::npos);
    EXPECT_NE(text().find("1 of 2 files are not sound:\n  a.json: 2 objects"), std::string::npos)
        << text();
    report_.interrupted();
    EXPECT_NE(text().find("\ninterrupted: 2 objects"), std::string::npos);
    EXPECT_TRUE(document().at("interrupted").as_bool());
}

}  // namespace
}  // namespace entente::cli
