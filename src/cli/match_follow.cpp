#include "cli/match_follow.h"

#include "base/escape.h"
#include "cli/file_handle.h"
#include "cli/stop.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

constexpr std::size_t piece_bytes = 128U << 10U;
constexpr int look_again_ms = 200;

class Followed {
  public:
    Followed(std::string path, const MatchShared& shared)
        : path_(std::move(path)),
          input_(path_, shared) {}

    /// Reads what has come; true when that was something.
    Result<bool> go_on(std::vector<char>& piece) {
        if (file_.get() < 0) {
            ENTENTE_TRY(const bool there, open());
            if (!there) return false;
        }
        const ssize_t got = ::read(file_.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) return false;
        if (got < 0) {
            throw StorageError(
                StorageError::Kind::io,
                fmt::format("cannot read {}: {}", printable(path_), std::strerror(errno))
            );
        }
        if (got == 0) return changed();
        taken_ += got;
        ENTENTE_CHECK(input_.feed({piece.data(), static_cast<std::size_t>(got)}));
        return true;
    }

    Result<void> finish() { return input_.finish(); }

  private:
    /// False where nothing has the name (now).
    Result<bool> open() {
        FileHandle opened(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));

        struct stat info {};

        if (opened.get() < 0 && errno == ENOENT) return false;
        if (opened.get() < 0 || ::fstat(opened.get(), &info) != 0) {
            return fail(
                errno == EACCES ? Errc::forbidden : Errc::not_found,
                fmt::format("cannot read {}: {}", printable(path_), std::strerror(errno))
            );
        }
        if (!S_ISREG(info.st_mode)) {
            return fail(
                Errc::invalid_argument,
                fmt::format("{} is no plain file; only those can be followed", printable(path_))
            );
        }
        file_ = std::move(opened);
        device_ = info.st_dev;
        inode_ = info.st_ino;
        taken_ = 0;
        return true;
    }

    /// At the end of what there is: whether the file was cut, or another has its name now.
    Result<bool> changed() {
        struct stat open_one {};

        struct stat named {};

        if (::fstat(file_.get(), &open_one) == 0 && open_one.st_size < taken_) {
            ENTENTE_CHECK(input_.restart());
            taken_ = 0;
            return ::lseek(file_.get(), 0, SEEK_SET) == 0;
        }
        // Who writes may go on with the old file until it has opened the new one.
        if (::stat(path_.c_str(), &named) != 0) return false;
        if (named.st_dev == device_ && named.st_ino == inode_) return false;
        // What was written between the last read and the change of names.
        if (open_one.st_size > taken_) return true;
        ENTENTE_CHECK(input_.restart());
        file_ = FileHandle();
        return true;
    }

    std::string path_;
    MatchInput input_;
    FileHandle file_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
    off_t taken_ = 0;
};

}  // namespace

Result<void> follow_files(const std::vector<std::string>& paths, const MatchShared& shared) {
    std::vector<std::unique_ptr<Followed>> files;
    for (const std::string& path : paths)
        files.push_back(std::make_unique<Followed>(path, shared));
    std::vector<char> piece(piece_bytes);
    std::uint64_t told = 0;
    while (!stop_requested()) {
        bool some = false;
        for (const auto& file : files) {
            ENTENTE_TRY(const bool more, file->go_on(piece));
            some = some || more;
        }
        if (shared.totals.hits > told) shared.context.out.flush();
        told = shared.totals.hits;
        // A signal ends the waiting; one just before it waits so long.
        if (!some) (void)::poll(nullptr, 0, look_again_ms);
    }
    for (const auto& file : files)
        ENTENTE_CHECK(file->finish());
    return {};
}

}  // namespace entente::cli
