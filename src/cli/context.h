#pragma once
// What every command gets beside its options, and what all options have in common.
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/progress.h"

#include <cstdio>
#include <functional>
#include <string>

namespace entente::cli {

/// Options that every command on a directory has.
struct Common {
    std::string data;       // --data or ENTENTE_DATA
    bool json = false;      // --json
    bool progress = false;  // --progress: also when standard error is no terminal
};

/// The command's surroundings. All outlive the command.
struct Context {
    Output& out;
    std::FILE* in;   // standard input
    std::FILE* err;  // standard error: notes, progress
    const Clock& clock;
    Random& random;

    /// A remark on standard error, escaped, with "entente: " before it.
    void note(std::string_view text) const;

    [[nodiscard]] Progress::Mode progress_mode(const Common& common) const {
        return Progress::mode_for(err, common.progress);
    }
};

/// A command line that was understood: runs the command.
using Action = std::function<Result<Exit>(Context&)>;

}  // namespace entente::cli
