#pragma once
// The grammar of patterns (STIX 2.1, 9.5-9.7; items P4-P6), by recursive descent with bounded
// depth. `Sink` is told what is found: one builds the tree, one only judges, so both take the same
// language.
#include "base/limits.h"
#include "pattern/internal/token.h"

#include <cmath>
#include <utility>

namespace entente::pattern {

/// Where and why a text is no pattern. `near` is the word that stands there, `opened` the bracket
/// that is still open.
struct Failure {
    Problem problem = Problem::none;
    const char* at = nullptr;
    Token near;
    const char* opened = nullptr;
    Kind after = Kind::end;  // the word that made us expect another one
};

/// The value of an integer literal; false outside 64 bits.
[[nodiscard]] bool integer_value(std::string_view text, std::int64_t& value) noexcept;
[[nodiscard]] bool unsigned_value(std::string_view text, std::uint64_t& value) noexcept;
/// The value of a decimal literal; false where it is beyond an IEEE double.
[[nodiscard]] bool float_value(std::string_view text, double& value) noexcept;

template <class Sink>
class Grammar {
  public:
    using Expression = typename Sink::Expression;
    using Observations = typename Sink::Observations;

    Grammar(std::string_view text, Dialect dialect, Sink& sink) noexcept
        : text_(text),
          dialect_(dialect),
          lexer_(text, dialect),
          token_(lexer_.word()),
          sink_(sink) {}

    [[nodiscard]] const Failure& failure() const noexcept { return failure_; }

    bool run(Observations& out) {
        if (text_.size() > limits::pattern_bytes_max) {
            failure_.problem = Problem::too_long;
            failure_.at = text_.data() + limits::pattern_bytes_max;
            return false;
        }
        advance();
        if (token_.kind == Kind::end) return fail(Problem::empty);
        starting_ = true;
        if (!followed(out)) return false;
        return token_.kind == Kind::end || fail(Problem::expected_end);
    }

  private:
    void advance() noexcept {
        previous_ = token_.kind;
        lexer_.advance();
    }

    bool fail(Problem problem, const char* opened = nullptr) noexcept {
        failure_.near = token_;
        failure_.opened = opened;
        failure_.after = previous_;
        const bool word = token_.kind == Kind::bad && problem > Problem::too_many_nodes;
        failure_.problem = word ? lexer_.problem() : problem;
        failure_.at = word ? lexer_.problem_at() : token_.begin;
        // Without brackets the first words make no sense; what they are matters less than that.
        if (word && problem == Problem::missing_brackets &&
            failure_.problem == Problem::bad_character) {
            failure_.problem = problem;
            failure_.at = token_.begin;
        }
        return false;
    }

    bool eat(Kind kind) noexcept {
        if (token_.kind != kind) return false;
        advance();
        return true;
    }

    bool node() noexcept {
        return ++nodes_ <= limits::pattern_nodes_max || fail(Problem::too_many_nodes);
    }

    // ---- Outside brackets: FOLLOWEDBY binds least, then OR, then AND; a qualifier binds to what
    // stands before it (P5).

    bool followed(Observations& out) {
        return joined(out, Join::followed_by, Kind::followed_by, [this](Observations& part) {
            return joined(part, Join::disjunction, Kind::or_, [this](Observations& inner) {
                return joined(inner, Join::conjunction, Kind::and_, [this](Observations& last) {
                    return qualified(last);
                });
            });
        });
    }

    template <class Read>
    bool joined(Observations& out, Join join, Kind kind, Read read) {
        if (!read(out)) return false;
        if (token_.kind != kind) return true;
        sink_.join(out, join);
        while (eat(kind)) {
            Observations part{};
            if (!read(part)) return false;
            sink_.join_part(out, std::move(part));
        }
        return true;
    }

    bool qualified(Observations& out) {
        const char* const opened = token_.begin;
        bool group = false;
        if (eat(Kind::left_bracket)) {
            starting_ = false;
            sink_.open_bracket();
            Expression expression{};
            if (!disjunction(expression)) return false;
            if (token_.kind != Kind::right_bracket) return fail(Problem::open_bracket, opened);
            sink_.close_bracket(out, std::move(expression));
            advance();
        } else if (token_.kind == Kind::left_paren) {
            if (++depth_ > limits::pattern_depth_max) return fail(Problem::too_deep);
            advance();
            if (!followed(out)) return false;
            if (token_.kind != Kind::right_paren)
                return fail(Problem::open_observation_paren, opened);
            --depth_;
            advance();
            group = true;
        } else {
            return fail(starting_ ? Problem::missing_brackets : Problem::expected_observation);
        }
        return qualifiers(out, group);
    }

