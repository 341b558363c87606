#pragma once
// Words of the patterning language, cut from a text without copying (STIX 2.1, 9.2 and 9.4; items
// P1-P3). Header only, because the grammar is compiled twice: once building a tree, once only
// judging.
#include "pattern/pattern.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace entente::pattern {

enum class Kind : std::uint8_t {
    end,
    bad,
    identifier,
    hyphenated,  // an identifier with a hyphen: an object type, never a property
    string,
    hex,
    binary,
    timestamp,
    integer,
    floating,
    boolean,
    and_,
    or_,
    not_,
    followed_by,
    like,
    matches,
    is_superset,
    is_subset,
    exists,
    in,
    start,
    stop,
    seconds,
    within,
    repeats,
    times,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    colon,
    dot,
    comma,
    left_paren,
    right_paren,
    left_bracket,
    right_bracket,
    asterisk,
};

/// Why a text is no pattern. failure.cpp has the words for each.
enum class Problem : std::uint8_t {
    none,
    too_long,
    too_deep,
    too_many_nodes,
    // words
    bad_utf8,
    bad_character,
    bad_operator,
    double_quotes,
    open_string,
    bad_escape,
    open_comment,
    bad_hex,
    bad_base64,
    bad_timestamp,
    integer_range,
    float_range,
    repeats_range,
    // outside brackets
    empty,
    missing_brackets,
    expected_observation,
    expected_end,
    open_observation_paren,
    expected_start_time,
    expected_stop,
    expected_stop_time,
    expected_within_number,
    expected_seconds,
    expected_repeats_number,
    expected_times,
    // inside brackets
    expected_comparison,
    expected_colon,
    expected_property,
    expected_key,
    expected_index,
    open_index,
    expected_operator,
    expected_negatable,
    expected_constant,
    expected_orderable,
    expected_text,
    expected_set,
    open_set,
    open_bracket,
    open_comparison_paren,
};

struct Token {
    Kind kind = Kind::end;
    bool escaped = false;  // a string with \' or \\ in it
    const char* begin = nullptr;
    const char* end = nullptr;

    [[nodiscard]] std::string_view text() const noexcept {
        return {begin, static_cast<std::size_t>(end - begin)};
    }

    /// Between the apostrophes, still escaped.
    [[nodiscard]] std::string_view content() const noexcept {
        const std::size_t prefix = kind == Kind::string ? 1 : 2;
        return text().substr(prefix, text().size() - prefix - 1);
    }
};

namespace character {

enum Class : std::uint8_t {
    letter = 1,
    digit = 2,
    hyphen = 4,
    blank = 8,
    operation = 16,
    hexadecimal = 32,
    base64 = 64
};

consteval std::array<std::uint8_t, 256> classes() {
    std::array<std::uint8_t, 256> out{};
    for (std::size_t c = 0; c < 256; ++c) {
        const char ch = static_cast<char>(c);
        const bool alpha = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        const bool digits = ch >= '0' && ch <= '9';
        unsigned value = 0;
        if (alpha || ch == '_') value |= letter;
        if (digits) value |= digit;
        if (ch == '-') value |= hyphen;
        if (ch == ' ' || (ch >= '\t' && ch <= '\r')) value |= blank;
        for (const char other : std::string_view("=<>!~&|^?"))
            if (ch == other) value |= operation;
        if (digits || (ch >= 'a' && ch <= 'f') || (ch >= 'A' && ch <= 'F')) value |= hexadecimal;
        if (alpha || digits || ch == '+' || ch == '/') value |= base64;
        out[c] = static_cast<std::uint8_t>(value);
    }
    return out;
}

inline constexpr std::array<std::uint8_t, 256> table = classes();

[[nodiscard]] constexpr bool is(char c, unsigned wanted) noexcept {
    return (table[static_cast<unsigned char>(c)] & wanted) != 0;
}

}  // namespace character

