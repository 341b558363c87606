#pragma once
// Bytes that may leave the program. One way out: http writes nothing but `Outgoing`, and an
// `Outgoing` is made only from a text that stands in the source, or by agreement::Released, which
// the release decision filled.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace entente::agreement {
class Released;
}

namespace entente {

/// A text that stands in the source: made only while compiling, so nothing that a request brought
/// can become one.
class SourceText {
  public:
    template <std::size_t N>
    // NOLINTNEXTLINE(google-explicit-constructor): a string literal is meant to be given as it is.
    consteval SourceText(const char (&text)[N]) : text_(text, N - 1) {}

    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

  private:
    std::string_view text_;
};

/// Immutable, cheap to copy, may be written to anyone. Threads: safe.
class Outgoing {
  public:
    Outgoing() = default;

    /// A text of the program's own.
    explicit Outgoing(SourceText text) : owner_(std::make_shared<const std::string>(text.text())) {}

    [[nodiscard]] std::string_view bytes() const noexcept {
        return owner_ ? std::string_view(*owner_).substr(begin_) : std::string_view();
    }

  private:
    friend class agreement::Released;

    /// REQUIRES: begin <= text.size().
    Outgoing(std::string text, std::size_t begin)
        : owner_(std::make_shared<const std::string>(std::move(text))),
          begin_(begin) {}

    // Shared: a page cache and several connections may hold the same page.
    std::shared_ptr<const std::string> owner_;
    std::size_t begin_ = 0;  // the bytes begin here
};

}  // namespace entente
