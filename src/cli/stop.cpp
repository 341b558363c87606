#include "cli/stop.h"

#include <csignal>
#include <unistd.h>

namespace entente::cli {
namespace {

// The one global of the commands: signals have no other way in.
volatile std::sig_atomic_t stop_signals = 0;

extern "C" void on_stop(int) {
    if (stop_signals != 0) ::_exit(130);  // the user insists; transactions roll back by themselves
    stop_signals = 1;
}

}  // namespace

void catch_stop_signals() {
    struct sigaction action {};

    action.sa_handler = on_stop;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = 0;  // no SA_RESTART: a read that waits for a slow pipe has to end
    (void)::sigaction(SIGINT, &action, nullptr);
    (void)::sigaction(SIGTERM, &action, nullptr);
    (void)std::signal(SIGPIPE, SIG_IGN);
}

bool stop_requested() noexcept {
    return stop_signals != 0;
}

void clear_stop_request() noexcept {
    stop_signals = 0;
}

}  // namespace entente::cli
