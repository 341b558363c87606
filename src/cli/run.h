#pragma once
// From a command line to an exit code.
#include <cstdio>

namespace entente::cli {

/// Runs one command; every failure becomes one line on `err` (with --json one JSON object) and an
/// exit code. Never throws.
[[nodiscard]] int run(
    int argc, const char* const* argv, std::FILE* in, std::FILE* out, std::FILE* err
) noexcept;

}  // namespace entente::cli
