#include "pattern/internal/grammar.h"
#include "pattern/internal/review.h"
#include "pattern/pattern.h"

namespace entente::pattern {

namespace {

/// Keeps no more of a pattern than its judgement.
class GlanceSink {
  public:
    struct Expression {};

    struct Observations {};

    struct Qualifiers {
        unsigned kinds = 0;
        bool twice = false;
    };

    explicit GlanceSink(Dialect dialect) noexcept : dialect_(dialect) {}

    [[nodiscard]] bool broken() const noexcept { return broken_; }

    [[nodiscard]] bool doubtful() const noexcept { return doubtful_; }

    // ---- Outside brackets.
    void join(Observations&, Join) noexcept {}

    void join_part(Observations&, Observations) noexcept {}

    void open_bracket() noexcept {
        type_ = {};
        mixed_ = conjunction_ = false;
    }

    void close_bracket(Observations&, Expression) noexcept {
        // Whether the operands can meet needs a closer look (P6).
        if (mixed_ && conjunction_) doubtful_ = true;
    }

    void qualify(Observations&, Qualifiers found, bool group) noexcept {
        if (!found.twice) return;
        (group || dialect_ == Dialect::v20 ? doubtful_ : broken_) = true;
    }

    void start_stop(
        Qualifiers& found, const Token& start, const Token& stop, std::size_t
    ) noexcept {
        note(found, 1);
        const auto good = [](const Token& token) {
            return token.kind == Kind::timestamp ||
                   timestamp_error(token.content()) == std::string_view::npos;
        };
        if (!good(start) || !good(stop)) {
            broken_ = true;
        } else if (!earlier(start.content(), stop.content())) {
            doubtful_ = true;
        }
    }

    void within(Qualifiers& found, const Token&, double seconds, std::size_t) noexcept {
        note(found, 2);
        if (!(seconds > 0)) broken_ = true;
    }

    void repeats(Qualifiers& found, std::uint64_t times, std::size_t) noexcept {
        note(found, 4);
        if (times == 0) broken_ = true;
    }

    // ---- Inside brackets.
    void combine(Expression&, bool conjunction) noexcept { conjunction_ |= conjunction; }

    void combine_part(Expression&, Expression) noexcept {}

    void begin_comparison(std::size_t) noexcept {
        families_ = 0;
        constants_ = 0;
    }

    void object_type(std::string_view type) noexcept {
        if (type_.empty()) {
            type_ = type;
        } else if (type_ != type) {
            mixed_ = true;
        }
        path_.begin(type, dialect_);
    }

    void name(const Token& token) noexcept {
        path_.name(token.kind == Kind::string ? token.content() : token.text());
    }

    void index(std::int64_t index) noexcept { path_.index(index); }

    void any_index() noexcept { path_.any(); }

    void end_path() noexcept { path_.end(); }

    void operation(Op op, bool) noexcept {
        op_ = op;
        unsigned flags = path_.flags();
        if (op == Op::exists) flags &= ~static_cast<unsigned>(PathReview::reference_itself);
        if (flags != 0) doubtful_ = true;
        if ((op == Op::is_subset || op == Op::is_superset) && path_.last() != "value")
            doubtful_ = true;
    }

    void constant_at(std::size_t) noexcept {}

    void integer(std::int64_t value) noexcept {
        constant(Family::number);
        if (value > integer_max || value < -integer_max) broken_ = true;
    }

    void floating(const Token&, double) noexcept { constant(Family::number); }

    void string(const Token& token) noexcept {
        constant(Family::text);
        const std::string_view text = token.content();
        const bool compared = op_ == Op::equal || op_ == Op::not_equal || op_ == Op::in;
        if (compared && path_.algorithm() != nullptr) {
            if (!fits(*path_.algorithm(), text)) broken_ = true;
        } else if (op_ == Op::is_subset || op_ == Op::is_superset) {
            if (!is_address(text)) broken_ = true;
        }
    }

    void binary(const Token&) noexcept { constant(Family::bytes); }

    void timestamp(const Token&) noexcept { constant(Family::time); }

    void boolean(bool) noexcept { constant(Family::boolean); }

