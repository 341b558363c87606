#include "pattern/internal/failure.h"

#include "base/escape.h"

#include <fmt/format.h>

namespace entente::pattern {

std::string shown(std::string_view text) {
    constexpr std::size_t bytes_max = 60;
    return fmt::format("'{}'", printable(text, bytes_max));
}

namespace {

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

bool is_keyword(Kind kind) {
    return kind >= Kind::and_ && kind <= Kind::times;
}

bool is_word(Kind kind) {
    return kind == Kind::identifier || kind == Kind::hyphenated || is_keyword(kind);
}

/// One error being put into words.
class Words {
  public:
    Words(std::string_view text, Dialect dialect, const Failure& failure)
        : text_(text),
          dialect_(dialect),
          failure_(failure),
          near_(failure.near) {}

    [[nodiscard]] std::string message() const;

  private:
    [[nodiscard]] std::string near() const {
        if (near_.kind == Kind::end) return "the end of the pattern";
        const bool quoted = near_.kind >= Kind::string && near_.kind <= Kind::timestamp;
        return quoted ? printable(near_.text(), 60) : shown(near_.text());
    }

    /// From the word on up to a blank or bracket: what was perhaps meant as one text.
    [[nodiscard]] std::string run() const {
        const std::string_view rest =
            text_.substr(static_cast<std::size_t>(near_.begin - text_.data()));
        return shown(rest.substr(0, rest.find_first_of(" \t\r\n()[]',")));
    }

    [[nodiscard]] std::string opened(char bracket) const {
        return fmt::format("the '{}' at byte {}", bracket, failure_.opened - text_.data());
    }

    /// "; ..." where the word that stands there is known to be meant otherwise.
    [[nodiscard]] std::string keyword_hint() const;
    [[nodiscard]] std::string lexical() const;
    [[nodiscard]] std::string operator_words() const;
    [[nodiscard]] std::string timestamp_words() const;
    [[nodiscard]] std::string qualifier_words() const;
    [[nodiscard]] std::string outside() const;
    [[nodiscard]] std::string seconds_words() const;
    [[nodiscard]] std::string path_words() const;
    [[nodiscard]] std::string after_path() const;
    [[nodiscard]] std::string constant_words() const;
    [[nodiscard]] std::string after_comparison() const;

