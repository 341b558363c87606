#pragma once

// Ctrl-C and SIGTERM: commands look at a flag at points where stopping leaves nothing half-done.

namespace entente::cli {

/// From now on SIGINT and SIGTERM only raise the flag (a second one ends the program at once);
/// SIGPIPE is ignored, so that a closed pipe is an error of the write. Blocking reads return early
/// (EINTR).
void catch_stop_signals();

/// The flag. Threads: safe.
[[nodiscard]] bool stop_requested() noexcept;

/// Lowers the flag; for tests.
void clear_stop_request() noexcept;

}  // namespace entente::cli
