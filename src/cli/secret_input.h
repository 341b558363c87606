#pragma once
// Secrets come from standard input, never from the command line, where every user of the machine
// could read them.
#include "base/result.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace entente::cli {

/// The first line of `in` without its line end, at most 1,024 bytes. On a terminal it asks, twice,
/// without echo. Fails: invalid_argument (nothing there, too long, not UTF-8, the two differ).
[[nodiscard]] Result<std::string> read_password(std::FILE* in, std::FILE* err);

/// A secret that is wiped when it goes. Move-only.
class Passphrase {
  public:
    /// Room for the longest: it never grows, so no copy stays behind.
    Passphrase();
    Passphrase(Passphrase&& other) noexcept;
    Passphrase& operator=(Passphrase&&) = delete;
    ~Passphrase();

    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// False when it is full.
    [[nodiscard]] bool add(char c);
    void cut_back();

  private:
    std::string text_;
};

enum class Ask : std::uint8_t { once, twice };

/// The next line of `in`, asked for on a terminal without echo ("PROMPT: ", and "Again: " when
/// `ask` is twice). `where` names the input in errors. Fails: invalid_argument (nothing there, too
/// long, the two differ).
[[nodiscard]] Result<Passphrase> read_passphrase(
    std::FILE* in, std::FILE* err, std::string_view prompt, Ask ask, std::string_view where
);

}  // namespace entente::cli
