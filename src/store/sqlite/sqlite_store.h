#pragma once
// The store on disk: one SQLite database (WAL, synchronous=FULL) in a directory. The only place
// that sees sqlite3.h. Several processes may have the same file open, each with a Store of its own.
#include "base/limits.h"
#include "base/result.h"
#include "store/store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace entente::store {

struct SqliteOptions {
    std::string file;     // path of the database
    bool create = false;  // make it if it is not there
    std::string vfs;      // name of a registered SQLite VFS; empty = the default (tests break it)
    int readers = 8;      // read connections kept open; more are opened while they are all in use
    std::uint64_t wal_bytes_max =
        256U << 20U;  // writers wait for a checkpoint above it; one transaction may pass it
    std::int64_t lock_wait_us = limits::lock_wait_us;  // then StorageError busy
};

/// The schema version this build writes. Older ones are migrated forward on opening; newer ones are
/// refused.
inline constexpr int sqlite_schema_version = 7;

/// A new database appears whole or not at all, with mode 0600 and, when root makes it, its
/// directory's owner. Fails: not_found (no database there), conflict (`create` and it is there, or
/// a newer schema), corrupt (not ours, or damaged at its head). Throws StorageError when the disk
/// does not do its work.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options);

/// Writes one consistent state of the database at `file` to the new file `to` (mode 0600), which
/// holds nothing that was removed. Others read and write on meanwhile; their log grows until it is
/// done. `tick` is told the bytes written now and then, and in all about; false ends the work.
/// Returns false when it did so; then, and when this throws, `to` is not there.
[[nodiscard]] bool copy_database(
    const std::string& file,
    const std::string& to,
    const std::function<bool(std::uint64_t done, std::uint64_t all)>& tick
);

/// Writes the whole database anew, so that nothing that was removed is left in it, also where
/// secure_delete does not reach (parts of pages that rows were moved out of). Writers wait
/// meanwhile; takes as much room again for a while. Throws StorageError.
void compact_database(const std::string& file);

}  // namespace entente::store
