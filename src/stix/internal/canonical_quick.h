#pragma once
// The canonical form (RFC 8785) of texts that are right, quickly: where each token begins is looked
// up in an index of the whole text, and a byte is copied once for each object or list around it.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

/// A property of the outermost object, in the canonical form.
struct Property {
    std::string_view name;       // unescaped
    std::string_view value;      // canonical JSON
    bool name_escaped = false;   // the name has escapes where it stands
    bool value_escaped = false;  // the value may have some
};

/// Reads texts one after the other and reuses its memory. Threads: one at a time.
class QuickCanonical {
  public:
    QuickCanonical();
    ~QuickCanonical();
    QuickCanonical(QuickCanonical&&) noexcept;
    QuickCanonical& operator=(QuickCanonical&&) noexcept;

    /// Makes the canonical form of `json` and the properties of the outermost object in canonical
    /// order. False, with `properties` in any state, when the text is wrong in any way, and for
    /// what is rare: large texts, texts that are no object, names with escapes, machines without
    /// vectors. It does not say which: who reads strictly finds out.
    [[nodiscard]] bool read(std::string_view json, std::vector<Property>& properties);

    /// The canonical form, until the next `read`.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// Bytes of memory that are kept for the next text.
    [[nodiscard]] std::size_t memory() const noexcept;

  private:
    struct Index;

    /// Canonical bytes: in the text that is read, where that spells them so, or else the last that
    /// were made in the arena. A null one means that the text is left to the strict reader.
    using Piece = std::string_view;

    struct Member {
        // Smaller means before; equal keys tell nothing.
        std::uint64_t first_key = 0;   // of the name's bytes 0 to 7
        std::uint64_t second_key = 0;  // and 8 to 15: one maker's names often begin with the same 8
        std::string_view name;         // in the text
        Piece value;
        bool escaped = false;  // `value` may have escapes
    };

    [[nodiscard]] Piece value(std::size_t depth);
    [[nodiscard]] Piece object(std::size_t depth);
    [[nodiscard]] bool members(std::size_t depth, bool& rising);
    [[nodiscard]] bool sort(std::size_t first, std::vector<std::uint32_t>& order) const;
    [[nodiscard]] Piece write(std::size_t first, const std::uint32_t* order, std::size_t depth);
    [[nodiscard]] Piece list(std::size_t depth);
    [[nodiscard]] Piece string();
    [[nodiscard]] Piece escaped_string(std::string_view token);
    [[nodiscard]] Piece respelled_string(std::string_view token);
    [[nodiscard]] Piece number();
    [[nodiscard]] Piece literal(std::string_view word);
    [[nodiscard]] Piece make(std::string_view bytes);
    [[nodiscard]] std::string_view token() const noexcept;
    [[nodiscard]] const char* next_backslash(const char* from) const noexcept;
    char* copy(char* to, std::string_view from) const noexcept;
    static bool comes_before(const Member& a, const Member& b) noexcept;

    /// The first byte of the next token; 0 behind the last.
    [[nodiscard]] char peek() const noexcept {
        return next_ == count_ ? '\0' : begin_[places_[next_]];
    }

    [[nodiscard]] bool in_text(Piece piece) const noexcept {
        return piece.data() >= begin_ && piece.data() < end_;
    }

    /// Invariant: at_ <= arena_end_, so that this never wraps.
    [[nodiscard]] bool room(std::size_t bytes) const noexcept {
        return static_cast<std::size_t>(arena_end_ - at_) >= bytes;
    }

    std::unique_ptr<Index> index_;
    const std::uint32_t* places_ = nullptr;  // where tokens begin; behind them the text's size
    std::size_t next_ = 0;
    std::size_t count_ = 0;
    const char* begin_ = nullptr;
    const char* end_ = nullptr;
    const char* backslash_ = nullptr;  // the first that has not been passed, or `end_`

    std::vector<char> arena_;
    char* at_ = nullptr;           // what is made next goes here
    char* arena_end_ = nullptr;    // behind it a short copy may still write
    std::vector<Member> members_;  // of all objects that are open, the innermost last
    // Of the members of the last object that was sorted, by what they are in it: outermost ones and
    // others.
    std::vector<std::uint32_t> outer_order_;
    std::vector<std::uint32_t> inner_order_;
    std::vector<Property>* properties_ = nullptr;
    std::string unescaped_;
    std::string respelled_;
    std::string_view text_;
};

}  // namespace entente::stix::internal
