#pragma once
// Files that go on growing, and are put aside now and then.
#include "base/result.h"
#include "cli/context.h"
#include "cli/match_input.h"

#include <string>
#include <vector>

namespace entente::cli {

/// Reads `paths` to their ends and goes on with what is appended, until a signal asks to stop. A
/// file that was replaced (another file has its name) is read to its end before the new one is
/// begun; one that became shorter is read from its beginning. A name that is not there yet, or no
/// more, is waited for. Plain files only: what is compressed is not appended to. Fails as
/// MatchInput, and invalid_argument for what is no plain file. Throws StorageError when reading
/// fails.
[[nodiscard]] Result<void> follow_files(
    const std::vector<std::string>& paths, const MatchShared& shared
);

}  // namespace entente::cli
