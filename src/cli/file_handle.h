#pragma once
// A file descriptor that closes itself.
#include <unistd.h>
#include <utility>

namespace entente::cli {

/// Owns a descriptor; -1 = none.
class FileHandle {
  public:
    FileHandle() = default;

    explicit FileHandle(int fd) noexcept : fd_(fd) {}

    FileHandle(FileHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

    FileHandle& operator=(FileHandle&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }

    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;

    ~FileHandle() {
        if (fd_ >= 0) (void)::close(fd_);
    }

    [[nodiscard]] int get() const noexcept { return fd_; }

  private:
    int fd_ = -1;
};

}  // namespace entente::cli
