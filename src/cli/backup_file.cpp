#include "cli/backup_file.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/limits.h"
#include "cli/new_file.h"
#include "cli/state_file.h"
#include "ledger/key_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

constexpr std::string_view magic = "entente backup 1\n";
constexpr std::string_view any_magic = "entente backup ";
constexpr std::string_view plain_line = "plain\n";
constexpr std::size_t line_bytes_max = 256;
constexpr std::size_t seal_bytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr ledger::KdfCost cost = ledger::kdf_moderate;

struct StreamKey {
    std::array<std::uint8_t, crypto_secretstream_xchacha20poly1305_KEYBYTES> bytes{};

    ~StreamKey() { sodium_memzero(bytes.data(), bytes.size()); }
};

Result<void> derive(
    StreamKey& key, std::string_view passphrase, const std::string& salt, ledger::KdfCost asked
) {
    if (crypto_pwhash_argon2id(
            key.bytes.data(),
            key.bytes.size(),
            passphrase.data(),
            passphrase.size(),
            reinterpret_cast<const unsigned char*>(salt.data()),
            asked.passes,
            static_cast<std::size_t>(asked.memory_bytes),
            crypto_pwhash_argon2id_ALG_ARGON2ID13
        ) != 0) {
        return fail(
            Errc::overloaded,
            fmt::format("not enough memory for the passphrase: {} bytes", asked.memory_bytes)
        );
    }
    return {};
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

class RunningHash {
  public:
    RunningHash() { crypto_hash_sha256_init(&state_); }

    void add(std::string_view bytes) {
        crypto_hash_sha256_update(&state_, bytes_of(bytes), bytes.size());
    }

    [[nodiscard]] std::string end() {
        Digest digest{};
        crypto_hash_sha256_final(&state_, digest.data());
        return to_hex(digest);
    }

  private:
    crypto_hash_sha256_state state_{};
};

}  // namespace

bool is_backup_name(std::string_view name) noexcept {
    if (name == "manifest" || name == "entente.db") return true;
    for (const std::string_view folder : {"keys/", "peers/", "pull/", "tls/"}) {
        if (!name.starts_with(folder)) continue;
        const std::string_view file = name.substr(folder.size());
        return !file.empty() && file.size() <= 200 && file.front() != '.' &&
               std::ranges::all_of(file, [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
               });
    }
    return false;
}

// ---- Writing

struct BackupWriter::Inside {
    std::string path;
    std::string draft;
    FileHandle file;
    RunningHash hash;
    std::string waiting;  // plain bytes of the chunk that is being filled
    std::string sealed;
    std::uint64_t member_left = 0;
    std::optional<crypto_secretstream_xchacha20poly1305_state> seal;
    bool named = false;

    ~Inside() {
        if (!named && file.get() >= 0) (void)::unlink(draft.c_str());
        if (seal) sodium_memzero(&*seal, sizeof *seal);
        sodium_memzero(waiting.data(), waiting.size());
    }

    void write_chunk(std::string_view bytes, bool last) {
        if (!seal) {
            write_all(file.get(), bytes, path);
            return;
        }
        sealed.resize(bytes.size() + seal_bytes);
        const unsigned char tag =
            last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                 : static_cast<unsigned char>(crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
        (void)crypto_secretstream_xchacha20poly1305_push(
            &*seal,
            reinterpret_cast<unsigned char*>(sealed.data()),
            nullptr,
            bytes_of(bytes),
            bytes.size(),
            nullptr,
            0,
            tag
        );
        write_all(file.get(), sealed, path);
    }

    void add(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t room = limits::backup_chunk_bytes - waiting.size();
            const std::string_view part = bytes.substr(0, room);
            waiting += part;
            bytes.remove_prefix(part.size());
            if (waiting.size() < limits::backup_chunk_bytes) continue;
            write_chunk(waiting, false);
            waiting.clear();
        }
    }
};

