#pragma once
// Matching one stream of events against a set of indicators.
#include "match/event.h"
#include "match/indicators.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace entente::match {

struct WatchOptions {
    enum class Times : std::uint8_t {
        observed,  // an indicator hits only what was seen while it was valid
        any        // whatever the time: for looking through what was stored before
    };

    Times times = Times::observed;
    /// What an event without a time (its first and last are zero) is taken for; zero: any time.
    Micros now{};
};

/// What an event hit.
struct Hit {
    Key key = 0;
    /// The object path and value by which the indicator was found, one of several perhaps; the
    /// value is empty where it is no text. The views live until the next `look`.
    std::string_view path;
    std::string_view value;
    /// The events of one match, rising, `number` among them; several for patterns over several
    /// observations.
    std::vector<std::uint64_t> events;
};

/// What was counted since the watch began.
struct WatchCounts {
    std::uint64_t events = 0;
    std::uint64_t values = 0;      // that some pattern asks for
    std::uint64_t candidates = 0;  // expressions judged in full
    std::uint64_t hits = 0;
    std::uint64_t cut = 0;        // events on which something was left out because of a bound
    std::uint64_t undecided = 0;  // judgements that reached a bound
    std::uint64_t forgotten = 0;  // observations that a pattern waited with and that were dropped
    std::uint64_t untimely = 0;  // indicators found in an event of a time at which they do not hold
};

/// One stream of events, as of one sensor or file. Patterns over several observations join only
/// events of one stream. Threads: one at a time; watches share snapshots freely.
class Watch {
  public:
    explicit Watch(std::shared_ptr<const Snapshot> indicators, const WatchOptions& options = {});
    ~Watch();
    Watch(Watch&&) noexcept;
    Watch& operator=(Watch&&) noexcept;

    /// Goes on with another state of the set. What patterns wait with stays for those that are in
    /// both; what was withdrawn is silent from the next event on.
    void use(std::shared_ptr<const Snapshot> indicators);

    /// What `event` hits, one Hit for each indicator, by key. `number` is the caller's, rising.
    /// Time is bounded by limits::match_event_*; when one is reached, `was_cut` holds and hits may
    /// be missing, but none is wrong. The result lives until the next call.
    [[nodiscard]] const std::vector<Hit>& look(const Event& event, std::uint64_t number);

    /// Whether the last `look` left something out.
    [[nodiscard]] bool was_cut() const noexcept;

    [[nodiscard]] const WatchCounts& counts() const noexcept;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::match
