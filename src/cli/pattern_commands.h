#pragma once
// `entente pattern check`, `explain` and `match`: STIX patterns without a node.
#include "cli/context.h"

#include <string>
#include <vector>

namespace entente::cli {

struct PatternCheckOptions {
    Common common;
    std::vector<std::string> patterns;  // "-" = the lines of standard input
    std::string stix_version = "2.1";
};

/// Says of each pattern whether it is sound, and shows where it is not. Exit: ok; bad_pattern.
[[nodiscard]] Result<Exit> pattern_check(const PatternCheckOptions& options, Context& context);

struct PatternExplainOptions {
    Common common;
    std::string pattern;
    std::string stix_version = "2.1";
};

/// Says in words what a pattern asks for. Exit: ok; bad_pattern.
[[nodiscard]] Result<Exit> pattern_explain(const PatternExplainOptions& options, Context& context);

struct PatternMatchOptions {
    Common common;
    std::string pattern;
    std::string observed;  // a file, "-" = standard input
    std::string cases;     // a file of cases instead of the two
    std::string stix_version = "2.1";
    bool reference = false;
};

/// Evaluates a pattern over observed data. Exit: ok (match), findings (no match), bad_pattern,
/// refused (bad observations), state (not decided within the limits). With cases: ok when each has
/// its answer; refused when a line is no case.
[[nodiscard]] Result<Exit> pattern_match(const PatternMatchOptions& options, Context& context);

}  // namespace entente::cli
