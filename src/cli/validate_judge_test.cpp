#include "cli/validate_judge.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace entente::cli {
namespace {

using stix::Finding;
using stix::Level;
using stix::Spec;

/// "must S43 /id" of every finding.
std::vector<std::string> words(const std::vector<Finding>& findings) {
    std::vector<std::string> words;
    for (const Finding& finding : findings) {
        words.push_back(
            (finding.level == Level::must ? "must " : "should ") + std::to_string(finding.code) +
            " " + std::string(finding.rule) + " " + finding.pointer
        );
    }
    return words;
}

using Words = std::vector<std::string>;

TEST(Versions, TellThoseThatComeTwice) {
    SeededRandom random(1);
    Versions versions(random, 2);
    std::vector<Finding> findings;
    const auto take = [&](const char* id, const char* modified) {
        findings.clear();
        Facts facts;
        facts.id = id;
        facts.modified = modified;
        versions.take(facts, findings);
        return words(findings);
    };
    EXPECT_EQ(take("a", "1"), Words{});
    EXPECT_EQ(take("a", "2"), Words{});
    EXPECT_EQ(take("a", "1"), Words{"should 203 S28 /modified"});
    EXPECT_EQ(take("a", ""), Words{});
    EXPECT_EQ(take("a", ""), Words{});
    EXPECT_FALSE(versions.overflowed());
    EXPECT_EQ(take("b", "1"), Words{});
    EXPECT_TRUE(versions.overflowed());
    EXPECT_EQ(take("a", "2"), Words{"should 203 S28 /modified"});
    versions.clear();
    EXPECT_EQ(take("a", "1"), Words{});
}

/// Stands for the checker: an object is what its text says, and the spec is noted.
class FakeChecker {
  public:
    const std::vector<Finding>& operator()(std::string_view text, const stix::CheckOptions& how) {
        findings_.clear();
        specs.push_back(how.spec);
        texts.emplace_back(text);
        if (!is_json(text)) {
            findings_.push_back({Level::must, 0, "S1", "", "no JSON"});
            return findings_;
        }
        if (text.find("\"bad\"") != std::string_view::npos) {
            findings_.push_back({Level::must, 0, "S33", "/bad", "bad is bad"});
        }
        if (text.find("\"x_y\"") != std::string_view::npos) {
            findings_.push_back({Level::should, 401, "S74", "/x_y", "custom"});
        }
        return findings_;
    }

    std::vector<Spec> specs;
    std::vector<std::string> texts;

  private:
    std::vector<Finding> findings_;
};

class Judging : public ::testing::Test {
  protected:
    Judging() : random_(5), ignored_(*Ignored::read({})), report_({}, ignored_) {
        report_.add_input("in.json");
    }

    [[nodiscard]] CheckObject check() {
        return [this](
                   std::string_view text, const stix::CheckOptions& how
               ) -> const std::vector<Finding>& { return checker_(text, how); };
    }

    [[nodiscard]] boost::json::object document() const { return report_.document(0, 1'000'000); }

    /// "must 0 S33 1" of every group, count at the end.
    [[nodiscard]] Words groups() const {
        Words words;
        const auto whole = document();
        for (const auto& group : whole.at("groups").as_array()) {
            words.push_back(
                std::string(group.at("level").as_string()) + " " +
                boost::json::serialize(group.at("code")) + " " +
                std::string(group.at("rule").as_string()) + " " +
                boost::json::serialize(group.at("count"))
            );
        }
        return words;
    }

