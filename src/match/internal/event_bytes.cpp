#include "match/internal/event_bytes.h"

#include "base/limits.h"

#include <fmt/format.h>

namespace entente::match {

Result<void> check_event_bytes(std::string_view event) {
    if (event.size() <= limits::match_event_bytes_max) return {};
    return fail(
        Errc::too_large, fmt::format("an event longer than {} bytes", limits::match_event_bytes_max)
    );
}

}  // namespace entente::match
