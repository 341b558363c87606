#include "cli/node_dir.h"

#include "base/escape.h"
#include "cli/new_file.h"
#include "store/sqlite/sqlite_store.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

constexpr mode_t directory_mode = 0700;
constexpr mode_t file_mode = 0600;
constexpr mode_t others_mask = 0077;

std::string join(const std::string& directory, std::string_view name) {
    return directory + "/" + std::string(name);
}

/// The failure of a system call on a file in words.
tl::unexpected<Error> failed(std::string_view what, const std::string& path) {
    const int error = errno;
    const auto code = error == ENOENT                       ? Errc::not_found
                      : error == EACCES || error == EPERM   ? Errc::forbidden
                      : error == EEXIST || error == ENOTDIR ? Errc::conflict
                                                            : Errc::overloaded;
    return fail(code, fmt::format("cannot {} {}: {}", what, printable(path), std::strerror(error)));
}

Result<void> check_private(const std::string& path, bool directory) {
    struct stat info {};

    if (::lstat(path.c_str(), &info) != 0) return failed("look at", path);
    if (directory ? !S_ISDIR(info.st_mode) : !S_ISREG(info.st_mode)) {
        return fail(
            Errc::conflict,
            fmt::format("{} is not a {}", printable(path), directory ? "directory" : "plain file")
        );
    }
    if ((info.st_mode & others_mask) != 0) {
        return fail(
            Errc::forbidden,
            fmt::format(
                "{} is open to other users of this machine; run: chmod {} {}",
                printable(path),
                directory ? "700" : "600",
                printable(path)
            )
        );
    }
    return {};
}

/// Root may work on another's node.
Result<void> check_owner(const std::string& path) {
    struct stat info {};

    if (::stat(path.c_str(), &info) != 0) return failed("look at", path);
    if (::geteuid() == 0 || ::geteuid() == info.st_uid) return {};
    const passwd* const owner = ::getpwuid(info.st_uid);
    const std::string name = owner == nullptr ? std::to_string(info.st_uid) : owner->pw_name;
    return fail(
        Errc::forbidden,
        fmt::format(
            "{} belongs to the user {} alone; run: sudo -u {} entente …",
            printable(path),
            printable(name),
            printable(name)
        )
    );
}

Result<std::unique_ptr<store::Store>> open_database(const std::string& file, bool create) {
    store::SqliteOptions options;
    options.file = file;
    options.create = create;
    return store::open_sqlite_store(options);
}

/// What a restore puts down before it is done, and what it puts aside.
bool left_by_restore(std::string_view name) {
    return name == "restoring" || name == "peers" || name == "pull" || name == "tls" ||
           name.starts_with("replaced-");
}

/// Makes the directory, or takes an empty one (a new mount point has `lost+found`), or one of ours.
Result<void> make_directory(const std::string& path) {
    if (::mkdir(path.c_str(), directory_mode) == 0) return {};
    if (errno != EEXIST) return failed("make", path);
    std::error_code error;
    // A node, or what an interrupted init left: the database tells them apart.
    if (std::filesystem::exists(join(path, database_name), error)) return {};
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
        const auto name = entry.path().filename();
        const std::string_view text = name.native();
        if (text == "lost+found" || text == "keys" || text == "lock") continue;
        if (text.starts_with(database_name) || left_by_restore(text)) continue;
        return fail(
            Errc::conflict,
            fmt::format(
                "{} holds other files ({}); give a new or an empty directory",
                printable(path),
                printable(name.native())
            )
        );
    }
    if (error) {
        errno = error.value();
        return failed("list", path);
    }
    if (::chmod(path.c_str(), directory_mode) != 0) return failed("protect", path);
    return {};
}

}  // namespace

void NodeDir::give_to_owner(const std::string& file) const {
    struct stat info {};

    if (::geteuid() != 0 || ::stat(path_.c_str(), &info) != 0) return;
    // Not through links: the owner could point one at a file of root's.
    (void)::lchown(file.c_str(), info.st_uid, info.st_gid);
}

