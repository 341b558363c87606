#include "cli/stop.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <unistd.h>

namespace entente::cli {
namespace {

// The only globals of the commands: signals have no other way in.
std::atomic<int> stop_signals = 0;  // threads look at it, too
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may take no lock");
volatile std::sig_atomic_t silent_fd = -1;
const termios* silent_before = nullptr;

extern "C" void on_stop(int) {
    if (stop_signals != 0) {
        // The user insists; transactions roll back by themselves, the terminal does not.
        if (silent_fd >= 0) (void)::tcsetattr(silent_fd, TCSANOW, silent_before);
        ::_exit(130);
    }
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

void remember_terminal(int fd, const termios& before) noexcept {
    silent_before = &before;
    silent_fd = fd;
}

void forget_terminal() noexcept {
    silent_fd = -1;
}

bool wait_for_input(int fd) noexcept {
    sigset_t stops;
    sigset_t before;
    ::sigemptyset(&stops);
    ::sigaddset(&stops, SIGINT);
    ::sigaddset(&stops, SIGTERM);
    (void)::pthread_sigmask(SIG_BLOCK, &stops, &before);
    pollfd input{.fd = fd, .events = POLLIN, .revents = 0};
    // Signals are let in while it waits, and at no moment between the look at the flag and that.
    while (fd >= 0 && !stop_requested() && ::ppoll(&input, 1, nullptr, &before) < 0) {
        if (errno != EINTR) break;
    }
    (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return !stop_requested();
}

Result<void> go_on() {
    if (!stop_requested()) return {};
    return fail(Errc::conflict, "stopped; nothing was done");
}

bool stop_requested() noexcept {
    return stop_signals != 0;
}

void clear_stop_request() noexcept {
    stop_signals = 0;
}

}  // namespace entente::cli
