// What STIX 2.1 recommends beyond what forms and vocabularies of single properties say.
#include "stix/internal/should_rules.h"
#include "stix/internal/types_21.h"

namespace entente::stix::internal {
namespace {

constexpr TieRow rows[] = {
    {"bundle",
     Tie::check,
     "objects",
     "S28",
     recommend_unique_versions,
     "no two objects should have the same id and modified (203)"},
    {"extension-definition",
     Tie::check,
     "description",
     "S70",
     recommend_extension_description,
     "description should be there (305)"},
    {"indicator",
     Tie::check,
     "name description",
     "S33",
     recommend_name_and_description,
     "name and description should be there (303)"},
    {"malware-analysis",
     Tie::check,
     "product",
     "S36",
     recommend_product_spelling,
     "product should be in lower case with hyphens (143)"},
    {"marking-definition",
     Tie::check,
     "definition_type extensions",
     "S64",
     recommend_marking_extension,
     "markings other than statement and tlp belong under extensions (401)"},
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

std::span<const TieRow> recommended_21() noexcept {
    return rows;
}

}  // namespace entente::stix::internal
