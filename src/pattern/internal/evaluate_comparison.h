#pragma once
// One comparison of a pattern, made ready, against one object of an observation
// (STIX 2.1, 9.6, 9.7; P7-P19).
#include "pattern/address.h"
#include "pattern/internal/evaluate_budget.h"
#include "pattern/internal/evaluate_text.h"
#include "pattern/internal/observation_set.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace entente::pattern {

/// A value that a path leads to.
struct Place {
    enum class Kind : std::uint8_t {
        plain,
        references,  // the list of a property `…_refs`: its elements stand for the objects they
                     // name
        base64,      // the text of a property `…_bin`
        hex          // the text of a property `…_hex`
    };

    const boost::json::value* value = nullptr;
    Kind kind = Kind::plain;
    friend auto operator<=>(const Place&, const Place&) = default;
};

/// The values that `path` leads to from `root`, each once. Bounded by the values of the observation
/// for each step, whatever circles the references make. Fails unprocessable with `reference` where
/// a reference is no text.
[[nodiscard]] Result<std::vector<Place>> follow(
    const Path& path,
    const boost::json::value& root,
    const Observed& observed,
    const EvaluateOptions& options,
    Budget& budget
);

/// A constant in the form that comparing wants.
using Constant = std::variant<bool, std::int64_t, double, std::string, Binary, Instant>;

class Test {
  public:
    /// Fails with the place for a constant that is none (see `flaw`).
    [[nodiscard]] static tl::expected<Test, ParseError> prepare(
        const Comparison& comparison, const EvaluateOptions& options
    );

    [[nodiscard]] const std::string& type() const noexcept { return comparison_->path.type; }

    [[nodiscard]] const Comparison& comparison() const noexcept { return *comparison_; }

    /// REQUIRES: `root` has the path's type. Tests that cannot be decided are false and leave a
    /// doubt in `budget`.
    [[nodiscard]] Result<bool> holds(
        const boost::json::value& root, const Observed& observed, Budget& budget
    ) const;

  private:
    Test(const Comparison& comparison, const EvaluateOptions& options)
        : comparison_(&comparison),
          options_(options) {}

    [[nodiscard]] Result<bool> holds_for(const Place& place, Budget& budget) const;
    [[nodiscard]] Result<bool> compares(const Place& place) const;
    [[nodiscard]] Result<bool> is_in(const Place& place) const;
    [[nodiscard]] Result<bool> looks_like(const Place& place, Budget& budget) const;
    [[nodiscard]] Result<bool> matches(const Place& place, Budget& budget) const;
    [[nodiscard]] Result<bool> is_in_block(const Place& place) const;

    const Comparison* comparison_;  // of the pattern, which outlives this
    EvaluateOptions options_;
    std::vector<Constant> constants_;
    std::string wildcards_;              // LIKE, in normal form C
    std::optional<Regex> regex_;         // MATCHES on text
    std::optional<Regex> octets_regex_;  // MATCHES on octets, if it can be
    std::optional<AddressBlock> block_;  // ISSUBSET, ISSUPERSET
};

}  // namespace entente::pattern
