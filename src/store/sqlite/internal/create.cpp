#include "store/sqlite/internal/create.h"

#include "store/sqlite/internal/schema.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::store::sqlite {
namespace {

[[noreturn]] void raise(const std::string& what) {
    const int number = errno;
    const auto kind =
        number == ENOSPC || number == EDQUOT ? StorageError::Kind::full : StorageError::Kind::io;
    throw StorageError(kind, what + ": " + std::strerror(number));
}

class Descriptor {
  public:
    Descriptor(const std::string& path, int flags)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
        if (fd_ < 0) raise(path);
    }

    ~Descriptor() { ::close(fd_); }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int get() const noexcept { return fd_; }

  private:
    int fd_;
};

void remove_all_of(const std::string& path) {
    for (const char* ending : {"", "-wal", "-shm", "-journal"})
        ::unlink((path + ending).c_str());
}

// SQLite gives its other files the mode and owner of this one.
void make_empty_file(const std::string& path, const std::string& directory) {
    const Descriptor file(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (::fchmod(file.get(), 0600) != 0) raise(path);

    struct stat parent {};

    if (::stat(directory.c_str(), &parent) != 0) raise(directory);
    if (::geteuid() == 0 && ::fchown(file.get(), parent.st_uid, parent.st_gid) != 0) raise(path);
}

void sync_directory(const std::string& directory) {
    const Descriptor d(directory, O_RDONLY | O_DIRECTORY);
    if (::fsync(d.get()) != 0) raise(directory);
}

/// Gives the file its name unless something has it; errno of a failure, or 0.
int give_name(const std::string& draft, const std::string& file) {
    // Not rename: it would replace a database that another process made meanwhile. Some file
    // systems have no links, though.
    if (::link(draft.c_str(), file.c_str()) == 0) return 0;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return errno;
    return ::rename(draft.c_str(), file.c_str()) == 0 ? 0 : errno;
}

}  // namespace

void make_private_file(const std::string& path) {
    std::string directory = std::filesystem::path(path).parent_path().string();
    if (directory.empty()) directory = ".";
    make_empty_file(path, directory);
}

Result<void> create_database(const Place& place) {
    struct stat there {};

    if (::lstat(place.file.c_str(), &there) == 0)
        return fail(Errc::conflict, place.file + " is there already");
    std::string directory = std::filesystem::path(place.file).parent_path().string();
    if (directory.empty()) directory = ".";
    Place draft = place;
    draft.file += ".new";
    remove_all_of(draft.file);  // of an attempt that was cut short
    make_empty_file(draft.file, directory);
    try {
        Connection connection(draft, Use::creates);
        connection.set_pragma("application_id", application_id);
        ENTENTE_CHECK(migrate(connection, steps()));
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (...) {
        remove_all_of(draft.file);
        throw;
    }
    const int error = give_name(draft.file, place.file);
    remove_all_of(draft.file);
    if (error == EEXIST) return fail(Errc::conflict, place.file + " is there already");
    errno = error;
    if (error != 0) raise(place.file);
    sync_directory(directory);
    return {};
}

}  // namespace entente::store::sqlite
