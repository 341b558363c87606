#pragma once
// Zeek's logs as events (Zeek documentation: Zeek Log Formats), in both forms.
#include "base/result.h"
#include "match/event.h"
#include "match/field_map.h"

#include <memory>
#include <string_view>

namespace entente::match {

/// Reads one line after another: JSON, and the tab-separated form with its `#` lines, which say
/// what follows. The field map says which fields are taken, of any log that has them. Threads: one
/// at a time.
class ZeekReader {
  public:
    explicit ZeekReader(std::shared_ptr<const FieldMap> fields = default_fields());
    ~ZeekReader();
    ZeekReader(ZeekReader&&) noexcept;
    ZeekReader& operator=(ZeekReader&&) noexcept;

    /// Fills `event`; false for a line that is none (`#fields …`). Views in `event` live until the
    /// next call. Values are brought to one spelling (canonical.h). Fails malformed: no JSON
    /// object, a row before `#fields` or of another number of columns; too_large: over
    /// limits::match_event_bytes_max.
    [[nodiscard]] Result<bool> read(std::string_view line, Event& event);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::match
