#pragma once
// The tokens of a JSON text in memory, strictly by RFC 8259: no copies, no allocation, every error
// with its byte.
#include <bit>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace entente::stix::internal {

/// `skip_plain` for texts of less than sixteen bytes, and where there are no vectors.
[[nodiscard]] const char* skip_plain_slowly(const char* from, const char* end) noexcept;

/// The first byte at or after `from` that is a quote, a backslash or a control character, or `end`.
[[nodiscard]] inline const char* skip_plain(const char* from, const char* end) noexcept {
#if defined(__SSE2__)
    while (end - from >= 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
        const __m128i marks = _mm_or_si128(
            _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))
        );
        // Not above 1F: the larger of both is 1F.
        const __m128i last_control = _mm_set1_epi8(0x1F);
        const __m128i controls = _mm_cmpeq_epi8(_mm_max_epu8(bytes, last_control), last_control);
        const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(marks, controls)));
        if (hits != 0) return from + std::countr_zero(hits);
        from += 16;
    }
#endif
    return skip_plain_slowly(from, end);
}

/// Where the text stops being UTF-8; nothing when all of it is.
[[nodiscard]] std::optional<std::size_t> utf8_error(std::string_view text) noexcept;

/// Appends the characters that a checked string token's `raw` inside stands for. False, with `out`
/// in any state, when an escape is half of a surrogate pair.
[[nodiscard]] bool append_unescaped(std::string& out, std::string_view raw);

/// Walks one text. Each reading method returns nothing or false after it met an error; `what` and
/// `at` then tell which. The text must be UTF-8 (`utf8_error`) and outlive the scanner.
class Scanner {
  public:
    explicit Scanner(std::string_view text) noexcept
        : begin_(text.data()),
          at_(text.data()),
          end_(text.data() + text.size()) {}

    /// The next byte; 0 at the end. (A 0 byte inside the text is no token either.)
    [[nodiscard]] char peek() const noexcept { return at_ == end_ ? '\0' : *at_; }

    [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }

    [[nodiscard]] const char* position() const noexcept { return at_; }

    void skip_space() noexcept {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
            ++at_;
    }

    /// Takes `c` if it is next.
    [[nodiscard]] bool take(char c) noexcept {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }

    struct Text {
        std::string_view raw;  // between the quotes, escapes as they stand
        bool escaped = false;  // there is at least one
    };

    [[nodiscard]] std::optional<Text> string() noexcept;

    /// Takes a string without escapes and gives what is between its quotes. Where none is next it
    /// gives nothing (a null view) and takes nothing: `string` tells why.
    [[nodiscard]] std::string_view plain_string() noexcept {
        if (at_ == end_ || *at_ != '"') return {};
        const char* const quote = skip_plain(at_ + 1, end_);
        if (quote == end_ || *quote != '"') return {};
        const std::string_view text{at_ + 1, static_cast<std::size_t>(quote - at_ - 1)};
        at_ = quote + 1;
        return text;
    }

    struct Number {
        std::string_view raw;
        bool integer = false;  // neither fraction nor exponent
    };

    [[nodiscard]] std::optional<Number> number() noexcept;
    /// true, false, null.
    [[nodiscard]] bool literal() noexcept;
    /// One value of any type with white space before it; brackets nest at most
    /// limits::cut_depth_max deep.
    [[nodiscard]] bool skip_value() noexcept;

    /// Remembers the error at the current byte. Always false.
    bool fail(const char* what) noexcept {
        what_ = what;
        return false;
    }

    /// `fail`, for a byte that begins no value.
    bool fail_no_value() noexcept;

    [[nodiscard]] const char* what() const noexcept { return what_; }

    [[nodiscard]] std::size_t at() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

  private:
    [[nodiscard]] bool escape() noexcept;
    [[nodiscard]] bool scalar() noexcept;
    [[nodiscard]] bool member_name() noexcept;
    [[nodiscard]] bool digits() noexcept;

    const char* begin_;
    const char* at_;
    const char* end_;
    const char* what_ = nullptr;
};

}  // namespace entente::stix::internal
