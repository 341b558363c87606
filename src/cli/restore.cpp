#include "base/escape.h"
#include "base/limits.h"
#include "cli/backup.h"
#include "cli/backup_file.h"
#include "cli/change.h"
#include "cli/key_files.h"
#include "cli/node_dir.h"
#include "cli/state_file.h"
#include "cli/stop.h"
#include "store/sqlite/sqlite_store.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::string_view staging_name = "restoring";
constexpr std::string_view put_aside_prefix = "replaced-";
constexpr std::array<std::string_view, 4> folders{"keys", "peers", "pull", "tls"};

/// What a backup says of itself.
struct Manifest {
    std::int64_t schema = 0;
    std::string program;
    std::string node;
    std::string party;
    Micros made;
};

Result<Manifest> read_manifest(std::string_view text, const std::string& path) {
    json::error_code problem;
    const json::value value = json::parse(text, problem);
    try {
        const json::object& o = value.as_object();
        Manifest m{
            .schema = o.at("schema").to_number<std::int64_t>(),
            .program = std::string(o.at("program").as_string()),
            .node = std::string(o.at("node").as_string()),
            .party = std::string(o.at("party").as_string()),
            .made = parse_client_time(std::string(o.at("made").as_string())).value_or(Micros{})};
        if (m.schema <= store::sqlite_schema_version) return m;
        return fail(
            Errc::conflict,
            fmt::format(
                "{} was made by the program {} with schema version {}; this one knows versions up "
                "to {}: use the newer program",
                printable(path),
                printable(m.program, 40),
                m.schema,
                store::sqlite_schema_version
            )
        );
    } catch (const std::exception&) {
        return fail(Errc::corrupt, printable(path) + ": it does not say what it is a backup of");
    }
}

/// Walks through the whole file; `take` gets the pieces of each member, the first with `begins`.
/// False: interrupted.
Result<bool> walk(
    BackupReader& reader,
    Progress& progress,
    const std::function<Result<void>(const BackupMember&, std::string_view, bool begins)>& take
) {
    for (;;) {
        ENTENTE_TRY(const auto member, reader.next());
        if (!member) return true;
        if (member->name != database_name && member->size > limits::backup_file_bytes_max)
            return fail(Errc::corrupt, "the backup holds a file that no node has");
        for (bool begins = true;; begins = false) {
            if (stop_requested()) return false;
            ENTENTE_TRY(const std::string_view piece, reader.read());
            if (piece.empty() && !begins) break;
            ENTENTE_CHECK(take(*member, piece, begins));
            progress.at(reader.bytes_read() >> 20U, reader.bytes_read(), reader.bytes());
        }
    }
}

struct Checked {
    Manifest manifest;
    std::string sha256;
};

/// Reads the whole file and keeps nothing of it. Nothing: interrupted.
Result<std::optional<Checked>> check_file(
    BackupReader& reader, const std::string& path, Progress& progress
) {
    std::string manifest;
    bool first = true;
    bool database = false;
    std::size_t files = 0;
    std::optional<Manifest> read;
    const auto take = [&](const BackupMember& m, std::string_view piece, bool begins) {
        if (begins && ++files > limits::backup_files_max + 2)
            return Result<void>(fail(Errc::corrupt, "the backup holds too many files"));
        if (begins && first != (m.name == "manifest"))
            return Result<void>(fail(Errc::corrupt, "the backup does not begin as one does"));
        first = false;
        database = database || m.name == database_name;
        if (m.name != "manifest") return Result<void>();
        manifest += piece;
        if (manifest.size() < m.size) return Result<void>();
        auto said = read_manifest(manifest, path);
        if (!said) return Result<void>(tl::unexpected<Error>(said.error()));
        read = std::move(*said);
        return Result<void>();
    };
    ENTENTE_TRY(const bool whole, walk(reader, progress, take));
    if (!whole) return std::nullopt;
    if (!read || !database) return fail(Errc::corrupt, printable(path) + ": it holds no database");
    return Checked{*read, reader.sha256()};
}

/// A directory that goes with what is in it unless it was emptied.
class Staging {
  public:
    explicit Staging(const NodeDir& node) : path_(node.path() + "/" + std::string(staging_name)) {
        std::error_code error;
        fs::remove_all(path_, error);  // of a restore that was cut short
    }

    ~Staging() {
        std::error_code error;
        fs::remove_all(path_, error);
    }

    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    [[nodiscard]] std::string file(std::string_view name) const {
        return path_ + "/" + std::string(name);
    }

