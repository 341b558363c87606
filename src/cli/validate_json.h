#pragma once
// Looking into the text of one object without building a tree: what it calls itself, where a
// pointer leads, what it refers to. The text may be anything: nothing outside it is read, and what
// is no JSON ends the looking.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace entente::cli {

/// The members of a JSON object, one after the other; none of what is no object.
class Members {
  public:
    struct Member {
        std::string_view raw_name;  // between the quotes, escapes as they stand
        std::string_view value;
    };

    explicit Members(std::string_view object) noexcept;
    [[nodiscard]] std::optional<Member> next() noexcept;

  private:
    const char* at_;
    const char* end_;
};

/// The elements of a JSON list, one after the other; none of what is no list.
class Elements {
  public:
    explicit Elements(std::string_view list) noexcept;
    [[nodiscard]] std::optional<std::string_view> next() noexcept;

  private:
    const char* at_;
    const char* end_;
};

/// True when the name between the quotes `raw`, once its escapes are read, is `plain`.
[[nodiscard]] bool name_is(std::string_view raw, std::string_view plain);
/// The text that stands for between quotes; `raw` itself when its escapes are wrong.
[[nodiscard]] std::string unescaped(std::string_view raw);
/// The text of a JSON string; nothing for other values.
[[nodiscard]] std::optional<std::string> string_value(std::string_view value);

/// True when `text` is one JSON text by RFC 8259, UTF-8 included. (Names may stand twice.)
[[nodiscard]] bool is_json(std::string_view text);

/// What an object says of itself; empty where it says nothing, or no string.
struct Facts {
    std::string type;
    std::string id;
    std::string modified;
    bool holds_list = false;  // a member `objects` that is a list
};

/// Fills `facts` anew; reuses its memory. Cost: one pass over `object`.
void read_facts(std::string_view object, Facts& facts);

/// The byte in `object` where the place that `pointer` (RFC 6901) names begins: the quote before a
/// member's name, or an element. Where the pointer leads to nothing, the innermost part of the way
/// that is there.
[[nodiscard]] std::size_t locate(std::string_view object, std::string_view pointer);

/// Calls `found` for every identifier in a property whose name ends in _ref or _refs, at any depth
/// up to limits::json_depth_max, with its pointer.
void each_reference(
    std::string_view object,
    const std::function<void(std::string_view pointer, const std::string& id)>& found
);

/// A part of the line of `text` on which byte `at` stands, from there on or from the line's first
/// character that is no blank: at most `bytes_max` bytes and whole characters, raw.
[[nodiscard]] std::string_view line_at(
    std::string_view text, std::size_t at, std::size_t bytes_max
) noexcept;

/// Line feeds in `text`.
[[nodiscard]] std::uint64_t line_feeds(std::string_view text) noexcept;

/// Numbers the lines of a stream that comes in pieces, for places in the piece at hand and for
/// values that reach into it.
class LineCounter {
  public:
    /// The next piece of the stream; it has to live until `end_piece`.
    void begin_piece(std::string_view piece) noexcept;
    void end_piece() noexcept;

    /// The line, from 1, of byte `at` of the stream. REQUIRES: calls go forward; where `at` lies
    /// before this piece, `from_there` is the text from it to the piece's beginning at least.
    [[nodiscard]] std::uint64_t line_of(std::uint64_t at, std::string_view from_there) noexcept;

  private:
    std::string_view piece_;
    std::uint64_t piece_at_ = 0;      // byte of the stream
    std::uint64_t piece_line_ = 1;    // of its first byte
    std::size_t counted_ = 0;         // bytes of the piece
    std::uint64_t counted_line_ = 1;  // of the byte behind them
};

}  // namespace entente::cli