    void end_comparison(Expression&) noexcept {
        if (op_ != Op::in) return;
        if (constants_ == 0) doubtful_ = true;
        if ((families_ & (families_ - 1)) != 0) broken_ = true;
    }

  private:
    static void note(Qualifiers& found, unsigned kind) noexcept {
        if ((found.kinds & kind) != 0) found.twice = true;
        found.kinds |= kind;
    }

    void constant(Family family) noexcept {
        ++constants_;
        families_ |= 1U << static_cast<unsigned>(family);
        const bool compared = op_ == Op::equal || op_ == Op::not_equal || op_ == Op::in;
        if (family != Family::text && compared && path_.algorithm() != nullptr) broken_ = true;
    }

    Dialect dialect_;
    bool broken_ = false;
    bool doubtful_ = false;
    // Of the bracket.
    std::string_view type_;
    bool mixed_ = false;
    bool conjunction_ = false;
    // Of the comparison.
    PathReview path_;
    Op op_ = Op::equal;
    unsigned families_ = 0;
    std::size_t constants_ = 0;
};

/// Reads `[type:name = 'text']`, the form of most patterns, and `[file:hashes.'SHA-256' = 'text']`,
/// without the words and levels that others need. Says yes only where such a pattern is clean; the
/// grammar judges all else.
class CleanComparison {
  public:
    explicit CleanComparison(std::string_view text) noexcept
        : at_(text.data()),
          end_(text.data() + text.size()) {}

    /// REQUIRES: the text is no longer than `text_bytes_max`, so that no other limit is near.
    [[nodiscard]] bool read(Dialect dialect) noexcept {
        using namespace character;
        constexpr std::ptrdiff_t shortest = 10;  // [a:b = '']
        // What is read stops at this bracket or apostrophe at the latest: neither is in a name.
        if (end_ - at_ < shortest || *at_ != '[' || end_[-1] != ']' || end_[-2] != '\'')
            return false;
        ++at_;
        path_.begin(run(letter | digit | hyphen), dialect);
        if (*at_ != ':') return false;
        ++at_;
        path_.name(run(letter | digit));
        const bool hashes = path_.last() == "hashes" && *at_ == '.';
        if (hashes) {
            ++at_;
            if (!algorithm()) return false;
        }
        path_.end();
        // Names without a flag are the standard's: none of them can be read as another word.
        if (path_.flags() != 0 || !equals()) return false;
        const std::string_view value(at_, static_cast<std::size_t>(end_ - 2 - at_));
        if (plain_run(at_, end_ - 2) != end_ - 2) return false;
        // An algorithm that the standard has, spelled as there; `flags` would tell.
        return !hashes || (path_.algorithm() != nullptr && fits(*path_.algorithm(), value));
    }

    static constexpr std::size_t text_bytes_max = 1024;

  private:
    std::string_view run(unsigned classes) noexcept {
        const char* const from = at_;
        while (character::is(*at_, classes))
            ++at_;
        return {from, static_cast<std::size_t>(at_ - from)};
    }

    bool algorithm() noexcept {
        using namespace character;
        if (*at_ != '\'') {
            path_.name(run(letter | digit));
            return true;
        }
        ++at_;
        path_.name(run(letter | digit | hyphen));
        if (*at_ != '\'') return false;
        ++at_;
        return true;
    }

    /// ` = '`, the blanks or not.
    bool equals() noexcept {
        if (*at_ == ' ') ++at_;
        if (*at_ != '=') return false;
        ++at_;
        if (*at_ == ' ') ++at_;
        if (*at_ != '\'' || at_ >= end_ - 2) return false;
        ++at_;
        return true;
    }

    const char* at_;
    const char* end_;
    PathReview path_;
};

}  // namespace

Glance glance(std::string_view text, Dialect dialect) noexcept {
    if (text.size() <= CleanComparison::text_bytes_max && CleanComparison(text).read(dialect))
        return Glance::clean;
    GlanceSink sink(dialect);
    Grammar<GlanceSink> grammar(text, dialect, sink);
    GlanceSink::Observations root;
    if (!grammar.run(root) || sink.broken()) return Glance::broken;
    return sink.doubtful() ? Glance::doubtful : Glance::clean;
}

}  // namespace entente::pattern
