#include "cli/new_file.h"

#include "base/escape.h"
#include "cli/file_handle.h"
#include "cli/state_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

tl::unexpected<Error> there_already(const std::string& path) {
    return fail(
        Errc::conflict, fmt::format("{} is there already; nothing was written", printable(path))
    );
}

tl::unexpected<Error> cannot_make(const std::string& path, int error) {
    if (error == EEXIST) return there_already(path);
    if (error != ENOENT && error != ENOTDIR && error != EACCES && error != EPERM &&
        error != EROFS) {
        throw StorageError(
            error == ENOSPC || error == EDQUOT ? StorageError::Kind::full : StorageError::Kind::io,
            fmt::format("making {}: {}", printable(path), std::strerror(error))
        );
    }
    const bool absent = error == ENOENT || error == ENOTDIR;
    return fail(
        absent ? Errc::not_found : Errc::forbidden,
        fmt::format("{}: {}", printable(path), std::strerror(error))
    );
}

/// Gives a file its name if nothing has it. Returns errno, 0 = done.
int name_it(const std::string& fresh, const std::string& path) {
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // Some file systems on networks know no such renaming; a second name does the same.
    if (::link(fresh.c_str(), path.c_str()) != 0) return errno;
    (void)::unlink(fresh.c_str());
    return 0;
}

}  // namespace

Result<void> check_new_file(const std::string& path) {
    struct stat info {};

    if (::lstat(path.c_str(), &info) == 0) return there_already(path);
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos || slash == 0) return {};
    const std::string folder = path.substr(0, slash);
    if (::stat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
    return fail(
        Errc::not_found,
        fmt::format("{}: there is no directory {}", printable(path), printable(folder))
    );
}

Result<void> write_new_file(const std::string& path, std::string_view text, Readers readers) {
    ENTENTE_CHECK(check_new_file(path));
    const mode_t mode = readers == Readers::owner ? 0600 : 0644;
    const std::string fresh = fmt::format("{}.{}.part", path, ::getpid());
    const FileHandle file(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    );
    if (file.get() < 0) return cannot_make(fresh, errno);
    int error = 0;
    try {
        write_all(file.get(), text, path);
        sync_file(file.get(), path);
        error = name_it(fresh, path);
    } catch (const StorageError&) {
        (void)::unlink(fresh.c_str());
        throw;
    }
    if (error != 0) {
        (void)::unlink(fresh.c_str());
        return cannot_make(path, error);
    }
    sync_folder_of(path);
    return {};
}

}  // namespace entente::cli
