#pragma once
// Which fields of which logs say what: one table that is built in and that a person extends.
#include "base/result.h"
#include "match/format.h"

#include <memory>
#include <string_view>

namespace entente::match {

struct FieldTree;

/// Threads: safe while nothing is added.
class FieldMap {
  public:
    /// With the built-in table.
    FieldMap();
    ~FieldMap();
    FieldMap(const FieldMap&) = delete;
    FieldMap& operator=(const FieldMap&) = delete;

    /// Adds the lines of `text`, which win over what is there: format, field and what the field
    /// says, parted by blanks or tabs. The format is eve, zeek, ecs, ocsf, sysmon or json; the
    /// field is its name, with points between the names of nested ones; what it says is an object
    /// path (docs/matching.md lists them; of others `type:property` or `type:property.property`), a
    /// word, or `-` for nothing. `#` begins a comment. Fails, with the line, keeping those before
    /// it: malformed; too_large (over limits::match_fields_max fields, a line over 4,096 bytes).
    [[nodiscard]] Result<void> add(std::string_view text);

    /// The built-in table in that form, with comments.
    [[nodiscard]] static std::string_view built_in() noexcept;

    /// For readers of events.
    [[nodiscard]] const FieldTree& tree(Format format) const noexcept;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// The built-in one alone.
[[nodiscard]] std::shared_ptr<const FieldMap> default_fields();

}  // namespace entente::match
