#pragma once
// Keys as files: reading them with their passphrases, and the text of new ones.
#include "base/result.h"
#include "cli/context.h"
#include "cli/secret_input.h"
#include "ledger/key_file.h"
#include "ledger/note.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

/// A text that may hold a secret: wiped when it goes. Move-only.
class SecretText {
  public:
    explicit SecretText(std::string text) : text_(std::move(text)) {}

    SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }

    SecretText& operator=(SecretText&&) = delete;

    ~SecretText() { wipe(); }

    [[nodiscard]] std::string_view view() const noexcept { return text_; }

  private:
    void wipe() noexcept;

    std::string text_;
};

/// The whole of a key file ("-" = standard input), of which no other copy stays in memory. Fails:
/// not_found, forbidden, invalid_argument (a directory), too_large, conflict (Ctrl-C). Throws
/// StorageError.
[[nodiscard]] Result<SecretText> read_key_text(const std::string& path);

/// The whole of a small file ("-" = standard input). Fails: as decode_file; too_large.
[[nodiscard]] Result<std::string> read_small(const std::string& path, std::size_t bytes_max);

/// The first line of `file` ("-" = standard input), or, where no file is named, what is typed on
/// the terminal after `prompt`. Fails: as `read_small`; invalid_argument: there is neither a file
/// nor a terminal.
[[nodiscard]] Result<Passphrase> passphrase_of(
    const std::string& file, const std::string& prompt, Ask times, Context& context
);

/// Opens key files. Their passphrases come, in the order in which they are needed, from the files
/// that were named ("-" = the next line of standard input), the last one serving for all further
/// keys; without any from the terminal. Threads: one at a time.
class KeyOpener {
  public:
    KeyOpener(std::vector<std::string> passphrase_files, Context& context)
        : files_(std::move(passphrase_files)),
          context_(context) {}

    /// Fails: as `read_small` and `ledger::read_key_file`, with the path before the detail;
    /// invalid_argument: a passphrase is needed and there is neither a file nor a terminal.
    [[nodiscard]] Result<ledger::Signer> open(const std::string& path);

    /// Signers of `path` that stay where they are.
    [[nodiscard]] Result<const ledger::Signer*> keep(const std::string& path);

  private:
    std::vector<std::string> files_;
    std::size_t next_ = 0;
    Context& context_;
    std::vector<std::unique_ptr<ledger::Signer>> kept_;
};

/// A key as the user names it: its text `name+id+base64`, or the path of a key file or of a card
/// that names one identity key. Fails: invalid_argument, not_found, malformed.
[[nodiscard]] Result<ledger::Verifier> named_key(const std::string& word);

/// The text of a new key file. A plain one asks for no passphrase; else it comes from
/// `passphrase_file` or is asked for twice on the terminal.
struct NewKeyFile {
    bool plain = false;
    std::string passphrase_file;
    std::string_view prompt = "Passphrase";
};

[[nodiscard]] Result<SecretText> key_file_text(
    const ledger::Signer& signer, const NewKeyFile& options, Context& context
);

}  // namespace entente::cli
