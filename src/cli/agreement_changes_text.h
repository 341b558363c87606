#pragma once
// What differs between two agreements, as commands tell it.
#include "agreement/diff.h"

#include <boost/json/array.hpp>

#include <string>
#include <vector>

namespace entente::cli {

[[nodiscard]] boost::json::array changes_json(const agreement::Diff& diff);

/// One line for each change, `expanded  /flows/f1/max_marking: "green" -> "amber"`, and one that
/// says whose giving may be widened.
[[nodiscard]] std::vector<std::string> change_lines(const agreement::Diff& diff);

}  // namespace entente::cli
