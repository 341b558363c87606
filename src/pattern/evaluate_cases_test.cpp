// The cases of the OASIS reference matcher, where they are: ENTENTE_SHARED_DATA names the folder of
// real data.
#include "pattern/evaluate.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace entente::pattern {
namespace {

/// Where the standard says something else than the reference's tests, with the clause of STIX 2.1
/// that decides.
struct Departure {
    std::string_view result, clause;
};

constexpr std::string_view not_comparable =
    "9.6.1: arguments of incompatible types are false (a text that is no timestamp is a string)";
constexpr std::string_view one_of_a_kind =
    "9.5.1: MUST NOT have more than one Qualifier of a particular type; 9.4: matches nothing";
constexpr std::string_view positive = "9.5.1: x MUST be positive; 9.4: matches nothing";
constexpr std::string_view timestamps =
    "9.5.1: x and y MUST be of type timestamp; 9.4: an invalid constant matches nothing";
constexpr std::string_view strictly_within =
    "9.5.1: the latest MUST NOT be equal to or later than the earliest plus the window";

const std::map<std::string_view, Departure>& departures() {
    static const std::map<std::string_view, Departure> all{
        {"v20-basic_ops-5b09b81d", {"no_match", not_comparable}},
        {"v21-basic_ops-5b09b81d", {"no_match", not_comparable}},
        {"v20-timestamps-aa9e24a1", {"no_match", not_comparable}},
        {"v21-timestamps-aa9e24a1", {"no_match", not_comparable}},
        {"v20-timestamps-0f14f882", {"no_match", not_comparable}},
        {"v21-timestamps-0f14f882", {"no_match", not_comparable}},
        {"v20-timestamps-91df1776", {"no_match", not_comparable}},
        {"v21-timestamps-91df1776", {"no_match", not_comparable}},
        {"v21-complex-6c0d16c6", {"pattern_error", one_of_a_kind}},
        {"v20-temporal_qualifiers-d61036e0", {"pattern_error", positive}},
        {"v21-temporal_qualifiers-d61036e0", {"pattern_error", positive}},
        {"v20-temporal_qualifiers-83380a1e", {"pattern_error", timestamps}},
        {"v20-temporal_qualifiers-4e4954ad", {"pattern_error", timestamps}},
        {"v20-temporal_qualifiers-80686821", {"pattern_error", timestamps}},
        {"v20-temporal_qualifiers-acaca49b", {"pattern_error", timestamps}},
        {"v20-temporal_qualifiers-c8b66317-2", {"no_match", strictly_within}},
        {"v21-temporal_qualifiers-c8b66317-2", {"no_match", strictly_within}},
    };
    return all;
}

struct Case {
    std::string id, text, expected;
    Dialect dialect = Dialect::v21;
    bool reference_agrees = false;
    boost::json::value observations;
    std::optional<std::size_t> bound;
};

std::string result_of(const Case& c, bool reference, std::size_t* bound = nullptr) {
    const EvaluateOptions options{c.dialect, reference};
    const auto pattern = parse(c.text, c.dialect);
    if (!pattern || (!reference && flaw(*pattern, options))) return "pattern_error";
    const auto observations = ObservationSet::read(c.observations, options);
    if (!observations) return "match_error";
    const auto match = evaluate(*pattern, *observations, options);
    if (!match) return "match_error";
    if (bound != nullptr) *bound = match->bound.size();
    EXPECT_NE(match->verdict, Match::Verdict::gave_up) << c.id << match->why;
    return match->verdict == Match::Verdict::match ? "match" : "no_match";
}

class MatcherCases : public ::testing::Test {
  protected:
    void SetUp() override {
        const char* folder = std::getenv("ENTENTE_SHARED_DATA");
        if (folder == nullptr) GTEST_SKIP() << "ENTENTE_SHARED_DATA names no folder";
        std::ifstream file(std::string(folder) + "/oasis-pattern-matcher-cases/cases.jsonl");
        for (std::string line; std::getline(file, line);) {
            const boost::json::value read = boost::json::parse(line);
            Case c;
            c.id = read.at("id").as_string();
            c.text = read.at("pattern").as_string();
            c.expected = read.at("expected").as_string();
            c.dialect = read.at("stix_version").as_string() == "2.0" ? Dialect::v20 : Dialect::v21;
            c.reference_agrees = read.at("reference_agrees").as_bool();
            c.observations = read.at("observations");
            if (const auto* n = read.as_object().if_contains("n_matched_sdos");
                n != nullptr && n->is_int64()) {
                c.bound = static_cast<std::size_t>(n->as_int64());
            }
            cases_.push_back(std::move(c));
        }
        ASSERT_EQ(cases_.size(), 418U);
    }

    std::vector<Case> cases_;
};

TEST_F(MatcherCases, ComeOutAsExpectedOrAsTheStandardSays) {
    std::size_t departed = 0;
    for (const Case& c : cases_) {
        SCOPED_TRACE(c.id + " " + c.text);
        const auto departure = departures().find(c.id);
        if (departure == departures().end()) {
            EXPECT_EQ(result_of(c, false), c.expected);
        } else {
            EXPECT_EQ(result_of(c, false), departure->second.result) << departure->second.clause;
            EXPECT_NE(departure->second.result, c.expected);
            ++departed;
        }
    }
    EXPECT_EQ(departed, departures().size());
}

TEST_F(MatcherCases, AllAgreeWithTheReferenceWhenAskedTo) {
    std::size_t judged = 0;
    for (const Case& c : cases_) {
        if (!c.reference_agrees) continue;
        SCOPED_TRACE(c.id + " " + c.text);
        std::size_t bound = 0;
        EXPECT_EQ(result_of(c, true, &bound), c.expected);
        if (c.bound && c.expected == "match") {
            EXPECT_EQ(bound, *c.bound);
        }
        ++judged;
    }
    EXPECT_EQ(judged, 408U);
}

}  // namespace
}  // namespace entente::pattern
