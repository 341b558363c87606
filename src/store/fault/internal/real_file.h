#pragma once
// The two ways to a file on the real disk.
#include "store/fault/internal/disk.h"

#include <sqlite3.h>

#include <cstdint>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::store::fault {

/// A file as the VFS below opened it.
class SqliteFile final : public RealFile {
  public:
    explicit SqliteFile(sqlite3_file* file) : file_(file) {}

    int read(void* to, std::uint64_t bytes, std::uint64_t at) override {
        return file_->pMethods->xRead(file_, to, static_cast<int>(bytes), signed_of(at));
    }

    int write(const void* from, std::uint64_t bytes, std::uint64_t at) override {
        return file_->pMethods->xWrite(file_, from, static_cast<int>(bytes), signed_of(at));
    }

    int truncate(std::uint64_t bytes) override {
        return file_->pMethods->xTruncate(file_, signed_of(bytes));
    }

    std::uint64_t size() override {
        sqlite3_int64 bytes = 0;
        if (file_->pMethods->xFileSize(file_, &bytes) != SQLITE_OK) return 0;
        return static_cast<std::uint64_t>(bytes);
    }

  private:
    static sqlite3_int64 signed_of(std::uint64_t n) { return static_cast<sqlite3_int64>(n); }

    sqlite3_file* file_;
};

/// A file that no connection has open: closing a descriptor beside SQLite's would drop its locks.
class ClosedFile final : public RealFile {
  public:
    explicit ClosedFile(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {}

    ~ClosedFile() override {
        if (fd_ >= 0) ::close(fd_);
    }

    ClosedFile(const ClosedFile&) = delete;
    ClosedFile& operator=(const ClosedFile&) = delete;

    int read(void* to, std::uint64_t bytes, std::uint64_t at) override {
        return ::pread(fd_, to, bytes, static_cast<off_t>(at)) < 0 ? SQLITE_IOERR : SQLITE_OK;
    }

    int write(const void* from, std::uint64_t bytes, std::uint64_t at) override {
        const ssize_t written = ::pwrite(fd_, from, bytes, static_cast<off_t>(at));
        return written == static_cast<ssize_t>(bytes) ? SQLITE_OK : SQLITE_IOERR;
    }

    int truncate(std::uint64_t bytes) override {
        return ::ftruncate(fd_, static_cast<off_t>(bytes)) == 0 ? SQLITE_OK : SQLITE_IOERR;
    }

    std::uint64_t size() override {
        struct stat s {};

        return ::fstat(fd_, &s) == 0 ? static_cast<std::uint64_t>(s.st_size) : 0;
    }

  private:
    int fd_;
};

}  // namespace entente::store::fault
