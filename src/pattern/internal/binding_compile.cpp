#include "pattern/internal/binding_compile.h"

#include "base/assert.h"

#include <algorithm>
#include <span>
#include <tuple>

namespace entente::pattern {
namespace {

constexpr std::uint64_t very_many = 1ULL << 62U;
constexpr std::size_t microsecond_digits = 6;
constexpr std::uint64_t entry_steps = 16;  // an entry takes memory as well as time

using Kind = Group::Kind;
using Made = std::optional<std::size_t>;  // a group; nothing = cannot be

class Compiler {
  public:
    Compiler(
        const Judge& judge,
        const std::vector<Observed>& observations,
        const EvaluateOptions& options,
        Budget& budget
    )
        : judge_(judge),
          observations_(observations),
          options_(options),
          budget_(budget) {}

    Result<std::optional<Plan>> compile(const Pattern& pattern) {
        plan_.window_closed = options_.reference;
        rank(pattern);
        ENTENTE_TRY(const Made root, observations(pattern.root));
        if (!root) return std::optional<Plan>();
        plan_.root = *root;
        return std::optional<Plan>(std::move(plan_));
    }

  private:
    /// START and STOP around what is being compiled.
    struct Span {
        Rank from = 0;  // of START
        Rank to = 0;    // of just before STOP
    };

    [[nodiscard]] Instant instant(const Timestamp& time) const {
        const auto read = options_.reference ? read_instant(time.text, microsecond_digits)
                                             : read_instant(time.text);
        ENTENTE_ASSERT(read.has_value());
        return *read;
    }

    void add_spans(const Observations& node, std::vector<Moment>& moments) const {
        for (const Qualifier& qualifier : node.qualifiers) {
            if (const auto* span = std::get_if<StartStop>(&qualifier)) {
                moments.push_back({instant(span->start), true});
                moments.push_back({instant(span->stop), false});
            }
        }
        if (const auto* joined = std::get_if<Joined>(&node.node)) {
            for (const Observations& part : joined->parts)
                add_spans(part, moments);
        }
    }

    void rank(const Pattern& pattern) {
        std::vector<Moment> moments;
        for (const Observed& observed : observations_) {
            if (!budget_.spend(2 * entry_steps)) return;
            moments.push_back({observed.first, true});
            moments.push_back({observed.last, true});
            plan_.capacity.push_back(observed.times);
        }
        add_spans(pattern.root, moments);
        std::ranges::sort(moments);
        moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
        plan_.moments = std::move(moments);
        for (const Observed& observed : observations_) {
            first_.push_back(rank_of({observed.first, true}));
            last_.push_back(rank_of({observed.last, true}));
        }
    }

    [[nodiscard]] Rank rank_of(const Moment& moment) const {
        const auto found = std::ranges::lower_bound(plan_.moments, moment);
        return static_cast<Rank>(found - plan_.moments.begin());
    }

    std::size_t add(Group group) {
        plan_.groups.push_back(std::move(group));
        return plan_.groups.size() - 1;
    }

    Result<Made> observations(const Observations& node) {
        const std::size_t spans = spans_.size();
        for (const Qualifier& qualifier : node.qualifiers) {
            // START and STOP ask something of each observation alone, so it is the same where in
            // the row they stand (P27).
            if (const auto* span = std::get_if<StartStop>(&qualifier)) {
                spans_.push_back(
                    {rank_of({instant(span->start), true}), rank_of({instant(span->stop), false})}
                );
            }
        }
        Result<Made> made = std::holds_alternative<Observation>(node.node)
                                ? leaf(std::get<Observation>(node.node))
                                : joined(std::get<Joined>(node.node));
        spans_.resize(spans);
        if (!made || !*made) return made;
        Made group = *made;
        for (const Qualifier& qualifier : node.qualifiers) {
            if (const auto* within = std::get_if<Within>(&qualifier)) {
                group = window(*group, *within);
            } else if (const auto* repeats = std::get_if<Repeats>(&qualifier)) {
                group = repeated(*group, repeats->times);
            }
        }
        return group;
    }

    Result<Made> leaf(const Observation& observation) {
        Group group;
        for (std::size_t i = 0; i < observations_.size(); ++i) {
            if (!budget_.spend(1)) return Made();
            ENTENTE_TRY(const bool holds, judge_(observation, i));
            if (!holds) continue;
            if (const auto entry = clipped(i)) {
                if (!budget_.spend(entry_steps)) return Made();
                group.entries.push_back(*entry);
            }
        }
        if (group.entries.empty()) return Made();
        return Made(add(std::move(group)));
    }

    /// The part of the observation's time that START and STOP leave, if any (P26).
    [[nodiscard]] std::optional<Entry> clipped(std::size_t i) const {
        Entry entry{static_cast<std::uint32_t>(i), first_[i], last_[i]};
        for (const Span& span : spans_) {
            const Rank lo = std::max(entry.lo, span.from);
            const Rank hi = std::min(entry.hi, span.to);
            if (lo > hi || span.from > span.to) return std::nullopt;
            // The reference matcher judges each rule by the whole interval, so another rule may be
            // kept by another moment.
            if (!options_.reference) {
                entry.lo = lo;
                entry.hi = hi;
            }
        }
        return entry;
    }

