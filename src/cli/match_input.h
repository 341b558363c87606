#pragma once
// One input of `entente match`: from its bytes to hits that are told.
#include "cli/context.h"
#include "cli/lines.h"
#include "cli/match_indicators.h"
#include "match/event_reader.h"
#include "match/watch.h"
#include "stix/envelope.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace entente::cli {

/// Of all inputs.
struct MatchTotals {
    std::uint64_t events = 0;
    std::uint64_t hits = 0;
    std::uint64_t unreadable = 0;
    match::WatchCounts counts;
};

/// What all inputs share. All outlive them.
struct MatchShared {
    const IndicatorFiles& indicators;
    std::shared_ptr<const match::Snapshot> snapshot;
    std::shared_ptr<const match::FieldMap> fields;
    match::WatchOptions watching;
    std::optional<match::Format> format;
    MatchTotals& totals;
    Context& context;
};

/// A stream of its own: patterns over several observations join only what it holds. Threads: one at
/// a time.
class MatchInput {
  public:
    MatchInput(std::string path, const MatchShared& shared);

    /// Decoded bytes. Fails: what it holds as a whole is nothing that can be read; single events
    /// that cannot are counted, and the first few are told.
    [[nodiscard]] Result<void> feed(std::string_view bytes);
    /// The end. Once.
    [[nodiscard]] Result<void> finish();
    /// The file begins afresh (it was rotated): lines count from 1 again, and what patterns wait
    /// with stays. REQUIRES: `finish` was not called.
    [[nodiscard]] Result<void> restart();

  private:
    enum class Mode : std::uint8_t { undecided, lines, objects, whole };

    [[nodiscard]] Result<void> decide();
    [[nodiscard]] Result<void> pass(std::string_view bytes);
    [[nodiscard]] Result<void> end_of_text();
    void begin();
    void one(std::string_view text, std::uint64_t number, bool cut);
    void look(const match::Event& event);
    void tell(const match::Hit& hit, const match::Event& event);

    std::string path_;
    const MatchShared& shared_;
    match::Watch watch_;
    std::optional<match::EventReader> reader_;
    std::optional<stix::Cutter> cutter_;
    std::optional<LineCutter> lines_;
    Mode mode_ = Mode::undecided;
    std::string head_;
    std::uint64_t number_ = 0;  // of the line or object
    std::uint64_t before_ = 0;  // the last number of the files before this one
};

}  // namespace entente::cli