BackupWriter::BackupWriter(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

BackupWriter::BackupWriter(BackupWriter&& other) noexcept = default;
BackupWriter::~BackupWriter() = default;

Result<BackupWriter> BackupWriter::make(
    const std::string& path, std::optional<std::string_view> passphrase, Random& random
) {
    ENTENTE_CHECK(check_new_file(path));
    auto in = std::make_unique<Inside>();
    in->path = path;
    in->draft = fmt::format("{}.{}.part", path, ::getpid());
    in->waiting.reserve(limits::backup_chunk_bytes);
    std::string head(magic);
    if (passphrase) {
        std::array<std::uint8_t, crypto_pwhash_argon2id_SALTBYTES> salt{};
        random.fill(salt);
        StreamKey key;
        ENTENTE_CHECK(derive(key, *passphrase, std::string(as_text(salt)), cost));
        std::array<std::uint8_t, crypto_secretstream_xchacha20poly1305_HEADERBYTES> header{};
        in->seal.emplace();
        crypto_secretstream_xchacha20poly1305_init_push(
            &*in->seal, header.data(), key.bytes.data()
        );
        head += fmt::format(
            "argon2id {} {} {} {}\n",
            cost.passes,
            cost.memory_bytes,
            to_base64url(as_text(salt)),
            to_base64url(as_text(header))
        );
    } else {
        head += plain_line;
    }
    in->file = FileHandle(
        ::open(in->draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)
    );
    if (in->file.get() < 0) {
        const int error = errno;
        return fail(
            error == EACCES || error == EPERM || error == EROFS ? Errc::forbidden : Errc::not_found,
            fmt::format("cannot make {}: {}", printable(in->draft), std::strerror(error))
        );
    }
    write_all(in->file.get(), head, path);
    in->hash.add(head);
    return BackupWriter(std::move(in));
}

void BackupWriter::begin(std::string_view name, std::uint64_t size) {
    ENTENTE_ASSERT(inside_->member_left == 0 && is_backup_name(name));
    const std::string line = fmt::format("file {} {}\n", name, size);
    inside_->hash.add(line);
    inside_->add(line);
    inside_->member_left = size;
}

void BackupWriter::put(std::string_view bytes) {
    ENTENTE_ASSERT(bytes.size() <= inside_->member_left);
    inside_->member_left -= bytes.size();
    inside_->hash.add(bytes);
    inside_->add(bytes);
}

std::string BackupWriter::finish() {
    ENTENTE_ASSERT(inside_->member_left == 0);
    std::string digest = inside_->hash.end();
    inside_->add(fmt::format("end {}\n", digest));
    inside_->write_chunk(inside_->waiting, true);
    sync_file(inside_->file.get(), inside_->path);
    return digest;
}

const std::string& BackupWriter::draft() const noexcept {
    return inside_->draft;
}

Result<void> BackupWriter::give_name() {
    Inside& in = *inside_;
    int error = 0;
    if (::renameat2(AT_FDCWD, in.draft.c_str(), AT_FDCWD, in.path.c_str(), RENAME_NOREPLACE) != 0) {
        error = errno;
        // Some file systems know no such renaming; a second name does the same.
        if (error == EINVAL || error == ENOSYS) {
            error = ::link(in.draft.c_str(), in.path.c_str()) == 0 ? 0 : errno;
            if (error == 0) (void)::unlink(in.draft.c_str());
        }
    }
    if (error == EEXIST) {
        return fail(
            Errc::conflict,
            fmt::format("{} is there already; nothing was written", printable(in.path))
        );
    }
    if (error != 0) {
        throw StorageError(
            StorageError::Kind::io,
            fmt::format("making {}: {}", printable(in.path), std::strerror(error))
        );
    }
    in.named = true;
    sync_folder_of(in.path);
    return {};
}

// ---- Reading

struct BackupReader::Inside {
    std::string path;
    FileHandle file;
    std::uint64_t size = 0;
    std::uint64_t got = 0;
    std::optional<crypto_secretstream_xchacha20poly1305_state> seal;
    bool first_chunk = true;
    bool file_ended = false;  // there is nothing after `plain`
    std::string raw;
    std::string plain;   // of one chunk
    std::size_t at = 0;  // in it
    std::uint64_t member_left = 0;
    bool ended = false;
    RunningHash hash;
    std::string digest;

    ~Inside() {
        if (seal) sodium_memzero(&*seal, sizeof *seal);
        sodium_memzero(plain.data(), plain.size());
    }

    [[nodiscard]] tl::unexpected<Error> damaged(std::string_view how) const {
        return fail(
            Errc::corrupt,
            fmt::format("{}: {}; it is no good any more, use another backup", printable(path), how)
        );
    }

    [[nodiscard]] tl::unexpected<Error> cut_off() const { return damaged("the file is cut off"); }

    /// As many bytes as there are, at most `count`, into `raw`.
    void read_raw(std::size_t count) {
        raw.resize(count);
        std::size_t filled = 0;
        while (filled < count) {
            const ssize_t n = ::read(file.get(), raw.data() + filled, count - filled);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) {
                throw StorageError(
                    StorageError::Kind::io,
                    fmt::format("reading {}: {}", printable(path), std::strerror(errno))
                );
            }
            if (n == 0) break;
            filled += static_cast<std::size_t>(n);
        }
        raw.resize(filled);
        got += filled;
    }

    /// The next chunk into `plain`. REQUIRES: all of the one before was taken.
    Result<void> fill() {
        at = 0;
        plain.clear();
        if (file_ended) return cut_off();
        if (!seal) {
            read_raw(limits::backup_chunk_bytes);
            file_ended = raw.size() < limits::backup_chunk_bytes;
            plain.swap(raw);
            return plain.empty() ? Result<void>(cut_off()) : Result<void>();
        }
        read_raw(limits::backup_chunk_bytes + seal_bytes);
        if (raw.size() < seal_bytes) return cut_off();
        plain.resize(raw.size() - seal_bytes);
        unsigned char tag = 0;
        const int opened = crypto_secretstream_xchacha20poly1305_pull(
            &*seal,
            reinterpret_cast<unsigned char*>(plain.data()),
            nullptr,
            &tag,
            bytes_of(raw),
            raw.size(),
            nullptr,
            0
        );
        if (opened != 0) {
            plain.clear();
            if (!first_chunk) return damaged("it was changed or cut off");
            return fail(
                Errc::unauthorized,
                fmt::format("{}: the passphrase is wrong, or the file was changed", printable(path))
            );
        }
        first_chunk = false;
        file_ended = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
        return {};
    }

    /// The next line without its end.
    Result<std::string> line() {
        std::string found;
        for (;;) {
            if (at == plain.size()) ENTENTE_CHECK(fill());
            const std::size_t end = plain.find('\n', at);
            const std::size_t stop = std::min(end, plain.size());
            found.append(plain, at, stop - at);
            at = stop;
            if (found.size() > line_bytes_max) return damaged("it was changed");
            if (end == std::string::npos) continue;
            ++at;
            return found;
        }
    }

    Result<void> whole_end(std::string_view told) {
        digest = hash.end();
        if (digest != told) return damaged("its digest is not that of what it holds");
        // The last chunk may be empty.
        if (seal && at == plain.size() && !file_ended) ENTENTE_CHECK(fill());
        bool more = at != plain.size() || (seal && !file_ended);
        if (!more) {
            read_raw(1);
            more = !raw.empty();
        }
        if (more) return damaged("something was added to it");
        ended = true;
        return {};
    }
};

