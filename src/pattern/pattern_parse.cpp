#include "pattern/internal/failure.h"
#include "pattern/internal/grammar.h"
#include "pattern/pattern.h"

#include <iterator>

namespace entente::pattern {

namespace {

std::string unescaped(const Token& token) {
    const std::string_view content = token.content();
    if (!token.escaped) return std::string(content);
    std::string out;
    out.reserve(content.size());
    for (std::size_t i = 0; i < content.size(); ++i) {
        if (content[i] == '\\') ++i;
        out += content[i];
    }
    return out;
}

/// Digits, a point, digits: no sign for positive numbers, no noughts that say nothing, one digit on
/// each side at least.
std::string shortest(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    std::string_view whole = text.substr(0, point);
    while (whole.size() > 1 && whole.starts_with('0'))
        whole.remove_prefix(1);
    std::string out = negative ? "-" : "";
    out += whole.empty() ? "0" : whole;
    if (point == std::string_view::npos) return out;
    std::string_view fraction = text.substr(point + 1);
    while (fraction.size() > 1 && fraction.ends_with('0'))
        fraction.remove_suffix(1);
    return out.append(1, '.').append(fraction);
}

std::string bytes_of_hex(std::string_view digits) {
    const auto value = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    std::string out;
    out.reserve(digits.size() / 2);
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        out += static_cast<char>(value(digits[i]) * 16 + value(digits[i + 1]));
    return out;
}

std::string bytes_of_base64(std::string_view text) {
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        if (!character::is(c, character::base64)) continue;  // a line feed or padding
        unsigned value = 0;
        if (c >= 'A' && c <= 'Z') value = static_cast<unsigned>(c - 'A');
        if (c >= 'a' && c <= 'z') value = static_cast<unsigned>(c - 'a') + 26;
        if (c >= '0' && c <= '9') value = static_cast<unsigned>(c - '0') + 52;
        if (c == '+') value = 62;
        if (c == '/') value = 63;
        bits = (bits << 6U | value) & 0xFFFFU;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
    }
    return out;
}

bool twice(const std::vector<Qualifier>& first, const std::vector<Qualifier>& second) {
    std::array<int, std::variant_size_v<Qualifier>> counts{};
    bool found = false;
    for (const std::vector<Qualifier>* const list : {&first, &second})
        for (const Qualifier& qualifier : *list)
            found |= ++counts[qualifier.index()] > 1;
    return found;
}

class TreeSink {
  public:
    using Expression = pattern::Expression;
    using Observations = pattern::Observations;
    using Qualifiers = std::vector<Qualifier>;

    // ---- Outside brackets.

    void join(Observations& out, Join join) {
        if (opens(out, join)) return;
        Joined joined{join, {}};
        Observations first = std::move(out);
        out = Observations{std::move(joined), {}, false};
        add(std::get<Joined>(out.node), std::move(first));
    }

    void join_part(Observations& out, Observations part) {
        Joined& joined = std::get<Joined>(out.node);
        if (!opens(part, joined.join)) return add(joined, std::move(part));
        std::vector<Observations>& parts = std::get<Joined>(part.node).parts;
        std::move(parts.begin(), parts.end(), std::back_inserter(joined.parts));
    }

    static void open_bracket() noexcept {}

    static void close_bracket(Observations& out, Expression expression) {
        out.node = Observation{std::move(expression)};
    }

    /// Parentheses go where they say nothing: qualifiers apply from left to right with or without
    /// them.
    static void qualify(Observations& out, Qualifiers found, bool group) {
        if (found.empty()) return;
        const bool wrap =
            group && twice(out.qualifiers, found) &&
            (!out.qualifiers.empty() || std::holds_alternative<Observation>(out.node));
        if (wrap) {
            Joined joined;
            joined.parts.push_back(std::move(out));
            out = Observations{std::move(joined), {}, true};
        }
        if (std::holds_alternative<Joined>(out.node)) out.parenthesised = true;
        std::move(found.begin(), found.end(), std::back_inserter(out.qualifiers));
    }

