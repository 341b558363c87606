#pragma once
// How many requests wait for a worker, and which of them have waited too long.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace entente::http {

/// More work than can be done is refused early and cheaply: beyond a number of waiting requests at
/// once, and when its turn comes after too long a time, because whoever sent it has little use for
/// a late answer and those behind would wait still longer. Threads: safe.
class Backlog {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    Backlog(std::size_t waiting_max, std::int64_t wait_ms_max)
        : waiting_max_(waiting_max),
          wait_max_(wait_ms_max) {}

    /// Counts a request in; false when it is to be refused.
    [[nodiscard]] bool enter() {
        const std::lock_guard lock(mutex_);
        if (waiting_ >= waiting_max_) {
            ++refused_;
            return false;
        }
        ++waiting_;
        return true;
    }

    /// The turn of a request has come that was counted in at `since`; false when it is to be
    /// refused.
    [[nodiscard]] bool leave(TimePoint since, TimePoint now) {
        const std::lock_guard lock(mutex_);
        --waiting_;
        if (now - since <= wait_max_) return true;
        ++refused_;
        return false;
    }

    struct Counts {
        std::size_t waiting = 0;
        std::uint64_t refused = 0;  // since the beginning
    };

    [[nodiscard]] Counts counts() {
        const std::lock_guard lock(mutex_);
        return {waiting_, refused_};
    }

  private:
    const std::size_t waiting_max_;
    const std::chrono::milliseconds wait_max_;
    std::mutex mutex_;  // guards what follows
    std::size_t waiting_ = 0;
    std::uint64_t refused_ = 0;
};

}  // namespace entente::http
