#pragma once
#include "base/result.h"

#include <string_view>

namespace entente::match {

/// Fails too_large for an event longer than limits::match_event_bytes_max.
[[nodiscard]] Result<void> check_event_bytes(std::string_view event);

}  // namespace entente::match
