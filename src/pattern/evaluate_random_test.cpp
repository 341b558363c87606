// Bindings against a definition: every way to bind the parts of a pattern is tried, and each is
// asked whether times can be chosen that keep all rules at once (a system of differences,
// STIX 2.1, 9.5).
#include "pattern/evaluate.h"
#include "pattern/internal/observation_set.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace entente::pattern {
namespace {

struct Seen {
    int first = 0, last = 0, times = 1;  // half seconds
    std::string marks;                   // of a, b, c
};

struct Difference {  // time[to] - time[from] <= most, or < when strict
    std::size_t from, to;
    int most;
    bool strict;
};

struct Bound {
    std::vector<std::pair<std::size_t, int>> slots;  // observation, instance
    std::vector<Difference> rules;  // of slots; slot 0 of rules is the origin of time
    std::vector<std::vector<Difference>>
        groups;  // the rules again, by the constraint that made them
};

std::string time_text(int half_seconds) {
    return fmt::format(
        "2026-01-01T00:00:{:02}{}Z", half_seconds / 2, half_seconds % 2 == 0 ? "" : ".5"
    );
}

int half_seconds(const std::string& text) {
    return std::stoi(text.substr(17, 2)) * 2 + (text.find('.') == std::string::npos ? 0 : 1);
}

class Definition {
  public:
    Definition(const std::vector<Seen>& seen, bool reference)
        : seen_(seen),
          reference_(reference) {}

    bool matches(const Pattern& pattern) {
        for (const Bound& bound : bindings(pattern.root))
            if (times_exist(bound)) return true;
        return false;
    }

  private:
    std::vector<Bound> leaf(const Observation& observation) const {
        const auto& comparison = std::get<Comparison>(observation.expression.node);
        const char mark = std::get<std::string>(comparison.path.steps[0])[0];
        std::vector<Bound> all;
        for (std::size_t i = 0; i < seen_.size(); ++i) {
            if (seen_[i].marks.find(mark) == std::string::npos) continue;
            for (int k = 0; k < seen_[i].times; ++k)
                all.push_back({{{i, k}}, {}, {}});
        }
        return all;
    }

    static std::vector<Difference> moved(std::vector<Difference> rules, std::size_t by) {
        for (Difference& rule : rules) {
            if (rule.from > 0) rule.from += by;
            if (rule.to > 0) rule.to += by;
        }
        return rules;
    }

    static std::optional<Bound> both(const Bound& a, const Bound& b, bool in_order) {
        const std::set<std::pair<std::size_t, int>> taken(a.slots.begin(), a.slots.end());
        for (const auto& slot : b.slots)
            if (taken.count(slot) > 0) return std::nullopt;
        Bound out = a;
        const std::size_t n = a.slots.size();
        out.slots.insert(out.slots.end(), b.slots.begin(), b.slots.end());
        for (const auto& group : b.groups)
            out.groups.push_back(moved(group, n));
        if (in_order) {
            std::vector<Difference> rules;
            for (std::size_t i = 1; i <= n; ++i)
                for (std::size_t j = n + 1; j <= out.slots.size(); ++j)
                    rules.push_back({j, i, 0, false});
            out.groups.push_back(rules);
        }
        return out;
    }

    static std::vector<Bound> product(
        const std::vector<Bound>& a, const std::vector<Bound>& b, bool in_order
    ) {
        std::vector<Bound> out;
        for (const Bound& x : a)
            for (const Bound& y : b)
                if (auto made = both(x, y, in_order)) out.push_back(std::move(*made));
        return out;
    }

    std::vector<Bound> bindings(const Observations& node) const {
        std::vector<Bound> all;
        if (const auto* observation = std::get_if<Observation>(&node.node)) {
            all = leaf(*observation);
        } else {
            const auto& joined = std::get<Joined>(node.node);
            all = bindings(joined.parts[0]);
            for (std::size_t i = 1; i < joined.parts.size(); ++i) {
                const auto more = bindings(joined.parts[i]);
                if (joined.join == Join::disjunction) {
                    all.insert(all.end(), more.begin(), more.end());
                } else {
                    all = product(all, more, joined.join == Join::followed_by);
                }
            }
        }
        for (const Qualifier& qualifier : node.qualifiers)
            std::visit([&](const auto& q) { qualify(all, q); }, qualifier);
        return all;
    }

