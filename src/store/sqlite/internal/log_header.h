#pragma once
// The header of SQLite's index of its write-ahead log, which all processes that have the database
// open share in memory (SQLite, "WAL-mode File Format", 2.1: the first 48 bytes, and a copy of them
// in the next 48).
#include "store/commits.h"
#include "store/sqlite/internal/connection.h"

#include <cstdint>
#include <optional>

namespace entente::store::sqlite {

/// Each commit of any process counts up the header's iChange and ends in another checksum of the
/// log, so equal headers mean that nothing was committed between. Threads: `read` is safe.
class LogHeader {
  public:
    /// REQUIRES: the connection has read in WAL mode, and stays open, unused by others at the
    /// moment, as long as this.
    explicit LogHeader(Connection& connection);

    /// Nothing while a commit writes it, or when this VFS shares no memory.
    [[nodiscard]] std::optional<CommitMark> read() const noexcept;

  private:
    const volatile std::uint64_t* header_ = nullptr;
};

}  // namespace entente::store::sqlite
