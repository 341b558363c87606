#pragma once
// A pattern made ready once, to be judged over observations that come one after another: first each
// expression in brackets on one observation, then all of them together (STIX 2.1, 9.5-9.8). The
// same code as `evaluate`, so the same answers. Pure.
#include "pattern/evaluate.h"

#include <cstdint>

namespace entente::pattern {

/// Whether patterns may look at objects of this type: in STIX 2.1 at cyber-observables only
/// (STIX 2.1, 9.7; P7).
[[nodiscard]] bool is_observable(std::string_view type, Dialect dialect) noexcept;

/// `text` in Unicode normal form C, as LIKE and MATCHES see it. Bytes that are no UTF-8 become
/// U+FFFD.
[[nodiscard]] std::string normal_form_c(std::string_view text);

/// An instant of any precision: whole seconds since 1970-01-01T00:00:00Z and the digits of the
/// fraction without zeros at their end.
struct SeenTime {
    std::int64_t second = 0;
    std::string fraction;
};

/// What is left of an observation once its objects were looked at.
struct Seen {
    SeenTime first, last;     // first <= last
    std::uint64_t times = 1;  // number_observed, at least 1
    std::vector<bool> holds;  // for each expression in brackets, in the order of writing
};

/// Threads: const methods are safe to call at once.
class Prepared {
  public:
    /// Fails as `flaw`: such a pattern matches nothing.
    [[nodiscard]] static tl::expected<Prepared, ParseError> make(
        Pattern pattern, Dialect dialect = Dialect::v21
    );
    Prepared(Prepared&&) noexcept;
    Prepared& operator=(Prepared&&) noexcept;
    ~Prepared();

    [[nodiscard]] const Pattern& pattern() const noexcept;
    /// The expressions in brackets, in the order of writing. They live as long as this.
    [[nodiscard]] const std::vector<const Expression*>& expressions() const noexcept;
    /// One expression that one observation may meet: no START, WITHIN or REPEATS asks for more.
    [[nodiscard]] bool single() const noexcept;
    /// How many observations (or instances of them) a match takes at least; at most 2^62.
    [[nodiscard]] std::uint64_t least() const noexcept;
    /// Seconds after which an observation can no longer be part of a match, from a WITHIN around
    /// everything; 0 when there is none. Rounded up.
    [[nodiscard]] std::int64_t window_s() const noexcept;

    /// False when no match can be among observations of which `times[i]` (counted with their
    /// number_observed) meet expression i, whatever their times: a look that is far cheaper than
    /// `bind`. REQUIRES: as many numbers as expressions.
    [[nodiscard]] bool may_match(const std::vector<std::uint64_t>& times) const;

    enum class Answer : std::uint8_t { no, yes, undecided };

    /// Does expression `which` hold on `observations[at]`? Takes what it costs from `steps`;
    /// undecided when that was not enough or a regular expression reached its limits.
    [[nodiscard]] Answer holds(
        std::size_t which, const ObservationSet& observations, std::size_t at, std::uint64_t& steps
    ) const;

    /// The whole pattern over what was seen, as `evaluate`.
    [[nodiscard]] Match bind(const std::vector<Seen>& seen, std::uint64_t steps) const;

  private:
    struct Inside;
    explicit Prepared(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

/// Times and number of one observation, without saying what holds on it.
[[nodiscard]] Seen seen(const ObservationSet& observations, std::size_t at);

}  // namespace entente::pattern
