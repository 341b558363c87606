#pragma once
// The small texts of this module: lines of a word, a space and a value, in one fixed order, each
// ended by a line feed.
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace entente::ledger::internal {

/// Reads a text line by line. The text must outlive it. Errors name `what` and the line and never
/// hold a value.
class Lines {
  public:
    Lines(std::string_view what, std::string_view text) : what_(what), text_(text) {}

    /// The next line without its line feed. Fails malformed: the text ended before `expected`.
    [[nodiscard]] Result<std::string_view> next(std::string_view expected);
    /// The value of the next line, which must be `word VALUE`.
    [[nodiscard]] Result<std::string_view> value(std::string_view word);
    /// Fails malformed: there is more.
    [[nodiscard]] Result<void> end();

    /// Of the line that was read last; from 1.
    [[nodiscard]] std::size_t number() const noexcept { return number_; }

    /// Bytes of the lines that were read.
    [[nodiscard]] std::size_t consumed() const noexcept { return at_; }

    /// Malformed, at the line that was read last.
    [[nodiscard]] tl::unexpected<Error> fail_here(std::string_view problem) const;

  private:
    std::string_view what_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t number_ = 0;
};

/// Takes the first word off `words`, with the one space behind it.
[[nodiscard]] std::string_view cut_word(std::string_view& words) noexcept;

/// A decimal number without sign and leading zeros.
[[nodiscard]] std::optional<std::uint64_t> read_number(std::string_view text) noexcept;

/// True when `text` is standard base64, in its only spelling, of exactly as many bytes as `out`
/// has. What was decoded is left nowhere else.
[[nodiscard]] bool read_base64(std::string_view text, std::span<std::uint8_t> out) noexcept;

}  // namespace entente::ledger::internal
