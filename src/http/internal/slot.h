#pragma once
// One answer on its way from any thread to the coroutine of a connection.
#include "http/http.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace entente::http {

using Executor = boost::asio::io_context::executor_type;

/// What comes back from the workers for a request; both empty when the server ends.
struct Outcome {
    std::optional<Admission> admission;
    std::optional<Response> response;
};

/// 1. The first `deliver` counts; the coroutine wakes once, on its own thread.
/// 2. After a delivery nothing here refers to the connection or the server, so late callers may
/// keep it for ever. Threads: safe.
class Slot {
  public:
    using Wake =
        boost::asio::async_result<boost::asio::use_awaitable_t<Executor>, void()>::handler_type;

    /// REQUIRES: called once, before anyone can deliver.
    void arm(Executor executor, Wake wake) {
        const std::lock_guard lock(mutex_);
        executor_.emplace(executor);
        wake_.emplace(std::move(wake));
    }

    /// True for the first call.
    bool deliver(Outcome outcome) {
        std::optional<Executor> executor;
        std::optional<Wake> wake;
        {
            const std::lock_guard lock(mutex_);
            if (delivered_) return false;
            delivered_ = true;
            outcome_ = std::move(outcome);
            executor.swap(executor_);
            wake.emplace(std::move(*wake_));
            wake_.reset();
        }
        boost::asio::post(*executor, std::move(*wake));
        return true;
    }

    /// The request was admitted with this and is being handled.
    void admitted_with(std::shared_ptr<void> context) {
        const std::lock_guard lock(mutex_);
        context_ = std::move(context);
    }

    /// Null before that.
    [[nodiscard]] std::shared_ptr<void> context() const {
        const std::lock_guard lock(mutex_);
        return context_;
    }

    [[nodiscard]] Outcome take() {
        const std::lock_guard lock(mutex_);
        return std::move(outcome_);
    }

  private:
    mutable std::mutex mutex_;       // guards everything
    std::shared_ptr<void> context_;  // shared: the handler's
    bool delivered_ = false;
    Outcome outcome_;
    std::optional<Executor> executor_;
    std::optional<Wake> wake_;
};

}  // namespace entente::http
