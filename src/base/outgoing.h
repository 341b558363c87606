#pragma once
// Bytes that may leave the program. DESIGN rule 3, "one way out": http writes nothing but `Outgoing`, and an `Outgoing` is
// made only from a text that stands in the source, or by agreement::Released, which the release decision filled.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace entente::agreement {
class Released;
}

namespace entente {

/// Immutable, cheap to copy, may be written to anyone. Threads: safe.
class Outgoing {
  public:
    Outgoing() = default;
    /// A text of the program's own.
    template <std::size_t N>
    explicit Outgoing(const char (&text)[N])
        : owner_(std::make_shared<const std::string>(text, N - 1)) {}

    [[nodiscard]] std::string_view bytes() const noexcept {
        return owner_ ? std::string_view(*owner_) : std::string_view();
    }

  private:
    friend class agreement::Released;
    explicit Outgoing(std::string text)
        : owner_(std::make_shared<const std::string>(std::move(text))) {}
    // Shared: a page cache and several connections may hold the same page.
    std::shared_ptr<const std::string> owner_;
};

}  // namespace entente
