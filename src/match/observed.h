#pragma once
// Observed data of STIX as events (STIX 2.1, 4.14; STIX 2.0, 2.8).
#include "base/result.h"
#include "match/event.h"

#include <boost/json/fwd.hpp>

#include <functional>
#include <string_view>

namespace entente::match {

/// Fills `event` from each observed-data in `text` and calls `take`, one after another. `text` is
/// one of, or a list of, observed-data with `objects`, observed-data with `object_refs`, bundles,
/// and the objects that are referred to. What is taken lives until `take` returns. Fails: malformed
/// (no JSON), unprocessable (no observed-data where one must be, times missing or wrong, nesting
/// over limits::match_event_depth_max; with the JSON pointer). Calls made before stay made.
[[nodiscard]] Result<void> read_observed(
    std::string_view text, Event& event, const std::function<void(const Event&)>& take
);

}  // namespace entente::match
