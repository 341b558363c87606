// STIX 2.1, sections 4, 5, 7 and 8: domain, relationship and meta objects, the bundle; section 2:
// common data types; section 3.2: common properties.
#include "stix/internal/types_21.h"

#include "stix/internal/formats.h"
#include "stix/internal/types.h"
#include "stix/internal/types_alike.h"

#include <array>

namespace entente::stix::internal {
namespace {

constexpr std::string_view any_object = "sdo sro sco meta custom";

// Letters: sdo, sro, sco, extension-definition, language-content, marking-definition, bundle,
// observable in a container.
constexpr CommonRow common[] = {
    {property("type", Form::type).must().by("S1"), "RRRRRRRR"},
    {property("spec_version", Form::version).must().by("S11"), "RRORRR-O"},
    {property("id", Form::identifier).must().by("S18"), "RRRRRRRO"},
    {reference("created_by_ref", "identity").by("S14"), "OO-ROO--"},
    {property("created", Form::timestamp_ms).by("S7"), "RR-RRR--"},
    {property("modified", Form::timestamp_ms).by("S7"), "RR-RR---"},
    {boolean("revoked").by("S16"), "OO-OO---"},
    {text("labels").many(), "OO-OO---"},
    {integer("confidence").within(0, 100).by("S12"), "OO--O---"},
    {formatted("lang", formats::language).by("V10"), "OO------"},
    {structure("external_references", "external-reference").many(), "OO-OOO--"},
    {reference("object_marking_refs", "marking-definition").many().by("S15"), "OOOOOO-O"},
    {structure("granular_markings", "granular-marking").many(), "OOOOOO-O"},
    {boolean("defanged").by("S16"), "--O----O"},
    {property("extensions", Form::extensions).by("S17"), "OOO-OO-O"},
};

constexpr Row granular_marking[] = {
    formatted("lang", formats::language).by("S60"),
    reference("marking_ref", "marking-definition").by("S60"),
    text("selectors").many().must(),
};

constexpr Row attack_pattern[] = {
    text("name").must(),
    text("description"),
    text("aliases").many(),
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

constexpr Row course_of_action[] = {
    text("name").must(),
    text("description"),
};

constexpr Row grouping[] = {
    text("name"),  // the property table says required in its text, the JSON schema optional
    text("description"),
    open("context", Vocabulary::grouping_context).must(),
    reference("object_refs", any_object).many().must().by("S43"),
};

constexpr Row identity[] = {
    text("name").must(),
    text("description"),
    text("roles").many(),
    open("identity_class", Vocabulary::identity_class),
    open("sectors", Vocabulary::industry_sector).many(),
    text("contact_information"),
};

constexpr Row incident[] = {
    text("name").must(),
    text("description"),
};

constexpr Row indicator[] = {
    text("name"),
    text("description"),
    open("indicator_types", Vocabulary::indicator_type).many(),
    text("pattern").must(),
    open("pattern_type", Vocabulary::pattern_type).must(),
    text("pattern_version"),
    timestamp("valid_from").must(),
    timestamp("valid_until"),
    structure("kill_chain_phases", "kill-chain-phase").many(),
};

constexpr Row infrastructure[] = {
    text("name").must(),
    text("description"),
    open("infrastructure_types", Vocabulary::infrastructure_type).many(),
    text("aliases").many(),
    structure("kill_chain_phases", "kill-chain-phase").many(),
    timestamp("first_seen"),
    timestamp("last_seen"),
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

constexpr Row location[] = {
    text("name"),
    text("description"),
    property("latitude", Form::number).within(-90, 90).by("S34"),
    property("longitude", Form::number).within(-180, 180).by("S34"),
    property("precision", Form::number),
    open("region", Vocabulary::region),
    open("country", Vocabulary::country),
    text("administrative_area"),
    text("city"),
    text("street_address"),
    text("postal_code"),
};

constexpr Row malware[] = {
    text("name"),
    text("description"),
    open("malware_types", Vocabulary::malware_type).many(),
    boolean("is_family").must(),
    text("aliases").many(),
    structure("kill_chain_phases", "kill-chain-phase").many(),
    timestamp("first_seen"),
    timestamp("last_seen"),
    reference("operating_system_refs", "software").many().by("S35"),
    open("architecture_execution_envs", Vocabulary::processor_architecture).many(),
    open("implementation_languages", Vocabulary::implementation_language).many(),
    open("capabilities", Vocabulary::malware_capabilities).many(),
    reference("sample_refs", "file artifact").many().by("S35"),
};

constexpr Row malware_analysis[] = {
    text("product").must(),
    text("version"),
    reference("host_vm_ref", "software").by("S36"),
    reference("operating_system_ref", "software").by("S36"),
    reference("installed_software_refs", "software").many().by("S36"),
    text("configuration_version"),
    text("modules").many(),
    text("analysis_engine_version"),
    text("analysis_definition_version"),
    timestamp("submitted"),
    timestamp("analysis_started"),
    timestamp("analysis_ended"),
    text("result_name"),
    open("result", Vocabulary::malware_result),
    reference("analysis_sco_refs", "sco custom").many().by("S36"),
    reference("sample_ref", "file artifact network-traffic").by("S36"),
};

constexpr Row note[] = {
    text("abstract"),
    text("content").must(),
    text("authors").many(),
    reference("object_refs", any_object).many().must().by("S43"),
};

constexpr Row observed_data[] = {
    timestamp("first_observed").must(),
    timestamp("last_observed").must(),
    integer("number_observed").within(1, 999'999'999).must().by("S37"),
    property("objects", Form::container).old(),
    reference("object_refs", "sco sro custom").many().by("S37"),
};

constexpr Row opinion[] = {
    text("explanation"),
    text("authors").many(),
    closed("opinion", Vocabulary::opinion).must().by("S40"),
    reference("object_refs", any_object).many().must().by("S43"),
};

constexpr Row report[] = {
    text("name").must(),
    text("description"),
    open("report_types", Vocabulary::report_type).many(),
    timestamp("published").must(),
    reference("object_refs", any_object).many().must().by("S43"),
};

constexpr Row threat_actor[] = {
    text("name").must(),
    text("description"),
    open("threat_actor_types", Vocabulary::threat_actor_type).many(),
    text("aliases").many(),
    timestamp("first_seen"),
    timestamp("last_seen"),
    open("roles", Vocabulary::threat_actor_role).many(),
    text("goals").many(),
    open("sophistication", Vocabulary::threat_actor_sophistication),
    open("resource_level", Vocabulary::attack_resource_level),
    open("primary_motivation", Vocabulary::attack_motivation),
    open("secondary_motivations", Vocabulary::attack_motivation).many(),
    open("personal_motivations", Vocabulary::attack_motivation).many(),
};

constexpr Row tool[] = {
    text("name").must(),
    text("description"),
    open("tool_types", Vocabulary::tool_type).many(),
    text("aliases").many(),
    structure("kill_chain_phases", "kill-chain-phase").many(),
    text("tool_version"),
};

constexpr Row vulnerability[] = {
    text("name").must(),
    text("description"),
};

constexpr Row relationship[] = {
    formatted("relationship_type", formats::relationship_type).must(),
    text("description"),
    reference("source_ref", "sdo sco custom").must().by("S38"),
    reference("target_ref", "sdo sco custom").must().by("S38"),
    timestamp("start_time"),
    timestamp("stop_time"),
};

constexpr Row sighting[] = {
    text("description"),
    timestamp("first_seen"),
    timestamp("last_seen"),
    integer("count").within(0, 999'999'999).by("S39"),
    reference("sighting_of_ref", "sdo custom").must().by("S39"),
    reference("observed_data_refs", "observed-data").many().by("S39"),
    reference("where_sighted_refs", "identity location").many().by("S39"),
    boolean("summary"),
};

constexpr Row extension_definition[] = {
    text("name").must(),
    text("description"),
    text("schema").must(),
    text("version").must(),
    closed("extension_types", Vocabulary::extension_type).many().must().by("S70"),
    text("extension_properties").many(),
};

constexpr Row language_content[] = {
    reference("object_ref", any_object).must().by("S43"),
    timestamp("object_modified"),
    dictionary("contents", Form::translation).must().by("V14"),
};

constexpr Row marking_definition[] = {
    text("name"),
    open("definition_type", Vocabulary::marking_definition_type),
    dictionary("definition"),
};

constexpr Row bundle[] = {
    property("objects", Form::object).many().by("S43"),
};

constexpr TypeRow types[] = {
    {"attack-pattern", Class::sdo, attack_pattern, "4.1", "S41"},
    {"bundle", Class::bundle, bundle, "8", "S43"},
    {"campaign", Class::sdo, campaign, "4.2", "S32"},
    {"course-of-action", Class::sdo, course_of_action, "4.3", "S1"},
    {"extension-definition", Class::extension, extension_definition, "7.3", "S70"},
    {"external-reference", Class::part, external_reference, "2.5", "S8"},
    {"granular-marking", Class::part, granular_marking, "7.2.3", "S60"},
    {"grouping", Class::sdo, grouping, "4.4", "S1"},
    {"identity", Class::sdo, identity, "4.5", "S1"},
    {"incident", Class::sdo, incident, "4.6", "S1"},
    {"indicator", Class::sdo, indicator, "4.7", "S33"},
    {"infrastructure", Class::sdo, infrastructure, "4.8", "S32"},
    {"intrusion-set", Class::sdo, intrusion_set, "4.9", "S32"},
    {"kill-chain-phase", Class::part, kill_chain_phase, "2.11", "S9"},
    {"language-content", Class::language, language_content, "7.1", "S42"},
    {"location", Class::sdo, location, "4.10", "S34"},
    {"malware", Class::sdo, malware, "4.11", "S35"},
    {"malware-analysis", Class::sdo, malware_analysis, "4.12", "S36"},
    {"marking-definition", Class::marking, marking_definition, "7.2.1", "S62"},
    {"note", Class::sdo, note, "4.13", "S1"},
    {"observed-data", Class::sdo, observed_data, "4.14", "S37"},
    {"opinion", Class::sdo, opinion, "4.15", "S40"},
    {"relationship", Class::sro, relationship, "5.1", "S38"},
    {"report", Class::sdo, report, "4.16", "S1"},
    {"sighting", Class::sro, sighting, "5.2", "S39"},
    {"threat-actor", Class::sdo, threat_actor, "4.17", "S32"},
    {"tool", Class::sdo, tool, "4.18", "S1"},
    {"vulnerability", Class::sdo, vulnerability, "4.19", "S41"},
};

}  // namespace

Tables tables_21() noexcept {
    static const std::array<std::span<const TypeRow>, 3> all = {
        types, cyber_observables_21(), observable_parts_21()};
    return {common, all, ties_21(), recommended_21()};
}

}  // namespace entente::stix::internal
