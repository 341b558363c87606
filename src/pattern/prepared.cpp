#include "pattern/prepared.h"

#include "base/assert.h"
#include "base/limits.h"
#include "pattern/internal/binding_compile.h"
#include "pattern/internal/binding_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace entente::pattern {
namespace {

void collect(const Observations& node, std::vector<const Observation*>& into) {
    if (const auto* observation = std::get_if<Observation>(&node.node)) {
        into.push_back(observation);
        return;
    }
    for (const Observations& part : std::get<Joined>(node.node).parts)
        collect(part, into);
}

constexpr std::uint64_t very_many = 1ULL << 62U;

// NOLINTNEXTLINE(misc-no-recursion)
std::uint64_t least_of(const Observations& node) {
    std::uint64_t least = 1;
    if (const auto* joined = std::get_if<Joined>(&node.node)) {
        const bool choice = joined->join == Join::disjunction;
        least = choice ? very_many : 0;
        for (const Observations& part : joined->parts) {
            const std::uint64_t one = least_of(part);
            least = choice ? std::min(least, one) : std::min(very_many, least + one);
        }
    }
    for (const Qualifier& qualifier : node.qualifiers) {
        const auto* repeats = std::get_if<Repeats>(&qualifier);
        if (repeats == nullptr) continue;
        const bool many = least > very_many / std::max<std::uint64_t>(repeats->times, 1);
        least = many ? very_many : least * repeats->times;
    }
    return least;
}

/// How many matches of `node` there can be at most that share no observation. `next` is the number
/// of its first expression, and then that of the first after it.
// NOLINTNEXTLINE(misc-no-recursion)
std::uint64_t most_of(
    const Observations& node, const std::vector<std::uint64_t>& times, std::size_t& next
) {
    std::uint64_t most = 0;
    if (const auto* joined = std::get_if<Joined>(&node.node)) {
        const bool choice = joined->join == Join::disjunction;
        most = choice ? 0 : very_many;
        for (const Observations& part : joined->parts) {
            const std::uint64_t one = most_of(part, times, next);
            most = choice ? std::min(very_many, most + one) : std::min(most, one);
        }
    } else {
        most = std::min(very_many, times[next++]);
    }
    for (const Qualifier& qualifier : node.qualifiers)
        if (const auto* repeats = std::get_if<Repeats>(&qualifier)) most /= repeats->times;
    return most;
}

bool only_within(const std::vector<Qualifier>& qualifiers) {
    return std::ranges::all_of(qualifiers, [](const Qualifier& qualifier) {
        return std::holds_alternative<Within>(qualifier);
    });
}

Instant instant_of(const SeenTime& time) {
    return {time.second, time.fraction};
}

SeenTime time_of(const Instant& instant) {
    return {instant.second, instant.fraction};
}

}  // namespace

struct Prepared::Inside {
    Pattern pattern;  // never moved: the rest points into it
    EvaluateOptions options;
    Expressions prepared;
    std::vector<const Observation*> observations;
    std::vector<const Expression*> expressions;
    std::map<const Observation*, std::size_t> numbers;
};

Prepared::Prepared(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Prepared::Prepared(Prepared&&) noexcept = default;
Prepared& Prepared::operator=(Prepared&&) noexcept = default;
Prepared::~Prepared() = default;

std::string normal_form_c(std::string_view text) {
    return nfc(text);
}

tl::expected<Prepared, ParseError> Prepared::make(Pattern pattern, Dialect dialect) {
    auto inside = std::make_unique<Inside>();
    inside->pattern = std::move(pattern);
    inside->options = {dialect, false};
    if (auto wrong = prepare(inside->pattern.root, inside->options, inside->prepared)) {
        return tl::unexpected(std::move(*wrong));
    }
    collect(inside->pattern.root, inside->observations);
    for (std::size_t i = 0; i < inside->observations.size(); ++i) {
        inside->expressions.push_back(&inside->observations[i]->expression);
        inside->numbers.emplace(inside->observations[i], i);
    }
    return Prepared(std::move(inside));
}

const Pattern& Prepared::pattern() const noexcept {
    return inside_->pattern;
}

const std::vector<const Expression*>& Prepared::expressions() const noexcept {
    return inside_->expressions;
}

bool Prepared::single() const noexcept {
    const Observations& root = inside_->pattern.root;
    return std::holds_alternative<Observation>(root.node) && only_within(root.qualifiers);
}

std::uint64_t Prepared::least() const noexcept {
    return least_of(inside_->pattern.root);
}

std::int64_t Prepared::window_s() const noexcept {
    std::int64_t seconds = 0;
    for (const Qualifier& qualifier : inside_->pattern.root.qualifiers) {
        if (const auto* within = std::get_if<Within>(&qualifier)) {
            const auto length = read_seconds(within->text);
            ENTENTE_ASSERT(length.has_value());
            const std::int64_t whole = length->second + (length->fraction.empty() ? 0 : 1);
            seconds = seconds == 0 ? whole : std::min(seconds, whole);
        } else if (std::holds_alternative<Repeats>(qualifier)) {
            seconds = 0;  // each time has a window of its own
        }
    }
    return seconds;
}

bool Prepared::may_match(const std::vector<std::uint64_t>& times) const {
    ENTENTE_ASSERT(times.size() == inside_->expressions.size());
    std::size_t next = 0;
    return most_of(inside_->pattern.root, times, next) > 0;
}

Prepared::Answer Prepared::holds(
    std::size_t which, const ObservationSet& observations, std::size_t at, std::uint64_t& steps
) const {
    Budget budget(steps);
    const PreparedExpression& expression = inside_->prepared.at(inside_->observations[which]);
    const auto holds = expression.holds(observations.inside().observations[at], budget);
    ENTENTE_ASSERT(holds.has_value());  // only with the reference's departures does it fail
    steps = budget.left();
    if (*holds) return Answer::yes;
    return budget.spent() || !budget.why().empty() ? Answer::undecided : Answer::no;
}

Match Prepared::bind(const std::vector<Seen>& seen, std::uint64_t steps) const {
    std::vector<Observed> observed(seen.size());
    for (std::size_t i = 0; i < seen.size(); ++i) {
        observed[i].first = instant_of(seen[i].first);
        observed[i].last = instant_of(seen[i].last);
        observed[i].times = seen[i].times;
    }
    Budget budget(steps);
    const Judge judge = [&](const Observation& brackets, std::size_t at) -> Result<bool> {
        return seen[at].holds[inside_->numbers.at(&brackets)];
    };
    const auto plan = make_plan(inside_->pattern, judge, observed, inside_->options, budget);
    ENTENTE_ASSERT(plan.has_value());
    const auto gave_up = [&](std::string why) {
        if (budget.spent() || why.empty()) {
            why = fmt::format("the pattern takes more than {} steps", steps);
        }
        return Match{Match::Verdict::gave_up, {}, std::move(why)};
    };
    if (budget.spent()) return gave_up({});
    if (!*plan) return Match{};
    Binding binding = search(**plan, budget);
    if (binding.found == Binding::Found::yes) {
        return Match{Match::Verdict::match, std::move(binding.observations), {}};
    }
    if (binding.found == Binding::Found::gave_up) return gave_up(std::move(binding.why));
    return Match{};
}

Seen seen(const ObservationSet& observations, std::size_t at) {
    const Observed& observed = observations.inside().observations[at];
    return {time_of(observed.first), time_of(observed.last), observed.times, {}};
}

}  // namespace entente::pattern
