#pragma once
// Files that commands make, and that were not there before.
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace entente::cli {

enum class Readers : std::uint8_t { owner, all };

/// Fails as `write_new_file` would: for commands that ask a person, or sign, before they write.
/// Fails: conflict, not_found (no such directory).
[[nodiscard]] Result<void> check_new_file(const std::string& path);

/// Makes a file that was not there: whole and durable on return, and after a crash whole or not
/// there. A file for its owner has the mode 0600 from the first moment. Fails: conflict (something
/// is there already: nothing is ever overwritten, nor a link followed), forbidden, not_found (no
/// such directory). Throws StorageError, with nothing left behind.
[[nodiscard]] Result<void> write_new_file(
    const std::string& path, std::string_view text, Readers readers
);

}  // namespace entente::cli
