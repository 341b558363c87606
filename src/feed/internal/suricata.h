#pragma once
// Rules and lists of Suricata 7: docs.suricata.io, "Rules Format", "Datasets", "File Keywords".
#include "feed/write.h"

#include <span>
#include <vector>

namespace entente::feed::internal {

enum class Style : std::uint8_t { datasets, rules };

/// As feed::has_rule.
[[nodiscard]] bool fits_rule(const Value& value);

[[nodiscard]] std::vector<File> suricata(
    std::span<const Entry> entries, const WriteOptions& options, Style style
);

}  // namespace entente::feed::internal
