#include "pattern/internal/evaluate_expression.h"

#include "pattern/prepared.h"

#include <algorithm>
#include <array>

namespace entente::pattern {
namespace {

/// Types of STIX 2.1 that are no cyber-observables: patterns look at observables only
/// (STIX 2.1, 9.7; P7).
constexpr std::array not_observables = std::to_array<std::string_view>({
    "attack-pattern",
    "bundle",
    "campaign",
    "course-of-action",
    "extension-definition",
    "grouping",
    "identity",
    "incident",
    "indicator",
    "infrastructure",
    "intrusion-set",
    "language-content",
    "location",
    "malware",
    "malware-analysis",
    "marking-definition",
    "note",
    "observed-data",
    "opinion",
    "relationship",
    "report",
    "sighting",
    "threat-actor",
    "tool",
    "vulnerability",
});

}  // namespace

bool is_observable(std::string_view type, Dialect dialect) noexcept {
    return dialect == Dialect::v20 || !std::ranges::binary_search(not_observables, type);
}

tl::expected<PreparedExpression, ParseError> PreparedExpression::prepare(
    const Expression& expression, const EvaluateOptions& options
) {
    const auto make = [&]() -> tl::expected<PreparedExpression, ParseError> {
        if (const auto* comparison = std::get_if<Comparison>(&expression.node)) {
            auto test = Test::prepare(*comparison, options);
            if (!test) return tl::unexpected(test.error());
            return PreparedExpression(std::move(*test));
        }
        const auto& boolean = std::get<Boolean>(expression.node);
        Parts parts{boolean.conjunction, {}};
        for (const Expression& part : boolean.parts) {
            auto made = prepare(part, options);
            if (!made) return made;
            parts.parts.push_back(std::move(*made));
        }
        return PreparedExpression(std::move(parts));
    };
    auto made = make();
    if (!made) return made;
    made->options_ = options;
    made->add_types(made->types_);
    std::ranges::sort(made->types_);
    made->types_.erase(std::unique(made->types_.begin(), made->types_.end()), made->types_.end());
    if (options.dialect == Dialect::v21) {
        std::erase_if(made->types_, [&](std::string_view type) {
            return !is_observable(type, options.dialect);
        });
    }
    return made;
}

void PreparedExpression::add_types(std::vector<std::string_view>& types) const {
    if (const auto* test = std::get_if<Test>(&node_)) {
        types.push_back(test->type());
    } else {
        for (const PreparedExpression& part : std::get<Parts>(node_).parts)
            part.add_types(types);
    }
}

Result<bool> PreparedExpression::holds(const Observed& observed, Budget& budget) const {
    bool any = false;
    for (const std::string_view type : types_) {
        const auto objects = observed.by_type.find(type);
        if (objects == observed.by_type.end()) continue;
        for (const boost::json::value* root : objects->second) {
            if (!budget.spend(2)) return false;
            ENTENTE_TRY(const bool here, holds_from(*root, type, observed, budget));
            any = any || here;
            if (any && !options_.reference) return true;
        }
    }
    return any;
}

Result<bool> PreparedExpression::holds_from(
    const boost::json::value& root, std::string_view type, const Observed& observed, Budget& budget
) const {
    if (!budget.spend(1)) return false;
    if (const auto* test = std::get_if<Test>(&node_)) {
        return test->type() == type ? test->holds(root, observed, budget) : Result<bool>(false);
    }
    const auto& [conjunction, parts] = std::get<Parts>(node_);
    bool result = conjunction;
    for (const PreparedExpression& part : parts) {
        ENTENTE_TRY(const bool here, part.holds_from(root, type, observed, budget));
        result = conjunction ? result && here : result || here;
        // The reference matcher looks at all of it and raises what it comes upon.
        if (result != conjunction && !options_.reference) break;
    }
    return result;
}

}  // namespace entente::pattern
