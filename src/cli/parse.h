#pragma once
// The command line. Only parse.cpp sees the library that reads it.
#include "cli/context.h"

#include <optional>
#include <string>

namespace entente::cli {

/// What a command line asks for: a command to run, or a text (help, version, what is wrong).
struct Parsed {
    Action action;  // empty when there is only a text
    bool json = false;
    std::string text;  // for standard output when `exit` is ok, else for standard error
    Exit exit = Exit::ok;
};

[[nodiscard]] Parsed parse(int argc, const char* const* argv);

/// `git describe`-like version of the program.
[[nodiscard]] std::string_view version() noexcept;

}  // namespace entente::cli