    bool qualifiers(Observations& out, bool group) {
        typename Sink::Qualifiers found{};
        for (;;) {
            const auto at = static_cast<std::size_t>(token_.begin - text_.data());
            bool read = false;
            switch (token_.kind) {
                case Kind::start:
                    read = start_stop(found, at);
                    break;
                case Kind::within:
                    read = within(found, at);
                    break;
                case Kind::repeats:
                    read = repeats(found, at);
                    break;
                default:
                    sink_.qualify(out, std::move(found), group);
                    return true;
            }
            if (!read || !node()) return false;
        }
    }

    /// STIX 2.0 took plain strings here as well (2.0 part 5, 4.1.1).
    [[nodiscard]] bool is_time() const noexcept {
        return token_.kind == Kind::timestamp ||
               (token_.kind == Kind::string && dialect_ == Dialect::v20);
    }

    bool start_stop(typename Sink::Qualifiers& found, std::size_t at) {
        advance();
        if (!is_time()) return fail(Problem::expected_start_time);
        const Token start = token_;
        advance();
        if (!eat(Kind::stop)) return fail(Problem::expected_stop);
        if (!is_time()) return fail(Problem::expected_stop_time);
        sink_.start_stop(found, start, token_, at);
        advance();
        return true;
    }

    bool within(typename Sink::Qualifiers& found, std::size_t at) {
        advance();
        const bool number = token_.kind == Kind::integer || token_.kind == Kind::floating;
        if (!number || *token_.begin == '-') return fail(Problem::expected_within_number);
        double seconds = 0;
        if (!float_value(token_.text(), seconds)) return fail(Problem::float_range);
        const Token word = token_;
        advance();
        if (!eat(Kind::seconds)) return fail(Problem::expected_seconds);
        sink_.within(found, word, seconds, at);
        return true;
    }

    bool repeats(typename Sink::Qualifiers& found, std::size_t at) {
        advance();
        if (token_.kind != Kind::integer || *token_.begin == '-')
            return fail(Problem::expected_repeats_number);
        std::uint64_t times = 0;
        if (!unsigned_value(token_.text(), times)) return fail(Problem::repeats_range);
        advance();
        if (!eat(Kind::times)) return fail(Problem::expected_times);
        sink_.repeats(found, times, at);
        return true;
    }

    // ---- Inside brackets: AND binds tighter than OR (P6).

    bool disjunction(Expression& out) {
        if (!conjunction(out)) return false;
        if (token_.kind != Kind::or_) return true;
        sink_.combine(out, false);
        while (eat(Kind::or_)) {
            Expression part{};
            if (!conjunction(part)) return false;
            sink_.combine_part(out, std::move(part));
        }
        return true;
    }

    bool conjunction(Expression& out) {
        if (!test(out)) return false;
        if (token_.kind != Kind::and_) return true;
        sink_.combine(out, true);
        while (eat(Kind::and_)) {
            Expression part{};
            if (!test(part)) return false;
            sink_.combine_part(out, std::move(part));
        }
        return true;
    }

    bool test(Expression& out) {
        if (!node()) return false;
        if (token_.kind == Kind::left_paren) {
            const char* const opened = token_.begin;
            if (++depth_ > limits::pattern_depth_max) return fail(Problem::too_deep);
            advance();
            if (!disjunction(out)) return false;
            if (token_.kind != Kind::right_paren)
                return fail(Problem::open_comparison_paren, opened);
            --depth_;
            advance();
            return true;
        }
        return comparison(out);
    }

    bool comparison(Expression& out) {
        sink_.begin_comparison(static_cast<std::size_t>(token_.begin - text_.data()));
        bool negated = false;
        if (token_.kind == Kind::not_ || token_.kind == Kind::exists) {
            negated = eat(Kind::not_);
            if (!eat(Kind::exists)) return fail(Problem::expected_comparison);
            if (!path()) return false;
            sink_.operation(Op::exists, negated);
            sink_.end_comparison(out);
            return true;
        }
        if (!path()) return false;
        negated = eat(Kind::not_);
        Op op = Op::equal;
        if (!operation(op))
            return fail(negated ? Problem::expected_negatable : Problem::expected_operator);
        sink_.operation(op, negated);
        advance();
        sink_.constant_at(static_cast<std::size_t>(token_.begin - text_.data()));
        if (op == Op::in ? !set() : !constant(op)) return false;
        sink_.end_comparison(out);
        return true;
    }

