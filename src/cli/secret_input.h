#pragma once
// Secrets come from standard input, files and terminals, never from the command line, where every
// user of the machine could read them.
#include "base/result.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace entente::cli {

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

/// What is asked for, and how errors call it.
struct Asked {
    std::string prompt;                    // "PROMPT: " on a terminal
    Ask times = Ask::once;                 // twice: "Again: ", too
    std::string where;                     // names the input in errors
    std::string_view noun = "passphrase";  // "no NOUN there"
};

/// The next line of `in` without its line end, at most 1,024 bytes; on a terminal asked for without
/// echo. Nothing of it stays in buffers of the library. Fails: invalid_argument (nothing there, too
/// long, the two differ); conflict (Ctrl-C).
[[nodiscard]] Result<Passphrase> read_passphrase(std::FILE* in, std::FILE* err, const Asked& asked);

/// As `read_passphrase`, of a user's new password, twice on a terminal. Fails also:
/// invalid_argument (not UTF-8).
[[nodiscard]] Result<Passphrase> read_password(std::FILE* in, std::FILE* err);

}  // namespace entente::cli