BackupReader::BackupReader(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

BackupReader::BackupReader(BackupReader&& other) noexcept = default;
BackupReader::~BackupReader() = default;

namespace {

struct Kdf {
    ledger::KdfCost cost;
    std::string salt;
    std::string header;
};

/// `argon2id PASSES BYTES SALT HEADER`
std::optional<Kdf> read_kdf(std::string_view line) {
    std::array<std::string_view, 5> words;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::size_t end = i + 1 == words.size() ? line.size() : line.find(' ');
        if (end == std::string_view::npos) return std::nullopt;
        words[i] = line.substr(0, end);
        line.remove_prefix(std::min(line.size(), end + 1));
    }
    if (words[0] != "argon2id") return std::nullopt;
    Kdf kdf;
    const auto number = [](std::string_view text, auto& value) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc() && end == text.data() + text.size();
    };
    if (!number(words[1], kdf.cost.passes) || !number(words[2], kdf.cost.memory_bytes)) {
        return std::nullopt;
    }
    const auto salt = from_base64url(words[3]);
    const auto header = from_base64url(words[4]);
    if (!salt || !header || salt->size() != crypto_pwhash_argon2id_SALTBYTES ||
        header->size() != crypto_secretstream_xchacha20poly1305_HEADERBYTES ||
        kdf.cost.passes < 1 || kdf.cost.passes > limits::key_kdf_passes_max ||
        kdf.cost.memory_bytes < crypto_pwhash_argon2id_MEMLIMIT_MIN ||
        kdf.cost.memory_bytes > limits::key_kdf_memory_bytes_max) {
        return std::nullopt;
    }
    kdf.salt = *salt;
    kdf.header = *header;
    return kdf;
}

}  // namespace

