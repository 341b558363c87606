#include "cli/feed_files.h"

#include "base/escape.h"
#include "cli/file_handle.h"
#include "cli/state_file.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

constexpr mode_t new_file_mode = 0640;
constexpr mode_t mode_bits = 0777;
constexpr int lock_tries = 50;
constexpr int lock_wait_ms = 100;
constexpr std::size_t report_bytes_max = 1U << 20U;

tl::unexpected<Error> refused(const std::string& path, int error) {
    const bool gone = error == ENOENT || error == ENOTDIR;
    return fail(
        gone ? Errc::not_found : Errc::forbidden,
        fmt::format(
            "{}: {}{}",
            printable(path),
            std::strerror(error),
            gone ? "; make the folder, and let the sensor's group read it" : ""
        )
    );
}

[[noreturn]] void broken(const std::string& path) {
    throw StorageError(
        errno == ENOSPC || errno == EDQUOT ? StorageError::Kind::full : StorageError::Kind::io,
        fmt::format("writing {}: {}", printable(path), std::strerror(errno))
    );
}

/// Open and locked: one process writes there at a time.
Result<FileHandle> enter(const std::string& folder) {
    FileHandle handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (handle.get() < 0) return refused(folder, errno);
    for (int tries = 0; ::flock(handle.get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
        if (errno != EWOULDBLOCK && errno != EINTR) return refused(folder, errno);
        if (tries == lock_tries) {
            return fail(
                Errc::overloaded,
                fmt::format("another process is writing a feed in {}", printable(folder))
            );
        }
        (void)::poll(nullptr, 0, lock_wait_ms);
    }
    return handle;
}

/// What is known of a file before it is replaced.
struct Before {
    bool there = false;
    bool same = false;
    mode_t mode = new_file_mode;
    gid_t group = 0;
};

Before look_at(int folder, const feed::File& file) {
    Before before;
    const FileHandle handle(
        ::openat(folder, file.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    );

    struct stat info {};

    if (handle.get() < 0 || ::fstat(handle.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return before;
    before.there = true;
    before.mode = info.st_mode & mode_bits;
    before.group = info.st_gid;
    std::string_view left = file.text;
    if (static_cast<std::uint64_t>(info.st_size) != left.size()) return before;
    std::array<char, 1U << 16U> piece{};
    while (true) {
        const ssize_t got = ::read(handle.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return before;
        const std::string_view read(piece.data(), static_cast<std::size_t>(got));
        if (!left.starts_with(read)) return before;
        left.remove_prefix(read.size());
        if (got == 0) break;
    }
    before.same = left.empty();
    return before;
}

Result<void> replace(
    int folder, const std::string& folder_name, const feed::File& file, const Before& before
) {
    // One name for all times: what a crash left there is written over.
    const std::string part = fmt::format(".{}.part", file.name);
    const std::string path = fmt::format("{}/{}", folder_name, file.name);
    (void)::unlinkat(folder, part.c_str(), 0);
    const FileHandle handle(::openat(
        folder,
        part.c_str(),
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
        new_file_mode & ~static_cast<mode_t>(S_IRGRP)
    ));
    if (handle.get() < 0) {
        if (errno == EACCES || errno == EPERM || errno == EROFS) return refused(path, errno);
        broken(path);
    }
    try {
        write_all(handle.get(), file.text, path);
        // The group first: a mode that lets it read is meant for it alone.
        const bool kept =
            !before.there || ::fchown(handle.get(), static_cast<uid_t>(-1), before.group) == 0;
        const mode_t mode = kept ? before.mode : before.mode & ~static_cast<mode_t>(S_IRWXG);
        if (::fchmod(handle.get(), mode) != 0) broken(path);
        sync_file(handle.get(), path);
        if (::renameat(folder, part.c_str(), folder, file.name.c_str()) != 0) broken(path);
    } catch (const StorageError&) {
        (void)::unlinkat(folder, part.c_str(), 0);
        throw;
    }
    return {};
}

}  // namespace

Result<void> check_feed_folder(const std::string& folder) {
    ENTENTE_TRY(const FileHandle handle, enter(folder));
    if (::faccessat(handle.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) return refused(folder, errno);
    return {};
}

Result<std::size_t> write_feed_files(
    const std::string& folder, std::span<const feed::File> files, const FeedWriting& asking
) {
    ENTENTE_TRY(const FileHandle handle, enter(folder));
    if (asking.wanted && !asking.wanted()) return 0;
    std::size_t replaced = 0;
    for (const feed::File& file : files) {
        const Before before = look_at(handle.get(), file);
        if (before.same) continue;
        ENTENTE_CHECK(replace(handle.get(), folder, file, before));
        ++replaced;
    }
    std::optional<feed::File> last;
    if (asking.last) last = asking.last(replaced);
    if (last) ENTENTE_CHECK(replace(handle.get(), folder, *last, look_at(handle.get(), *last)));
    if (replaced > 0 || last) sync_file(handle.get(), folder);
    return replaced;
}

Result<std::size_t> remove_feed_files(
    const std::string& folder, std::span<const feed::File> files
) {
    ENTENTE_TRY(const FileHandle handle, enter(folder));
    std::size_t removed = 0;
    for (const feed::File& file : files) {
        if (::unlinkat(handle.get(), file.name.c_str(), 0) == 0) {
            ++removed;
        } else if (errno != ENOENT) {
            return refused(fmt::format("{}/{}", folder, file.name), errno);
        }
    }
    return removed;
}

std::optional<boost::json::object> read_feed_report(const std::string& folder) {
    const FileHandle handle(::open(
        fmt::format("{}/{}", folder, feed_report_name).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC
    ));
    if (handle.get() < 0) return std::nullopt;
    std::string text(report_bytes_max, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(handle.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    boost::system::error_code ec;
    const boost::json::value value = boost::json::parse(text, ec);
    if (ec || !value.is_object()) return std::nullopt;
    return value.as_object();
}

}  // namespace entente::cli
