// Texts that must stand in a value for LIKE or MATCHES to hold.
#include "match/internal/access.h"

#include <algorithm>

namespace entente::match {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Reads a regular expression of PCRE2 from left to right and keeps the longest run of characters
/// that stand for themselves outside of groups, classes and what may be left out.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::string run() {
        while (at_ < text_.size() && sure_)
            step();
        end_run();
        return sure_ ? best_ : std::string();
    }

  private:
    [[nodiscard]] bool next_is(std::string_view word) const {
        return text_.substr(at_).starts_with(word);
    }

    void end_run() {
        if (run_.size() > best_.size()) best_ = run_;
        run_.clear();
        last_ = 0;
    }

    void give_up() { sure_ = false; }

    void step() {
        const char c = text_[at_];
        switch (c) {
            case '|':
            case ')':
                return give_up();
            case '(':
                end_run();
                return skip_group();
            case '[':
                end_run();
                return skip_class();
            case '\\':
                return escape();
            case '^':
            case '$':
            case '.':
                end_run();
                ++at_;
                return;
            case '*':
            case '?':
                drop_last();
                ++at_;
                return;
            case '+':
                ++at_;
                return end_run();
            case '{':
                return brace();
            case '#':
            default:
                return literal(1);
        }
    }

    /// A character of its own, `size` bytes before which a backslash may have stood.
    void literal(std::size_t size) {
        const auto lead = static_cast<unsigned char>(text_[at_ + size - 1]);
        const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
        if (at_ + size + more > text_.size()) return give_up();
        run_ += text_.substr(at_ + size - 1, 1 + more);
        last_ = 1 + more;
        at_ += size + more;
    }

    /// What came last may be left out, so the run ends before it.
    void drop_last() {
        run_.resize(run_.size() - std::min(last_, run_.size()));
        end_run();
    }

    /// `{2}`, `{2,}`, `{2,3}` repeat; anything else stands for itself in some versions of the
    /// library and not in others.
    void brace() {
        std::size_t end = at_ + 1;
        while (end < text_.size() && ((text_[end] >= '0' && text_[end] <= '9') || text_[end] == ',')
        )
            ++end;
        if (end >= text_.size() || text_[end] != '}' || end == at_ + 1) return give_up();
        drop_last();
        at_ = end + 1;
    }

    void escape() {
        if (at_ + 1 >= text_.size()) return give_up();
        const char c = text_[at_ + 1];
        if (!is_letter_or_digit(c) && static_cast<unsigned char>(c) < 0x80) return literal(2);
        if (std::string_view("dDwWsSbBAzZhHvVRntrf").find(c) == std::string_view::npos) {
            return give_up();  // takes more than the one letter, or changes what follows
        }
        end_run();
        at_ += 2;
    }

    /// A backslash that says nothing about the brackets after it, as \Q, \E and \c do.
    [[nodiscard]] bool is_harmless_escape(std::size_t at) const {
        if (at + 1 >= text_.size()) return false;
        return std::string_view("QEc").find(text_[at + 1]) == std::string_view::npos;
    }

    void skip_class() {
        std::size_t i = at_ + 1;
        if (i < text_.size() && text_[i] == '^') ++i;
        if (i < text_.size() && text_[i] == ']') ++i;
        for (; i < text_.size() && text_[i] != ']'; ++i) {
            if (text_[i] == '[') return give_up();  // [:alpha:] and the like
            if (text_[i] == '\\') {
                if (!is_harmless_escape(i)) return give_up();
                ++i;
            }
        }
        if (i >= text_.size()) return give_up();
        at_ = i + 1;
    }

    /// Over a group and all in it: what stands in it may be one of several.
    void skip_group() {
        std::size_t depth = 0;
        do {
            if (at_ >= text_.size()) return give_up();
            const char c = text_[at_];
            if (c == '(') {
                ++depth;
                ++at_;
                if (next_is("*") || (next_is("?") && !next_is("?:"))) return give_up();
            } else if (c == ')') {
                --depth;
                ++at_;
            } else if (c == '[') {
                skip_class();
                if (!sure_) return;
            } else if (c == '\\') {
                if (!is_harmless_escape(at_)) return give_up();
                at_ += 2;
            } else {
                ++at_;
            }
        } while (depth > 0);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool sure_ = true;
    std::string run_, best_;
    std::size_t last_ = 0;  // bytes of the last character of the run
};

}  // namespace

std::string literal_of_like(std::string_view wildcards) {
    std::string_view best;
    while (!wildcards.empty()) {
        const auto end = std::min(wildcards.find_first_of("%_"), wildcards.size());
        if (end > best.size()) best = wildcards.substr(0, end);
        wildcards.remove_prefix(std::min(end + 1, wildcards.size()));
    }
    return std::string(best);
}

std::string literal_of_regex(std::string_view expression) {
    return Reader(expression).run();
}

}  // namespace entente::match
