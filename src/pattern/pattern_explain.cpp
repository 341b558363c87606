#include "base/escape.h"
#include "pattern/internal/print.h"
#include "pattern/pattern.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace entente::pattern {

namespace {

constexpr std::size_t constant_bytes_max = 200;

std::string constant(const Literal& literal) {
    std::string out;
    print_literal(out, literal);
    return printable(out, constant_bytes_max);
}

/// "the value of its dst_ref" would read backwards for long paths, so a path stays a path:
/// `dst_ref.value`.
std::string place(const Path& path) {
    std::string out;
    for (std::size_t i = 0; i < path.steps.size(); ++i)
        print_step(out, path.steps[i], i == 0);
    const bool any = out.find("[*]") != std::string::npos;
    return printable(out, constant_bytes_max) + (any ? " (any element)" : "");
}

std::string verb(const Comparison& test) {
    const bool no = test.negated;
    switch (test.op) {
        case Op::equal:
            return no ? "is there and is not" : "is";
        case Op::not_equal:
            return no ? "is" : "is there and is not";
        case Op::less:
            return no ? "is not less than" : "is less than";
        case Op::less_equal:
            return no ? "is not at most" : "is at most";
        case Op::greater:
            return no ? "is not greater than" : "is greater than";
        case Op::greater_equal:
            return no ? "is not at least" : "is at least";
        case Op::in:
            return no ? "is none of" : "is one of";
        case Op::like:
            return no ? "does not look like" : "looks like";
        case Op::matches:
            return no ? "is not matched by the regular expression"
                      : "is matched by the regular expression";
        case Op::is_subset:
            return no ? "does not lie within" : "lies within";
        case Op::is_superset:
            return no ? "does not contain" : "contains";
        case Op::exists:
            return no ? "is absent" : "is there, with any value";
    }
    return "";
}

/// Lines of words, each two blanks further in than what it belongs to.
class Explainer {
  public:
    void observations(const Observations& node, std::size_t depth);

    [[nodiscard]] std::string take() && { return std::move(out_); }

  private:
    void line(std::size_t depth, std::string_view words) {
        out_.append(2 * depth, ' ').append(words).append(1, '\n');
    }

    void qualifiers(const std::vector<Qualifier>& list, std::size_t depth);
    void expression(const Expression& node, std::size_t depth);
    void comparison(const Comparison& test, std::size_t depth);

    std::string out_;
};

void Explainer::comparison(const Comparison& test, std::size_t depth) {
    std::string words = fmt::format("its {} {}", place(test.path), verb(test));
    constexpr std::size_t shown_max = 20;
    for (std::size_t i = 0; i < std::min(test.values.size(), shown_max); ++i)
        words += (i == 0 ? " " : ", ") + constant(test.values[i]);
    if (test.values.size() > shown_max)
        words += fmt::format(" and {} more", test.values.size() - shown_max);
    if (test.op == Op::in && test.values.empty()) words += " nothing at all";
    if (test.op == Op::like) words += " (% stands for any characters, _ for one)";
    line(
        depth,
        fmt::format("it is of type {} and {}", printable(test.path.type, constant_bytes_max), words)
    );
}

void Explainer::expression(const Expression& node, std::size_t depth) {
    if (const auto* const test = std::get_if<Comparison>(&node.node))
        return comparison(*test, depth);
    const auto& boolean = std::get<Boolean>(node.node);
    line(depth, boolean.conjunction ? "all of these hold:" : "at least one of these holds:");
    for (const Expression& part : boolean.parts)
        expression(part, depth + 1);
}

void Explainer::qualifiers(const std::vector<Qualifier>& list, std::size_t depth) {
    for (const Qualifier& qualifier : list) {
        if (const auto* const range = std::get_if<StartStop>(&qualifier)) {
            line(
                depth,
                fmt::format(
                    "and each observation lies from {} on and before {}",
                    printable(range->start.text, constant_bytes_max),
                    printable(range->stop.text, constant_bytes_max)
                )
            );
        } else if (const auto* const within = std::get_if<Within>(&qualifier)) {
            line(
                depth,
                fmt::format(
                    "and the last observation comes less than {} seconds after the first",
                    within->text
                )
            );
        } else {
            line(
                depth,
                fmt::format(
                    "and all this {} times, each time in other observations",
                    std::get<Repeats>(qualifier).times
                )
            );
        }
    }
}

void Explainer::observations(const Observations& node, std::size_t depth) {
    if (const auto* const one = std::get_if<Observation>(&node.node)) {
        line(depth, "one observation has an object for which");
        expression(one->expression, depth + 1);
    } else {
        const auto& joined = std::get<Joined>(node.node);
        constexpr std::array<std::string_view, 3> heads{
            "all of these, each in an observation of its own:",
            "at least one of these:",
            "these in turn, none later than what follows it, each in an observation of its own:"};
        line(
            depth, joined.parts.size() < 2 ? "this:" : heads[static_cast<std::size_t>(joined.join)]
        );
        for (const Observations& part : joined.parts)
            observations(part, depth + 1);
    }
    qualifiers(node.qualifiers, depth);
}

}  // namespace

std::string explain(const Pattern& pattern) {
    Explainer explainer;
    explainer.observations(pattern.root, 0);
    return std::move(explainer).take();
}

}  // namespace entente::pattern
