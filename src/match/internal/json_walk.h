#pragma once
// Reading the fields of one JSON object that a tree of fields names.
#include "base/result.h"
#include "match/internal/field_tree.h"
#include "match/internal/record.h"

#include <memory>
#include <string_view>

namespace entente::match {

/// Threads: one at a time. What `record` was given lives until the next walk.
class JsonWalk {
  public:
    JsonWalk();
    ~JsonWalk();
    JsonWalk(JsonWalk&&) noexcept;
    JsonWalk& operator=(JsonWalk&&) noexcept;

    /// Texts, numbers and flags of known fields; lists give each of their elements. Names with
    /// points are as good as nested objects. Fails malformed: no JSON object, or a part that was
    /// looked at is broken.
    [[nodiscard]] Result<void> walk(std::string_view line, const FieldTree& fields, Record& record);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::match
