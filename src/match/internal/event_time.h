#pragma once
// Times as sensors write them.
#include "base/time.h"

#include <optional>
#include <string_view>

namespace entente::match {

/// `2023-09-03T00:00:29.092106+0300`: RFC 3339 with `T` or a blank, any fraction (cut to
/// microseconds), and Z, +hh:mm, +hhmm or nothing (UTC) at the end. Nothing for other texts.
[[nodiscard]] std::optional<Micros> read_event_time(std::string_view text) noexcept;

}  // namespace entente::match
