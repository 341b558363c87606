#pragma once
// The hits of late, for readers that hear of each as it comes.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::watch {

/// Keeps the last limits::watch_ring_hits_max hits, or limits::watch_ring_bytes_max of them, as
/// lines of JSON with rising numbers. Threads: safe.
class Ring {
  public:
    /// `mark` tells this run of the program from others: numbers begin at 1 in each.
    explicit Ring(std::string mark) : mark_(std::move(mark)) {}

    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    /// What a reader gets: hits after the number that it gave.
    struct Batch {
        std::vector<std::pair<std::uint64_t, std::string>> hits;  // none: nothing for a while
        std::uint64_t last = 0;                                   // the number to go on from
        bool lost = false;  // some after the number that was given are gone
    };

    /// Nothing: the reader is to end.
    using Then = std::function<void(std::optional<Batch>)>;
    using Waiting = std::uint64_t;

    void add(std::vector<std::string> hits);

    /// Calls `then` once: now, when there are hits after `after`; else when there are, when
    /// `heartbeat` finds that it has waited long, or at the end. `now_us` is monotonic.
    void next(std::uint64_t after, std::int64_t now_us, Then then);

    /// Those who have waited for limits::watch_heartbeat_ms get a batch of nothing.
    void heartbeat(std::int64_t now_us);

    /// Everybody's end, now and from now on.
    void end();

    /// The number of the last hit; where a reader begins that asks for no more than what comes.
    [[nodiscard]] std::uint64_t last() const;
    /// "MARK-NUMBER": a hit's name for readers, and back: the number, or 0 for the name of another
    /// run, from which on all that is kept is new. Nothing for what is no name.
    [[nodiscard]] std::string name(std::uint64_t number) const;
    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name) const;

  private:
    struct Reader {
        std::uint64_t after = 0;
        std::int64_t since_us = 0;
        Then then;
    };

    [[nodiscard]] Batch batch_after(std::uint64_t after) const;

    const std::string mark_;
    mutable std::mutex mutex_;  // guards what follows
    std::deque<std::string> hits_;
    std::size_t bytes_ = 0;
    std::uint64_t last_ = 0;  // the number of hits_.back()
    std::vector<Reader> readers_;
    bool ended_ = false;
};

}  // namespace entente::watch
