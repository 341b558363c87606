#pragma once
// JSON logs whose fields a table names as events: Elastic Common Schema, Open Cybersecurity Schema
// Framework, Sysmon and the Windows event log, and what a person maps.
#include "base/result.h"
#include "match/event.h"
#include "match/field_map.h"
#include "match/format.h"

#include <memory>
#include <string_view>

namespace entente::match {

/// Reads one event after another. Threads: one at a time.
class JsonLogReader {
  public:
    /// `format`: ecs, ocsf, sysmon or json.
    JsonLogReader(Format format, std::shared_ptr<const FieldMap> fields);
    ~JsonLogReader();
    JsonLogReader(JsonLogReader&&) noexcept;
    JsonLogReader& operator=(JsonLogReader&&) noexcept;

    /// Fills `event` from one line. Views in `event` live until the next call; `line` may go.
    /// Values are brought to one spelling (canonical.h). Fails malformed: no JSON object, or a part
    /// that was needed is broken; too_large: over limits::match_event_bytes_max.
    [[nodiscard]] Result<void> read(std::string_view line, Event& event);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::match