    Result<Made> joined(const Joined& joined) {
        std::vector<std::size_t> parts;
        const bool choice = joined.join == Join::disjunction && joined.parts.size() > 1;
        bool possible = true;
        for (const Observations& part : joined.parts) {
            // The reference matcher evaluates everything and raises what it comes upon.
            if (!possible && !options_.reference) return Made();
            ENTENTE_TRY(const Made made, observations(part));
            if (made) {
                parts.push_back(*made);
            } else if (!choice) {
                possible = false;
            }
        }
        if (!possible || parts.empty()) return Made();
        if (choice) return Made(one_of(parts));
        if (parts.size() == 1) return Made(parts.front());
        if (joined.join == Join::followed_by) return Made(sequence(parts));
        return Made(add({Kind::all, std::move(parts), {}, 1, {}}));
    }

    /// OR. Single observations become one leaf, so that a row of them is no search at all.
    std::size_t one_of(const std::vector<std::size_t>& parts) {
        std::vector<std::size_t> rest;
        std::optional<std::size_t> single;
        for (const std::size_t part : parts) {
            const Group& group = plan_.groups[part];
            if (group.kind != Kind::leaf || group.count != 1) {
                rest.push_back(part);
            } else if (!single) {
                single = part;
            } else {
                merge(*single, part);
            }
        }
        if (single) {
            tidy(plan_.groups[*single].entries);
            rest.insert(rest.begin(), *single);
        }
        if (rest.size() == 1) return rest.front();
        return add({Kind::choice, std::move(rest), {}, 1, {}});
    }

    void merge(std::size_t into, std::size_t from) {
        auto& entries = plan_.groups[into].entries;
        const auto& more = plan_.groups[from].entries;
        entries.insert(entries.end(), more.begin(), more.end());
    }

    void tidy(std::vector<Entry>& entries) {
        if (!budget_.spend(8 * entries.size())) return;
        const auto key = [](const Entry& e) { return std::tuple(e.observation, e.lo, e.hi); };
        std::ranges::sort(entries, {}, key);
        entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    }

    /// FOLLOWEDBY. "None of the first after any of the second" does not depend on how the parts are
    /// put in pairs, so they make a balanced tree.
    std::size_t sequence(std::span<const std::size_t> parts) {
        if (parts.size() == 1) return parts.front();
        const std::size_t half = parts.size() / 2;
        const std::size_t first = sequence(parts.first(half));
        const std::size_t second = sequence(parts.subspan(half));
        // What comes first is best early, what comes second late: the order in which observations
        // are tried.
        order(first, [](const Entry& e) { return std::int64_t{e.lo}; });
        order(second, [](const Entry& e) { return -std::int64_t{e.hi}; });
        return add({Kind::sequence, {first, second}, {}, 1, {}});
    }

    template <class Key>
    void order(std::size_t index, Key key) {
        Group& group = plan_.groups[index];
        if (group.kind == Kind::leaf && budget_.spend(8 * group.entries.size())) {
            std::ranges::stable_sort(group.entries, {}, key);
        }
        if (group.kind != Kind::all) return;
        for (const std::size_t child : group.children)
            order(child, key);
    }

    std::size_t window(std::size_t group, const Within& within) {
        const Group& inner = plan_.groups[group];
        if (inner.kind == Kind::leaf && inner.count == 1)
            return group;  // one observation is within any time
        const auto length = read_seconds(within.text);
        ENTENTE_ASSERT(length.has_value());
        return add({Kind::window, {group}, {}, 1, *length});
    }

    [[nodiscard]] bool is_plain(std::size_t index) const {
        const Group& group = plan_.groups[index];
        return group.kind == Kind::leaf ||
               (group.kind == Kind::all &&
                std::ranges::all_of(group.children, [&](std::size_t c) { return is_plain(c); }));
    }

    void multiply(std::size_t index, std::uint64_t times) {
        Group& group = plan_.groups[index];
        if (group.kind == Kind::leaf) {
            group.count = group.count > very_many / times ? very_many : group.count * times;
        }
        for (const std::size_t child : group.children)
            multiply(child, times);
    }

    std::size_t repeated(std::size_t group, std::uint64_t times) {
        if (times == 1) return group;
        if (!is_plain(group)) return add({Kind::repeat, {group}, {}, times, {}});
        // Nothing in it but numbers: so many times as many observations of each.
        multiply(group, times);
        return group;
    }

    const Judge& judge_;
    const std::vector<Observed>& observations_;
    const EvaluateOptions& options_;
    Budget& budget_;
    Plan plan_;
    std::vector<Rank> first_, last_;  // by observation
    std::vector<Span> spans_;
};

}  // namespace

Result<std::optional<Plan>> make_plan(
    const Pattern& pattern,
    const Judge& judge,
    const std::vector<Observed>& observations,
    const EvaluateOptions& options,
    Budget& budget
) {
    return Compiler(judge, observations, options, budget).compile(pattern);
}

}  // namespace entente::pattern
