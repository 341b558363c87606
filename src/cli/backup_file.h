#pragma once
// A backup as a file: named members one after another and a digest over all of them, plain or under
// a passphrase. docs/formats.md has the form. Memory is bounded whatever the size.
#include "base/random.h"
#include "base/result.h"
#include "cli/file_handle.h"
#include "cli/secret_input.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace entente::cli {

/// Writes PATH.<pid>.part (mode 0600), which gets its name when it is whole and checked; without
/// that it goes with this. Throws StorageError when the disk does not do its work.
class BackupWriter {
  public:
    /// Fails: conflict (something is there already), not_found (no such directory), forbidden;
    /// overloaded: no memory for the passphrase.
    [[nodiscard]] static Result<BackupWriter> make(
        const std::string& path, std::optional<std::string_view> passphrase, Random& random
    );
    BackupWriter(BackupWriter&& other) noexcept;
    BackupWriter& operator=(BackupWriter&&) = delete;
    ~BackupWriter();

    /// Begins a member of `size` bytes. REQUIRES: the one before is whole; `name` is one that
    /// `is_backup_name` knows.
    void begin(std::string_view name, std::uint64_t size);
    /// Bytes of it. REQUIRES: not more than it has.
    void put(std::string_view bytes);
    /// Ends the file and makes it durable, still under its draft's name. Returns the SHA-256 of
    /// what it holds, in hex.
    [[nodiscard]] std::string finish();
    /// Where it is until it has its name.
    [[nodiscard]] const std::string& draft() const noexcept;
    /// Gives it its name. Fails: conflict.
    [[nodiscard]] Result<void> give_name();

  private:
    struct Inside;
    explicit BackupWriter(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

struct BackupMember {
    std::string name;
    std::uint64_t size = 0;
};

/// Reads a backup. Nothing that it gives is certain until `next` said that all came.
class BackupReader {
  public:
    /// `ask` is called when the file has a passphrase. Fails: not_found, forbidden, malformed (no
    /// backup, or cut off), conflict (of a newer program), what `ask` fails with.
    [[nodiscard]] static Result<BackupReader> open(
        const std::string& path, const std::function<Result<Passphrase>()>& ask
    );
    BackupReader(BackupReader&& other) noexcept;
    BackupReader& operator=(BackupReader&&) = delete;
    ~BackupReader();

    /// The next member, after the bytes of the one before that nobody read; nothing when all came
    /// and the digest is right. Fails: unauthorized (the passphrase is wrong, or its first part was
    /// changed), corrupt (changed or cut off). Throws StorageError.
    [[nodiscard]] Result<std::optional<BackupMember>> next();
    /// A piece of the member; empty at its end. Lives until the next call. Fails as `next`.
    [[nodiscard]] Result<std::string_view> read();

    [[nodiscard]] bool encrypted() const noexcept;
    /// Of the file, read so far and in all.
    [[nodiscard]] std::uint64_t bytes_read() const noexcept;
    [[nodiscard]] std::uint64_t bytes() const noexcept;
    /// After the end.
    [[nodiscard]] const std::string& sha256() const noexcept;

  private:
    struct Inside;
    explicit BackupReader(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

/// "manifest", "entente.db", and plain file names in keys/, peers/, pull/ and tls/.
[[nodiscard]] bool is_backup_name(std::string_view name) noexcept;

}  // namespace entente::cli
