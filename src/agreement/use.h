#pragma once
// What the terms of an agreement let a receiver do with what it got. Pure.
#include "agreement/document.h"

#include <cstdint>
#include <string_view>

namespace entente::agreement {

/// What is done with an indicator. Each is more than the one before.
enum class Action : std::uint8_t {
    look,   // people read it
    hunt,   // sensors and searches look for it
    block,  // traffic is stopped because of it
};

/// "look", "hunt", "block".
[[nodiscard]] std::string_view action_text(Action action) noexcept;

/// The most that these terms allow (IEP 2.0, permitted_actions): what nobody outside can see is a
/// hunt; who is blocked sees that, indirectly at least; where there must be no action, or none
/// without asking, people look. Terms with purposes that name neither network-defence nor
/// incident-response allow no more than that either.
[[nodiscard]] Action permitted(const Use& use);

}  // namespace entente::agreement
