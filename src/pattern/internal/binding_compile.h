#pragma once
// From a pattern and observations to a plan.
#include "pattern/internal/binding_plan.h"
#include "pattern/internal/evaluate_expression.h"

#include <map>
#include <optional>

namespace entente::pattern {

/// The expressions in brackets of a pattern, made ready.
using Expressions = std::map<const Observation*, PreparedExpression>;

/// Nothing when some part that is needed can be bound to no observation. REQUIRES: the pattern has
/// no `flaw`; `expressions` holds all of it. Spends what it costs; the result counts only if the
/// budget is not spent. Fails unprocessable with `reference`.
[[nodiscard]] Result<std::optional<Plan>> make_plan(
    const Pattern& pattern,
    const Expressions& expressions,
    const std::vector<Observed>& observations,
    const EvaluateOptions& options,
    Budget& budget
);

}  // namespace entente::pattern