Result<BackupReader> BackupReader::open(
    const std::string& path, const std::function<Result<Passphrase>()>& ask
) {
    auto in = std::make_unique<Inside>();
    in->path = path;
    in->file = FileHandle(::open(path.c_str(), O_RDONLY | O_CLOEXEC));

    struct stat info {};

    if (in->file.get() < 0 || ::fstat(in->file.get(), &info) != 0) {
        const int error = errno;
        return fail(
            error == EACCES ? Errc::forbidden : Errc::not_found,
            fmt::format("cannot read {}: {}", printable(path), std::strerror(error))
        );
    }
    if (!S_ISREG(info.st_mode))
        return fail(Errc::invalid_argument, printable(path) + " is not a plain file");
    in->size = static_cast<std::uint64_t>(info.st_size);
    // The two first lines, whatever follows.
    in->read_raw(line_bytes_max);
    if (!std::string_view(in->raw).starts_with(any_magic))
        return fail(Errc::malformed, printable(path) + " is not a backup of Entente");
    if (!std::string_view(in->raw).starts_with(magic)) {
        return fail(
            Errc::conflict,
            printable(path) +
                " is a backup in a form that this program does not know: use the "
                "newer program that made it"
        );
    }
    const std::size_t end = in->raw.find('\n', magic.size());
    if (end == std::string::npos) return in->cut_off();
    const std::string head = in->raw.substr(0, end + 1);
    const std::string_view how = std::string_view(head).substr(magic.size());
    if (how != plain_line) {
        const auto kdf = read_kdf(how.substr(0, how.size() - 1));
        if (!kdf) return in->damaged("its second line was changed");
        ENTENTE_TRY(const Passphrase passphrase, ask());
        StreamKey key;
        ENTENTE_CHECK(derive(key, passphrase.text(), kdf->salt, kdf->cost));
        in->seal.emplace();
        (void)crypto_secretstream_xchacha20poly1305_init_pull(
            &*in->seal, bytes_of(kdf->header), key.bytes.data()
        );
    }
    in->hash.add(head);
    in->got = head.size();
    if (::lseek(in->file.get(), static_cast<off_t>(head.size()), SEEK_SET) < 0)
        throw StorageError(StorageError::Kind::io, "reading " + printable(path));
    return BackupReader(std::move(in));
}

Result<std::optional<BackupMember>> BackupReader::next() {
    Inside& in = *inside_;
    while (in.member_left > 0)
        ENTENTE_CHECK(read());
    if (in.ended) return std::nullopt;
    const Result<std::string> line = in.line();
    if (!line) return tl::unexpected<Error>(line.error());
    const std::string_view text = *line;
    if (text.starts_with("end ")) {
        ENTENTE_CHECK(in.whole_end(text.substr(4)));
        return std::nullopt;
    }
    in.hash.add(*line + "\n");
    const std::size_t blank = text.rfind(' ');
    BackupMember member;
    if (!text.starts_with("file ") || blank < 5) return in.damaged("it was changed");
    member.name = std::string(text.substr(5, blank - 5));
    const std::string_view size = text.substr(blank + 1);
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), member.size);
    if (error != std::errc() || end != size.data() + size.size() || !is_backup_name(member.name))
        return in.damaged("it was changed");
    in.member_left = member.size;
    return member;
}

Result<std::string_view> BackupReader::read() {
    Inside& in = *inside_;
    if (in.member_left == 0) return std::string_view();
    if (in.at == in.plain.size()) ENTENTE_CHECK(in.fill());
    const std::size_t count =
        static_cast<std::size_t>(std::min<std::uint64_t>(in.member_left, in.plain.size() - in.at));
    const std::string_view piece = std::string_view(in.plain).substr(in.at, count);
    in.at += count;
    in.member_left -= count;
    in.hash.add(piece);
    return piece;
}

bool BackupReader::encrypted() const noexcept {
    return inside_->seal.has_value();
}

std::uint64_t BackupReader::bytes_read() const noexcept {
    return inside_->got;
}

std::uint64_t BackupReader::bytes() const noexcept {
    return inside_->size;
}

const std::string& BackupReader::sha256() const noexcept {
    return inside_->digest;
}

}  // namespace entente::cli
