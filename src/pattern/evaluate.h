#pragma once
// Evaluating one pattern over observations, plainly: obviously right rather than fast
// (STIX 2.1, 9.6-9.8; items P7-P29). The oracle for faster engines. Pure; safe to call from several
// threads at once.
#include "pattern/pattern.h"

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::pattern {

struct EvaluateOptions {
    Dialect dialect = Dialect::v21;
    /// As the OASIS reference matcher does where it departs from the standard (docs/patterns.md
    /// names each).
    bool reference = false;
};

/// Observed data as patterns see it. Built from JSON: one of, or a list of, observed-data with the
/// old `objects` container, observed-data with `object_refs`, bundles, and the objects that are
/// referred to.
class ObservationSet {
  public:
    /// Fails unprocessable, naming the JSON pointer: no observed-data where one must be,
    /// number_observed, first_observed or last_observed missing or wrong, no objects. References to
    /// what is not there are no failure.
    [[nodiscard]] static Result<ObservationSet> read(
        const boost::json::value& observations, const EvaluateOptions& options = {}
    );
    /// As `read`, from JSON text; doubles are exactly those of the text. Fails also malformed with
    /// the byte.
    [[nodiscard]] static Result<ObservationSet> read_text(
        std::string_view text, const EvaluateOptions& options = {}
    );
    ObservationSet(ObservationSet&&) noexcept;
    ObservationSet& operator=(ObservationSet&&) noexcept;
    ~ObservationSet();

    [[nodiscard]] std::size_t size() const noexcept;

    struct Inside;

    [[nodiscard]] const Inside& inside() const noexcept { return *inside_; }

  private:
    ObservationSet();
    std::unique_ptr<Inside> inside_;
};

/// JSON text into a value that is exactly what the text says: doubles rounded right, no name twice
/// in one object. Fails malformed with the byte; nesting is limited by
/// limits::pattern_observed_depth_max.
[[nodiscard]] Result<boost::json::value> read_json(std::string_view text);

struct Match {
    enum class Verdict : std::uint8_t { match, no_match, gave_up };

    Verdict verdict = Verdict::no_match;
    std::vector<std::size_t>
        bound;        // for a match: indexes of the observations of one binding, rising
    std::string why;  // for gave_up: what was reached; for no_match: why the pattern can match
                      // nothing, if so
};

/// Why a pattern that the grammar takes matches nothing at all (STIX 2.1, 9.2, 9.4, 9.5.1): a
/// constant that is none (a date that does not exist, a regular expression that does not compile, a
/// text that is no address for ISSUBSET, IN over several types), WITHIN 0, REPEATS 0, a kind of
/// qualifier twice on one expression. With `reference`: what the reference matcher raises an error
/// for.
[[nodiscard]] std::optional<ParseError> flaw(
    const Pattern& pattern, const EvaluateOptions& options = {}
);

/// Work is bounded by limits::pattern_steps_max: a pattern that needs more is cut and says so
/// (never a wrong `match`). A pattern with a `flaw` matches nothing. Fails unprocessable only with
/// `reference`, where the reference matcher raises an error.
[[nodiscard]] Result<Match> evaluate(
    const Pattern& pattern, const ObservationSet& observations, const EvaluateOptions& options = {}
);

}  // namespace entente::pattern
