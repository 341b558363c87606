#pragma once
// The exit codes of every command; docs/cli.md and `entente help exit-codes` explain them to users.
#include "base/result.h"

namespace entente::cli {

enum class Exit : int {
    ok = 0,
    findings = 1,  // it worked, and found a problem or nothing at all
    usage = 2,     // the command line is wrong
    refused = 3,   // the input, or some of it, was not taken
    state = 4,     // not found, exists already, or not allowed as things stand
    broken = 5,    // disk, database or network failed
    // `validate` has the codes of the reference checker, which are put together by OR.
    unsound = 2,
    unreadable = 16,
    interrupted = 130  // stopped by Ctrl-C or SIGTERM at a safe point (128 + SIGINT)
};

/// The exit code of a failure. One switch for all commands.
[[nodiscard]] constexpr Exit exit_of(Errc code) noexcept {
    switch (code) {
        case Errc::invalid_argument:
            return Exit::usage;
        case Errc::malformed:
        case Errc::unprocessable:
        case Errc::too_large:
        case Errc::not_acceptable:
        case Errc::unsupported_media_type:
            return Exit::refused;
        case Errc::not_found:
        case Errc::conflict:
        case Errc::unauthorized:
        case Errc::forbidden:
            return Exit::state;
        case Errc::corrupt:
        case Errc::overloaded:
            return Exit::broken;
    }
    return Exit::broken;
}

}  // namespace entente::cli
