#include "cli/secret_input.h"

#include "base/escape.h"
#include "cli/stop.h"

#include <fmt/format.h>

#include <cstring>
#include <termios.h>
#include <unistd.h>

namespace entente::cli {
namespace {

constexpr std::size_t secret_bytes_max = 1'024;

/// Turns the echo of a terminal off while it lives, and the keys that would end or halt the program
/// without putting it back (a quit would also write the secret into a core file).
class NoEcho {
  public:
    explicit NoEcho(int fd) : fd_(fd) {
        if (::tcgetattr(fd_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_cc[VQUIT] = _POSIX_VDISABLE;
        silent.c_cc[VSUSP] = _POSIX_VDISABLE;
        remember_terminal(fd_, before_);
        changed_ = ::tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
    }

    ~NoEcho() {
        if (changed_) (void)::tcsetattr(fd_, TCSAFLUSH, &before_);
        forget_terminal();
    }

    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

  private:
    int fd_;
    termios before_{};
    bool changed_ = false;
};

Result<Passphrase> read_line(std::FILE* in, const Asked& asked) {
    Passphrase secret;
    const auto next = [&] { return wait_for_input(::fileno(in)) ? std::fgetc(in) : EOF; };
    for (int c = next(); c != EOF && c != '\n'; c = next()) {
        if (secret.add(static_cast<char>(c))) continue;
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "{}: the {} is longer than {} bytes", asked.where, asked.noun, secret_bytes_max
            )
        );
    }
    ENTENTE_CHECK(go_on());
    if (secret.text().ends_with('\r')) secret.cut_back();
    if (secret.text().empty()) {
        return fail(
            Errc::invalid_argument, fmt::format("{}: no {} there", asked.where, asked.noun)
        );
    }
    return secret;
}

}  // namespace

Passphrase::Passphrase() {
    text_.reserve(secret_bytes_max + 1);
}

Passphrase::Passphrase(Passphrase&& other) noexcept : text_(std::move(other.text_)) {
    other.text_.clear();
}

Passphrase::~Passphrase() {
    ::explicit_bzero(text_.data(), text_.size());
}

bool Passphrase::add(char c) {
    if (text_.size() == secret_bytes_max) return false;
    text_ += c;
    return true;
}

void Passphrase::cut_back() {
    if (!text_.empty()) text_.pop_back();
}

Result<Passphrase> read_passphrase(std::FILE* in, std::FILE* err, const Asked& asked) {
    // Without this the library would keep the secret in memory of its own.
    (void)std::setvbuf(in, nullptr, _IONBF, 0);
    const int fd = ::fileno(in);
    if (::isatty(fd) != 1) return read_line(in, asked);
    const NoEcho silent(fd);
    const auto typed = [&](std::string_view words) -> Result<Passphrase> {
        (void)std::fputs(fmt::format("{}: ", printable(words)).c_str(), err);
        (void)std::fflush(err);
        auto line = read_line(in, asked);
        (void)std::fputs("\n", err);
        return line;
    };
    ENTENTE_TRY(Passphrase first, typed(asked.prompt));
    if (asked.times == Ask::twice) {
        ENTENTE_TRY(const Passphrase again, typed("Again"));
        if (again.text() != first.text()) {
            return fail(Errc::invalid_argument, fmt::format("the two {}s differ", asked.noun));
        }
    }
    return first;
}

Result<Passphrase> read_password(std::FILE* in, std::FILE* err) {
    const bool terminal = ::isatty(::fileno(in)) == 1;
    const Asked asked{
        .prompt = "Password",
        .times = Ask::twice,
        .where = terminal ? "the terminal" : "standard input",
        .noun = "password"};
    auto password = read_passphrase(in, err, asked);
    if (!password) {
        Error error = std::move(password).error();
        if (!terminal && error.detail.ends_with("no password there")) {
            error.detail += "; use: printf '%s' \"$PASSWORD\" | entente … --password-stdin";
        }
        return tl::unexpected<Error>(std::move(error));
    }
    if (!is_utf8(password->text())) {
        return fail(Errc::invalid_argument, "the password is not UTF-8");
    }
    return password;
}

}  // namespace entente::cli