  private:
    std::string path_;
};

void make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return;
    throw StorageError(
        errno == ENOSPC || errno == EDQUOT ? StorageError::Kind::full : StorageError::Kind::io,
        fmt::format("making {}: {}", printable(path), std::strerror(errno))
    );
}

void rename_to(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) == 0) return;
    throw StorageError(
        StorageError::Kind::io,
        fmt::format("moving {} to {}: {}", printable(from), printable(to), std::strerror(errno))
    );
}

Result<bool> unpack(BackupReader& reader, const Staging& staging, Progress& progress) {
    make_folder(staging.path());
    for (const std::string_view folder : folders)
        make_folder(staging.file(folder));
    FileHandle file;
    std::uint64_t left = 0;
    const auto take = [&](const BackupMember& m, std::string_view piece, bool begins) {
        if (m.name == "manifest") return Result<void>();
        const std::string path = staging.file(m.name);
        if (begins) {
            left = m.size;
            file = FileHandle(
                ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)
            );
            if (file.get() < 0) {
                throw StorageError(
                    StorageError::Kind::io,
                    fmt::format("making {}: {}", printable(path), std::strerror(errno))
                );
            }
        }
        write_all(file.get(), piece, path);
        left -= piece.size();
        if (left == 0) sync_file(file.get(), path);
        return Result<void>();
    };
    return walk(reader, progress, take);
}

using store::CollectionNo;

/// The greatest date that each node there is, old or new, may have given, as far as it is known.
Micros newest_of(store::Snapshot& snapshot) {
    Micros newest;
    for (const store::Collection& c : snapshot.directory().collections)
        newest = std::max(newest, snapshot.head(c.no).next_base);
    return newest;
}

/// That of the node that is to be replaced; nothing when it cannot be read.
Micros newest_of_replaced(const std::string& database, const Context& context) {
    try {
        store::SqliteOptions options;
        options.file = database;
        const auto store = store::open_sqlite_store(options);
        if (store) return newest_of(*(*store)->snapshot());
        context.note("the node that is replaced cannot be read: " + store.error().detail);
    } catch (const StorageError& error) {
        context.note(std::string("the node that is replaced cannot be read: ") + error.what());
    }
    return {};
}

/// The newest date that readers of this place may have. A restore that was cut off while it put the
/// old node aside leaves no database in its place, but one in a folder beside it.
Micros newest_before(const NodeDir& place, bool there, const Context& context) {
    const std::string name(database_name);
    if (there) return newest_of_replaced(place.path() + "/" + name, context);
    Micros newest{};
    for (const fs::directory_entry& entry : fs::directory_iterator(place.path())) {
        if (!entry.path().filename().string().starts_with(put_aside_prefix)) continue;
        const std::string database = entry.path().string() + "/" + name;
        if (fs::exists(database)) newest = std::max(newest, newest_of_replaced(database, context));
    }
    return newest;
}

struct Opened {
    std::uint32_t epoch = 0;
    std::vector<exchange::EndedEpoch> ended;
};

/// The next epoch. Its number is not the next one but any: the same backup may be restored twice,
/// and what each gave afterwards must not be taken for the other's.
Opened next_epoch(store::Snapshot& snapshot, Random& random) {
    Opened opened;
    exchange::EndedEpoch now;
    now.epoch = 1;
    if (const auto text = snapshot.setting(epoch_setting))
        now.epoch = static_cast<std::uint32_t>(std::strtoul(text->c_str(), nullptr, 10));
    for (const store::Collection& c : snapshot.directory().collections)
        now.last[c.no] = store::Seq{agreement::raw(snapshot.head(c.no).next_seq) - 1};
    if (const auto text = snapshot.setting(ended_epochs_setting))
        opened.ended = read_ended_epochs(*text);
    opened.ended.push_back(std::move(now));
    if (opened.ended.size() > limits::restores_known_max) opened.ended.erase(opened.ended.begin());
    const auto taken = [&] {
        return opened.epoch < 2 ||
               std::ranges::find(opened.ended, opened.epoch, &exchange::EndedEpoch::epoch) !=
                   opened.ended.end();
    };
    while (taken()) {
        std::array<std::uint8_t, 4> bytes{};
        random.fill(bytes);
        std::memcpy(&opened.epoch, bytes.data(), bytes.size());
        opened.epoch &= 0x7fff'ffffU;
    }
    return opened;
}

