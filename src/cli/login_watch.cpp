#include "cli/login_watch.h"

#include "base/limits.h"
#include "base/log.h"

#include <chrono>

namespace entente::cli {

LoginWatch::LoginWatch(
    store::Store& store,
    exchange::StateCache& states,
    const taxii::Service& service,
    http::Server& server
)
    : store_(store),
      states_(states),
      service_(service),
      server_(server) {
    thread_ = std::thread([this] { run(); });
}

LoginWatch::~LoginWatch() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void LoginWatch::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        lock.unlock();
        try {
            look();
        } catch (const std::exception& error) {
            // Nothing to answer to anybody; it looks again.
            log::warning("cannot look for ended logins", {{"why", error.what()}});
        }
        lock.lock();
        wake_.wait_for(lock, std::chrono::milliseconds(limits::stop_seen_ms), [this] {
            return ending_;
        });
    }
}

void LoginWatch::look() {
    const auto snapshot = store_.snapshot();
    const std::uint64_t generation = snapshot->generation();
    if (generation == seen_) return;
    auto state = states_.get(*snapshot);
    seen_ = generation;
    server_.cut_off([state = std::move(state), &service = service_](const void* context) {
        return service.login_ended(context, *state);
    });
}

}  // namespace entente::cli
