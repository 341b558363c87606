#pragma once
// Collects one message body: undoes gzip, keeps to a size limit and to the budget of all bodies.
#include "base/gunzip.h"
#include "http/internal/budget.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace entente::http {

/// Threads: one at a time.
class BodyCollector {
  public:
    enum class State : std::uint8_t { ok, too_large, broken, busy };

    /// `bytes_max` counts decoded bytes. `budget` must outlive this.
    BodyCollector(std::uint64_t bytes_max, bool gunzip, Budget& budget);

    /// Says how many bytes will be given (Content-Length), so that memory is asked for in fewer
    /// steps.
    void expect(std::uint64_t bytes) { expected_ = bytes; }

    /// The first answer other than `ok` is final.
    State append(std::string_view bytes);
    /// To be called at the end: an unfinished gzip stream is `broken`.
    State finish();

    [[nodiscard]] State state() const noexcept { return state_; }

    /// The bytes of the body, which stay counted until the collector dies.
    [[nodiscard]] std::string take() { return std::move(body_); }

    /// The encoded bytes given so far.
    [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

  private:
    State append_plain(std::string_view bytes);
    State append_gzip(std::string_view bytes);

    const std::uint64_t bytes_max_;
    std::optional<Gunzip> gunzip_;
    Charge charge_;
    std::string body_;
    std::uint64_t expected_ = 0;
    std::uint64_t received_ = 0;
    State state_ = State::ok;
};

/// The status to refuse a request with whose body came to this; 0 = none.
[[nodiscard]] int status_of(BodyCollector::State state) noexcept;

}  // namespace entente::http
