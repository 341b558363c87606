#pragma once
// The tables, and how older ones become them.
#include "base/result.h"
#include "store/sqlite/internal/connection.h"

#include <cstdint>
#include <span>

namespace entente::store::sqlite {

/// Marks our files (SQLite's application_id): "Entt".
inline constexpr std::int64_t application_id = 0x456e7474;

/// Brings a database from version n to n + 1, where n is the step's index.
using Step = void (*)(Connection&);

/// The steps from nothing to `sqlite_schema_version`.
[[nodiscard]] std::span<const Step> steps() noexcept;

/// Runs the steps that the file has not seen yet, each in one transaction that also moves its
/// version. Throws StorageError. Fails: conflict when the file is newer than the last step; corrupt
/// when it is not ours.
[[nodiscard]] Result<void> migrate(Connection& connection, std::span<const Step> steps);

/// The schema version of the file, and whether it is ours. Fails as `migrate`.
[[nodiscard]] Result<std::int64_t> schema_version(Connection& connection, std::int64_t newest);

}  // namespace entente::store::sqlite
