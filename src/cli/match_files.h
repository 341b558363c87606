#pragma once
// Files of events at once, on as many threads as there are cores: hits are told in the order of the
// files all the same.
#include "cli/match_input.h"

#include <string>
#include <vector>

namespace entente::cli {

/// Reads all of `paths`. What comes of a file before its turn waits, up to a bound; then its
/// reading waits. Fails: as MatchInput and decode_file, for the first file that fails; what came of
/// others until then is told.
[[nodiscard]] Result<void> match_files(
    const std::vector<std::string>& paths, const MatchShared& shared, Progress::Mode progress
);

}  // namespace entente::cli
