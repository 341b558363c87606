#include "pattern/internal/binding_search.h"

#include "base/assert.h"
#include "base/limits.h"
#include "pattern/internal/binding_flow.h"
#include "pattern/internal/binding_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace entente::pattern {
namespace {

constexpr Rank last_rank = 0xffffffffU;
constexpr std::uint64_t very_many = 1ULL << 62U;
constexpr std::uint64_t exchanged_max = 65'536;  // instances that `reorder` puts in order

/// What is bound within a group: the latest beginning and the earliest end.
struct Reach {
    bool any = false;
    Rank lo = 0;
    Rank hi = last_rank;

    void add(const Reach& other) {
        any = any || other.any;
        lo = std::max(lo, other.lo);
        hi = std::min(hi, other.hi);
    }
};

class Search {
  public:
    Search(const Plan& plan, Budget& budget)
        : layout_(lay_out(plan, budget)),
          budget_(budget),
          flow_(plan.capacity),
          decided_(layout_.choices.size(), none) {
        for (const Layout::Time& time : layout_.times)
            ranges_.push_back({0, static_cast<std::uint32_t>(time.axis->values.size()) - 1});
    }

    Binding run() {
        while (!budget_.spent()) {
            const std::optional<Frame> next = examine();
            if (found_) return {Binding::Found::yes, bound_, {}};
            if (next) {
                frames_.push_back(*next);
                apply(frames_.back());
                continue;
            }
            while (!frames_.empty() && !advance())
                frames_.pop_back();
            if (frames_.empty() && !budget_.spent()) return {};
        }
        return {Binding::Found::gave_up, {}, {}};
    }

  private:
    using Range = std::pair<std::uint32_t, std::uint32_t>;  // first and last index into an axis

    /// A point where the search goes several ways.
    struct Frame {
        bool choice = false;
        std::uint32_t index = 0;
        std::uint32_t way = 0;  // choice: the branch; time: 0 lower half, 1 upper half
        Range range;            // of the time before, without those of its copies
        std::uint32_t middle = 0;
    };

    void apply(const Frame& frame) {
        if (frame.choice) {
            decided_[frame.index] = frame.way;
        } else {
            ranges_[frame.index] = frame.way == 0 ? Range{frame.range.first, frame.middle}
                                                  : Range{frame.middle + 1, frame.range.second};
        }
    }

    /// Goes the next way of the last frame, or undoes it.
    bool advance() {
        Frame& frame = frames_.back();
        const std::uint32_t ways = frame.choice ? layout_.choices[frame.index].branches : 2;
        if (++frame.way < ways) {
            apply(frame);
            return true;
        }
        if (frame.choice) {
            decided_[frame.index] = none;
        } else {
            ranges_[frame.index] = frame.range;
        }
        return false;
    }

    [[nodiscard]] bool holds(const std::vector<Guard>& guards) const {
        return std::ranges::all_of(guards, [&](const Guard& guard) {
            return decided_[guard.choice] == guard.branch;
        });
    }

    /// The ranges of the times, narrowed by the order of copies. False when one is empty.
    bool narrow() {
        narrowed_ = ranges_;
        for (const auto& chain : layout_.rising) {
            for (std::size_t i = 1; i < chain.size(); ++i) {
                auto& first = narrowed_[chain[i]].first;
                first = std::max(first, narrowed_[chain[i - 1]].first);
            }
            for (std::size_t i = chain.size() - 1; i-- > 0;) {
                auto& last = narrowed_[chain[i]].second;
                last = std::min(last, narrowed_[chain[i + 1]].second);
            }
            for (const std::uint32_t time : chain)
                if (narrowed_[time].first > narrowed_[time].second) return false;
        }
        return true;
    }

