// The engine on the cases of the OASIS reference matcher: it says what the plain evaluator says.
// They are where ENTENTE_SHARED_DATA names the folder of real data.
#include "match/indicators.h"
#include "match/observed.h"
#include "match/watch.h"
#include "pattern/evaluate.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace entente::match {
namespace {

using pattern::Dialect;

/// "match", "no_match", "forgotten" (no match, and something was dropped that waited for more than
/// a day), "pattern_error" or "match_error".
std::string said_by_the_engine(
    std::string_view text, Dialect dialect, const std::string& observations
) {
    IndicatorSet set({{}, false});
    if (!set.add({7, text, dialect, {}})) return "pattern_error";
    Watch watch(set.publish());
    Event event;
    std::uint64_t number = 0;
    bool hit = false;
    const auto read = read_observed(observations, event, [&](const Event& made) {
        hit = !watch.look(made, number++).empty() || hit;
        EXPECT_FALSE(watch.was_cut());
    });
    if (!read) return "match_error";
    if (hit) return "match";
    return watch.counts().forgotten > 0 ? "forgotten" : "no_match";
}

std::string said_plainly(std::string_view text, Dialect dialect, const std::string& observations) {
    const pattern::EvaluateOptions options{dialect, false};
    const auto parsed = pattern::parse(text, dialect);
    if (!parsed || pattern::flaw(*parsed, options)) return "pattern_error";
    const auto read = pattern::ObservationSet::read_text(observations, options);
    if (!read) return "match_error";
    const auto match = pattern::evaluate(*parsed, *read, options);
    EXPECT_TRUE(match.has_value());
    return match->verdict == pattern::Match::Verdict::match ? "match" : "no_match";
}

TEST(WatchCases, OfTheReferenceMatcherComeOutAsThePlainEvaluatorSays) {
    const char* const folder = std::getenv("ENTENTE_SHARED_DATA");
    if (folder == nullptr) GTEST_SKIP() << "ENTENTE_SHARED_DATA names no folder";
    std::ifstream file(std::string(folder) + "/oasis-pattern-matcher-cases/cases.jsonl");
    std::size_t cases = 0;
    std::size_t matches = 0;
    for (std::string line; std::getline(file, line); ++cases) {
        const boost::json::value read = boost::json::parse(line);
        const std::string text(read.at("pattern").as_string());
        const bool old = read.at("stix_version").as_string() == "2.0";
        const Dialect dialect = old ? Dialect::v20 : Dialect::v21;
        const std::string observations = boost::json::serialize(read.at("observations"));
        const std::string plainly = said_plainly(text, dialect, observations);
        const std::string said = said_by_the_engine(text, dialect, observations);
        // Some observations lie years apart, but so few are all kept.
        EXPECT_EQ(said, plainly) << read.at("id").as_string() << " " << text;
        matches += plainly == "match" ? 1 : 0;
    }
    EXPECT_EQ(cases, 418U);
    EXPECT_GT(matches, 100U);
}

}  // namespace
}  // namespace entente::match
