// STIX 2.0, parts 1 and 2: objects, common data types and common properties.
#include "stix/internal/types_20.h"

#include "stix/internal/formats.h"
#include "stix/internal/types_alike.h"

#include <array>

namespace entente::stix::internal {
namespace {

/// Part 1, 3.1: `created` and `modified` of objects have exactly three digits behind the seconds.
bool is_millisecond_time(std::string_view text) noexcept {
    return is_timestamp(text) && fraction_digits(text) == 3;
}

constexpr Format milliseconds = {
    is_millisecond_time,
    "YYYY-MM-DDTHH:MM:SS.sssZ with exactly three digits of a fraction, on a day that the calendar "
    "has",
    "S7"};

// Letters: see CommonRow. Types that must have labels say so themselves; a marking-definition's
// `created` may be of any precision.
constexpr CommonRow common[] = {
    {property("type", Form::type).must().by("S1"), "RRRRRRRR"},
    {property("spec_version", Form::version).by("S11"), "OO---OR-"},
    {property("id", Form::identifier).by("S18"), "RRRRRRR-"},
    {reference("created_by_ref", "identity").by("S14"), "OO---O--"},
    {formatted("created", milliseconds), "RR------"},
    {formatted("modified", milliseconds), "RR------"},
    {boolean("revoked").by("S16"), "OO------"},
    {text("labels").many(), "OO------"},
    {structure("external_references", "external-reference").many(), "OO---O--"},
    {reference("object_marking_refs", "marking-definition").many().by("S15"), "OO---O--"},
    {structure("granular_markings", "granular-marking").many(), "OO---O--"},
    {property("extensions", Form::extensions).by("S17"), "-------O"},
};

constexpr Row labels_from(Vocabulary vocabulary) {
    return open("labels", vocabulary).many().must();
}

constexpr Row granular_marking[] = {
    reference("marking_ref", "marking-definition").must().by("S60"),
    text("selectors").many().must(),
};

constexpr Row attack_pattern[] = {
    text("name").must(),
    text("description"),
    structure("kill_chain_phases", "kill-chain-phase").many(),
};

constexpr Row campaign[] = {
    text("name").must(),
    text("description"),
    text("aliases").many(),
    timestamp("first_seen"),
    timestamp("last_seen"),
    text("objective"),
};

constexpr Row named[] = {
    text("name").must(),
    text("description"),
};

constexpr Row identity[] = {
    text("name").must(),
    text("description"),
    open("identity_class", Vocabulary::identity_class_20).must(),
    open("sectors", Vocabulary::industry_sector_20).many(),
    text("contact_information"),
};

constexpr Row indicator[] = {
    text("name"),
    text("description"),
    text("pattern").must(),
    timestamp("valid_from").must(),
    timestamp("valid_until"),
    structure("kill_chain_phases", "kill-chain-phase").many(),
    labels_from(Vocabulary::indicator_label_20),
};

constexpr Row intrusion_set[] = {
    text("name").must(),
    text("description"),
    text("aliases").many(),
    timestamp("first_seen"),
    timestamp("last_seen"),
    text("goals").many(),
    open("resource_level", Vocabulary::attack_resource_level),
    open("primary_motivation", Vocabulary::attack_motivation),
    open("secondary_motivations", Vocabulary::attack_motivation).many(),
};

constexpr Row malware[] = {
    text("name").must(),
    text("description"),
    structure("kill_chain_phases", "kill-chain-phase").many(),
    labels_from(Vocabulary::malware_label_20),
};

constexpr Row observed_data[] = {
    timestamp("first_observed").must(),
    timestamp("last_observed").must(),
    integer("number_observed").within(1, 999'999'999).must().by("S37"),
    property("objects", Form::container).must(),
};

constexpr Row report[] = {
    text("name").must(),
    text("description"),
    timestamp("published").must(),
    reference("object_refs", "sdo sro meta custom").many().must().by("S43"),
    labels_from(Vocabulary::report_label_20),
};

constexpr Row threat_actor[] = {
    text("name").must(),
    text("description"),
    text("aliases").many(),
    open("roles", Vocabulary::threat_actor_role).many(),
    text("goals").many(),
    open("sophistication", Vocabulary::threat_actor_sophistication),
    open("resource_level", Vocabulary::attack_resource_level),
    open("primary_motivation", Vocabulary::attack_motivation),
    open("secondary_motivations", Vocabulary::attack_motivation).many(),
    open("personal_motivations", Vocabulary::attack_motivation).many(),
    labels_from(Vocabulary::threat_actor_label_20),
};

constexpr Row tool[] = {
    text("name").must(),
    text("description"),
    structure("kill_chain_phases", "kill-chain-phase").many(),
    text("tool_version"),
    labels_from(Vocabulary::tool_label_20),
};

constexpr Row relationship[] = {
    formatted("relationship_type", formats::relationship_type).must(),
    text("description"),
    reference("source_ref", "sdo custom").must().by("S38"),
    reference("target_ref", "sdo custom").must().by("S38"),
};

constexpr Row sighting[] = {
    timestamp("first_seen"),
    timestamp("last_seen"),
    integer("count").within(0, 999'999'999).by("S39"),
    reference("sighting_of_ref", "sdo custom").must().by("S39"),
    reference("observed_data_refs", "observed-data").many().by("S39"),
    reference("where_sighted_refs", "identity").many().by("S39"),
    boolean("summary"),
};

constexpr Row marking_definition[] = {
    timestamp("created").must(),
    open("definition_type", Vocabulary::marking_definition_type),
    dictionary("definition"),
};

constexpr Row bundle[] = {
    property("objects", Form::object).many().by("S43"),
};

constexpr TypeRow types[] = {
    {"attack-pattern", Class::sdo, attack_pattern, "part 2, 2.1", "S41"},
    {"bundle", Class::bundle, bundle, "part 1, 5", "S43"},
    {"campaign", Class::sdo, campaign, "part 2, 2.2", "S32"},
    {"course-of-action", Class::sdo, named, "part 2, 2.3", "S1"},
    {"external-reference", Class::part, external_reference, "part 1, 2.3", "S8"},
    {"granular-marking", Class::part, granular_marking, "part 1, 4.3", "S60"},
    {"identity", Class::sdo, identity, "part 2, 2.4", "S1"},
    {"indicator", Class::sdo, indicator, "part 2, 2.5", "S33"},
    {"intrusion-set", Class::sdo, intrusion_set, "part 2, 2.6", "S32"},
    {"kill-chain-phase", Class::part, kill_chain_phase, "part 1, 2.9", "S9"},
    {"malware", Class::sdo, malware, "part 2, 2.7", "S35"},
    {"marking-definition", Class::marking, marking_definition, "part 1, 4.1", "S62"},
    {"observed-data", Class::sdo, observed_data, "part 2, 2.8", "S37"},
    {"relationship", Class::sro, relationship, "part 2, 3.1", "S38"},
    {"report", Class::sdo, report, "part 2, 2.9", "S1"},
    {"sighting", Class::sro, sighting, "part 2, 3.2", "S39"},
    {"threat-actor", Class::sdo, threat_actor, "part 2, 2.10", "S32"},
    {"tool", Class::sdo, tool, "part 2, 2.11", "S1"},
    {"vulnerability", Class::sdo, named, "part 2, 2.12", "S41"},
};

}  // namespace

Tables tables_20() noexcept {
    static const std::array<std::span<const TypeRow>, 3> all = {
        types, cyber_observables_20(), observable_parts_20()};
    return {common, all, ties_20(), recommended_20()};
}

}  // namespace entente::stix::internal
