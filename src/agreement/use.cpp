#include "agreement/use.h"

#include <algorithm>

namespace entente::agreement {

std::string_view action_text(Action action) noexcept {
    switch (action) {
        case Action::look:
            return "look";
        case Action::hunt:
            return "hunt";
        case Action::block:
            return "block";
    }
    return "look";
}

Action permitted(const Use& use) {
    const bool defends =
        use.purposes.empty() || std::ranges::any_of(use.purposes, [](const std::string& purpose) {
            return purpose == "network-defence" || purpose == "incident-response";
        });
    if (!defends) return Action::look;
    if (use.permitted_actions == "externally-visible-indirect-actions" ||
        use.permitted_actions == "externally-visible-direct-actions") {
        return Action::block;
    }
    return use.permitted_actions == "internally-visible-actions" ? Action::hunt : Action::look;
}

}  // namespace entente::agreement