/// Length of the well-formed UTF-8 sequence at `at` (RFC 3629), 0 if there is none. `*at` >= 0x80.
[[nodiscard]] inline std::size_t utf8_length(const char* at, const char* stop) noexcept {
    const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
    const std::size_t left = static_cast<std::size_t>(stop - at);
    const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < left && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool second = follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
        return second && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool second = follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
        return second && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

/// Length of the white space at `at` that is not ASCII (code points with the Unicode property
/// White_Space), 0 if there is none.
[[nodiscard]] inline std::size_t wide_blank(const char* at, const char* stop) noexcept {
    const std::string_view text(at, static_cast<std::size_t>(stop - at));
    if (text.starts_with("\xC2\x85") || text.starts_with("\xC2\xA0")) return 2;
    if (text.starts_with("\xE1\x9A\x80") || text.starts_with("\xE3\x80\x80")) return 3;
    if (text.size() < 3 || text[0] != '\xE2') return 0;
    const auto third = static_cast<unsigned char>(text[2]);
    if (text[1] == '\x80')
        return (third >= 0x80 && third <= 0x8A) || third == 0xA8 || third == 0xA9 || third == 0xAF
                   ? 3
                   : 0;
    return text[1] == '\x81' && third == 0x9F ? 3 : 0;
}

/// The first apostrophe, backslash or byte over 0x7F from `p` on, or `stop`; eight bytes at a time.
[[nodiscard]] inline const char* plain_run(const char* p, const char* stop) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t high = 0x8080808080808080U;
    while (stop - p >= 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, p, 8);
        const std::uint64_t quote = bytes ^ (ones * 0x27U);
        const std::uint64_t slash = bytes ^ (ones * 0x5CU);
        // May see a byte too many after a real one, never one too few: the loop below finds the
        // first.
        if (((((quote - ones) & ~quote) | ((slash - ones) & ~slash) | bytes) & high) != 0) break;
        p += 8;
    }
    while (p != stop && *p != '\'' && *p != '\\' && static_cast<unsigned char>(*p) < 0x80)
        ++p;
    return p;
}

/// Index of the first character that makes `text` no timestamp of STIX (2.1, 2.16: RFC 3339, `Z`),
/// or npos if it is one. The day is held against 31 only, as in the standard's grammar; second 60
/// is a leap second (item P3).
[[nodiscard]] std::size_t timestamp_error(std::string_view text) noexcept;

/// Cuts one word after the other. After a `bad` word `problem` and `at` say why, and nothing
/// follows.
class Lexer {
  public:
    Lexer(std::string_view text, Dialect dialect) noexcept
        : at_(text.data()),
          stop_(text.data() + text.size()),
          v21_(dialect == Dialect::v21) {}

    [[nodiscard]] Problem problem() const noexcept { return problem_; }

    [[nodiscard]] const char* problem_at() const noexcept { return problem_at_; }

    /// The newest word.
    [[nodiscard]] const Token& word() const noexcept { return word_; }

    void advance() noexcept {
        if (!skip_blanks()) return bad(problem_, problem_at_, at_);
        if (at_ == stop_) return found(Kind::end, false, at_, at_);
        const char* const begin = at_;
        const char c = *at_;
        using namespace character;
        if (is(c, letter)) return name(begin);
        switch (c) {
            case '\'':
                return string(begin, begin + 1, Kind::string);
            case '[':
                return one(Kind::left_bracket);
            case ']':
                return one(Kind::right_bracket);
            case '(':
                return one(Kind::left_paren);
            case ')':
                return one(Kind::right_paren);
            case ':':
                return one(Kind::colon);
            case ',':
                return one(Kind::comma);
            case '*':
                return one(Kind::asterisk);
            case '.':
                if (begin + 1 == stop_ || !is(begin[1], digit)) return one(Kind::dot);
                return number(begin);
            case '"':
                return bad(Problem::double_quotes, begin, begin + 1);
            default:
                break;
        }
        if (is(c, operation)) return operation_word(begin);
        if (is(c, digit) || c == '+' || c == '-') return number(begin);
        return bad(Problem::bad_character, begin, begin + 1);
    }

  private:
    /// Field by field: a word that is built and then copied stalls the processor at each of the
    /// copies.
    void found(Kind kind, bool escaped, const char* begin, const char* end) noexcept {
        word_.kind = kind;
        word_.escaped = escaped;
        word_.begin = begin;
        word_.end = end;
    }

    void one(Kind kind) noexcept {
        const char* const begin = at_++;
        return found(kind, false, begin, at_);
    }

