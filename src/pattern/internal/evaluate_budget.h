#pragma once
// What one evaluation may cost, so that no pattern and no observation makes it explode (P28).
#include <cstdint>
#include <string>
#include <utility>

namespace entente::pattern {

/// Counts steps down. A step is some nanoseconds of work. Threads: one at a time.
class Budget {
  public:
    explicit Budget(std::uint64_t steps) noexcept : left_(steps), search_left_(steps / 2) {}

    /// False, from then on for good, when the steps are used up.
    [[nodiscard]] bool spend(std::uint64_t steps) noexcept {
        if (steps > left_) {
            left_ = 0;
            spent_ = true;
        } else {
            left_ -= steps;
        }
        return !spent_;
    }

    /// For regular expressions, which get half of all at most, so that the rest of the pattern can
    /// still be judged. False when that is used up.
    [[nodiscard]] bool spend_searching(std::uint64_t steps) noexcept {
        if (steps > search_left_) {
            search_left_ = 0;
            return false;
        }
        search_left_ -= steps;
        return spend(steps);
    }

    [[nodiscard]] std::uint64_t left() const noexcept { return left_; }

    [[nodiscard]] bool spent() const noexcept { return spent_; }

    /// Some test could not be decided and counts as false: "no match" is then not certain. The
    /// first reason is kept.
    void doubt(std::string why) {
        if (why_.empty()) why_ = std::move(why);
    }

    [[nodiscard]] const std::string& why() const noexcept { return why_; }

  private:
    std::uint64_t left_;
    std::uint64_t search_left_;
    bool spent_ = false;
    std::string why_;
};

}  // namespace entente::pattern
