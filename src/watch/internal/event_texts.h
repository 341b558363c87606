#pragma once
// A body with events, cut into the texts of events.
#include "base/result.h"
#include "match/format.h"

#include <cstdint>
#include <functional>
#include <string_view>

namespace entente::watch {

/// Calls `take` with each line, and its number from 1 on; of JSON that goes over lines with each
/// object of it, counted the same way. `whole` gets a text of observed data that goes over lines.
/// Fails as the first of `whole`, or malformed: what goes over lines is no JSON.
[[nodiscard]] Result<void> each_event(
    std::string_view body,
    const std::function<void(std::string_view text, std::uint64_t number)>& take,
    const std::function<Result<void>(std::string_view text)>& whole
);

}  // namespace entente::watch