    void bad(Problem problem, const char* where, const char* end) noexcept {
        problem_ = problem;
        problem_at_ = where;
        const char* const begin = at_ < where ? at_ : where;
        at_ = stop_;
        return found(Kind::bad, false, begin, end);
    }

    /// False after something that only looks like a comment.
    bool skip_blanks() noexcept {
        while (at_ != stop_) {
            if (character::is(*at_, character::blank)) {
                ++at_;
            } else if (*at_ == '/') {
                if (!skip_comment()) return false;
            } else if (static_cast<unsigned char>(*at_) >= 0x80) {
                const std::size_t length = wide_blank(at_, stop_);
                if (length == 0) return true;
                at_ += length;
            } else {
                return true;
            }
        }
        return true;
    }

    bool skip_comment() noexcept {
        const std::string_view rest(at_, static_cast<std::size_t>(stop_ - at_));
        const auto refuse = [this](Problem problem, const char* where) {
            problem_ = problem;
            problem_at_ = where;
            return false;
        };
        std::size_t length = rest.size();
        if (rest.starts_with("//")) {
            length = std::min(rest.find_first_of("\r\n"), rest.size());
        } else if (rest.starts_with("/*")) {
            const std::size_t close = rest.find("*/", 2);
            if (close == std::string_view::npos) return refuse(Problem::open_comment, at_);
            length = close + 2;
        } else {
            return refuse(Problem::bad_character, at_);
        }
        for (const char* const end = at_ + length; at_ != end;) {
            if (static_cast<unsigned char>(*at_) < 0x80) {
                ++at_;
                continue;
            }
            const std::size_t step = utf8_length(at_, end);
            if (step == 0) return refuse(Problem::bad_utf8, at_);
            at_ += step;
        }
        return true;
    }

    void name(const char* begin) noexcept {
        using namespace character;
        if (begin + 1 != stop_ && begin[1] == '\'') {
            if (*begin == 'h') return hex(begin);
            if (*begin == 'b') return binary(begin);
            if (*begin == 't') return timestamp(begin);
        }
        bool hyphens = false;
        const char* end = begin + 1;
        for (; end != stop_ && is(*end, letter | digit | hyphen); ++end)
            hyphens |= *end == '-';
        at_ = end;
        if (hyphens) return found(Kind::hyphenated, false, begin, end);
        return found(keyword({begin, static_cast<std::size_t>(end - begin)}), false, begin, end);
    }

    [[nodiscard]] Kind keyword(std::string_view word) const noexcept {
        // Keywords are case-sensitive (P1); all but true and false are upper case.
        switch (word.size()) {
            case 2:
                if (word == "OR") return Kind::or_;
                if (word == "IN") return Kind::in;
                break;
            case 3:
                if (word == "AND") return Kind::and_;
                if (word == "NOT") return Kind::not_;
                break;
            case 4:
                if (word == "LIKE") return Kind::like;
                if (word == "STOP") return Kind::stop;
                if (word == "true") return Kind::boolean;
                break;
            case 5:
                if (word == "START") return Kind::start;
                if (word == "TIMES") return Kind::times;
                if (word == "false") return Kind::boolean;
                break;
            case 6:
                if (word == "WITHIN") return Kind::within;
                if (word == "EXISTS" && v21_) return Kind::exists;
                break;
            case 7:
                if (word == "MATCHES") return Kind::matches;
                if (word == "SECONDS") return Kind::seconds;
                if (word == "REPEATS") return Kind::repeats;
                break;
            case 8:
                if (word == "ISSUBSET") return Kind::is_subset;
                break;
            case 10:
                if (word == "FOLLOWEDBY") return Kind::followed_by;
                if (word == "ISSUPERSET") return Kind::is_superset;
                break;
            default:
                break;
        }
        return Kind::identifier;
    }

    /// From `from`, the first character after an apostrophe, to the closing one.
    void string(const char* begin, const char* from, Kind kind) noexcept {
        bool escaped = false;
        const char* p = from;
        for (;;) {
            p = plain_run(p, stop_);
            if (p == stop_) return bad(Problem::open_string, begin, stop_);
            const auto c = static_cast<unsigned char>(*p);
            if (c == '\'') break;
            if (c == '\\') {
                if (p + 1 == stop_ || (p[1] != '\'' && p[1] != '\\'))
                    return bad(Problem::bad_escape, p, p + 1);
                escaped = true;
                p += 2;
            } else {
                const std::size_t length = utf8_length(p, stop_);
                if (length == 0) return bad(Problem::bad_utf8, p, p + 1);
                p += length;
            }
        }
        at_ = p + 1;
        return found(kind, escaped, begin, at_);
    }

