#pragma once

// Ctrl-C and SIGTERM: commands look at a flag at points where stopping leaves nothing half-done.
#include "base/result.h"

#include <termios.h>

namespace entente::cli {

/// From now on SIGINT and SIGTERM only raise the flag (a second one ends the program at once);
/// SIGPIPE is ignored, so that a closed pipe is an error of the write. Blocking reads return early
/// (EINTR).
void catch_stop_signals();

/// What an end by a second signal puts back first: a terminal whose echo is off. One at a time;
/// `before` has to live until `forget_terminal`.
void remember_terminal(int fd, const termios& before) noexcept;
void forget_terminal() noexcept;

/// The flag. Threads: safe.
[[nodiscard]] bool stop_requested() noexcept;

/// Waits until there is something to read (or the end of it). False when the flag is up, also when
/// the signal comes just before the waiting: a read alone would wait on. For a descriptor below 0
/// it does not wait.
[[nodiscard]] bool wait_for_input(int fd) noexcept;

/// Fails conflict when the flag is up. For what waited for a person's words: they did not come.
[[nodiscard]] Result<void> go_on();

/// Lowers the flag; for tests.
void clear_stop_request() noexcept;

}  // namespace entente::cli
