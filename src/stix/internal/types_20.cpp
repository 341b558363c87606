// STIX 2.0, parts 1, 2 and 4: objects and their common properties.
#include "stix/internal/formats.h"
#include "stix/internal/types.h"

#include <array>

namespace entente::stix::internal {
namespace {

// Letters: see CommonRow.
constexpr CommonRow common[] = {
    {formatted("type", formats::type_name).must(), "RRRRRRRR"},
    {property("spec_version", Form::version).by("S11"), "------O-"},
    {property("id", Form::identifier).by("S18"), "RRRRRRR-"},
    {reference("created_by_ref", "identity").by("S14"), "OO---O--"},
    {timestamp("created"), "RR---R--"},
    {timestamp("modified"), "RR------"},
    {boolean("revoked").by("S16"), "OO------"},
    {text("labels").many(), "OO------"},
    {structure("external_references", "external-reference").many(), "OO---O--"},
    {reference("object_marking_refs", "marking-definition").many().by("S15"), "OO---O--"},
    {structure("granular_markings", "granular-marking").many(), "OO---O--"},
    {property("extensions", Form::extensions).by("S17"), "-------O"},
};

constexpr Row external_reference[] = {
    text("source_name").must(),
    text("description"),
    formatted("url", formats::url).by("S8"),
    hashes(),
    text("external_id"),
};

constexpr Row granular_marking[] = {
    reference("marking_ref", "marking-definition").by("S60").must(),
    text("selectors").many().must(),
};

constexpr Row identity[] = {
    text("name").must(),
    text("description"),
    text("identity_class").must(),
    text("sectors").many(),
    text("contact_information"),
};

constexpr Row marking_definition[] = {
    text("definition_type").must(),
    dictionary("definition").must(),
};

constexpr TypeRow types[] = {
    {"external-reference", Class::part, external_reference, "part 1, 2.5", "S8"},
    {"granular-marking", Class::part, granular_marking, "part 1, 4.3", "S60"},
    {"identity", Class::sdo, identity, "part 2, 2.4", "S1"},
    {"marking-definition", Class::marking, marking_definition, "part 1, 4.1", "S62"},
};

}  // namespace

Tables tables_20() noexcept {
    static const std::array<std::span<const TypeRow>, 1> all = {types};
    return {common, all, {}};
}

}  // namespace entente::stix::internal
