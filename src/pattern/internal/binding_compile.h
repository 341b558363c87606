#pragma once
// From a pattern and observations to a plan.
#include "pattern/internal/binding_plan.h"
#include "pattern/internal/evaluate_expression.h"

#include <functional>
#include <map>
#include <optional>

namespace entente::pattern {

/// The expressions in brackets of a pattern, made ready.
using Expressions = std::map<const Observation*, PreparedExpression>;

/// Makes the expressions ready and looks for what makes a pattern match nothing.
[[nodiscard]] std::optional<ParseError> prepare(
    const Observations& node, const EvaluateOptions& options, Expressions& into
);

/// Does what stands in brackets hold on the observation of this index?
using Judge = std::function<Result<bool>(const Observation& brackets, std::size_t at)>;

/// Nothing when some part that is needed can be bound to no observation. REQUIRES: the pattern has
/// no `flaw`; `judge` knows all of it, and of `observations` only times are looked at beside it.
/// Spends what it costs; the result counts only if the budget is not spent. Fails unprocessable
/// with `reference`.
[[nodiscard]] Result<std::optional<Plan>> make_plan(
    const Pattern& pattern,
    const Judge& judge,
    const std::vector<Observed>& observations,
    const EvaluateOptions& options,
    Budget& budget
);

}  // namespace entente::pattern
