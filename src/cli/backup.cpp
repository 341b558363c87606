#include "cli/backup.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/backup_file.h"
#include "cli/command_line.h"
#include "cli/find.h"
#include "cli/key_files.h"
#include "cli/node_dir.h"
#include "cli/stop.h"
#include "store/sqlite/sqlite_store.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::string_view copy_prefix = "backup-copy-";  // and the number of the process

/// The copy of the database while the backup is made.
class Copy {
  public:
    explicit Copy(std::string path) : path_(std::move(path)) {}

    ~Copy() { (void)::unlink(path_.c_str()); }

    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    std::string path_;
};

/// Removes copies whose process is gone: it had no time to.
void remove_left_copies(const NodeDir& node) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(node.path(), ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(copy_prefix)) continue;
        pid_t process = 0;
        const char* const end = name.data() + name.size();
        // A journal beside it has more behind the number.
        const auto read = std::from_chars(name.data() + copy_prefix.size(), end, process);
        if (read.ec != std::errc() || process <= 0) continue;
        if (::kill(process, 0) != 0 && errno == ESRCH) (void)::unlink(entry.path().c_str());
    }
}

struct Small {
    std::string name;
    SecretText text;
};

/// The keys, partners' settings and self-signed certificate: all that a node is beside its
/// database.
Result<std::vector<Small>> small_files(const NodeDir& node) {
    std::vector<Small> files;
    for (const std::string folder : {"keys", "peers", "pull", "tls"}) {
        for (const std::string& name : node.files_in(folder)) {
            const std::string whole = folder + "/" + name;
            if (!is_backup_name(whole)) continue;  // of an editor, say
            if (files.size() == limits::backup_files_max) {
                return fail(
                    Errc::too_large,
                    fmt::format(
                        "more than {} files in keys, peers, pull and tls of {}",
                        limits::backup_files_max,
                        printable(node.path())
                    )
                );
            }
            const bool certificate = folder == "tls" && name.ends_with("cert.pem");
            ENTENTE_TRY(
                std::string text,
                certificate ? node.read_public(folder, name, limits::backup_file_bytes_max)
                            : node.read_private(folder, name, limits::backup_file_bytes_max)
            );
            files.push_back({whole, SecretText(std::move(text))});
        }
    }
    return files;
}

/// "/backups" -> "/backups/entente-20261124T001500Z.backup".
std::string file_for(const std::string& out, Micros now) {
    std::error_code error;
    if (!std::filesystem::is_directory(out, error)) return out;
    std::string stamp = format_taxii(now).substr(0, 19);
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    return fmt::format("{}/entente-{}Z.backup", out, stamp);
}

void put_file(BackupWriter& writer, const std::string& path, const auto& tick) {
    const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));

    struct stat info {};

    const auto broken = [&] {
        throw StorageError(
            StorageError::Kind::io,
            fmt::format("reading {}: {}", printable(path), std::strerror(errno))
        );
    };
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0) broken();
    auto left = static_cast<std::uint64_t>(info.st_size);
    writer.begin(database_name, left);
    std::string buffer(limits::backup_chunk_bytes, '\0');
    while (left > 0 && tick(left)) {
        const ssize_t n =
            ::read(file.get(), buffer.data(), std::min<std::uint64_t>(left, buffer.size()));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) broken();
        writer.put({buffer.data(), static_cast<std::size_t>(n)});
        left -= static_cast<std::uint64_t>(n);
    }
}

std::string manifest_text(
    const NodeDir& node, Micros now, const std::vector<Small>& files, std::uint64_t bytes
) {
    const auto snapshot = node.store().snapshot();
    json::array names;
    for (const Small& f : files)
        names.emplace_back(f.name);
    return json::serialize(json::object{
        {"schema", store::sqlite_schema_version},
        {"program", version()},
        {"node", snapshot->setting(node_id_setting).value_or("")},
        {"party", own_party(snapshot->directory()).name},
        {"made", format_taxii(now)},
        {"database_bytes", bytes},
        {"files", std::move(names)}});
}