    static void qualify(std::vector<Bound>& all, const Repeats& repeats) {
        const std::vector<Bound> once = all;
        for (std::uint64_t i = 1; i < repeats.times; ++i)
            all = product(all, once, false);
    }

    void qualify(std::vector<Bound>& all, const Within& within) const {
        const int length = static_cast<int>(within.seconds * 2);
        for (Bound& bound : all) {
            std::vector<Difference> rules;
            for (std::size_t i = 1; i <= bound.slots.size(); ++i)
                for (std::size_t j = 1; j <= bound.slots.size(); ++j)
                    if (i != j) rules.push_back({i, j, length, !reference_});
            bound.groups.push_back(rules);
        }
    }

    static void qualify(std::vector<Bound>& all, const StartStop& span) {
        for (Bound& bound : all) {
            std::vector<Difference> rules;
            for (std::size_t i = 1; i <= bound.slots.size(); ++i) {
                rules.push_back({0, i, half_seconds(span.stop.text), true});
                rules.push_back({i, 0, -half_seconds(span.start.text), false});
            }
            bound.groups.push_back(rules);
        }
    }

    /// All rules at once; with the reference matcher each alone.
    bool times_exist(const Bound& bound) const {
        if (reference_) {
            return std::all_of(bound.groups.begin(), bound.groups.end(), [&](const auto& group) {
                return solvable(bound, group);
            });
        }
        std::vector<Difference> rules;
        for (const auto& group : bound.groups)
            rules.insert(rules.end(), group.begin(), group.end());
        return solvable(bound, rules);
    }

    bool solvable(const Bound& bound, std::vector<Difference> rules) const {
        const std::size_t n = bound.slots.size() + 1;
        for (std::size_t i = 1; i < n; ++i) {
            const Seen& seen = seen_[bound.slots[i - 1].first];
            rules.push_back({0, i, seen.last, false});
            rules.push_back({i, 0, -seen.first, false});
        }
        // Shortest paths; the second number counts strict rules, so that a circle of length 0 with
        // one in it is below (0, 0).
        using Length = std::pair<int, int>;
        constexpr int far = 1'000'000;
        std::vector<std::vector<Length>> d(n, std::vector<Length>(n, {far, 0}));
        for (std::size_t i = 0; i < n; ++i)
            d[i][i] = {0, 0};
        for (const Difference& rule : rules)
            d[rule.from][rule.to] =
                std::min(d[rule.from][rule.to], {rule.most, rule.strict ? -1 : 0});
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j)
                    d[i][j] = std::min(
                        d[i][j],
                        {d[i][k].first + d[k][j].first,
                         std::max(-1000, d[i][k].second + d[k][j].second)}
                    );
        for (std::size_t i = 0; i < n; ++i)
            if (d[i][i] < Length{0, 0}) return false;
        return true;
    }

    const std::vector<Seen>& seen_;
    bool reference_;
};

class Maker {
  public:
    explicit Maker(std::uint32_t seed) : random_(seed) {}

    int below(int n) { return static_cast<int>(random_() % static_cast<std::uint32_t>(n)); }

