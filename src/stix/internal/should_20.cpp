// What STIX 2.0 recommends beyond what forms and vocabularies of single properties say.
#include "stix/internal/should_rules.h"
#include "stix/internal/types_20.h"

namespace entente::stix::internal {
namespace {

constexpr TieRow rows[] = {
    {"bundle",
     Tie::check,
     "objects",
     "S28",
     recommend_unique_versions,
     "no two objects should have the same id and modified (203)"},
    {"network-traffic",
     Tie::check,
     "src_port dst_port",
     "S52",
     recommend_both_ports,
     "both ports should be there (301)"},
    {"relationship",
     Tie::check,
     "relationship_type source_ref target_ref",
     "S58",
     recommend_relationship,
     "should be one of the standard's for its two ends (202)"},
    {"windows-process-ext",
     Tie::check,
     "priority",
     "S55",
     recommend_priority_class,
     "priority should end in _CLASS (149)"},
};

}  // namespace

std::span<const TieRow> recommended_20() noexcept {
    return rows;
}

}  // namespace entente::stix::internal
