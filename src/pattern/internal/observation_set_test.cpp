// Reading observations.
#include "pattern/internal/observation_set.h"

#include "pattern/internal/evaluate_testing.h"

#include <gtest/gtest.h>

#include <vector>

namespace entente::pattern {
namespace {

using namespace testing;

TEST(ObservationSet, SaysWhatIsWrongAndWhere) {
    struct Bad {
        std::string json, words;
    };

    const std::string times =
        R"("first_observed": "2026-01-01T00:00:00Z", "last_observed": "2026-01-01T00:00:00Z")";
    const std::vector<Bad> all{
        {"", "not JSON"},
        {"[{]", "byte 2"},
        {"[] []", "after the end"},
        {R"([{"type": "x", "type": "y"}])", "'type' twice"},
        {R"({"n": 1e999})", "too large"},
        {"[" + of_x(R"("a": 1)") + ", 5]", "/1: not an object"},
        {R"([{"a": 1}])", "/0: neither"},
        {R"([{"type": "observed-data", "number_observed": 1, )" + times + "}]",
         "/0: neither object_refs nor objects"},
        {R"([{"type": "observed-data", "objects": {}, "number_observed": 0, )" + times + "}]",
         "/0/number_observed"},
        {R"([{"type": "observed-data", "objects": {}, "number_observed": 1.5, )" + times + "}]",
         "/0/number_observed"},
        {R"([{"type": "observed-data", "objects": {}, "number_observed": -1, )" + times + "}]",
         "/0/number_observed"},
        {R"([{"type": "observed-data", "objects": {}, )" + times + "}]", "no number_observed"},
        {R"([{"type": "observed-data", "objects": {}, "number_observed": 1}])",
         "no first_observed"},
        {observed("{}", "2026-01-01 00:00:00Z"), "/first_observed: not a STIX timestamp"},
        {observed("{}", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"), "last_observed is before"},
        {observed(R"({"0": 5})"), "/objects/0: not an object"},
        {R"([{"type": "observed-data", "object_refs": [5], "number_observed": 1, )" + times + "}]",
         "/0/object_refs"},
        {R"({"type": "bundle", "objects": [{"type": "observed-data"}]})",
         "/objects/0: no first_observed"},
        {std::string(200, '[') + std::string(200, ']'), "byte"},
    };
    for (const Bad& bad : all) {
        const auto read = ObservationSet::read_text(bad.json);
        ASSERT_FALSE(read) << bad.json;
        EXPECT_NE(read.error().detail.find(bad.words), std::string::npos) << read.error().detail;
    }
}

TEST(ObservationSet, NoObservationsMatchNothing) {
    EXPECT_EQ(verdict("[x:a != 1]", "[]"), "no_match");
    EXPECT_EQ(ObservationSet::read_text("[]")->size(), 0U);
    EXPECT_EQ(
        ObservationSet::read_text("[" + of_x(R"("a": 1)") + "," + of_x(R"("a": 1)") + "]")->size(),
        2U
    );
}

}  // namespace
}  // namespace entente::pattern