struct Begun {
    std::uint32_t epoch = 0;
    Micros dates_from;
};

/// Checks the unpacked database and begins the new epoch in it. Nothing: interrupted.
Result<std::optional<Begun>> begin_epoch(
    const Staging& staging,
    const Checked& backup,
    Micros replaced,
    const RestoreOptions& options,
    Context& context
) {
    store::SqliteOptions sqlite;
    sqlite.file = staging.file(database_name);
    ENTENTE_TRY(const auto store, store::open_sqlite_store(sqlite));
    Progress progress(
        context.err, context.progress_mode(options.common), context.clock, "checking"
    );
    const std::vector<std::string> findings =
        store->verify([&](std::uint64_t done, std::uint64_t all) { progress.at(done, done, all); });
    if (!findings.empty()) {
        return fail(
            Errc::corrupt,
            fmt::format(
                "the database in {} is damaged ({} findings, the first: {}); use another backup",
                printable(options.file),
                findings.size(),
                printable(findings.front(), 200)
            )
        );
    }
    if (stop_requested()) return std::nullopt;
    Begun begun;
    store->write([&](store::Transaction& tx) {
        const Micros now = context.clock.now();
        begun.dates_from = std::max({now, backup.manifest.made, newest_of(tx), replaced}) +
                           limits::restore_dates_ahead_us;
        const Opened opened = next_epoch(tx, context.random);
        begun.epoch = opened.epoch;
        tx.set_setting(epoch_setting, std::to_string(opened.epoch));
        tx.set_setting(ended_epochs_setting, ended_epochs_text(opened.ended));
        json::object last;
        for (const store::Collection& c : tx.directory().collections) {
            tx.raise_dates(c.no, begun.dates_from);
            last[c.id] = agreement::raw(opened.ended.back().last.at(c.no));
        }
        record(
            tx,
            context.clock,
            "restored",
            {{"sha256", backup.sha256},
             {"made", format_taxii(backup.manifest.made)},
             {"epoch", opened.epoch},
             {"dates_from", format_taxii(begun.dates_from)},
             {"last", std::move(last)}}
        );
    });
    return begun;
}

/// Puts aside what is there of a node, then the new one in its place; the database last: without it
/// there is no node. Returns where the old one lies now, or nothing.
std::string take_place(const NodeDir& place, const Staging& staging, Micros now) {
    const std::string& dir = place.path();
    std::string stamp = format_taxii(now).substr(0, 19);
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    std::string aside = fmt::format("{}/{}{}Z", dir, put_aside_prefix, stamp);
    // Twice in a second: nothing that was put aside is written over.
    for (int n = 2; fs::exists(fs::symlink_status(aside)); ++n)
        aside = fmt::format("{}/{}{}Z-{}", dir, put_aside_prefix, stamp, n);
    std::string put_aside;
    const auto move_aside = [&](const std::string& name) {
        struct stat info {};

        if (::lstat((dir + "/" + name).c_str(), &info) != 0) return;
        if (put_aside.empty()) {
            make_folder(aside);
            place.give_to_owner(aside);
            put_aside = aside;
        }
        rename_to(dir + "/" + name, aside + "/" + name);
    };
    const std::string database(database_name);
    // The log before its database, which would be read without it.
    for (const char* ending : {"-wal", "-shm", ""})
        move_aside(database + ending);
    for (const std::string_view folder : folders)
        move_aside(std::string(folder));
    for (const std::string_view folder : folders) {
        const std::string to = dir + "/" + std::string(folder);
        rename_to(staging.file(folder), to);
        place.give_to_owner(to);
        for (const std::string& name : place.files_in(std::string(folder)))
            place.give_to_owner(to + "/" + name);
    }
    sync_folder_of(dir + "/" + database);
    rename_to(staging.file(database), dir + "/" + database);
    place.give_to_owner(dir + "/" + database);
    sync_folder_of(dir + "/" + database);
    return put_aside;
}

