#pragma once
// Telling partners how often their indicators were seen here (STIX 2.1, 5.2): as each agreement is
// set, after a person has looked, and only what that agreement lets cross to that party. What goes
// out tells an indicator, an hour and a count: nothing of what was seen, where, or when within the
// hour.
#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "exchange/caller.h"
#include "exchange/state_cache.h"
#include "exchange/writer.h"
#include "store/store.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

// ---- What is told of an agreement: a setting of this node, not a term of the agreement.

enum class Report : std::uint8_t {
    off,        // hits are counted and nothing is told
    review,     // a person decides on each sighting
    automatic,  // what nothing warns of goes out by itself
};

/// "off", "review", "auto".
[[nodiscard]] std::string_view report_name(Report report) noexcept;
/// Fails invalid_argument.
[[nodiscard]] Result<Report> read_report(std::string_view name);

struct ReportSetting {
    Report report = Report::review;
    std::uint64_t budget = limits::sightings_day_default;  // sightings to one party in a day (UTC)
    friend bool operator==(const ReportSetting&, const ReportSetting&) = default;
};

/// The settings of all agreements. One that is not set is under review.
class Reports {
  public:
    /// While the setting cannot be read, every one is off.
    explicit Reports(store::Snapshot& snapshot);
    [[nodiscard]] ReportSetting of(std::string_view agreement) const;

  private:
    std::map<std::string, ReportSetting, std::less<>> set_;
    bool damaged_ = false;
};

/// Sets one; a step of the agreement. Fails: not_found; invalid_argument: a budget above
/// limits::sightings_day_max.
[[nodiscard]] Result<void> set_report(
    store::Transaction& tx,
    const Clock& clock,
    std::string_view agreement,
    const ReportSetting& setting,
    store::UserNo user
);

// ---- Review

enum class Review : std::uint8_t { approve, decline };

struct Reviewer {
    store::UserNo user{};
    std::string person;
};

/// A person's word on sightings; all or none. Approved ones go out at the next `send_sightings`
/// that may send them, at the earliest when their hour is over. Acts. Fails: not_found; conflict:
/// decided on already, or one that never goes out.
[[nodiscard]] Result<void> review_sightings(
    store::Transaction& tx,
    Micros now,
    const Reviewer& reviewer,
    std::span<const store::SightingNo> numbers,
    Review review
);

/// Why a sighting stays here, in words; empty for one that is only waiting for a person or was
/// sent.
[[nodiscard]] std::string why_held(const store::Sighting& row);

/// What would go out of a sighting, and whether it would now.
struct SightingPreview {
    std::string object;                   // word for word; empty when it cannot be made
    std::string held;                     // why not now; empty = nothing stands against it
    store::CollectionNo through{};        // where it would stand; 0 = nowhere
    bool pushed = false;                  // sent to the party's server; else the party may fetch it
    std::vector<store::PartyNo> readers;  // other parties who would have it from that collection
};

/// Nothing of it is stored but the node's secret for ids, when it is the first. Fails not_found.
[[nodiscard]] Result<SightingPreview> preview_sighting(
    store::Transaction& tx, const Clock& clock, store::SightingNo no
);

// ---- Sending

struct SentSightings {
    std::size_t sent = 0;
    std::size_t held = 0;  // tried, and `Sighting::note` says what they wait for
};

/// What to try again of what could not go out.
enum class Again : std::uint8_t {
    some,  // what was not tried for limits::sighting_retry_us
    all,
};

/// Sends what is approved and whose hour is over: puts each into a collection that gives by its
/// agreement, asks there what a page for that party asks, and queues it for the party's server, if
/// one is set, with the record of handing it over. Tries limits::sightings_sent_at_once at most.
/// `state` as for record_hits; may be null.
SentSightings send_sightings(
    store::Transaction& tx,
    const Clock& clock,
    const std::shared_ptr<const State>& state,
    Again again
);

/// One look of a running server: sends what may go out. Opens a transaction only when there is
/// something to try. Throws StorageError.
void look_at_sightings(store::Store& store, StateCache& states, Writer& writer, const Clock& clock);

}  // namespace entente::exchange
