#pragma once
// The time limit of whatever a connection waits for.
#include "http/internal/core.h"

#include <chrono>
#include <memory>
#include <utility>

namespace entente::http {

/// The limit moves with every step of a connection, so the timer is set again only when it would
/// come too late: a busy connection touches it a few times a minute. Threads: the loop's.
class Deadline {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit Deadline(boost::asio::io_context& context) : timer_(context) {}

    /// `owner` contains this; it is told by `expire`, and lives at least until then or until
    /// `stop`.
    void set(TimePoint when, const std::shared_ptr<Connection>& owner) {
        passed_ = false;
        when_ = when;
        if (when < armed_) arm(when, owner);
    }

    /// No limit for now.
    void clear() { when_ = TimePoint::max(); }

    /// Whether the last limit set has passed.
    [[nodiscard]] bool passed() const noexcept { return passed_; }

    void stop() { timer_.cancel(); }

  private:
    void arm(TimePoint when, std::shared_ptr<Connection> owner) {
        armed_ = when;
        timer_.expires_at(when);
        auto on_timer = [this, owner = std::move(owner)](boost::system::error_code ec) {
            if (!ec) check(owner);
        };
        timer_.async_wait(std::move(on_timer));
    }

    void check(const std::shared_ptr<Connection>& owner) {
        armed_ = TimePoint::max();
        if (when_ == TimePoint::max()) return;
        if (std::chrono::steady_clock::now() < when_) {
            arm(when_, owner);
            return;
        }
        passed_ = true;
        owner->expire();
    }

    Timer timer_;
    TimePoint when_ = TimePoint::max();
    TimePoint armed_ = TimePoint::max();
    bool passed_ = false;
};

}  // namespace entente::http
