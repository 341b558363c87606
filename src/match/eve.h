#pragma once
// Suricata's EVE JSON as events (Suricata user guide, 15.1: eve.json format).
#include "base/result.h"
#include "match/event.h"
#include "match/field_map.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace entente::match {

/// Reads one event after another. Threads: one at a time.
class EveReader {
  public:
    /// `fields` may name further fields; without, those of Suricata alone.
    explicit EveReader(std::shared_ptr<const FieldMap> fields = nullptr);
    ~EveReader();
    EveReader(EveReader&&) noexcept;
    EveReader& operator=(EveReader&&) noexcept;

    /// Fills `event` from one line: both ends of a flow with names and ports, queries and answers
    /// of DNS (versions 1 to 3), HTTP, TLS, files, mail, hardware addresses. Values are brought to
    /// one spelling (canonical.h). Views in `event` live until the next call; `line` may go. Fails
    /// malformed: no JSON object, or a part that was needed is broken; too_large: over
    /// limits::match_event_bytes_max. What an event has no objects for, as statistics, is an event
    /// without objects. Properties of a wrong type are as if they were not there.
    [[nodiscard]] Result<void> read(std::string_view line, Event& event);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::match
