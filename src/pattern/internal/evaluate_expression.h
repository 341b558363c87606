#pragma once
// What stands in brackets, made ready, against one observation (STIX 2.1, 9.5, 9.6; P10, P11).
#include "pattern/internal/evaluate_comparison.h"

#include <string_view>
#include <variant>
#include <vector>

namespace entente::pattern {

class PreparedExpression {
  public:
    /// Fails with the first constant that is none. `expression` outlives this.
    [[nodiscard]] static tl::expected<PreparedExpression, ParseError> prepare(
        const Expression& expression, const EvaluateOptions& options
    );

    /// Is there one object from which every comparison that must hold holds? Fails unprocessable
    /// with `reference`.
    [[nodiscard]] Result<bool> holds(const Observed& observed, Budget& budget) const;

  private:
    struct Parts {
        bool conjunction = false;
        std::vector<PreparedExpression> parts;
    };

    explicit PreparedExpression(Test test) : node_(std::move(test)) {}

    explicit PreparedExpression(Parts parts) : node_(std::move(parts)) {}

    [[nodiscard]] Result<bool> holds_from(
        const boost::json::value& root,
        std::string_view type,
        const Observed& observed,
        Budget& budget
    ) const;
    void add_types(std::vector<std::string_view>& types) const;

    std::variant<Test, Parts> node_;
    std::vector<std::string_view> types_;  // of the objects to look at; at the top only
    EvaluateOptions options_;
};

}  // namespace entente::pattern
