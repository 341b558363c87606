#pragma once
// Short ways to ask for a verdict in tests.
#include "pattern/evaluate.h"

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>

namespace entente::pattern {

inline std::ostream& operator<<(std::ostream& out, Match::Verdict verdict) {
    return out
           << (verdict == Match::Verdict::match      ? "match"
               : verdict == Match::Verdict::no_match ? "no_match"
                                                     : "gave_up");
}

namespace testing {

constexpr EvaluateOptions plain{};
constexpr EvaluateOptions as_reference{Dialect::v21, true};
constexpr EvaluateOptions version_20{Dialect::v20, false};

/// An observed-data with the old container, seen at one time or from one to another.
inline std::string observed(
    std::string_view objects,
    std::string_view first = "2026-01-01T00:00:00Z",
    std::string_view last = {},
    int times = 1
) {
    return fmt::format(
        R"({{"type": "observed-data", "number_observed": {}, "first_observed": "{}", "last_observed": "{}", "objects": {}}})",
        times,
        first,
        last.empty() ? first : last,
        objects
    );
}

/// An observed-data with one object of type `x` with these members.
inline std::string of_x(std::string_view members) {
    return observed(fmt::format(R"({{"0": {{"type": "x", {}}}}})", members));
}

/// What comes of a pattern over a JSON text: "match", "no_match", "gave_up", or what is wrong.
inline std::string verdict(
    std::string_view text, std::string_view json, const EvaluateOptions& options = plain
) {
    const auto parsed = parse(text, options.dialect);
    if (!parsed) return "does not parse: " + parsed.error().message;
    const auto observations = ObservationSet::read_text(json, options);
    if (!observations) return "bad observations: " + observations.error().detail;
    const auto match = evaluate(*parsed, *observations, options);
    if (!match) return "error: " + match.error().detail;
    if (match->verdict == Match::Verdict::match) return "match";
    return match->verdict == Match::Verdict::no_match ? "no_match" : "gave_up";
}

}  // namespace testing
}  // namespace entente::pattern
