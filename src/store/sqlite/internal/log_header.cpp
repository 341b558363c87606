#include "store/sqlite/internal/log_header.h"

#include <sqlite3.h>

#include <cstddef>

namespace entente::store::sqlite {
namespace {

constexpr int region_bytes = 32'768;  // as SQLite maps the index, piece by piece

/// Word by word, and no read that comes later is done before it (a fence would do, too, but
/// ThreadSanitizer does not know fences).
CommitMark copy(const volatile std::uint64_t* from) noexcept {
    CommitMark mark{};
    for (std::size_t i = 0; i < mark.size(); ++i)
        mark[i] = __atomic_load_n(from + i, __ATOMIC_SEQ_CST);
    return mark;
}

}  // namespace

LogHeader::LogHeader(Connection& connection) {
    sqlite3_file* file = nullptr;
    const int found =
        sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (found != SQLITE_OK || file == nullptr || file->pMethods == nullptr) return;
    const sqlite3_io_methods& methods = *file->pMethods;
    if (methods.iVersion < 2 || methods.xShmMap == nullptr) return;
    // The connection has mapped it already; a file opened beside it would, on being closed, drop
    // this process's locks (POSIX, fcntl).
    volatile void* memory = nullptr;
    if (methods.xShmMap(file, 0, region_bytes, 0, &memory) != SQLITE_OK) return;
    header_ = static_cast<const volatile std::uint64_t*>(memory);
}

std::optional<CommitMark> LogHeader::read() const noexcept {
    if (header_ == nullptr) return std::nullopt;
    // SQLite writes the second copy first and reads the first one first: equal copies are whole.
    const CommitMark first = copy(header_);
    const CommitMark second = copy(header_ + first.size());
    if (first != second) return std::nullopt;
    return first;
}

}  // namespace entente::store::sqlite
