#include "cli/state_file.h"

#include "base/escape.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

[[noreturn]] void broken(const std::string& path, std::string_view doing, int code) {
    throw StorageError(
        code == ENOSPC || code == EDQUOT ? StorageError::Kind::full : StorageError::Kind::io,
        fmt::format("{} {}: {}", doing, printable(path), std::strerror(code))
    );
}

Error refused(const std::string& path, int code) {
    return {
        code == EACCES || code == EPERM ? Errc::forbidden : Errc::not_found,
        fmt::format("{}: {}", printable(path), std::strerror(code))};
}

Result<std::string> read_whole(int fd, const std::string& path, std::size_t bytes_max) {
    struct stat info {};

    if (::fstat(fd, &info) != 0) broken(path, "reading", errno);
    if (!S_ISREG(info.st_mode)) {
        return fail(Errc::invalid_argument, printable(path) + " is no regular file");
    }
    if (static_cast<std::uint64_t>(info.st_size) > bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "{} has more than {} bytes; is it a state file?", printable(path), bytes_max
            )
        );
    }
    std::string text(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t got = 0;
    while (got < text.size()) {
        const ssize_t n =
            ::pread(fd, text.data() + got, text.size() - got, static_cast<off_t>(got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) broken(path, "reading", errno);
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    text.resize(got);
    return text;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

void write_all(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) broken(path, "writing", errno);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

void sync_file(int fd, const std::string& path) {
    if (::fsync(fd) != 0) broken(path, "writing", errno);
}

Result<std::optional<std::string>> read_state(const std::string& path, std::size_t bytes_max) {
    const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        if (errno == ENOENT) return std::optional<std::string>();
        return tl::unexpected<Error>(refused(path, errno));
    }
    ENTENTE_TRY(std::string text, read_whole(file.get(), path, bytes_max));
    return std::optional<std::string>(std::move(text));
}

void sync_folder_of(const std::string& path) {
    const std::string folder = folder_of(path);
    const FileHandle directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0) broken(folder, "opening", errno);
    sync_file(directory.get(), folder);
}

void write_state(const std::string& path, std::string_view text) {
    const std::string fresh = path + ".new";
    // What a crash left is taken away, never written into: it could be somebody else's.
    (void)::unlink(fresh.c_str());
    const FileHandle file(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)
    );
    if (file.get() < 0) broken(fresh, "making", errno);
    try {
        write_all(file.get(), text, fresh);
        sync_file(file.get(), fresh);
        if (::rename(fresh.c_str(), path.c_str()) != 0) broken(path, "replacing", errno);
    } catch (const StorageError&) {
        (void)::unlink(fresh.c_str());
        throw;
    }
    sync_folder_of(path);
}

Result<StateLog> StateLog::open(const std::string& path, std::size_t bytes_max) {
    StateLog log;
    log.path_ = path;
    log.file_ = FileHandle(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (log.file_.get() < 0) return tl::unexpected<Error>(refused(path, errno));
    ENTENTE_TRY(log.text_, read_whole(log.file_.get(), path, bytes_max));
    const std::size_t end = log.text_.rfind('\n');
    const std::size_t whole = end == std::string::npos ? 0 : end + 1;
    if (whole < log.text_.size()) {
        if (::ftruncate(log.file_.get(), static_cast<off_t>(whole)) != 0) {
            broken(path, "writing", errno);
        }
        log.text_.resize(whole);
    }
    return log;
}

std::vector<std::string_view> StateLog::lines() const {
    std::vector<std::string_view> lines;
    std::string_view rest = text_;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        lines.push_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
    return lines;
}

void StateLog::add(std::string_view line) {
    write_all(file_.get(), line, path_);
    sync_file(file_.get(), path_);
}

}  // namespace entente::cli
