#pragma once
// A pattern's tree as text, field by field and without the printer's help, so that tests can
// compare trees. Places in the text are left out.
#include "pattern/pattern.h"

#include <fmt/format.h>

namespace entente::pattern::testing {

inline std::string hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes)
        out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

inline std::string dump(const Literal& literal) {
    switch (literal.index()) {
        case 0:
            return fmt::format("bool {}", std::get<bool>(literal));
        case 1:
            return fmt::format("int {}", std::get<std::int64_t>(literal));
        case 2: {
            const auto& number = std::get<Float>(literal);
            return fmt::format("float {} {}", number.value, number.text);
        }
        case 3:
            return fmt::format("text <{}>", std::get<std::string>(literal));
        case 4: {
            const auto& binary = std::get<Binary>(literal);
            return fmt::format("{} {}", binary.hex ? "hex" : "base64", hex(binary.bytes));
        }
        default:
            return fmt::format("time {}", std::get<Timestamp>(literal).text);
    }
}

inline std::string dump(const Path& path) {
    std::string out = path.type;
    for (const PathStep& step : path.steps) {
        if (const auto* const name = std::get_if<std::string>(&step))
            out += fmt::format(" <{}>", *name);
        if (const auto* const index = std::get_if<std::int64_t>(&step))
            out += fmt::format(" {}", *index);
        if (std::holds_alternative<Any>(step)) out += " any";
    }
    return out;
}

inline std::string dump(const Expression& expression) {
    std::string out;
    if (const auto* const test = std::get_if<Comparison>(&expression.node)) {
        out = fmt::format(
            "({}{} {}", test->negated ? "not " : "", static_cast<int>(test->op), dump(test->path)
        );
        for (const Literal& literal : test->values)
            out += ", " + dump(literal);
        return out + ")";
    }
    const auto& boolean = std::get<Boolean>(expression.node);
    out = boolean.conjunction ? "(and" : "(or";
    for (const Expression& part : boolean.parts)
        out += " " + dump(part);
    return out + ")";
}

inline std::string dump(const Observations& node) {
    std::string out;
    if (const auto* const one = std::get_if<Observation>(&node.node)) {
        out = "{" + dump(one->expression) + "}";
    } else {
        const auto& joined = std::get<Joined>(node.node);
        constexpr std::string_view names[] = {"AND", "OR", "FOLLOWEDBY"};
        out = "{" +
              std::string(
                  joined.parts.size() < 2 ? "GROUP" : names[static_cast<std::size_t>(joined.join)]
              );
        for (const Observations& part : joined.parts)
            out += " " + dump(part);
        out += "}";
    }
    for (const Qualifier& qualifier : node.qualifiers) {
        if (const auto* const range = std::get_if<StartStop>(&qualifier))
            out += fmt::format(" from {} to {}", range->start.text, range->stop.text);
        if (const auto* const within = std::get_if<Within>(&qualifier))
            out += fmt::format(" within {} {}", within->seconds, within->text);
        if (const auto* const repeats = std::get_if<Repeats>(&qualifier))
            out += fmt::format(" repeats {}", repeats->times);
    }
    return out + (node.parenthesised ? " paren" : "");
}

inline std::string dump(const Pattern& pattern) {
    return dump(pattern.root);
}

}  // namespace entente::pattern::testing