/// Reads the draft through once more, as a restore will.
Result<void> read_again(
    const std::string& path, const std::optional<std::string_view>& passphrase, std::string_view sum
) {
    const auto ask = [&]() -> Result<Passphrase> {
        Passphrase again;
        for (const char c : *passphrase)
            if (!again.add(c)) break;
        return again;
    };
    ENTENTE_TRY(BackupReader reader, BackupReader::open(path, ask));
    for (;;) {
        ENTENTE_TRY(const auto member, reader.next());
        if (!member) break;
    }
    if (reader.sha256() == sum) return {};
    return fail(Errc::corrupt, "what was written is not what is read again; check the disk");
}

struct Made {
    std::string sha256;
    std::uint64_t database_bytes = 0;
    std::size_t files = 0;
};

/// Nothing: interrupted.
Result<std::optional<Made>> make(
    const NodeDir& node,
    const std::string& path,
    const std::optional<std::string_view>& passphrase,
    const BackupOptions& options,
    Context& context
) {
    Progress progress(context.err, context.progress_mode(options.common), context.clock, "copying");
    ENTENTE_TRY(BackupWriter writer, BackupWriter::make(path, passphrase, context.random));
    const Micros now = context.clock.now();
    // In the node's directory, which is nobody else's, unlike where the backup goes.
    remove_left_copies(node);
    const Copy copy(fmt::format("{}/{}{}", node.path(), copy_prefix, ::getpid()));
    // Before the database: where a `pull` stands must not be ahead of what it brought.
    ENTENTE_TRY(const std::vector<Small> files, small_files(node));
    // Twice as much is to be done: the copy, and its way into the file.
    const bool copied = store::copy_database(
        node.path() + "/" + std::string(database_name),
        copy.path(),
        [&](std::uint64_t done, std::uint64_t all) {
            progress.at(done >> 20U, done, 2 * all);
            return !stop_requested();
        }
    );
    if (!copied) return std::nullopt;
    Made made;
    made.files = files.size();
    made.database_bytes = fs::file_size(copy.path());
    const std::string manifest = manifest_text(node, now, files, made.database_bytes);
    writer.begin("manifest", manifest.size());
    writer.put(manifest);
    for (const Small& f : files) {
        writer.begin(f.name, f.text.view().size());
        writer.put(f.text.view());
    }
    put_file(writer, copy.path(), [&](std::uint64_t left) {
        const std::uint64_t done = 2 * made.database_bytes - left;
        progress.at(done >> 20U, done, 2 * made.database_bytes);
        return !stop_requested();
    });
    if (stop_requested()) return std::nullopt;
    made.sha256 = writer.finish();
    ENTENTE_CHECK(read_again(writer.draft(), passphrase, made.sha256));
    ENTENTE_CHECK(writer.give_name());
    return made;
}

}  // namespace

Result<Exit> backup(const BackupOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const std::string path = file_for(options.out, context.clock.now());
    std::optional<Passphrase> passphrase;
    if (options.passphrase || !options.passphrase_file.empty()) {
        ENTENTE_TRY(
            Passphrase typed,
            passphrase_of(options.passphrase_file, "Passphrase", Ask::twice, context)
        );
        passphrase.emplace(std::move(typed));
        if (passphrase->text().size() < limits::password_bytes_min) {
            return fail(
                Errc::invalid_argument,
                fmt::format("a passphrase has at least {} bytes", limits::password_bytes_min)
            );
        }
    }
    ENTENTE_TRY(
        const std::optional<Made> made,
        make(
            node,
            path,
            passphrase ? std::optional(passphrase->text()) : std::nullopt,
            options,
            context
        )
    );
    if (!made) return Exit::interrupted;
    context.out.document(
        {{"file", path},
         {"sha256", made->sha256},
         {"database_bytes", made->database_bytes},
         {"files", made->files},
         {"encrypted", passphrase.has_value()}}
    );
    context.out.line(fmt::format(
        "{}: the database ({} bytes) and {}, read again and in order",
        path,
        grouped(made->database_bytes),
        counted(made->files, "file")
    ));
    context.out.field("SHA-256", made->sha256);
    if (!passphrase)
        context.out.line("It holds the node's keys and every object: keep it as safe.");
    return Exit::ok;
}

}  // namespace entente::cli