Result<void> NodeDir::enter(const std::string& directory, Lock lock) {
    // The directory itself may be reached through links; what lies in it may not.
    std::error_code error;
    path_ = std::filesystem::canonical(directory, error).native();
    if (error) {
        errno = error.value();
        return failed("open", directory);
    }
    ENTENTE_CHECK(check_private(path_, true));
    ENTENTE_CHECK(check_owner(path_));
    (void)::umask(others_mask);
    const std::string lock_path = join(path_, "lock");
    lock_ =
        FileHandle(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, file_mode));
    if (lock_.get() < 0) return failed("open", lock_path);
    give_to_owner(lock_path);
    if (::flock(lock_.get(), (lock == Lock::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return failed("lock", lock_path);
        return fail(
            Errc::conflict,
            lock == Lock::shared
                ? fmt::format(
                      "{} is locked by a command that needs it alone; try again when it is done",
                      printable(path_)
                  )
                : fmt::format(
                      "{} is in use; stop `entente serve` and other commands on it first",
                      printable(path_)
                  )
        );
    }
    return {};
}

Result<Key> NodeDir::read_key(const std::string& name) const {
    const std::string path = join(path_, "keys/" + name);

    struct stat info {};

    if (::lstat(path.c_str(), &info) != 0 && errno == ENOENT) {
        return fail(
            Errc::not_found,
            fmt::format(
                "{} is not there; every backup of this node has it, see \"Key loss\" in "
                "docs/operations.md",
                printable(path)
            )
        );
    }
    ENTENTE_CHECK(check_private(path, false));
    const FileHandle file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (file.get() < 0) return failed("read", path);
    std::array<char, 128> buffer{};
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0) return failed("read", path);
    std::string_view text{buffer.data(), static_cast<std::size_t>(got)};
    if (text.ends_with('\n')) text.remove_suffix(1);
    const auto bytes = from_base64url(text);
    Key key{};
    if (!bytes || bytes->size() != key.size()) {
        return fail(
            Errc::corrupt,
            fmt::format(
                "{} does not hold a key; take it from a backup, see \"Key loss\" in "
                "docs/operations.md",
                printable(path)
            )
        );
    }
    std::memcpy(key.data(), bytes->data(), key.size());
    return key;
}

Result<Key> NodeDir::make_key(const std::string& name, Random& random) const {
    const std::string path = join(path_, "keys/" + name);
    if (std::filesystem::exists(path)) return read_key(name);
    Key key{};
    random.fill(key);
    ENTENTE_CHECK(write_new_file(path, to_base64url(as_text(key)) + "\n", Readers::owner));
    give_to_owner(path);
    return key;
}

Result<std::string> NodeDir::subdirectory(const std::string& name) const {
    std::string path = join(path_, name);
    if (::mkdir(path.c_str(), directory_mode) == 0) {
        give_to_owner(path);
    } else if (errno != EEXIST) {
        return failed("make", path);
    }
    ENTENTE_CHECK(check_private(path, true));
    return path;
}

Result<std::string> NodeDir::read_private(
    const std::string& subdirectory, const std::string& name, std::size_t bytes_max
) const {
    ENTENTE_CHECK(check_private(join(join(path_, subdirectory), name), false));
    return read_public(subdirectory, name, bytes_max);
}

Result<std::string> NodeDir::read_public(
    const std::string& subdirectory, const std::string& name, std::size_t bytes_max
) const {
    const std::string place = join(path_, subdirectory);
    const std::string path = join(place, name);
    ENTENTE_CHECK(check_private(place, true));
    const FileHandle file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (file.get() < 0) return failed("read", path);
    std::string text(bytes_max + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > bytes_max) {
        return fail(
            Errc::too_large, fmt::format("{} has more than {} bytes", printable(path), bytes_max)
        );
    }
    text.resize(size);
    return text;
}

Result<NodeDir> NodeDir::open(const std::string& directory, Lock lock) {
    const auto none = [&](std::string_view why) {
        return fail(
            Errc::not_found,
            fmt::format(
                "no node in {}: {}; make one with: entente init --data {} --name NAME",
                printable(directory),
                why,
                printable(directory)
            )
        );
    };
    std::error_code error;
    if (!std::filesystem::exists(directory, error) && !error) return none("no such directory");
    const std::string database = join(directory, database_name);
    if (!std::filesystem::exists(database, error) && !error) return none("no database there");
    NodeDir node;
    ENTENTE_CHECK(node.enter(directory, lock));
    ENTENTE_TRY(node.keys_.cursor, node.read_key("cursor.key"));
    ENTENTE_TRY(node.keys_.token, node.read_key("token.key"));
    ENTENTE_TRY(node.store_, open_database(join(node.path_, database_name), false));
    if (!node.store_->snapshot()->setting(node_id_setting)) return none("init did not finish");
    return node;
}

