#include "pattern/internal/print.h"
#include "pattern/internal/token.h"
#include "pattern/pattern.h"

#include <fmt/format.h>

#include <iterator>

namespace entente::pattern {

namespace {

void quote(std::string& out, std::string_view text) {
    out += '\'';
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    out += '\'';
}

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void print_bytes(std::string& out, const Binary& value) {
    out += value.hex ? "h'" : "b'";
    unsigned bits = 0;
    int count = 0;
    std::size_t written = 0;
    for (const char c : value.bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (value.hex) {
            out += hex_digits[byte >> 4U];
            out += hex_digits[byte & 15U];
            continue;
        }
        bits = (bits << 8U | byte) & 0xFFFFU;
        for (count += 8; count >= 6; ++written) {
            count -= 6;
            out += base64_digits[bits >> static_cast<unsigned>(count) & 63U];
        }
    }
    if (count > 0) {
        out += base64_digits[bits << static_cast<unsigned>(6 - count) & 63U];
        ++written;
    }
    while (!value.hex && written++ % 4 != 0)
        out += '=';
    out += '\'';
}

void print_comparison(std::string& out, const Comparison& comparison) {
    if (comparison.op == Op::exists) {
        out += comparison.negated ? "NOT EXISTS " : "EXISTS ";
        print_path(out, comparison.path);
        return;
    }
    print_path(out, comparison.path);
    out += comparison.negated ? " NOT " : " ";
    out += operator_name(comparison.op);
    out += ' ';
    if (comparison.op != Op::in) return print_literal(out, comparison.values.front());
    out += '(';
    for (std::size_t i = 0; i < comparison.values.size(); ++i) {
        if (i > 0) out += ", ";
        print_literal(out, comparison.values[i]);
    }
    out += ')';
}

void print_expression(std::string& out, const Expression& expression, bool within_and) {
    if (const auto* const comparison = std::get_if<Comparison>(&expression.node))
        return print_comparison(out, *comparison);
    const auto& boolean = std::get<Boolean>(expression.node);
    const bool parentheses = within_and && !boolean.conjunction;
    if (parentheses) out += '(';
    for (std::size_t i = 0; i < boolean.parts.size(); ++i) {
        if (i > 0) out += boolean.conjunction ? " AND " : " OR ";
        print_expression(out, boolean.parts[i], boolean.conjunction);
    }
    if (parentheses) out += ')';
}

void print_time(std::string& out, const Timestamp& time) {
    // Only the 2.0 dialect reads other texts here, and it reads them back.
    if (timestamp_error(time.text) == std::string_view::npos) out += 't';
    quote(out, time.text);
}

void print_qualifier(std::string& out, const Qualifier& qualifier) {
    if (const auto* const range = std::get_if<StartStop>(&qualifier)) {
        out += " START ";
        print_time(out, range->start);
        out += " STOP ";
        print_time(out, range->stop);
    } else if (const auto* const within = std::get_if<Within>(&qualifier)) {
        fmt::format_to(std::back_inserter(out), " WITHIN {} SECONDS", within->text);
    } else {
        fmt::format_to(
            std::back_inserter(out), " REPEATS {} TIMES", std::get<Repeats>(qualifier).times
        );
    }
}

void print_observations(std::string& out, const Observations& observations) {
    if (const auto* const one = std::get_if<Observation>(&observations.node)) {
        out += '[';
        print_expression(out, one->expression, false);
        out += ']';
    } else {
        const auto& joined = std::get<Joined>(observations.node);
        if (observations.parenthesised) out += '(';
        for (std::size_t i = 0; i < joined.parts.size(); ++i) {
            if (i > 0) {
                const bool both = joined.join == Join::conjunction;
                out +=
                    both ? " AND " : (joined.join == Join::disjunction ? " OR " : " FOLLOWEDBY ");
            }
            print_observations(out, joined.parts[i]);
        }
        if (observations.parenthesised) out += ')';
    }
    for (const Qualifier& qualifier : observations.qualifiers)
        print_qualifier(out, qualifier);
}

}  // namespace

bool is_bare(std::string_view name) {
    Lexer lexer(name, Dialect::v21);
    lexer.advance();
    return lexer.word().kind == Kind::identifier && lexer.word().text().size() == name.size();
}

std::string_view operator_name(Op op) {
    switch (op) {
        case Op::equal:
            return "=";
        case Op::not_equal:
            return "!=";
        case Op::less:
            return "<";
        case Op::less_equal:
            return "<=";
        case Op::greater:
            return ">";
        case Op::greater_equal:
            return ">=";
        case Op::in:
            return "IN";
        case Op::like:
            return "LIKE";
        case Op::matches:
            return "MATCHES";
        case Op::is_subset:
            return "ISSUBSET";
        case Op::is_superset:
            return "ISSUPERSET";
        case Op::exists:
            return "EXISTS";
    }
    return "";
}

void print_step(std::string& out, const PathStep& step, bool first) {
    if (const auto* const name = std::get_if<std::string>(&step)) {
        if (!first) out += '.';
        if (is_bare(*name)) {
            out += *name;
        } else {
            quote(out, *name);
        }
    } else if (const auto* const index = std::get_if<std::int64_t>(&step)) {
        fmt::format_to(std::back_inserter(out), "[{}]", *index);
    } else {
        out += "[*]";
    }
}

void print_path(std::string& out, const Path& path) {
    out += path.type;
    out += ':';
    for (std::size_t i = 0; i < path.steps.size(); ++i)
        print_step(out, path.steps[i], i == 0);
}

void print_literal(std::string& out, const Literal& literal) {
    if (const auto* const flag = std::get_if<bool>(&literal)) {
        out += *flag ? "true" : "false";
    } else if (const auto* const number = std::get_if<std::int64_t>(&literal)) {
        fmt::format_to(std::back_inserter(out), "{}", *number);
    } else if (const auto* const decimal = std::get_if<Float>(&literal)) {
        out += decimal->text;
    } else if (const auto* const text = std::get_if<std::string>(&literal)) {
        quote(out, *text);
    } else if (const auto* const bytes = std::get_if<Binary>(&literal)) {
        print_bytes(out, *bytes);
    } else {
        fmt::format_to(std::back_inserter(out), "t'{}'", std::get<Timestamp>(literal).text);
    }
}

std::string print(const Pattern& pattern) {
    std::string out;
    print_observations(out, pattern.root);
    return out;
}

}  // namespace entente::pattern