    SeededRandom random_;
    Ignored ignored_;
    Report report_;
    FakeChecker checker_;
};

constexpr FoundAt somewhere{0, 10, 2};

TEST_F(Judging, AnObjectIsJudgedAsItsBundleSays) {
    Judge judge({}, check(), report_, random_);
    judge.begin_input();
    judge.object(R"({"type":"t","bad":1})", somewhere);
    judge.opened(R"({"type":"bundle","spec_version":"2.0","id":"bundle--1","objects":)", somewhere);
    judge.object(R"({"type":"t"})", somewhere);
    judge.closed("}", somewhere);
    judge.opened(R"({"type":"bundle","objects":)", somewhere);
    judge.object(R"({"type":"t"})", somewhere);
    judge.closed("}", somewhere);
    judge.finish();
    EXPECT_EQ(
        checker_.specs,
        (std::vector{Spec::as_stated, Spec::v20, Spec::as_stated, Spec::as_stated, Spec::as_stated})
    );
    EXPECT_EQ(groups(), (Words{"must null S33 1"}));
    EXPECT_EQ(document().at("objects").to_number<int>(), 3);
    EXPECT_EQ(document().at("bundles").to_number<int>(), 2);
}

TEST_F(Judging, TheSpecThatIsAskedForWins) {
    Judge judge({.spec = Spec::v21}, check(), report_, random_);
    judge.opened(R"({"type":"bundle","spec_version":"2.0","objects":)", somewhere);
    judge.object(R"({"type":"t"})", somewhere);
    EXPECT_EQ(checker_.specs, (std::vector{Spec::v21}));
}

TEST_F(Judging, VersionsThatComeTwiceCountWithinOneList) {
    const std::string_view object = R"({"type":"t","id":"t--1","modified":"m"})";
    Judge judge({}, check(), report_, random_);
    for (int i = 0; i < 2; ++i) {
        judge.opened("", somewhere);
        judge.object(object, somewhere);
        judge.closed("", somewhere);
    }
    EXPECT_EQ(groups(), Words{});
    judge.opened("", somewhere);
    judge.object(object, somewhere);
    judge.object(object, somewhere);
    judge.closed("", somewhere);
    EXPECT_EQ(groups(), Words{"should 203 S28 1"});
    judge.begin_input();
    judge.object(object, somewhere);
    judge.object(object, somewhere);
    judge.begin_input();
    judge.object(object, somewhere);
    EXPECT_EQ(groups(), Words{"should 203 S28 2"});
}

TEST_F(Judging, ABundleIsJudgedWithoutItsObjects) {
    Judge judge({}, check(), report_, random_);
    judge.opened(R"({"type":"bundle","bad":1,"objects":)", somewhere);
    judge.object(R"({"type":"t"})", somewhere);
    judge.object(R"({"type":"t"})", somewhere);
    judge.closed(R"(,"x_y":2})", {0, 500, 50});
    EXPECT_EQ(checker_.texts.back(), R"({"type":"bundle","bad":1,"x_y":2})");
    const auto example = document().at("groups").at(1).at("places").at(0).at("examples").at(0);
    EXPECT_EQ(example.at("byte").to_number<int>(), 501);
    EXPECT_EQ(example.at("line").to_number<int>(), 50);
    EXPECT_EQ(groups(), (Words{"must null S33 1", "should 401 S74 1"}));
    judge.opened(R"({ "obj\u0065cts" : )", somewhere);
    judge.object("{}", somewhere);
    judge.closed(R"( , "type":"bundle"})", somewhere);
    EXPECT_EQ(checker_.texts.back(), R"({   "type":"bundle"})");
    // An empty list stays empty.
    judge.opened(R"({"id":"bundle--1","objects":)", somewhere);
    judge.closed("}", somewhere);
    EXPECT_EQ(checker_.texts.back(), R"({"id":"bundle--1","objects":[]})");
    // Only a list, and a page of TAXII, have nothing to judge.
    const std::size_t before = checker_.texts.size();
    judge.opened("", somewhere);
    judge.closed("", somewhere);
    judge.opened(R"({"more":true,"bad":1,"objects":)", somewhere);
    judge.closed("}", somewhere);
    EXPECT_EQ(checker_.texts.size(), before);
    EXPECT_EQ(groups(), (Words{"must null S33 1", "should 401 S74 1"}));
    judge.opened(R"({"type":"report","objects":)", somewhere);
    judge.closed("}", somewhere);
    EXPECT_EQ(groups()[1], "must null S43 1");
    EXPECT_EQ(document().at("objects").to_number<int>(), 3);
    // What stands around is not known where it is too long.
    judge.opened("", somewhere);
    judge.closed("}", somewhere);
    EXPECT_EQ(groups().back(), "should null S43 1");
}

TEST_F(Judging, WhatIsNoJsonIsUnreadable) {
    Judge judge({}, check(), report_, random_);
    judge.object(R"({"type":tru})", somewhere);
    EXPECT_TRUE(report_.sound());
    EXPECT_FALSE(report_.readable());
    judge.opened(R"({"x":tru,"objects":)", somewhere);
    judge.closed("}", somewhere);
    judge.opened(R"({"type":"bundle","x":tru,"objects":)", somewhere);
    judge.closed("}", somewhere);
    EXPECT_EQ(document().at("unreadable").as_array().size(), 3U);
    EXPECT_TRUE(report_.sound());
    // Twice the same name is JSON, but wrong.
    judge.opened(R"({"a":1,"a":2,"objects":)", somewhere);
    judge.closed("}", somewhere);
    EXPECT_EQ(document().at("unreadable").as_array().size(), 3U);
    EXPECT_EQ(groups(), (Words{"must null S1 1"}));
}

TEST_F(Judging, ABundleInABundleIsWrong) {
    const std::string_view bundle = R"({"type":"bundle","id":"bundle--1"})";
    Judge judge({}, check(), report_, random_);
    judge.opened("", somewhere);
    judge.object(bundle, somewhere);
    judge.closed("", somewhere);
    EXPECT_EQ(groups(), Words{"must null S43 1"});
    judge.object(bundle, somewhere);  // by itself it is one
    EXPECT_EQ(groups(), Words{"must null S43 1"});
    EXPECT_EQ(document().at("bundles").to_number<int>(), 1);
}

TEST_F(Judging, ReferencesLeadToWhatWasGivenAnywhere) {
    const std::string a = "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f";
    const std::string b = "identity--9c6af861-7b20-41ef-9b59-6344fd872a8f";
    const std::string green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
    Judge judge({.enforce_refs = true}, check(), report_, random_);
    judge.begin_input();
    judge.object(
        R"({"type":"t","id":"t--1","a_ref":")" + a + R"(","b_refs":[")" + b +
            R"("],"object_marking_refs":[")" + green + R"("]})",
        somewhere
    );
    judge.begin_input();
    judge.object(R"({"type":"identity","id":")" + a + R"("})", somewhere);
    judge.finish();
    EXPECT_EQ(groups(), Words{"must null S23 1"});
    const auto place = document().at("groups").at(0).at("places").at(0);
    EXPECT_EQ(place.at("pointer").as_string(), "/b_refs/*");
    const auto example = place.at("examples").at(0);
    EXPECT_EQ(example.at("pointer").as_string(), "/b_refs/0");
    EXPECT_EQ(example.at("id").as_string(), "t--1");
    EXPECT_NE(std::string(example.at("message").as_string()).find(b), std::string::npos);
    EXPECT_FALSE(report_.sound());
}