    [[nodiscard]] Demand demand_of(const Layout::Leaf& leaf) const {
        Demand demand{leaf.group->entries, leaf.group->count, last_rank, 0};
        for (const auto& [time, role] : leaf.bounds) {
            const Axis& axis = *layout_.times[time].axis;
            const auto [first, last] = narrowed_[time];
            if (role == Layout::Role::first) {
                demand.lo_max = std::min(demand.lo_max, axis.values[last]);
            } else {
                demand.hi_min = std::max(demand.hi_min, axis.values[first]);
            }
            if (role == Layout::Role::inside) {
                if (axis.ends[last] == 0) {
                    demand.hi_min = last_rank;
                } else {
                    demand.lo_max = std::min(demand.lo_max, axis.ends[last] - 1);
                }
            }
        }
        return demand;
    }

    /// Looks at the state: found, or where to go several ways, or nothing when there is no binding
    /// in it.
    std::optional<Frame> examine() {
        if (!budget_.spend(1 + layout_.times.size() + 2 * layout_.nodes.size()))
            return std::nullopt;
        if (!narrow()) return std::nullopt;
        demands_.clear();
        demand_of_leaf_.assign(layout_.leaves.size(), none);
        for (std::uint32_t i = 0; i < layout_.leaves.size(); ++i) {
            const Layout::Leaf& leaf = layout_.leaves[i];
            if (!budget_.spend(1 + leaf.bounds.size())) return std::nullopt;
            if (!holds(leaf.guards)) continue;
            demand_of_leaf_[i] = static_cast<std::uint32_t>(demands_.size());
            demands_.push_back(demand_of(leaf));
        }
        if (!flow_.run(demands_, budget_)) return std::nullopt;
        for (std::uint32_t i = 0; i < layout_.choices.size(); ++i) {
            const Layout::Choice& choice = layout_.choices[i];
            if (decided_[i] != none || !holds(choice.guards)) continue;
            const std::uint32_t from = choice.before == none ? none : decided_[choice.before];
            return Frame{true, i, from == none ? 0 : from, {}, 0};
        }
        picks_ = flow_.picks();
        const std::uint32_t broken = widest_broken();
        if (broken == none) return accept();
        reorder();
        if (widest_broken() == none) return accept();
        const auto [first, last] = narrowed_[broken];
        ENTENTE_ASSERT(first < last);
        return Frame{false, broken, 0, ranges_[broken], first + (last - first) / 2};
    }

    std::optional<Frame> accept() {
        found_ = true;
        std::set<std::size_t> bound;
        for (std::size_t d = 0; d < demands_.size(); ++d)
            for (const Pick& pick : picks_[d])
                bound.insert(demands_[d].entries[pick.entry].observation);
        bound_.assign(bound.begin(), bound.end());
        return std::nullopt;
    }

    /// The time with the widest range among those whose rule `picks_` breaks, or none. This is the
    /// definition of the rules of time.
    [[nodiscard]] std::uint32_t widest_broken() const {
        std::vector<Reach> reach(layout_.nodes.size());
        std::uint32_t widest = none;
        for (std::size_t n = 0; n < layout_.nodes.size(); ++n) {
            const Layout::Node& node = layout_.nodes[n];
            if (node.leaf != none && demand_of_leaf_[node.leaf] != none) {
                const std::uint32_t d = demand_of_leaf_[node.leaf];
                for (const Pick& pick : picks_[d]) {
                    const Entry& entry = demands_[d].entries[pick.entry];
                    reach[n].add({true, entry.lo, entry.hi});
                }
            }
            for (const std::uint32_t child : node.children)
                reach[n].add(reach[child]);
            if (node.time == none || !reach[n].any || keeps_rule(node, reach, reach[n])) continue;
            const auto width = [&](std::uint32_t t) {
                return narrowed_[t].second - narrowed_[t].first;
            };
            if (widest == none || width(node.time) > width(widest)) widest = node.time;
        }
        return widest;
    }

