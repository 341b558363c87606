#pragma once
// Making a new database file.
#include "base/result.h"
#include "store/sqlite/internal/connection.h"

#include <string>

namespace entente::store::sqlite {

/// Makes the database of `place` with all tables under another name, then gives it its own, so that
/// it is there whole or not at all. Fails: conflict when something has that name. Throws
/// StorageError.
[[nodiscard]] Result<void> create_database(const Place& place);

/// Makes an empty file of mode 0600 that was not there, of its directory's owner when root makes
/// it: SQLite keeps both. Throws StorageError.
void make_private_file(const std::string& path);

}  // namespace entente::store::sqlite
