#pragma once
// The functions behind the rows of what should be (should_21.cpp, should_20.cpp): each adds
// recommendations and breaks nothing. `seen[i]` is the i-th property of the row. They are called
// only where recommendations are looked for.
#include "stix/internal/types.h"

#include <string_view>

namespace entente::stix::internal {

void recommend_unique_versions(Check& check, const Seen& seen);  // 203: objects
void recommend_relationship(
    Check& check, const Seen& seen
);  // 202: relationship_type source_ref target_ref
void recommend_marking_extension(
    Check& check, const Seen& seen
);                                                                // 401: definition_type extensions
void recommend_product_spelling(Check& check, const Seen& seen);  // 143: product
void recommend_priority_class(Check& check, const Seen& seen);    // 149: priority
void recommend_both_ports(Check& check, const Seen& seen);        // 301: src_port dst_port
void recommend_name_and_description(Check& check, const Seen& seen);   // 303: name description
void recommend_extension_description(Check& check, const Seen& seen);  // 305: description

/// One relationship that the standard names: `targets` by blanks; `sco` stands for all
/// cyber-observables.
struct RelationshipRow {
    std::string_view source;
    std::string_view type;
    std::string_view targets;
};

/// How a relationship fits the standard's (STIX 2.1, 3.7, appendix B; STIX 2.0, part 2, appendix
/// A).
enum class Fit : std::uint8_t {
    right,
    same_type_wanted,
    source_unknown,
    type_unknown,
    target_unknown
};

/// REQUIRES: three names of types. `is_20`: by STIX 2.0's tables.
[[nodiscard]] Fit fit_of_relationship(
    std::string_view type, std::string_view source, std::string_view target, bool is_20
) noexcept;

/// All rows, sorted by source and type, for documentation and tests.
[[nodiscard]] std::span<const RelationshipRow> relationship_rows(bool is_20) noexcept;

}  // namespace entente::stix::internal