    /// A pattern of at most `slots` observations; tells how many it has.
    std::string pattern(int depth, int& slots) {
        std::string text;
        if (depth == 0 || below(3) == 0) {
            slots = 1;
            text = fmt::format("[x:{} = 1]", std::string(1, static_cast<char>('a' + below(3))));
        } else {
            const int parts = 2 + below(2);
            const std::string join =
                std::array{" AND ", " OR ", " FOLLOWEDBY "}[static_cast<std::size_t>(below(3))];
            slots = 0;
            for (int i = 0; i < parts; ++i) {
                int inner = 0;
                text += (i == 0 ? "(" : join) + pattern(depth - 1, inner);
                slots = join == " OR " ? std::max(slots, inner) : slots + inner;
            }
            text += ")";
        }
        std::set<int> used;
        for (int i = below(3); i > 0; --i) {
            const int kind = below(3);
            if (!used.insert(kind).second) continue;
            if (kind == 0) {
                const int times = 1 + below(3);
                slots *= times;
                text += fmt::format(" REPEATS {} TIMES", times);
            } else if (kind == 1) {
                text += fmt::format(
                    " WITHIN {} SECONDS",
                    std::array{".5", "1", "2.5", "4"}[static_cast<std::size_t>(below(4))]
                );
            } else {
                const int start = below(16);
                text += fmt::format(
                    " START t'{}' STOP t'{}'", time_text(start), time_text(start + below(14))
                );
            }
        }
        return text;
    }

    std::vector<Seen> observations() {
        std::vector<Seen> all(static_cast<std::size_t>(1 + below(5)));
        for (Seen& seen : all) {
            seen.first = below(20);
            seen.last = seen.first + (below(2) == 0 ? 0 : below(12));
            seen.times = below(4) == 0 ? 2 : 1;
            for (const char mark : {'a', 'b', 'c'})
                if (below(2) == 0) seen.marks += mark;
        }
        return all;
    }

  private:
    std::mt19937 random_;
};

std::string json_of(const std::vector<Seen>& all) {
    std::string text;
    for (const Seen& seen : all) {
        std::string marks;
        for (const char mark : seen.marks)
            marks += fmt::format(", \"{}\": 1", mark);
        text += fmt::format(
            R"({}{{"type": "observed-data", "first_observed": "{}", "last_observed": "{}", "number_observed": {}, "objects": {{"0": {{"type": "x"{}}}}}}})",
            text.empty() ? "" : ", ",
            time_text(seen.first),
            time_text(seen.last),
            seen.times,
            marks
        );
    }
    return "[" + text + "]";
}

void compare(bool reference, std::uint32_t seed, int rounds, int slots_max) {
    Maker maker(seed);
    int matched = 0;
    int judged = 0;
    while (judged < rounds) {
        int slots = 0;
        const std::string text = maker.pattern(3, slots);
        const std::vector<Seen> seen = maker.observations();
        if (slots > slots_max) continue;
        ++judged;
        SCOPED_TRACE(fmt::format("seed {} round {}: {} over {}", seed, judged, text, json_of(seen))
        );
        const auto pattern = parse(text);
        ASSERT_TRUE(pattern) << pattern.error().message;
        const EvaluateOptions options{Dialect::v21, reference};
        const auto observations = ObservationSet::read_text(json_of(seen), options);
        ASSERT_TRUE(observations) << observations.error().detail;
        const auto match = evaluate(*pattern, *observations, options);
        ASSERT_TRUE(match) << match.error().detail;
        ASSERT_NE(match->verdict, Match::Verdict::gave_up);
        const bool found = match->verdict == Match::Verdict::match;
        ASSERT_EQ(found, Definition(seen, reference).matches(*pattern));
        std::vector<Seen> bound;
        for (const std::size_t i : match->bound)
            bound.push_back(seen[i]);
        ASSERT_EQ(found, !bound.empty());
        ASSERT_TRUE(!found || Definition(bound, reference).matches(*pattern));
        matched += found ? 1 : 0;
    }
    EXPECT_GT(matched, rounds / 10);
    EXPECT_LT(matched, rounds * 9 / 10);
}

TEST(EvaluateRandom, FindsABindingExactlyWhenTheDefinitionHasOne) {
    compare(false, 20261123, 4'000, 5);
}

TEST(EvaluateRandom, JudgesEachRuleAloneAsTheReferenceDoes) {
    compare(true, 20261124, 4'000, 5);
}

}  // namespace
}  // namespace entente::pattern