    [[nodiscard]] bool keeps_rule(
        const Layout::Node& node, const std::vector<Reach>& reach, const Reach& all
    ) const {
        if (node.group->kind == Group::Kind::sequence) {
            return reach[node.children[0]].lo <= reach[node.children[1]].hi;
        }
        const Axis& axis = *layout_.times[node.time].axis;
        const auto begin = std::ranges::lower_bound(axis.values, all.hi);
        return all.lo < axis.ends[static_cast<std::size_t>(begin - axis.values.begin())];
    }

    /// Exchanges observations among copies of a group so that the earlier ones meet the earlier
    /// ones. Only a guess; what comes of it is judged anew.
    void reorder() {
        for (const auto& leaves : layout_.alike) {
            if (demand_of_leaf_[leaves.front()] == none) continue;
            const std::uint64_t count = layout_.leaves[leaves.front()].group->count;
            if (count > exchanged_max / leaves.size() ||
                !budget_.spend(8 * count * leaves.size())) {
                continue;
            }
            std::vector<std::uint32_t> entries;
            for (const std::uint32_t leaf : leaves)
                for (const Pick& pick : picks_[demand_of_leaf_[leaf]])
                    entries.insert(entries.end(), pick.count, pick.entry);
            const auto& of = demands_[demand_of_leaf_[leaves.front()]].entries;
            const auto bounds = layout_.leaves[leaves.front()].bounds;
            const bool by_end = !bounds.empty() && bounds.back().role == Layout::Role::second;
            std::ranges::stable_sort(entries, {}, [&](std::uint32_t e) {
                return by_end ? std::pair(of[e].hi, of[e].lo) : std::pair(of[e].lo, of[e].hi);
            });
            std::size_t next = 0;
            for (const std::uint32_t leaf : leaves) {
                auto& picks = picks_[demand_of_leaf_[leaf]];
                picks.clear();
                for (std::uint64_t i = 0; i < count; ++i)
                    picks.push_back({entries[next++], 1});
            }
        }
    }

    const Layout layout_;
    Budget& budget_;
    Flow flow_;
    std::vector<std::uint32_t> decided_;  // branch of each choice
    std::vector<Range> ranges_;           // of each time
    std::vector<Range> narrowed_;
    std::vector<Frame> frames_;
    std::vector<Demand> demands_;  // of leaves that count
    std::vector<std::uint32_t> demand_of_leaf_;
    std::vector<std::vector<Pick>> picks_;  // by demand
    std::vector<std::size_t> bound_;
    bool found_ = false;
};

/// Without any rule of time and any choice: are there enough observations at all? Says "no" early
/// where repeated groups would be too many to write out.
bool enough(const Plan& plan, Budget& budget) {
    std::vector<Demand> demands;
    std::vector<std::pair<std::size_t, std::uint64_t>> pending{{plan.root, 1}};
    while (!pending.empty()) {
        const auto [index, times] = pending.back();
        pending.pop_back();
        const Group& group = plan.groups[index];
        if (group.kind == Group::Kind::choice) continue;
        const bool counts = group.kind == Group::Kind::leaf || group.kind == Group::Kind::repeat;
        const std::uint64_t count = counts ? group.count : 1;
        const std::uint64_t all = times > very_many / count ? very_many : times * count;
        if (group.kind == Group::Kind::leaf) demands.push_back({group.entries, all, last_rank, 0});
        for (const std::size_t child : group.children)
            pending.emplace_back(child, all);
    }
    return Flow(plan.capacity).run(demands, budget);
}

}  // namespace

Binding search(const Plan& plan, Budget& budget) {
    if (!enough(plan, budget)) {
        return {budget.spent() ? Binding::Found::gave_up : Binding::Found::no, {}, {}};
    }
    if (const std::uint64_t groups = written_out(plan); groups > limits::pattern_groups_max) {
        return {
            Binding::Found::gave_up,
            {},
            fmt::format(
                "the pattern asks for {} groups of observations, more than {}",
                groups,
                limits::pattern_groups_max
            )};
    }
    return Search(plan, budget).run();
}

}  // namespace entente::pattern
