#pragma once
// A plan with its repeated groups written out, ready to be searched.
#include "pattern/internal/binding_plan.h"
#include "pattern/internal/evaluate_budget.h"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace entente::pattern {

constexpr std::uint32_t none = 0xffffffffU;

/// The moments that the time of a group may be, rising.
struct Axis {
    std::vector<Rank> values;
    /// Of windows: the first rank that is too late when the window begins at the value. Rises with
    /// it.
    std::vector<Rank> ends;
};

/// A choice that must be decided so for something to count.
struct Guard {
    std::uint32_t choice = 0;
    std::uint32_t branch = 0;
};

struct Layout {
    enum class Role : std::uint8_t { first, second, inside };  // of a sequence; of a window

    struct Bound {
        std::uint32_t time = 0;  // index into `times`
        Role role = Role::first;
    };

    struct Leaf {
        const Group* group = nullptr;
        std::vector<Bound> bounds;
        std::vector<Guard> guards;
    };

    struct Time {
        const Axis* axis = nullptr;
        std::vector<Guard> guards;
    };

    struct Choice {
        std::uint32_t branches = 0;
        std::uint32_t before =
            none;  // the choice of the copy before, which decides on no later branch
        std::vector<Guard> guards;
    };

    struct Node {
        const Group* group = nullptr;
        std::vector<std::uint32_t> children;
        std::uint32_t leaf = none, time = none, choice = none;
    };

    std::vector<Node> nodes;  // children before parents; the root is last
    std::vector<Leaf> leaves;
    std::vector<Time> times;
    std::vector<Choice> choices;
    /// Times of copies of one group, which may be taken in rising order.
    std::vector<std::vector<std::uint32_t>> rising;
    /// Leaves that are copies of one leaf of the plan, within one repeated group without choices:
    /// observations may be exchanged.
    std::vector<std::vector<std::uint32_t>> alike;
    std::map<const Group*, std::unique_ptr<Axis>> axes;
};

/// How many groups there are when repeated ones are written out; at most 2^62.
[[nodiscard]] std::uint64_t written_out(const Plan& plan);

/// REQUIRES: written_out(plan) <= limits::pattern_groups_max. Spends what it costs; the result
/// counts only if the budget is not spent.
[[nodiscard]] Layout lay_out(const Plan& plan, Budget& budget);

}  // namespace entente::pattern
