#include "cli/key_files.h"

#include "agreement/card.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/decode.h"
#include "cli/file_handle.h"
#include "cli/file_kind.h"
#include "cli/secret_input.h"
#include "cli/stop.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <unistd.h>

namespace entente::cli {
namespace {

using ledger::Signer;
using ledger::Verifier;

tl::unexpected<Error> at_path(const std::string& path, Error error) {
    error.detail = fmt::format("{}: {}", printable(path), error.detail);
    return tl::unexpected<Error>(std::move(error));
}

/// The first line of a file, or the next one of standard input.
Result<Passphrase> passphrase_from(
    const std::string& path, const std::string& prompt, Ask ask, Context& context
) {
    if (path == "-") {
        const bool terminal = ::isatty(::fileno(context.in)) == 1;
        return read_passphrase(
            context.in,
            context.err,
            {.prompt = prompt, .times = ask, .where = terminal ? "the terminal" : "standard input"}
        );
    }
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
        std::fopen(path.c_str(), "re"), &std::fclose
    );
    if (!file) {
        return fail(
            errno == EACCES ? Errc::forbidden : Errc::not_found,
            fmt::format("{}: {}", printable(path), std::strerror(errno))
        );
    }
    return read_passphrase(
        file.get(), context.err, {.prompt = prompt, .times = ask, .where = printable(path)}
    );
}

struct SecretBuffer {
    std::array<char, limits::key_file_bytes_max + 1> bytes{};

    ~SecretBuffer() { ::explicit_bzero(bytes.data(), bytes.size()); }
};

Result<void> need_terminal(const Context& context) {
    if (::isatty(::fileno(context.in)) == 1) return {};
    return fail(
        Errc::invalid_argument,
        "a passphrase is needed and there is no terminal to ask on; give --passphrase-file FILE (- "
        "is standard input)"
    );
}

}  // namespace

Result<std::string> read_small(const std::string& path, std::size_t bytes_max) {
    std::string text;
    ENTENTE_CHECK(decode_file(
        path,
        [&](std::string_view bytes) -> Result<void> {
            text += bytes;
            return {};
        },
        bytes_max
    ));
    ENTENTE_CHECK(go_on());  // what was read may be a part only
    return text;
}

void SecretText::wipe() noexcept {
    ::explicit_bzero(text_.data(), text_.size());
    text_.clear();
}

Result<SecretText> read_key_text(const std::string& path) {
    ENTENTE_CHECK(inspect_input(path));
    const FileHandle opened(path == "-" ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (path != "-" && opened.get() < 0) {
        return fail(
            errno == EACCES ? Errc::forbidden : Errc::not_found,
            fmt::format("cannot read {}: {}", printable(path), std::strerror(errno))
        );
    }
    // One buffer with room for all: a plain file holds the secret, and a growing text leaves
    // copies.
    SecretBuffer buffer;
    std::size_t size = 0;
    while (size < buffer.bytes.size() && !stop_requested()) {
        const ssize_t got = ::read(
            path == "-" ? STDIN_FILENO : opened.get(),
            buffer.bytes.data() + size,
            buffer.bytes.size() - size
        );
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            throw StorageError(
                StorageError::Kind::io,
                fmt::format("cannot read {}: {}", printable(path), std::strerror(errno))
            );
        }
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    ENTENTE_CHECK(go_on());
    if (size == buffer.bytes.size()) {
        return fail(
            Errc::too_large,
            fmt::format(
                "{}: no key file has more than {} bytes",
                printable(path),
                limits::key_file_bytes_max
            )
        );
    }
    return SecretText(std::string(buffer.bytes.data(), size));
}

Result<Signer> KeyOpener::open(const std::string& path) {
    ENTENTE_TRY(const SecretText secret, read_key_text(path));
    const std::string_view text = secret.view();
    const auto head = ledger::read_key_file_head(text);
    if (!head) return at_path(path, with_kind(head.error(), text, {FileKind::key}));
    std::optional<Passphrase> passphrase;
    if (head->encrypted) {
        const std::string prompt = fmt::format("Passphrase of {}", head->verifier.name);
        if (files_.empty()) {
            ENTENTE_CHECK(need_terminal(context_));
            ENTENTE_TRY(Passphrase typed, passphrase_from("-", prompt, Ask::once, context_));
            passphrase.emplace(std::move(typed));
        } else {
            const std::string& from = files_[std::min(next_++, files_.size() - 1)];
            ENTENTE_TRY(Passphrase read, passphrase_from(from, prompt, Ask::once, context_));
            passphrase.emplace(std::move(read));
        }
    }
    auto signer =
        ledger::read_key_file(text, passphrase ? std::optional(passphrase->text()) : std::nullopt);
    if (!signer) return at_path(path, std::move(signer).error());
    return signer;
}

Result<const Signer*> KeyOpener::keep(const std::string& path) {
    ENTENTE_TRY(Signer signer, open(path));
    kept_.push_back(std::make_unique<Signer>(std::move(signer)));
    return kept_.back().get();
}

Result<Verifier> named_key(const std::string& word) {
    if (const auto key = ledger::verifier_of(word)) return *key;
    if (word.find('+') != std::string::npos && ::access(word.c_str(), F_OK) != 0) {
        return ledger::verifier_of(word);  // says what is wrong with it
    }
    ENTENTE_TRY(std::string text, read_small(word, limits::card_bytes_max));
    if (text.starts_with('{')) {
        const auto card = agreement::read_card(text);
        if (!card) return at_path(word, card.error());
        if (card->card.identity_keys.size() == 1) return card->card.identity_keys.front();
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "{}: the card names several identity keys; give the text of the one that is meant",
                printable(word)
            )
        );
    }
    const auto head = ledger::read_key_file_head(text);
    ::explicit_bzero(text.data(), text.size());
    if (!head) return at_path(word, head.error());
    return head->verifier;
}

Result<Passphrase> passphrase_of(
    const std::string& file, const std::string& prompt, Ask times, Context& context
) {
    if (file.empty()) ENTENTE_CHECK(need_terminal(context));
    return passphrase_from(file.empty() ? "-" : file, prompt, times, context);
}

Result<SecretText> key_file_text(
    const Signer& signer, const NewKeyFile& options, Context& context
) {
    ledger::KeyFileSalt salt;
    context.random.fill(salt.salt);
    context.random.fill(salt.nonce);
    const auto secret = [](Result<std::string> text) {
        return std::move(text).map([](std::string written) {
            return SecretText(std::move(written));
        });
    };
    if (options.plain) return secret(ledger::write_key_file(signer, std::nullopt, salt));
    ENTENTE_TRY(
        const Passphrase passphrase,
        passphrase_of(options.passphrase_file, std::string(options.prompt), Ask::twice, context)
    );
    return secret(ledger::write_key_file(signer, passphrase.text(), salt));
}

}  // namespace entente::cli
