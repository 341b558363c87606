#pragma once
// Lines of any known format as events.
#include "base/result.h"
#include "match/event.h"
#include "match/field_map.h"
#include "match/format.h"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace entente::match {

/// Reads one line after another, told what it is or finding out by the first that says something.
/// Threads: one at a time.
class EventReader {
  public:
    explicit EventReader(
        std::optional<Format> format = std::nullopt,
        std::shared_ptr<const FieldMap> fields = default_fields()
    );
    ~EventReader();
    EventReader(EventReader&&) noexcept;
    EventReader& operator=(EventReader&&) noexcept;

    /// Calls `take` for each event in `line`, mostly one; none for blank lines and comments. Views
    /// in an event live until `take` returns. Fails as the reader of the format; the next line may
    /// be read all the same.
    [[nodiscard]] Result<void> read(
        std::string_view line, const std::function<void(const Event&)>& take
    );

    /// What it was told, or found out.
    [[nodiscard]] std::optional<Format> format() const noexcept;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::match