    std::string_view text_;
    Dialect dialect_;
    const Failure& failure_;
    const Token& near_;
};

std::string Words::keyword_hint() const {
    if (near_.kind != Kind::identifier) return {};
    constexpr std::array<std::string_view, 18> keywords{
        "AND",
        "OR",
        "NOT",
        "FOLLOWEDBY",
        "LIKE",
        "MATCHES",
        "ISSUPERSET",
        "ISSUBSET",
        "EXISTS",
        "IN",
        "START",
        "STOP",
        "SECONDS",
        "WITHIN",
        "REPEATS",
        "TIMES",
        "TRUE",
        "FALSE"};
    const std::string word = upper(near_.text());
    for (const std::string_view keyword : keywords)
        if (word == keyword && word != near_.text())
            return fmt::format("; words of the language are upper case: {}", word);
    return {};
}

std::string Words::operator_words() const {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 14> meant{{
        {"=>", "'greater than or equal' is >="},
        {"=<", "'less than or equal' is <="},
        {"=!", "'not equal' is !="},
        {"!==", "'not equal' is !="},
        {"===", "'equal' is ="},
        {"=~", "a regular expression is tested with MATCHES"},
        {"~", "a regular expression is tested with MATCHES"},
        {"~=", "a regular expression is tested with MATCHES"},
        {"!~", "a regular expression is tested with NOT MATCHES"},
        {"&&", "write AND"},
        {"&", "write AND"},
        {"||", "write OR"},
        {"|", "write OR"},
        {"!", "write NOT before the operator, or !="},
    }};
    const std::string_view word = near_.text();
    std::string_view hint = "the operators are = != < <= > >= IN LIKE MATCHES ISSUBSET ISSUPERSET";
    for (const auto& [written, better] : meant)
        if (word == written) hint = better;
    return fmt::format("there is no operator {}; {}", shown(word), hint);
}

std::string Words::timestamp_words() const {
    // `near` runs from the start of the constant to its closing apostrophe.
    constexpr std::string_view form =
        "a timestamp is t'YYYY-MM-DDThh:mm:ss.sssZ', in UTC, the fraction of the second may be "
        "absent";
    const char wrong = *failure_.at;
    if (wrong == 't' || wrong == ' ')
        return fmt::format("the date ends with an upper-case T; {}", form);
    if (wrong == 'z') return fmt::format("the time ends with an upper-case Z; {}", form);
    if (wrong == '+' || wrong == '-')
        return fmt::format("an offset from UTC cannot stand here; {}", form);
    if (wrong == '\'') return fmt::format("the timestamp ends too early; {}", form);
    return fmt::format("wrong from {} on; {}", shown({failure_.at, 1}), form);
}

std::string Words::lexical() const {
    switch (failure_.problem) {
        case Problem::bad_utf8:
            return "these bytes are no UTF-8; a pattern is Unicode text";
        case Problem::bad_operator:
            return operator_words();
        case Problem::double_quotes:
            return "a text stands in apostrophes ('...'), not in double quotes";
        case Problem::open_string:
            return "the text that begins here is never closed; an apostrophe inside a text is "
                   "written \\', "
                   "a backslash \\\\";
        case Problem::bad_escape:
            return "after a backslash may stand only ' or another backslash; a backslash itself is "
                   "written \\\\";
        case Problem::open_comment:
            return "the comment that begins here is never closed; it ends with */";
        case Problem::bad_hex:
            return "h'...' holds pairs of hexadecimal digits, for example h'ffd8'";
        case Problem::bad_base64:
            return "b'...' holds base64 (RFC 4648): groups of four characters, the last padded "
                   "with =";
        case Problem::bad_timestamp:
            return timestamp_words();
        default:
            break;
    }
    const std::size_t left = static_cast<std::size_t>(text_.data() + text_.size() - failure_.at);
    const std::string_view rest(failure_.at, left);
    for (const std::string_view quote :
         {"\xE2\x80\x98", "\xE2\x80\x99", "\xE2\x80\x9C", "\xE2\x80\x9D", "\xC2\xB4", "`"})
        if (rest.starts_with(quote))
            return "a typographic quotation mark; a text stands in plain apostrophes ('...', "
                   "U+0027)";
    if (rest.starts_with('/'))
        return "'/' begins nothing here; a regular expression is a text in apostrophes: MATCHES "
               "'...'";
    const std::size_t length = static_cast<unsigned char>(rest[0]) < 0x80
                                   ? 1
                                   : utf8_length(rest.data(), rest.data() + left);
    if (length == 0) return "these bytes are no UTF-8; a pattern is Unicode text";
    return fmt::format("the character {} has no meaning here", shown(rest.substr(0, length)));
}

std::string Words::seconds_words() const {
    std::string hint;
    const std::string unit = upper(near_.text());
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> units{{
        {"MINUTE", "a minute is 60 SECONDS"},
        {"HOUR", "an hour is 3600 SECONDS"},
        {"DAY", "a day is 86400 SECONDS"},
        {"MILLISECOND", "a millisecond is 0.001 SECONDS"},
    }};
    for (const auto& [name, words] : units)
        if (unit.starts_with(name)) hint = fmt::format("; {}", words);
    if (hint.empty()) hint = keyword_hint();
    return fmt::format("expected SECONDS after the number of WITHIN, found {}{}", near(), hint);
}

std::string Words::qualifier_words() const {
    const std::string_view time =
        dialect_ == Dialect::v21 ? "a timestamp, t'2024-01-15T12:30:45Z'"
                                 : "a timestamp, t'2024-01-15T12:30:45Z' or '2024-01-15T12:30:45Z'";
    switch (failure_.problem) {
        case Problem::expected_start_time:
            return fmt::format("START takes {}; found {}", time, near());
        case Problem::expected_stop:
            return fmt::format(
                "after START and its timestamp comes STOP with another one; found {}{}",
                near(),
                keyword_hint()
            );
        case Problem::expected_stop_time:
            return fmt::format("STOP takes {}; found {}", time, near());
        case Problem::expected_within_number:
            return fmt::format(
                "WITHIN takes a number over 0, as in WITHIN 300 SECONDS; found {}", near()
            );
        case Problem::expected_seconds:
            return seconds_words();
        case Problem::expected_repeats_number:
            return fmt::format(
                "REPEATS takes a whole number over 0, as in REPEATS 5 TIMES; found {}", near()
            );
        case Problem::expected_times:
            return fmt::format(
                "expected TIMES after the number of REPEATS, found {}{}", near(), keyword_hint()
            );
        default:
            return {};
    }
}

std::string Words::outside() const {
    constexpr std::string_view example = "[ipv4-addr:value = '198.51.100.3']";
    switch (failure_.problem) {
        case Problem::too_long:
            return fmt::format("the pattern is longer than {} bytes", limits::pattern_bytes_max);
        case Problem::too_deep:
            return fmt::format(
                "more than {} parentheses within parentheses", limits::pattern_depth_max
            );
        case Problem::too_many_nodes:
            return fmt::format(
                "more than {} comparisons, constants and path steps", limits::pattern_nodes_max
            );
        case Problem::empty:
            return fmt::format("the pattern is empty; a pattern is for example {}", example);
        case Problem::missing_brackets:
            if (near_.kind == Kind::not_)
                return "NOT stands inside the brackets, before the operator: [file:size NOT = 5]";
            return fmt::format(
                "square brackets are missing; comparisons stand inside [ ], for example {}", example
            );
        case Problem::expected_observation:
            return fmt::format("expected '[' or '(', found {}{}", near(), keyword_hint());
        case Problem::open_observation_paren:
            return fmt::format(
                "expected AND, OR, FOLLOWEDBY, a qualifier or ')', found {}{}; {} is still open",
                near(),
                keyword_hint(),
                opened('(')
            );
        default:
            break;
    }
    if (near_.kind == Kind::right_paren) return "this ')' closes nothing";
    if (near_.kind == Kind::right_bracket) return "this ']' closes nothing";
    if (near_.kind == Kind::left_paren || near_.kind == Kind::left_bracket)
        return "between two observation expressions stands AND, OR or FOLLOWEDBY";
    return fmt::format(
        "expected AND, OR, FOLLOWEDBY, START, WITHIN, REPEATS or the end, found {}{}",
        near(),
        keyword_hint()
    );
}

std::string Words::path_words() const {
    switch (failure_.problem) {
        case Problem::expected_comparison:
            if (near_.kind == Kind::left_bracket)
                return "brackets do not stand inside brackets; group comparisons with ( )";
            if (failure_.after == Kind::not_)
                return fmt::format(
                    "NOT stands before the operator (file:size NOT = 5){}; found {}",
                    dialect_ == Dialect::v21 ? " or before EXISTS" : "",
                    near()
                );
            if (is_keyword(near_.kind))
                return fmt::format("expected a comparison such as file:size > 0, found {}", near());
            if (near_.kind == Kind::string)
                return fmt::format(
                    "a comparison begins with a path such as file:name; found the text {}", near()
                );
            return fmt::format("expected a comparison such as file:size > 0, found {}", near());
        case Problem::expected_colon: {
            if (near_.kind == Kind::dot)
                return "expected ':' after the object type, found '.'; a path is type:property";
            const bool exists = dialect_ == Dialect::v20 && is_word(near_.kind);
            return fmt::format(
                "expected ':' after the object type, found {}; a path is type:property{}",
                near(),
                exists ? " (EXISTS came with STIX 2.1)" : ""
            );
        }
        case Problem::expected_index:
            return fmt::format("between [ and ] stands a number from 0 on, or *; found {}", near());
        case Problem::open_index:
            return fmt::format(
                "expected ']' after the index, found {}; {} is still open", near(), opened('[')
            );
        default:
            break;
    }
    const std::string_view what = failure_.problem == Problem::expected_property
                                      ? "a property after ':'"
                                      : "a name after '.'";
    if (near_.kind == Kind::hyphenated)
        return fmt::format(
            "a name with a hyphen stands in apostrophes: '{}'", printable(near_.text(), 60)
        );
    if (is_keyword(near_.kind) || near_.kind == Kind::boolean)
        return fmt::format(
            "{} is a word of the language; as a name it stands in apostrophes: {}", near(), near()
        );
    if (near_.kind == Kind::integer || near_.kind == Kind::floating)
        return fmt::format(
            "expected {}, found {}; a name that begins with a digit stands in apostrophes",
            what,
            near()
        );
    return fmt::format("expected {}, found {}", what, near());
}

std::string Words::after_path() const {
    constexpr std::string_view operators = "= != < <= > >= IN LIKE MATCHES ISSUBSET ISSUPERSET";
    if (failure_.problem == Problem::expected_negatable)
        return fmt::format(
            "after NOT comes one of {}; found {}{}", operators, near(), keyword_hint()
        );
    if (near_.kind == Kind::floating)
        return fmt::format(
            "a name that begins with a digit stands in apostrophes; found {}", near()
        );
    if (near_.kind == Kind::colon)
        return "only the type ends with ':'; the names after it are joined by '.'";
    std::string hint = keyword_hint();
    if (hint.empty() && near_.kind == Kind::identifier) {
        constexpr std::array<std::pair<std::string_view, std::string_view>, 9> others{{
            {"CONTAINS", "LIKE '%...%'"},
            {"STARTSWITH", "LIKE '...%'"},
            {"ENDSWITH", "LIKE '%...'"},
            {"EQUALS", "="},
            {"EQ", "="},
            {"IS", "="},
            {"REGEX", "MATCHES"},
            {"REGEXP", "MATCHES"},
            {"NE", "!="},
        }};
        const std::string word = upper(near_.text());
        for (const auto& [other, meant] : others)
            if (word == other) hint = fmt::format("; write {}", meant);
    }
    return fmt::format("expected an operator ({}), found {}{}", operators, near(), hint);
}

std::string Words::constant_words() const {
    switch (failure_.problem) {
        case Problem::integer_range:
            return fmt::format(
                "the number {} is too large; integers lie within 9007199254740991 on both sides of "
                "0",
                near()
            );
        case Problem::float_range:
            return fmt::format("the number {} is too large for a double (IEEE 754)", near());
        case Problem::repeats_range:
            return fmt::format("the number {} is too large", near());
        case Problem::expected_orderable:
            return "true and false have no order; compare them with = or !=";
        case Problem::expected_set:
            return fmt::format(
                "IN takes constants in parentheses, as in IN (80, 443); found {}", near()
            );
        case Problem::open_set:
            return fmt::format(
                "expected ',' or ')', found {}; {} is still open", near(), opened('(')
            );
        default:
            break;
    }
    const std::string_view what =
        failure_.problem == Problem::expected_text ? "a text in apostrophes" : "a constant";
    if (near_.kind == Kind::identifier && upper(near_.text()) == "NULL")
        return "there is no null in patterns; test for a property with EXISTS, for its absence "
               "with NOT EXISTS";
    const std::string word = upper(near_.text());
    if (near_.kind == Kind::identifier && (word == "TRUE" || word == "FALSE"))
        return "the constants are true and false, in lower case";
    if (is_word(near_.kind) && !is_keyword(near_.kind))
        return fmt::format(
            "expected {}, found {}; a text stands in apostrophes: {}", what, near(), run()
        );
    if (near_.kind == Kind::end || near_.kind == Kind::right_bracket ||
        near_.kind == Kind::right_paren)
        return fmt::format(
            "expected {}, found {}; the value to compare with is missing", what, near()
        );
    if (failure_.problem == Problem::expected_text)
        return fmt::format(
            "LIKE, MATCHES, ISSUBSET and ISSUPERSET take {}, found {}", what, near()
        );
    return fmt::format("expected {}, found {}", what, near());
}

std::string Words::after_comparison() const {
    const bool bracket = failure_.problem == Problem::open_bracket;
    const bool glued = near_.begin != text_.data() && near_.kind != Kind::end &&
                       !character::is(near_.begin[-1], character::blank);
    if (glued && failure_.after == Kind::string && is_word(near_.kind))
        return fmt::format(
            "the text ended before {}; an apostrophe inside a text is written \\'", near()
        );
    const bool sign = near_.kind != Kind::end && (*near_.begin == '-' || *near_.begin == '+');
    if (glued && failure_.after == Kind::integer && near_.kind == Kind::integer && !sign)
        return "a number has no noughts in front";
    if (glued && failure_.after == Kind::integer && is_word(near_.kind) &&
        (*near_.begin == 'e' || *near_.begin == 'E'))
        return "numbers are written without an exponent";
    const bool goes_on = is_word(near_.kind) || near_.kind == Kind::integer ||
                         near_.kind == Kind::floating || near_.kind == Kind::dot;
    if (glued && goes_on && (failure_.after == Kind::floating || failure_.after == Kind::integer))
        return fmt::format(
            "the number ended before {}; a text stands in apostrophes ('...')", near()
        );
    if (bracket && near_.kind == Kind::right_paren) return "this ')' closes nothing";
    if (near_.kind == Kind::comma)
        return "several values stand in parentheses after IN: file:size IN (1, 2)";
    return fmt::format(
        "expected AND, OR or '{}', found {}{}; {} is still open",
        bracket ? ']' : ')',
        near(),
        keyword_hint(),
        opened(bracket ? '[' : '(')
    );
}

std::string Words::message() const {
    const Problem problem = failure_.problem;
    if (problem >= Problem::bad_utf8 && problem <= Problem::bad_timestamp) return lexical();
    switch (problem) {
        case Problem::expected_comparison:
        case Problem::expected_colon:
        case Problem::expected_property:
        case Problem::expected_key:
        case Problem::expected_index:
        case Problem::open_index:
            return path_words();
        case Problem::expected_operator:
        case Problem::expected_negatable:
            return after_path();
        case Problem::expected_start_time:
        case Problem::expected_stop:
        case Problem::expected_stop_time:
        case Problem::expected_within_number:
        case Problem::expected_seconds:
        case Problem::expected_repeats_number:
        case Problem::expected_times:
            return qualifier_words();
        case Problem::integer_range:
        case Problem::float_range:
        case Problem::repeats_range:
        case Problem::expected_constant:
        case Problem::expected_orderable:
        case Problem::expected_text:
        case Problem::expected_set:
        case Problem::open_set:
            return constant_words();
        case Problem::open_bracket:
        case Problem::open_comparison_paren:
            return after_comparison();
        default:
            return outside();
    }
}

std::string_view rule(Problem problem) {
    switch (problem) {
        case Problem::bad_timestamp:
            return "P3";
        case Problem::double_quotes:
        case Problem::open_string:
        case Problem::bad_escape:
        case Problem::bad_hex:
        case Problem::bad_base64:
        case Problem::integer_range:
        case Problem::float_range:
        case Problem::expected_constant:
        case Problem::expected_orderable:
        case Problem::expected_text:
        case Problem::expected_set:
        case Problem::open_set:
            return "P2";
        case Problem::expected_start_time:
        case Problem::expected_stop:
        case Problem::expected_stop_time:
        case Problem::expected_within_number:
        case Problem::expected_seconds:
        case Problem::expected_repeats_number:
        case Problem::expected_times:
        case Problem::repeats_range:
            return "P4";
        case Problem::expected_observation:
        case Problem::expected_end:
        case Problem::open_observation_paren:
            return "P5";
        case Problem::expected_comparison:
        case Problem::expected_operator:
        case Problem::expected_negatable:
        case Problem::open_bracket:
        case Problem::open_comparison_paren:
            return "P6";
        case Problem::missing_brackets:
            return "P30";
        case Problem::expected_colon:
        case Problem::expected_property:
        case Problem::expected_key:
        case Problem::expected_index:
        case Problem::open_index:
            return "P8";
        default:
            return "P1";
    }
}

}  // namespace

ParseError describe(std::string_view text, Dialect dialect, const Failure& failure) {
    const auto at = static_cast<std::size_t>(failure.at - text.data());
    return {at, Words(text, dialect, failure).message(), rule(failure.problem)};
}

}  // namespace entente::pattern
