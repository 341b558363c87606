#pragma once
// Secrets come from standard input, never from the command line, where every user of the machine
// could read them.
#include "base/result.h"

#include <cstdio>
#include <string>

namespace entente::cli {

/// The first line of `in` without its line end, at most 1,024 bytes. On a terminal it asks, twice,
/// without echo. Fails: invalid_argument (nothing there, too long, not UTF-8, the two differ).
[[nodiscard]] Result<std::string> read_password(std::FILE* in, std::FILE* err);

}  // namespace entente::cli