TEST_F(Judging, ALineIsJudgedWithAllThatIsOnIt) {
    LineJudge judge(Spec::as_stated, check(), random_);
    EXPECT_EQ(
        words(judge.check(R"({"type":"t","bad":1,"x_y":2})")),
        (Words{"must 0 S33 /bad", "should 401 S74 /x_y"})
    );
    EXPECT_EQ(words(judge.check(R"({"type":"t"})")), Words{});
    EXPECT_EQ(words(judge.check("")), Words{"must 0 S1 "});
    EXPECT_EQ(words(judge.check(" \r")), Words{"must 0 S1 "});
    EXPECT_EQ(words(judge.check("nonsense")), Words{"must 0 S1 "});
    EXPECT_EQ(
        words(judge.check(R"([{"bad":1},7,{"bad":2}])")),
        (Words{"must 0 S33 /0/bad", "must 0 S33 /2/bad"})
    );
    EXPECT_EQ(words(judge.check("[{}, tru]")), Words{"must 0 S1 "});
    const std::string twice = R"({"id":"t--1","modified":"m"})";
    EXPECT_EQ(
        words(judge.check(
            R"({"type":"bundle","objects":[{"bad":1},)" + twice + "," + twice + R"(],"x_y":1})"
        )),
        (Words{
            "must 0 S33 /objects/0/bad",
            "should 203 S28 /objects/2/modified",
            "should 401 S74 /x_y"})
    );
    EXPECT_EQ(words(judge.check(twice)), Words{});
    EXPECT_EQ(words(judge.check(R"({"type":"bundle","bad":1})")), Words{"must 0 S33 /bad"});
    EXPECT_EQ(words(judge.check(R"({"a":1,"a":1,"objects":[{}]})")), Words{"must 0 S1 "});
    EXPECT_EQ(words(judge.check(R"({"objects":[{}]} {})")), Words{"must 0 S1 "});
}

}  // namespace
}  // namespace entente::cli
