#include "cli/secret_input.h"

#include "base/escape.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <termios.h>
#include <unistd.h>

namespace entente::cli {
namespace {

constexpr std::size_t password_bytes_max = 1'024;

/// Turns the echo of a terminal off while it lives.
class NoEcho {
  public:
    explicit NoEcho(int fd) : fd_(fd) {
        if (::tcgetattr(fd_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = ::tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
    }

    ~NoEcho() {
        if (changed_) (void)::tcsetattr(fd_, TCSAFLUSH, &before_);
    }

    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

  private:
    int fd_;
    termios before_{};
    bool changed_ = false;
};

Result<std::string> read_line(std::FILE* in) {
    std::string line;
    for (int c = std::fgetc(in); c != EOF && c != '\n'; c = std::fgetc(in)) {
        if (line.size() == password_bytes_max) {
            return fail(Errc::invalid_argument, "the password is longer than 1024 bytes");
        }
        line += static_cast<char>(c);
    }
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) {
        return fail(
            Errc::invalid_argument,
            "no password on standard input; use: printf '%s' \"$PASSWORD\" | entente … "
            "--password-stdin"
        );
    }
    if (!is_utf8(line)) return fail(Errc::invalid_argument, "the password is not UTF-8");
    return line;
}

}  // namespace

Passphrase::Passphrase() {
    text_.reserve(password_bytes_max + 1);
}

Passphrase::Passphrase(Passphrase&& other) noexcept : text_(std::move(other.text_)) {
    other.text_.clear();
}

Passphrase::~Passphrase() {
    ::explicit_bzero(text_.data(), text_.size());
}

bool Passphrase::add(char c) {
    if (text_.size() == password_bytes_max) return false;
    text_ += c;
    return true;
}

void Passphrase::cut_back() {
    if (!text_.empty()) text_.pop_back();
}

namespace {

Result<Passphrase> read_secret_line(std::FILE* in, std::string_view where) {
    Passphrase secret;
    for (int c = std::fgetc(in); c != EOF && c != '\n'; c = std::fgetc(in)) {
        if (secret.add(static_cast<char>(c))) continue;
        return fail(
            Errc::invalid_argument,
            fmt::format("{}: the passphrase is longer than {} bytes", where, password_bytes_max)
        );
    }
    if (secret.text().ends_with('\r')) secret.cut_back();
    if (secret.text().empty()) {
        return fail(Errc::invalid_argument, fmt::format("{}: no passphrase there", where));
    }
    return secret;
}

}  // namespace

Result<Passphrase> read_passphrase(
    std::FILE* in, std::FILE* err, std::string_view prompt, Ask ask, std::string_view where
) {
    const int fd = ::fileno(in);
    if (::isatty(fd) != 1) return read_secret_line(in, where);
    const NoEcho silent(fd);
    const auto typed = [&](std::string_view words) -> Result<Passphrase> {
        (void)std::fputs(fmt::format("{}: ", printable(words)).c_str(), err);
        (void)std::fflush(err);
        auto line = read_secret_line(in, where);
        (void)std::fputs("\n", err);
        return line;
    };
    ENTENTE_TRY(Passphrase first, typed(prompt));
    if (ask == Ask::twice) {
        ENTENTE_TRY(const Passphrase again, typed("Again"));
        if (again.text() != first.text()) {
            return fail(Errc::invalid_argument, "the two passphrases differ");
        }
    }
    return first;
}

Result<std::string> read_password(std::FILE* in, std::FILE* err) {
    const int fd = ::fileno(in);
    if (::isatty(fd) != 1) return read_line(in);
    const NoEcho silent(fd);
    std::array<std::string, 2> typed;
    for (std::size_t i = 0; i < typed.size(); ++i) {
        (void)std::fputs(i == 0 ? "Password: " : "Again: ", err);
        (void)std::fflush(err);
        ENTENTE_TRY(typed[i], read_line(in));
        (void)std::fputs("\n", err);
    }
    if (typed[0] != typed[1]) return fail(Errc::invalid_argument, "the two passwords differ");
    return typed[0];
}

}  // namespace entente::cli
