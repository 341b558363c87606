#include "pattern/evaluate.h"

#include "base/limits.h"
#include "pattern/internal/binding_compile.h"
#include "pattern/internal/binding_search.h"

#include <fmt/format.h>

#include <array>

namespace entente::pattern {
namespace {

std::optional<ParseError> prepare(
    const Observation& observation, const EvaluateOptions& options, Expressions& into
) {
    auto made = PreparedExpression::prepare(observation.expression, options);
    if (!made) return std::move(made.error());
    into.emplace(&observation, std::move(*made));
    return std::nullopt;
}

std::optional<ParseError> qualifier_flaw(const StartStop& span) {
    for (const Timestamp* time : {&span.start, &span.stop}) {
        if (!read_instant(time->text)) {
            return ParseError{
                span.at, fmt::format("'{}' is no date that exists", time->text), "P26"};
        }
    }
    return std::nullopt;
}

std::optional<ParseError> qualifier_flaw(const Within& within) {
    const auto length = read_seconds(within.text);
    if (length && *length > Instant{}) return std::nullopt;
    return ParseError{
        within.at,
        fmt::format("WITHIN {} SECONDS; expected a number above 0, up to 10^12", within.text),
        "P25"};
}

std::optional<ParseError> qualifier_flaw(const Repeats& repeats) {
    if (repeats.times > 0) return std::nullopt;
    return ParseError{repeats.at, "REPEATS 0 TIMES; expected a whole number of at least 1", "P24"};
}

}  // namespace

std::optional<ParseError> prepare(
    const Observations& node, const EvaluateOptions& options, Expressions& into
) {
    if (const auto* observation = std::get_if<Observation>(&node.node)) {
        if (auto wrong = prepare(*observation, options, into)) return wrong;
    } else {
        for (const Observations& part : std::get<Joined>(node.node).parts)
            if (auto wrong = prepare(part, options, into)) return wrong;
    }
    // STIX 2.1, 9.5.1: not two of one kind. On what stands in brackets; a group may have them, and
    // so may 2.0 and the reference (P4).
    const bool once = std::holds_alternative<Observation>(node.node) &&
                      options.dialect == Dialect::v21 && !options.reference;
    std::array<bool, std::variant_size_v<Qualifier>> seen{};
    for (const Qualifier& qualifier : node.qualifiers) {
        auto wrong = std::visit([](const auto& q) { return qualifier_flaw(q); }, qualifier);
        if (wrong) return wrong;
        bool& before = seen.at(qualifier.index());
        if (before && once) {
            const std::size_t at = std::visit([](const auto& q) { return q.at; }, qualifier);
            return ParseError{
                at,
                "a second qualifier of one kind on one expression; parentheses may part them",
                "P4"};
        }
        before = true;
    }
    return std::nullopt;
}

std::optional<ParseError> flaw(const Pattern& pattern, const EvaluateOptions& options) {
    Expressions expressions;
    return prepare(pattern.root, options, expressions);
}

Result<Match> evaluate(
    const Pattern& pattern, const ObservationSet& observations, const EvaluateOptions& options
) {
    Expressions expressions;
    if (auto wrong = prepare(pattern.root, options, expressions)) {
        if (options.reference) return fail(Errc::unprocessable, std::move(wrong->message));
        return Match{Match::Verdict::no_match, {}, std::move(wrong->message)};
    }
    Budget budget(limits::pattern_steps_max);
    const auto gave_up = [&](std::string why) {
        if (budget.spent() || why.empty()) {
            why = fmt::format("the pattern takes more than {} steps", limits::pattern_steps_max);
        }
        return Match{Match::Verdict::gave_up, {}, std::move(why)};
    };
    const auto& observed = observations.inside().observations;
    const Judge judge = [&](const Observation& brackets, std::size_t at) {
        return expressions.at(&brackets).holds(observed[at], budget);
    };
    ENTENTE_TRY(
        const std::optional<Plan> plan, make_plan(pattern, judge, observed, options, budget)
    );
    if (budget.spent()) return gave_up({});
    if (plan) {
        Binding binding = search(*plan, budget);
        if (binding.found == Binding::Found::yes) {
            return Match{Match::Verdict::match, std::move(binding.observations), {}};
        }
        if (binding.found == Binding::Found::gave_up) return gave_up(std::move(binding.why));
    }
    if (!budget.why().empty()) return gave_up(budget.why());
    return Match{};
}

}  // namespace entente::pattern
