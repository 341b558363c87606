#pragma once
// The observation side of a pattern as a tree of demands: which observations each observation
// expression may be bound to, and what groups of them owe each other in time (STIX 2.1, 9.5;
// P20-P27).
#include "pattern/internal/evaluate_instant.h"

#include <compare>
#include <cstdint>
#include <vector>

namespace entente::pattern {

/// A bound of a time interval: an instant, or all that is before it but nothing more (what STOP
/// excludes).
struct Moment {
    Instant at;
    bool reached = true;  // false sorts just before true
    friend auto operator<=>(const Moment&, const Moment&) = default;
    friend bool operator==(const Moment&, const Moment&) = default;
};

/// Where a moment stands among all moments that matter, which is all that comparing needs.
using Rank = std::uint32_t;

/// One observation that an expression may be bound to, at some time from `lo` to `hi`.
struct Entry {
    std::uint32_t observation = 0;
    Rank lo = 0;
    Rank hi = 0;
    friend bool operator==(const Entry&, const Entry&) = default;
};

/// A group. Kinds:
/// - leaf: `count` different instances out of `entries`
/// - all: every child, on different instances
/// - sequence: two children; some moment is not before any of the first's and not after any of the
/// second's
/// - window: one child; all its instances within `length`
/// - choice: one of the children
/// - repeat: the child `count` times, each time on its own
struct Group {
    enum class Kind : std::uint8_t { leaf, all, sequence, window, choice, repeat };

    Kind kind = Kind::leaf;
    std::vector<std::size_t> children;  // indexes into Plan::groups
    std::vector<Entry> entries;
    std::uint64_t count = 1;
    Instant length;
};

/// REQUIRES of whoever makes one: children come before their parent; a leaf has entries.
struct Plan {
    std::vector<Group> groups;
    std::size_t root = 0;
    std::vector<Moment> moments;          // by rank
    std::vector<std::uint64_t> capacity;  // instances of each observation (number_observed)
    bool window_closed = false;           // with the reference matcher a window holds its end
};

}  // namespace entente::pattern
