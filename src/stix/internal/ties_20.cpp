// STIX 2.0: how properties of one object depend on each other. What a function says stands in
// check_ties.cpp.
#include "stix/internal/check_ties.h"
#include "stix/internal/types_20.h"

namespace entente::stix::internal {
namespace {

constexpr TieRow ties[] = {
    {"sdo sro", Tie::not_before, "created modified", "V2"},

    // -- Parts
    {"external-reference", Tie::at_least_one, "description url external_id", "S8"},
    {"external-reference",
     Tie::check,
     "source_name external_id",
     "S8",
     check_external_id,
     "source_name cve wants external_id to be a CVE id, capec a CAPEC id; on a vulnerability a CVE "
     "id, on an attack-pattern a CAPEC id wants that source_name"},
    {"external-reference",
     Tie::check,
     "url hashes",
     "S8",
     check_url_hashes,
     "a url should come with hashes"},
    {"kill-chain-phase",
     Tie::check,
     "kill_chain_name phase_name",
     "S9",
     check_kill_chain,
     "names should be in lower case with hyphens"},

    // -- Domain and relationship objects
    {"campaign intrusion-set sighting", Tie::not_before, "first_seen last_seen", "S32"},
    {"indicator", Tie::not_before, "valid_from valid_until", "S33"},
    {"indicator",
     Tie::check,
     "pattern pattern_type pattern_version",
     "V12",
     check_pattern,
     "the pattern is sound"},
    {"observed-data", Tie::not_before, "first_observed last_observed", "S37"},
    {"marking-definition",
     Tie::check,
     "definition_type definition extensions",
     "S62",
     check_marking_definition,
     "a statement has a text; TLP is what the standard fixes"},
    {"marking-definition",
     Tie::check,
     "id object_marking_refs granular_markings",
     "V4",
     check_marks_itself,
     "a marking does not mark itself"},

    // -- Cyber-observables
    {"artifact", Tie::exactly_one, "payload_bin url", "S44"},
    {"artifact", Tie::needs, "url hashes", "S44"},
    {"email-message",
     Tie::check,
     "is_multipart body body_multipart",
     "S48",
     check_multipart,
     "body only where is_multipart is false, body_multipart only where it is true"},
    {"email-message",
     Tie::check,
     "additional_header_fields",
     "S48",
     check_header_fields,
     "additional_header_fields should not repeat fields that have properties"},
    {"email-mime-component", Tie::exactly_one, "body body_raw_ref", "S48"},
    {"file", Tie::at_least_one, "hashes name", "S49"},
    {"file", Tie::needs, "name_enc name", "S2"},
    {"file", Tie::needs, "encryption_algorithm is_encrypted", "S49"},
    {"file", Tie::needs, "decryption_key is_encrypted", "S49"},
    {"network-traffic", Tie::at_least_one, "src_ref dst_ref", "S52"},
    {"network-traffic", Tie::not_before, "start end", "V3"},
    {"network-traffic",
     Tie::check,
     "is_active end",
     "S52",
     check_active,
     "traffic that is active has no end"},
    {"process", Tie::some_own, "extensions", "S53"},
    {"x509-certificate x509-v3-extensions-type", Tie::some_own, "", "S54"},
    {"ntfs-ext pdf-ext raster-image-ext tcp-ext unix-account-ext windows-process-ext "
     "windows-pe-optional-header",
     Tie::some_own,
     "",
     "S55"},
};

}  // namespace

std::span<const TieRow> ties_20() noexcept {
    return ties;
}

}  // namespace entente::stix::internal
