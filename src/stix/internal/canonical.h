#pragma once
// One walk over a JSON text that checks it strictly and makes two other texts of it: the body (the
// bytes without insignificant white space) and the canonical form (RFC 8785).
#include "base/result.h"
#include "stix/internal/canonical_quick.h"
#include "stix/internal/scanner.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

/// A copy of a text that is made of long stretches of it: what lies between two edits is copied at
/// once.
class Copy {
  public:
    void begin(std::string_view text);

    /// Leaves out [from, to) of the text, or puts what the caller then appends to `out` in its
    /// place.
    void cut(const char* from, const char* to) {
        // By length: the form with two pointers takes a slower way.
        out.append(copied_, static_cast<std::size_t>(from - copied_));
        copied_ = to;
    }

    void finish(const char* end) { cut(end, end); }

    /// Where in `out` the text's byte at `p` will be, if nothing is edited up to there.
    [[nodiscard]] std::size_t offset(const char* p) const noexcept {
        return out.size() + static_cast<std::size_t>(p - copied_);
    }

    std::string out;

  private:
    const char* copied_ = nullptr;  // the text before it is in `out`
};

/// Reads texts one after the other and reuses its memory. Threads: one at a time.
class Canonical {
  public:
    /// Checks `json` as `stix::read_object` does before it looks at properties, and makes body,
    /// text and properties. They and their views live until the next call; `json` must live as
    /// long.
    /// `Parts::no_body` spares the copy that `body` gives; it is empty then.
    enum class Parts : std::uint8_t { all, no_body };
    [[nodiscard]] Result<void> read(std::string_view json, Parts parts = Parts::all);

    /// As `read`, slower and by other means: for what `QuickCanonical` leaves, and the second
    /// opinion for tests.
    [[nodiscard]] Result<void> read_strictly(std::string_view json, Parts parts = Parts::all);

    [[nodiscard]] bool is_object() const noexcept { return text_.starts_with('{'); }

    /// The canonical form.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// The bytes of `json` without insignificant white space.
    [[nodiscard]] const std::string& body() const noexcept { return body_.out; }

    /// Of the outermost object in canonical order; empty when it is no object.
    [[nodiscard]] std::span<const Property> properties() const noexcept { return properties_; }

    /// Gives memory back that only a large text needed. What `read` made is gone if so.
    void forget_large();

  private:
    /// A property of an object that is being read. Texts are places, because what they lie in still
    /// grows.
    struct Member {
        std::uint64_t sort_key = 0;  // the beginning of `name`: smaller means before
        std::string_view name;
        std::uint32_t from = 0;  // in canonical_.out, the name's quote
        std::uint32_t value = 0;
        std::uint32_t to = 0;  // behind the value
    };

    [[nodiscard]] bool value(std::size_t depth);
    [[nodiscard]] bool object(std::size_t depth);
    [[nodiscard]] bool members(std::size_t depth);
    [[nodiscard]] bool member(std::size_t depth);
    [[nodiscard]] bool list(std::size_t depth);
    [[nodiscard]] bool number();
    /// The unescaped text of the string token that is next; it lives until the next `read`.
    [[nodiscard]] std::optional<std::string_view> string();
    [[nodiscard]] bool sort_members(std::size_t first);
    static bool comes_before(const Member& a, const Member& b) noexcept;

    void space() {
        if (in_.peek() <= ' ') skip_space();
    }

    void skip_space();
    [[nodiscard]] Error error() const;

    QuickCanonical quick_;
    std::string_view text_;
    Scanner in_{{}};
    std::size_t text_bytes_ = 0;
    bool has_body_ = true;
    Copy body_;
    Copy canonical_;
    std::vector<Member> members_;  // of all objects that are open, the innermost last
    std::vector<Property> properties_;
    std::string unescaped_;  // the strings that had escapes; never grows beyond what was reserved
    std::string sorted_;
    std::string pointer_;          // of the error: built from its end as the walk returns
    Errc code_ = Errc::malformed;  // of the error
};

/// The first eight bytes as a number that sorts as they do; a shorter text has zeros behind it.
[[nodiscard]] inline std::uint64_t first_bytes(std::string_view text) noexcept {
    const char* const at = text.data();
    const std::size_t n = text.size();
    const auto byte = [at](std::size_t i) {
        return std::uint64_t{static_cast<unsigned char>(at[i])};
    };
    if constexpr (std::endian::native == std::endian::little) {
        if (n >= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, at, 8);
            return __builtin_bswap64(word);
        }
        if (n >= 4) {
            std::uint32_t first = 0;
            std::uint32_t last = 0;
            std::memcpy(&first, at, 4);
            std::memcpy(&last, at + n - 4, 4);
            // They overlap where there are less than eight, in the same bytes.
            return std::uint64_t{__builtin_bswap32(first)} << 32U |
                   std::uint64_t{__builtin_bswap32(last)} << (8 * (8 - n));
        }
    }
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < 8; ++i)
        key = key << 8U | (i < n ? byte(i) : 0U);
    return key;
}

/// The order of RFC 8785, 3.2.3: by UTF-16 code units. Negative, 0 or positive. REQUIRES: both are
/// UTF-8.
[[nodiscard]] int compare_utf16(std::string_view a, std::string_view b) noexcept;

/// `utf16_sort_key` for texts that are not ASCII.
[[nodiscard]] std::uint64_t utf16_sort_key_slowly(std::string_view text) noexcept;

/// A number of the first eight bytes; a smaller one means before in that order. REQUIRES: the text,
/// or what it is the end of, is UTF-8.
[[nodiscard]] inline std::uint64_t utf16_sort_key(std::string_view text) noexcept {
    // Of ASCII the bytes are the ranks.
    const std::uint64_t bytes = first_bytes(text);
    return (bytes & 0x8080808080808080U) == 0 ? bytes : utf16_sort_key_slowly(text);
}

/// Appends the text as RFC 8785, 3.2.2.2 writes it between quotes. REQUIRES: it is UTF-8.
void append_escaped(std::string& out, std::string_view text);

/// One more step before a JSON pointer (RFC 6901), shortened and with nothing unprintable in it.
void prepend_step(std::string& pointer, std::string_view name);
void prepend_step(std::string& pointer, std::size_t index);

}  // namespace entente::stix::internal