    void hex(const char* begin) noexcept {
        const char* p = begin + 2;
        while (p != stop_ && character::is(*p, character::hexadecimal))
            ++p;
        if (p == stop_) return bad(Problem::open_string, begin, stop_);
        if (*p != '\'' || (p - begin) % 2 != 0) return bad(Problem::bad_hex, p, p + 1);
        at_ = p + 1;
        return found(Kind::hex, false, begin, at_);
    }

    /// Four characters by four; line feeds may stand anywhere between (STIX 2.1, 9.2).
    void binary(const char* begin) noexcept {
        const char* p = begin + 2;
        std::size_t characters = 0;
        std::size_t padding = 0;
        for (; p != stop_ && *p != '\''; ++p) {
            if (*p == '\n' || *p == '\r') continue;
            if (*p == '=') {
                ++padding;
            } else if (!character::is(*p, character::base64) || padding != 0) {
                return bad(Problem::bad_base64, p, p + 1);
            }
            ++characters;
            if (padding > 2 || (padding != 0 && (characters - padding) % 4 < 2))
                return bad(Problem::bad_base64, p, p + 1);
        }
        if (p == stop_) return bad(Problem::open_string, begin, stop_);
        if (characters % 4 != 0) return bad(Problem::bad_base64, p, p + 1);
        at_ = p + 1;
        return found(Kind::binary, false, begin, at_);
    }

    void timestamp(const char* begin) noexcept {
        const std::string_view rest(begin + 2, static_cast<std::size_t>(stop_ - begin) - 2);
        const std::size_t close = rest.find('\'');
        if (close == std::string_view::npos) return bad(Problem::open_string, begin, stop_);
        const std::size_t wrong = timestamp_error(rest.substr(0, close));
        if (wrong != std::string_view::npos)
            return bad(Problem::bad_timestamp, begin + 2 + wrong, begin + 2 + close + 1);
        at_ = begin + 2 + close + 1;
        return found(Kind::timestamp, false, begin, at_);
    }

    /// `[+-]? (0 | [1-9][0-9]*)` or `[+-]? [0-9]* . [0-9]+`, the longer of both.
    void number(const char* begin) noexcept {
        using namespace character;
        const char* const first = begin + (*begin == '+' || *begin == '-' ? 1 : 0);
        const char* p = first;
        while (p != stop_ && is(*p, digit))
            ++p;
        if (p != stop_ && *p == '.' && p + 1 != stop_ && is(p[1], digit)) {
            for (++p; p != stop_ && is(*p, digit);)
                ++p;
            at_ = p;
            return found(Kind::floating, false, begin, p);
        }
        if (p == first) return bad(Problem::bad_character, begin, begin + 1);
        if (*first == '0')
            p = first + 1;  // what follows is a number of its own, which no rule allows
        at_ = p;
        return found(Kind::integer, false, begin, p);
    }

    void operation_word(const char* begin) noexcept {
        const char* end = begin + 1;
        while (end != stop_ && character::is(*end, character::operation))
            ++end;
        const std::string_view word(begin, static_cast<std::size_t>(end - begin));
        Kind kind = Kind::bad;
        if (word == "=" || word == "==") kind = Kind::equal;
        if (word == "!=" || word == "<>") kind = Kind::not_equal;
        if (word == "<") kind = Kind::less;
        if (word == "<=") kind = Kind::less_equal;
        if (word == ">") kind = Kind::greater;
        if (word == ">=") kind = Kind::greater_equal;
        if (kind == Kind::bad) return bad(Problem::bad_operator, begin, end);
        at_ = end;
        return found(kind, false, begin, end);
    }

    Token word_;
    const char* at_;
    const char* stop_;
    bool v21_;
    Problem problem_ = Problem::none;
    const char* problem_at_ = nullptr;
};

}  // namespace entente::pattern