    static void start_stop(
        Qualifiers& found, const Token& start, const Token& stop, std::size_t at
    ) {
        const auto text = [](const Token& token) { return Timestamp{unescaped(token)}; };
        found.emplace_back(StartStop{text(start), text(stop), at});
    }

    static void within(Qualifiers& found, const Token& token, double seconds, std::size_t at) {
        found.emplace_back(Within{seconds, shortest(token.text()), at});
    }

    static void repeats(Qualifiers& found, std::uint64_t times, std::size_t at) {
        found.emplace_back(Repeats{times, at});
    }

    // ---- Inside brackets.

    static void combine(Expression& out, bool conjunction) {
        const auto* const boolean = std::get_if<Boolean>(&out.node);
        if (boolean != nullptr && boolean->conjunction == conjunction) return;
        Boolean joined{conjunction, {}};
        joined.parts.push_back(std::move(out));
        out.node = std::move(joined);
    }

    static void combine_part(Expression& out, Expression part) {
        Boolean& boolean = std::get<Boolean>(out.node);
        auto* const inner = std::get_if<Boolean>(&part.node);
        if (inner == nullptr || inner->conjunction != boolean.conjunction) {
            boolean.parts.push_back(std::move(part));
            return;
        }
        std::move(inner->parts.begin(), inner->parts.end(), std::back_inserter(boolean.parts));
    }

    void begin_comparison(std::size_t at) {
        comparison_ = {};
        comparison_.at = comparison_.values_at = at;
    }

    void object_type(std::string_view type) { comparison_.path.type = type; }

    void name(const Token& token) {
        comparison_.path.steps.emplace_back(
            token.kind == Kind::string ? unescaped(token) : std::string(token.text())
        );
    }

    void index(std::int64_t index) { comparison_.path.steps.emplace_back(index); }

    void any_index() { comparison_.path.steps.emplace_back(Any{}); }

    static void end_path() noexcept {}

    void operation(Op op, bool negated) {
        comparison_.op = op;
        comparison_.negated = negated;
    }

    void constant_at(std::size_t at) { comparison_.values_at = at; }

    void integer(std::int64_t value) { comparison_.values.emplace_back(value); }

    void floating(const Token& token, double value) {
        comparison_.values.emplace_back(Float{value, shortest(token.text())});
    }

    void string(const Token& token) { comparison_.values.emplace_back(unescaped(token)); }

    void binary(const Token& token) {
        const bool hex = token.kind == Kind::hex;
        comparison_.values.emplace_back(Binary{
            hex ? bytes_of_hex(token.content()) : bytes_of_base64(token.content()), hex});
    }

    void timestamp(const Token& token) {
        comparison_.values.emplace_back(Timestamp{std::string(token.content())});
    }

    void boolean(bool value) { comparison_.values.emplace_back(value); }

    void end_comparison(Expression& out) { out.node = std::move(comparison_); }

  private:
    /// The same operator again, without qualifiers between: one list.
    static bool opens(const Observations& part, Join join) {
        const auto* const joined = std::get_if<Joined>(&part.node);
        return joined != nullptr && joined->join == join && joined->parts.size() > 1 &&
               part.qualifiers.empty();
    }

    static void add(Joined& joined, Observations part) {
        const auto* const inner = std::get_if<Joined>(&part.node);
        if (inner != nullptr && part.qualifiers.empty())
            part.parenthesised = static_cast<int>(inner->join) > static_cast<int>(joined.join);
        joined.parts.push_back(std::move(part));
    }

    Comparison comparison_;
};

}  // namespace

tl::expected<Pattern, ParseError> parse(std::string_view text, Dialect dialect) {
    TreeSink sink;
    Grammar<TreeSink> grammar(text, dialect, sink);
    Pattern pattern;
    if (grammar.run(pattern.root)) return pattern;
    return tl::unexpected<ParseError>(describe(text, dialect, grammar.failure()));
}

}  // namespace entente::pattern
