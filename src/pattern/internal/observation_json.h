#pragma once
// JSON text into a value that is exactly what the text says: doubles rounded right, no name twice.
#include "base/result.h"

#include <boost/json/value.hpp>

#include <string_view>

namespace entente::pattern {

/// Fails malformed with the byte: not JSON, nested deeper than limits::pattern_observed_depth_max,
/// a name twice in one object, a number beyond a double.
[[nodiscard]] Result<boost::json::value> read_json(std::string_view text);

}  // namespace entente::pattern
