#pragma once
// Whether the machine's time can be trusted. It cannot when it lies far behind the newest date that
// was given, or jumped against the clock that only counts on. Dates given to objects go on from the
// last one in any case; what depends on dates of agreements waits until a person has looked.
#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace entente::exchange {

struct ClockDoubt {
    Micros since;  // what the clock said when it was noticed
    std::string why;
    friend bool operator==(const ClockDoubt&, const ClockDoubt&) = default;
};

/// What was noticed and not been accepted since; kept as a setting of the store.
[[nodiscard]] std::optional<ClockDoubt> clock_doubt_of(store::Snapshot& snapshot);

/// The newest date that an entry or late row of these collections has; 0 when there is none.
[[nodiscard]] Micros newest_date(
    store::Snapshot& snapshot, std::span<const store::Collection> collections
);

/// Why `now` cannot be: it is more than limits::clock_behind_max_us before the newest date, and a
/// person has not accepted it as it stands. Nothing when it can. Cost: one row a collection.
[[nodiscard]] std::optional<std::string> behind_dates(
    store::Snapshot& snapshot, std::span<const store::Collection> collections, Micros now
);

/// Notices jumps. Threads: one at a time.
class ClockWatch {
  public:
    explicit ClockWatch(const Clock& clock);
    /// What happened since the last look, if the wall clock moved by limits::clock_jump_max_us more
    /// or less than time passed. Steps smaller than that are not noticed, however many.
    [[nodiscard]] std::optional<std::string> jumped();

  private:
    const Clock& clock_;
    Micros wall_;
    std::int64_t monotonic_us_;
};

/// Puts the clock in doubt, with an act; no effect when it is. Acts on every request that begins
/// after the commit, also of other processes.
void doubt_clock(store::Transaction& tx, Micros now, const std::string& why);

/// Ends the doubt: `person` says that `now` is right. An act. Fails: conflict, when nothing is
/// wrong.
[[nodiscard]] Result<ClockDoubt> accept_clock(
    store::Transaction& tx, Micros now, std::string_view person
);

}  // namespace entente::exchange
