#pragma once
// How many bytes of bodies all connections hold together.
#include <cstdint>
#include <mutex>
#include <utility>

namespace entente::http {

/// Threads: safe.
class Budget {
  public:
    explicit Budget(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    [[nodiscard]] bool take(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        if (bytes > bytes_max_ - used_) return false;
        used_ += bytes;
        return true;
    }

    void give_back(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        used_ -= bytes;
    }

    [[nodiscard]] std::uint64_t used() {
        const std::lock_guard lock(mutex_);
        return used_;
    }

  private:
    std::mutex mutex_;  // guards used_
    std::uint64_t used_ = 0;
    const std::uint64_t bytes_max_;
};

/// A part of a budget that goes back by itself. Threads: one at a time.
class Charge {
  public:
    /// Bodies up to this size are not counted: connections_max bounds their sum, and most requests
    /// stay below.
    static constexpr std::uint64_t free_bytes = 16U << 10U;

    explicit Charge(Budget& budget) : budget_(&budget) {}

    ~Charge() { release(); }

    Charge(Charge&& other) noexcept
        : budget_(other.budget_),
          bytes_(std::exchange(other.bytes_, 0)) {}

    Charge(const Charge&) = delete;
    Charge& operator=(const Charge&) = delete;
    Charge& operator=(Charge&&) = delete;

    /// Makes the part at least `bytes` large; false, with nothing changed, when the budget is used
    /// up.
    [[nodiscard]] bool grow_to(std::uint64_t bytes) {
        if (bytes <= free_bytes || bytes <= bytes_) return true;
        if (!budget_->take(bytes - bytes_)) return false;
        bytes_ = bytes;
        return true;
    }

    void release() {
        if (bytes_ > 0) budget_->give_back(std::exchange(bytes_, 0));
    }

  private:
    Budget* budget_;
    std::uint64_t bytes_ = 0;
};

}  // namespace entente::http