Result<NodeDir> NodeDir::claim(const std::string& directory) {
    if (directory.empty()) return fail(Errc::invalid_argument, "the directory's name is empty");
    (void)::umask(others_mask);
    ENTENTE_CHECK(make_directory(directory));
    NodeDir node;
    ENTENTE_CHECK(node.enter(directory, Lock::exclusive));
    return node;
}

Result<NodeDir> NodeDir::create(const std::string& directory, Random& random) {
    if (directory.empty()) return fail(Errc::invalid_argument, "the directory's name is empty");
    (void)::umask(others_mask);
    ENTENTE_CHECK(make_directory(directory));
    const auto holds_one = [&] {
        return fail(
            Errc::conflict,
            fmt::format("{} holds a node already; choose another", printable(directory))
        );
    };
    // Before the lock: a node that is being served should not be told to stop.
    if (open(directory)) return holds_one();
    NodeDir node;
    ENTENTE_CHECK(node.enter(directory, Lock::exclusive));
    ENTENTE_CHECK(node.subdirectory("keys"));
    const std::string database = join(node.path_, database_name);
    const bool there = std::filesystem::exists(database);
    if (there) {
        ENTENTE_TRY(node.store_, open_database(database, false));
        if (node.store_->snapshot()->setting(node_id_setting)) return holds_one();
    }
    ENTENTE_TRY(node.keys_.cursor, node.make_key("cursor.key", random));
    ENTENTE_TRY(node.keys_.token, node.make_key("token.key", random));
    if (!there) {
        ENTENTE_TRY(node.store_, open_database(database, true));
    }
    // SQLite gives its side files to the owner of the database by itself.
    node.give_to_owner(database);
    node.give_to_owner(database + "-wal");
    node.give_to_owner(database + "-shm");
    return node;
}

exchange::Settings NodeDir::settings() const {
    exchange::Settings settings;
    settings.cursor_key = keys_.cursor;
    if (const auto text = store_->snapshot()->setting(epoch_setting)) {
        (void)std::from_chars(text->data(), text->data() + text->size(), settings.epoch);
    }
    if (const auto text = store_->snapshot()->setting(ended_epochs_setting))
        settings.ended = read_ended_epochs(*text);
    return settings;
}

std::vector<std::string> NodeDir::files_in(const std::string& subdirectory) const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator(join(path_, subdirectory), error)) {
        if (entry.is_regular_file(error) && !entry.is_symlink(error))
            names.push_back(entry.path().filename().native());
    }
    std::ranges::sort(names);
    return names;
}

std::string ended_epochs_text(const std::vector<exchange::EndedEpoch>& ended) {
    boost::json::array all;
    for (const exchange::EndedEpoch& e : ended) {
        boost::json::object last;
        for (const auto& [collection, seq] : e.last)
            last[std::to_string(agreement::raw(collection))] = agreement::raw(seq);
        all.emplace_back(boost::json::object{{"epoch", e.epoch}, {"last", std::move(last)}});
    }
    return boost::json::serialize(all);
}

std::vector<exchange::EndedEpoch> read_ended_epochs(std::string_view text) {
    std::vector<exchange::EndedEpoch> ended;
    boost::json::error_code problem;
    const boost::json::value value = boost::json::parse(text, problem);
    // What cannot be read makes older cursors begin again, which loses nothing.
    if (problem || !value.is_array()) return ended;
    try {
        for (const boost::json::value& one : value.as_array()) {
            exchange::EndedEpoch e;
            e.epoch = one.at("epoch").to_number<std::uint32_t>();
            for (const auto& [collection, seq] : one.at("last").as_object()) {
                std::uint32_t no = 0;
                (void)std::from_chars(collection.data(), collection.data() + collection.size(), no);
                e.last[store::CollectionNo{no}] = store::Seq{seq.to_number<std::uint64_t>()};
            }
            ended.push_back(std::move(e));
        }
    } catch (const std::exception&) {
        ended.clear();
    }
    return ended;
}

}  // namespace entente::cli