    [[nodiscard]] bool operation(Op& op) const noexcept {
        switch (token_.kind) {
            case Kind::equal:
                op = Op::equal;
                return true;
            case Kind::not_equal:
                op = Op::not_equal;
                return true;
            case Kind::less:
                op = Op::less;
                return true;
            case Kind::less_equal:
                op = Op::less_equal;
                return true;
            case Kind::greater:
                op = Op::greater;
                return true;
            case Kind::greater_equal:
                op = Op::greater_equal;
                return true;
            case Kind::in:
                op = Op::in;
                return true;
            case Kind::like:
                op = Op::like;
                return true;
            case Kind::matches:
                op = Op::matches;
                return true;
            case Kind::is_subset:
                op = Op::is_subset;
                return true;
            case Kind::is_superset:
                op = Op::is_superset;
                return true;
            default:
                return false;
        }
    }

    bool path() {
        if (token_.kind != Kind::identifier && token_.kind != Kind::hyphenated)
            return fail(Problem::expected_comparison);
        sink_.object_type(token_.text());
        advance();
        if (!eat(Kind::colon)) return fail(Problem::expected_colon);
        if (!name()) return fail(Problem::expected_property);
        for (;;) {
            if (token_.kind != Kind::dot && token_.kind != Kind::left_bracket) break;
            if (!node()) return false;
            const char* const opened = token_.begin;
            if (eat(Kind::dot)) {
                if (!name()) return fail(Problem::expected_key);
                continue;
            }
            advance();
            if (token_.kind == Kind::asterisk) {
                sink_.any_index();
            } else if (token_.kind == Kind::integer) {
                std::int64_t index = 0;
                if (!integer_value(token_.text(), index)) return fail(Problem::integer_range);
                sink_.index(index);
            } else {
                return fail(Problem::expected_index);
            }
            advance();
            if (!eat(Kind::right_bracket)) return fail(Problem::open_index, opened);
        }
        sink_.end_path();
        return true;
    }

    bool name() {
        if (token_.kind != Kind::identifier && token_.kind != Kind::string) return false;
        sink_.name(token_);
        advance();
        return true;
    }

    bool constant(Op op) {
        switch (op) {
            case Op::like:
            case Op::matches:
            case Op::is_subset:
            case Op::is_superset:
                if (token_.kind != Kind::string) return fail(Problem::expected_text);
                break;
            case Op::equal:
            case Op::not_equal:
            case Op::in:
                break;
            default:
                if (token_.kind == Kind::boolean) return fail(Problem::expected_orderable);
        }
        switch (token_.kind) {
            case Kind::integer: {
                std::int64_t value = 0;
                if (!integer_value(token_.text(), value)) return fail(Problem::integer_range);
                sink_.integer(value);
                break;
            }
            case Kind::floating: {
                double value = 0;
                if (!float_value(token_.text(), value)) return fail(Problem::float_range);
                sink_.floating(token_, value);
                break;
            }
            case Kind::string:
                sink_.string(token_);
                break;
            case Kind::hex:
            case Kind::binary:
                sink_.binary(token_);
                break;
            case Kind::timestamp:
                sink_.timestamp(token_);
                break;
            case Kind::boolean:
                sink_.boolean(*token_.begin == 't');
                break;
            default:
                return fail(Problem::expected_constant);
        }
        advance();
        return true;
    }

    bool set() {
        const char* const opened = token_.begin;
        if (!eat(Kind::left_paren)) return fail(Problem::expected_set);
        if (eat(Kind::right_paren)) return true;
        do {
            if (!node() || !constant(Op::in)) return false;
        } while (eat(Kind::comma));
        return eat(Kind::right_paren) || fail(Problem::open_set, opened);
    }

    std::string_view text_;
    Dialect dialect_;
    Lexer lexer_;
    const Token& token_;  // the lexer's newest word
    Sink& sink_;
    Kind previous_ = Kind::end;
    Failure failure_;
    std::size_t depth_ = 0;
    std::size_t nodes_ = 0;
    bool starting_ = false;  // nothing but parentheses so far
};

}  // namespace entente::pattern
