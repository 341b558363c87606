#pragma once
// Walking canonical JSON: one pass, no tree, no copies, no allocation. The text is known to be
// right, names are sorted. Every step is bounded by the end of the text all the same.
#include "base/assert.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace entente::stix::internal {

/// The quote that ends the string whose inside begins at `at`; `end` if there is none. `escaped`
/// becomes true when there is a backslash in it.
inline const char* closing_quote(const char* at, const char* end, bool& escaped) noexcept {
#if defined(__SSE2__)
    while (end - at >= 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(
            _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))
        )));
        if (hits == 0) {
            at += 16;
            continue;
        }
        at += std::countr_zero(hits);
        if (*at == '"') return at;
        escaped = true;
        if (end - at < 2) return end;
        at += 2;
    }
#endif
    for (; at != end && *at != '"'; ++at) {
        if (*at != '\\') continue;
        escaped = true;
        if (++at == end) return end;
    }
    return at;
}

/// Finds the quotes and backslashes of one text from front to back, 64 bytes at a time.
class Marks {
  public:
    explicit Marks(std::string_view text) noexcept
        : base_(text.data()),
          end_(text.data() + text.size()) {
        load();
    }

    /// As `closing_quote`. REQUIRES: `at` is not before where the last one was found.
    [[nodiscard]] const char* closing_quote(const char* at, bool& escaped) noexcept {
        for (;;) {
            const char* const mark = next(at);
            if (mark == end_ || *mark == '"') return mark;
            escaped = true;
            if (end_ - mark < 2) return end_;
            at = mark + 2;
        }
    }

  private:
    static constexpr std::ptrdiff_t block = 64;

    const char* next(const char* at) noexcept {
        for (;;) {
            const std::ptrdiff_t offset = at - base_;
            if (offset < block) {
                const std::uint64_t left = bits_ >> offset;
                if (left != 0) return at + std::countr_zero(left);
            }
            if (end_ - base_ <= block) return end_;
            base_ += block;
            if (at < base_) at = base_;
            load();
        }
    }

    void load() noexcept {
        char padded[block];
        const char* from = base_;
        if (end_ - base_ < block) {
            std::memset(padded, 0, sizeof padded);
            std::memcpy(padded, base_, static_cast<std::size_t>(end_ - base_));
            from = padded;
        }
        bits_ = 0;
#if defined(__SSE2__)
        for (unsigned part = 0; part < 4; ++part) {
            const __m128i bytes =
                _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 16 * part));
            const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(
                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))
            )));
            bits_ |= std::uint64_t{hits} << (16 * part);
        }
#else
        for (unsigned i = 0; i < 64; ++i)
            bits_ |= std::uint64_t{from[i] == '"' || from[i] == '\\' ? 1U : 0U} << i;
#endif
    }

    const char* base_;
    const char* end_;
    std::uint64_t bits_ = 0;
};

/// Behind the value that begins at `at`.
inline const char* behind_value(const char* at, const char* end, bool& escaped) noexcept {
    if (at == end) return end;
    if (*at == '"') {
        at = closing_quote(at + 1, end, escaped);
        return at == end ? end : at + 1;
    }
    if (*at != '{' && *at != '[') {
        while (at != end && *at != ',' && *at != '}' && *at != ']')
            ++at;
        return at;
    }
    bool inner_escaped = false;
    std::size_t depth = 0;
    while (at != end) {
        switch (*at) {
            case '"':
                at = closing_quote(at + 1, end, inner_escaped);
                if (at == end) return end;
                break;
            case '{':
            case '[':
                ++depth;
                break;
            case '}':
            case ']':
                if (--depth == 0) return at + 1;
                break;
            default:
                break;
        }
        ++at;
    }
    return end;
}

/// text == literal, compared in place: the length is known.
template <std::size_t size>
[[nodiscard]] inline bool is_text(std::string_view text, const char (&literal)[size]) noexcept {
    return text.size() == size - 1 && std::memcmp(text.data(), literal, size - 1) == 0;
}

/// A member of an object: texts as they stand.
struct Member {
    std::string_view name;   // between its quotes
    std::string_view value;  // whole
    bool name_escaped = false;
    bool value_escaped = false;  // a string that may have escapes
};

/// The members of one object, in order.
class Members {
  public:
    /// REQUIRES: object is canonical and begins with {. More may follow behind it.
    explicit Members(std::string_view object) noexcept
        : at_(object.data() + 1),
          end_(object.data() + object.size() - 1) {
        ENTENTE_ASSERT(object.size() >= 2 && object.front() == '{');
    }

    /// The next one, good until the next call; nothing at the end.
    [[nodiscard]] const Member* next() noexcept {
        if (at_ == end_ || *at_ == '}') return nullptr;
        if (*at_ == ',') ++at_;
        member_.name_escaped = member_.value_escaped = false;
        const char* const name = at_ + 1;
        const char* const quote = closing_quote(name, end_, member_.name_escaped);
        ENTENTE_ASSERT(end_ - quote > 2);
        const char* const value = quote + 2;
        at_ = behind_value(value, end_, member_.value_escaped);
        member_.name = {name, static_cast<std::size_t>(quote - name)};
        member_.value = {value, static_cast<std::size_t>(at_ - value)};
        return &member_;
    }

    [[nodiscard]] bool next(Member& out) noexcept {
        const Member* const m = next();
        if (m != nullptr) out = *m;
        return m != nullptr;
    }

    /// Behind the object. REQUIRES: there is no next one.
    [[nodiscard]] const char* behind() const noexcept { return at_ + 1; }

  private:
    const char* at_;
    const char* end_;
    Member member_;
};

/// The elements of one list, in order.
class Elements {
  public:
    /// REQUIRES: list is canonical and begins with [
    explicit Elements(std::string_view list) noexcept
        : at_(list.data() + 1),
          end_(list.data() + list.size() - 1) {
        ENTENTE_ASSERT(list.size() >= 2 && list.front() == '[');
    }

    /// The members of the next element, for who walks them all and then says so to `pass`; nothing
    /// where none is next, or it is no object.
    [[nodiscard]] std::optional<Members> object() noexcept {
        const char* const at = at_ != end_ && *at_ == ',' ? at_ + 1 : at_;
        if (at == end_ || *at != '{') return std::nullopt;
        return Members({at, static_cast<std::size_t>(end_ + 1 - at)});
    }

    void pass(const Members& walked) noexcept {
        at_ = walked.behind();
        ENTENTE_ASSERT(at_ <= end_);
    }

    [[nodiscard]] bool next(std::string_view& value, bool& escaped) noexcept {
        if (at_ == end_) return false;
        if (*at_ == ',') ++at_;
        ENTENTE_ASSERT(at_ != end_);
        escaped = false;
        const char* const from = at_;
        at_ = behind_value(at_, end_, escaped);
        value = {from, static_cast<std::size_t>(at_ - from)};
        return true;
    }

  private:
    const char* at_;
    const char* end_;
};

/// a == b, for names that have the same `first_bytes`.
inline bool same_rest(std::string_view a, std::string_view b) noexcept {
    constexpr std::size_t step = sizeof(std::uint64_t);
    if (a.size() != b.size()) return false;
    if (a.size() <= step) return true;
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    for (std::size_t at = step; at + step < a.size(); at += step) {
        std::memcpy(&x, a.data() + at, step);
        std::memcpy(&y, b.data() + at, step);
        if (x != y) return false;
    }
    std::memcpy(&x, a.data() + a.size() - step, step);
    std::memcpy(&y, b.data() + b.size() - step, step);
    return x == y;
}

}  // namespace entente::stix::internal