void tell(
    const RestoreOptions& options,
    const Checked& backup,
    bool encrypted,
    const Begun& begun,
    const std::string& put_aside,
    const Context& context
) {
    const std::string& dir = options.common.data;
    context.out.document(
        {{"data", dir},
         {"party", backup.manifest.party},
         {"made", format_taxii(backup.manifest.made)},
         {"sha256", backup.sha256},
         {"encrypted", encrypted},
         {"epoch", begun.epoch},
         {"dates_from", format_taxii(begun.dates_from)},
         {"replaced", put_aside}}
    );
    context.out.line(fmt::format(
        "{} is the node of {} as it was at {}; its database is in order",
        dir,
        backup.manifest.party,
        format_taxii(backup.manifest.made)
    ));
    if (!encrypted) {
        context.out.line("the backup was not encrypted: nothing shows that nobody changed it");
    }
    if (!put_aside.empty()) {
        context.out.line(fmt::format(
            "what was there lies in {}; remove it when you do not need it any more", put_aside
        ));
    }
    context.out.line("What was changed since then is undone: stop and revoke again who was, before"
    );
    context.out.line(fmt::format("  entente serve --data {}", dir));
}

/// The passphrase, asked for when it is needed first, and given as often as it is needed.
class AskOnce {
  public:
    AskOnce(const RestoreOptions& options, Context& context)
        : options_(options),
          context_(context) {}

    Result<Passphrase> operator()() {
        if (!passphrase_) {
            ENTENTE_TRY(
                Passphrase typed,
                passphrase_of(
                    options_.passphrase_file,
                    "Passphrase of " + printable(options_.file),
                    Ask::once,
                    context_
                )
            );
            passphrase_.emplace(std::move(typed));
        }
        Passphrase copy;
        for (const char c : passphrase_->text())
            if (!copy.add(c)) break;
        return copy;
    }

  private:
    const RestoreOptions& options_;
    Context& context_;
    std::optional<Passphrase> passphrase_;
};

}  // namespace

Result<Exit> restore(const RestoreOptions& options, Context& context) {
    AskOnce once(options, context);
    const auto ask = [&] { return once(); };
    std::optional<Checked> backup;
    bool encrypted = false;
    {
        Progress progress(
            context.err, context.progress_mode(options.common), context.clock, "reading"
        );
        ENTENTE_TRY(BackupReader reader, BackupReader::open(options.file, ask));
        if (!options.passphrase_file.empty() && !reader.encrypted()) {
            return fail(
                Errc::unauthorized,
                printable(options.file) +
                    " is not encrypted, so whoever could write it may have made it; leave out "
                    "--passphrase-file if you trust it as it is"
            );
        }
        encrypted = reader.encrypted();
        ENTENTE_TRY(backup, check_file(reader, options.file, progress));
    }
    if (!backup) return Exit::interrupted;

    const bool made_folder = !fs::exists(options.common.data);
    ENTENTE_TRY(const NodeDir place, NodeDir::claim(options.common.data));
    const bool there = fs::exists(place.path() + "/" + std::string(database_name));
    if (there && !options.replace) {
        return fail(
            Errc::conflict,
            fmt::format(
                "{} holds a node already; give another directory, or --replace to put that node "
                "aside",
                printable(place.path())
            )
        );
    }
    std::optional<Begun> begun;
    std::string put_aside;
    const auto work = [&]() -> Result<void> {
        const Staging staging(place);
        {
            Progress progress(
                context.err, context.progress_mode(options.common), context.clock, "unpacking"
            );
            ENTENTE_TRY(BackupReader reader, BackupReader::open(options.file, ask));
            ENTENTE_TRY(const bool whole, unpack(reader, staging, progress));
            if (!whole) return {};
            if (reader.sha256() != backup->sha256)
                return fail(Errc::corrupt, printable(options.file) + " changed while it was read");
        }
        const Micros replaced = newest_before(place, there, context);
        ENTENTE_TRY(begun, begin_epoch(staging, *backup, replaced, options, context));
        // The file alone takes its place: a log that was left, on a disk that is full, would be
        // lost.
        const std::string log = staging.file(database_name) + "-wal";
        if (fs::exists(log) && fs::file_size(log) > 0) {
            throw StorageError(
                StorageError::Kind::io, "the log " + printable(log) + " could not be written back"
            );
        }
        if (begun) put_aside = take_place(place, staging, context.clock.now());
        return {};
    };
    const auto forget_folder = [&] {
        if (!made_folder || begun) return;
        (void)::unlink((place.path() + "/lock").c_str());
        (void)::rmdir(place.path().c_str());
    };
    try {
        const auto done = work();
        forget_folder();
        ENTENTE_CHECK(done);
    } catch (const StorageError&) {
        forget_folder();
        throw;
    }
    if (!begun) return Exit::interrupted;
    tell(options, *backup, encrypted, *begun, put_aside, context);
    return Exit::ok;
}

}  // namespace entente::cli
