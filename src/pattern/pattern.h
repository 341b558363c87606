#pragma once
// The STIX patterning language (STIX 2.1, section 9; STIX 2.0 part 5): reading, printing, checking.
// Items P1-P6 and P30.
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace entente::pattern {

enum class Dialect : std::uint8_t { v20, v21 };

/// A place where a pattern is wrong, and what was expected there. `message` is one line;
/// `caret(text, error)` shows it under the text.
struct ParseError {
    std::size_t at = 0;     // byte
    std::string message;    // what stands there, what was expected
    std::string_view rule;  // "P2"
};

/// Two lines without a line feed at the end: the line of `text` in question, cut around the place
/// and made printable, and under the place a caret with the message.
[[nodiscard]] std::string caret(std::string_view text, const ParseError& error);

// ---- The tree. Values are unescaped.

struct Timestamp {
    std::string text;  // as written, RFC 3339 with Z
};

struct Binary {
    std::string bytes;
    bool hex = false;
};

struct Float {
    double value = 0;  // finite
    std::string text;  // digits, a point, digits, in shortest form
};

using Literal = std::variant<bool, std::int64_t, Float, std::string, Binary, Timestamp>;

enum class Op : std::uint8_t {
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,
    like,
    matches,
    is_subset,
    is_superset,
    exists
};

struct Any {};  // [*]

using PathStep = std::variant<std::string, std::int64_t, Any>;

struct Path {
    std::string type;
    std::vector<PathStep> steps;  // at least one, the first a name
};

/// One test of one path. `values` has one element, for `in` any number, for `exists` none.
struct Comparison {
    Path path;
    Op op = Op::equal;
    bool negated = false;
    std::vector<Literal> values;
    std::size_t at = 0;         // byte in the text, for messages
    std::size_t values_at = 0;  // byte of the constant, for `in` of the parenthesis
};

struct Expression;

struct Boolean {
    bool conjunction = false;       // AND, else OR
    std::vector<Expression> parts;  // at least two, none of the same kind
};

/// What stands inside [ ].
struct Expression {
    std::variant<Comparison, Boolean> node;
};

// `parse` takes what the grammar takes; what the prose forbids (WITHIN 0, REPEATS 0, a kind twice
// on one expression, in the 2.0 dialect a plain string after START or STOP that is no timestamp) is
// a remark of a MUST, and such a pattern matches nothing.
struct StartStop {
    Timestamp start, stop;
    std::size_t at = 0;
};

struct Within {
    double seconds = 0;
    std::string text;
    std::size_t at = 0;
};

struct Repeats {
    std::uint64_t times = 0;
    std::size_t at = 0;
};

using Qualifier = std::variant<StartStop, Within, Repeats>;

enum class Join : std::uint8_t { conjunction, disjunction, followed_by };

struct Observations;  // outside [ ]

struct Observation {
    Expression expression;
};

/// At least two parts, in the order of writing, none of the same kind without qualifiers (`([a] AND
/// [b]) AND [c]` has three). One part where parentheses stand between qualifiers: `([a] REPEATS 2
/// TIMES) REPEATS 3 TIMES`; `join` then means nothing.
struct Joined {
    Join join = Join::conjunction;
    std::vector<Observations> parts;
};

struct Observations {
    std::variant<Observation, Joined> node;
    std::vector<Qualifier> qualifiers;  // in the order of writing, applied from left to right
    bool parenthesised = false;         // stands in parentheses that it needs
};

struct Pattern {
    Observations root;
};

/// Reads a pattern. Bounded: limits::pattern_bytes_max, pattern_depth_max, pattern_nodes_max.
/// Threads: safe.
[[nodiscard]] tl::expected<Pattern, ParseError> parse(
    std::string_view text, Dialect dialect = Dialect::v21
);

/// The canonical spelling: single blanks, `=` and `!=`, only needed quotes and parentheses,
/// literals in one form. `parse(print(p))` is `p` where the text is within pattern_bytes_max
/// (blanks can make it longer than what was read), and printing that gives the same text.
[[nodiscard]] std::string print(const Pattern& pattern);

/// Calls `take` with each object path that `text` compares, in the order of writing and as often as
/// it stands there, spelled as `print` does: "file:hashes.'SHA-256'". The view lives for the call.
/// False when `parse` refuses the text; what was told until then means nothing. No tree is built;
/// all paths together are no longer than the text and two apostrophes for each name. Threads: safe.
[[nodiscard]] bool object_paths(
    std::string_view text, Dialect dialect, const std::function<void(std::string_view path)>& take
);

/// The pattern in plain words, one line a step, for `entente pattern explain`. Texts are made
/// printable, long ones are cut.
[[nodiscard]] std::string explain(const Pattern& pattern);

/// Something legal that is probably wrong, or that the standard forbids beyond the grammar: hash
/// literals of the wrong length, operands of AND that can never meet, unknown object types and
/// properties. docs/patterns.md lists them all. Rule V12 (names of types and properties) is no
/// error here, since the language takes any name; who checks an indicator may take it for one.
struct Remark {
    bool error = false;      // breaks a MUST
    std::uint16_t code = 0;  // public number of the reference checker, 0 = none
    std::string_view rule;
    std::size_t at = 0;
    std::string message;
};

/// In the order of the text; at most limits::pattern_remarks_max errors and as many others.
[[nodiscard]] std::vector<Remark> remarks(const Pattern& pattern, Dialect dialect = Dialect::v21);

/// What a quick look says. `broken`: `parse` refuses the text, or a remark of a MUST would follow.
/// `clean`: there is nothing to remark. `doubtful`: no MUST is broken, but something may be
/// remarked; ask `remarks`.
enum class Glance : std::uint8_t { broken, doubtful, clean };

/// Judges without a tree and without allocating, for checking millions of indicators. Threads:
/// safe.
[[nodiscard]] Glance glance(std::string_view text, Dialect dialect = Dialect::v21) noexcept;

/// Is `text` a pattern that `parse` takes and for which `remarks` has nothing of a MUST?
[[nodiscard]] inline bool sound(std::string_view text, Dialect dialect = Dialect::v21) noexcept {
    return glance(text, dialect) != Glance::broken;
}

}  // namespace entente::pattern
