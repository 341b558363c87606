#pragma once
// Walking canonical JSON: one pass, no tree, no copies, no allocation. The text is known to be
// right, names are sorted. Every step is bounded by the end of the text all the same.
#include "base/assert.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

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

/// Where the quotes and backslashes of one text stand: a bit for each byte. Memory is kept from
/// text to text.
class Marks {
  public:
    void find(std::string_view text) {
        base_ = text.data();
        end_ = base_ + text.size();
        const std::size_t whole = text.size() / block;
        const std::size_t rest = text.size() % block;
        // One more word than there are bytes for, so that `next` may look behind the end.
        bits_.resize(whole + 1);
        for (std::size_t i = 0; i < whole; ++i)
            bits_[i] = marks_of(base_ + block * i);
        if (whole > 0) {
            // The last 64 bytes; those that were looked at already fall out. (Two shifts, because
            // one of 64 means nothing.)
            bits_[whole] = marks_of(end_ - block) >> (block - 1 - rest) >> 1U;
            return;
        }
        char padded[block] = {};
        std::memcpy(padded, base_, rest);
        bits_[0] = marks_of(padded);
    }

    /// As `closing_quote`. REQUIRES: `at` lies in the text or at its end.
    [[nodiscard]] const char* closing_quote(const char* at, bool& escaped) const noexcept {
        for (;;) {
            const char* const mark = next(at);
            if (mark == end_ || *mark == '"') return mark;
            escaped = true;
            if (end_ - mark < 2) return end_;
            at = mark + 2;
        }
    }

    [[nodiscard]] std::size_t memory() const noexcept {
        return bits_.capacity() * sizeof(std::uint64_t);
    }

  private:
    static constexpr std::size_t block = 64;

    [[nodiscard]] const char* next(const char* at) const noexcept {
        const auto place = static_cast<std::size_t>(at - base_);
        const std::uint64_t* word = bits_.data() + place / block;
        const std::uint64_t left = *word >> place % block;
        if (left != 0) return at + std::countr_zero(left);
        const std::uint64_t* const last = bits_.data() + bits_.size();
        while (++word != last) {
            if (*word == 0) continue;
            const auto words = static_cast<std::size_t>(word - bits_.data());
            return base_ + words * block + std::countr_zero(*word);
        }
        return end_;
    }

    static std::uint64_t marks_of(const char* from) noexcept {
#if defined(__SSE2__)
        const auto part = [from](unsigned i) {
            const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 16 * i));
            return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(
                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))
            )))};
        };
        return part(0) | part(1) << 16U | part(2) << 32U | part(3) << 48U;
#else
        std::uint64_t bits = 0;
        for (unsigned i = 0; i < block; ++i)
            bits |= std::uint64_t{from[i] == '"' || from[i] == '\\' ? 1U : 0U} << i;
        return bits;
#endif
    }

    const char* base_ = nullptr;
    const char* end_ = nullptr;
    std::vector<std::uint64_t> bits_;
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

/// a == b, without a call: names and most values are short.
inline bool same_text(std::string_view a, std::string_view b) noexcept {
    const std::size_t n = a.size();
    if (n != b.size()) return false;
    const char* const x = a.data();
    const char* const y = b.data();
    // Overlapping words, so that no byte behind the end is read.
    const auto same = [x, y]<class Word>(Word, std::size_t at) {
        Word u = 0;
        Word v = 0;
        std::memcpy(&u, x + at, sizeof u);
        std::memcpy(&v, y + at, sizeof v);
        return u == v;
    };
    if (n >= 8) {
        for (std::size_t at = 0; at + 8 < n; at += 8) {
            if (!same(std::uint64_t{}, at)) return false;
        }
        return same(std::uint64_t{}, n - 8);
    }
    if (n >= 4) return same(std::uint32_t{}, 0) && same(std::uint32_t{}, n - 4);
    if (n >= 2) return same(std::uint16_t{}, 0) && same(std::uint16_t{}, n - 2);
    return n == 0 || *x == *y;
}

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
