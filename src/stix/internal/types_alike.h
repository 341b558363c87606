#pragma once
// What STIX 2.0 and 2.1 have alike: structures that stand in objects, and predefined extensions.
#include "stix/internal/formats.h"
#include "stix/internal/types.h"

namespace entente::stix::internal {

constexpr Row hex(std::string_view name) {
    return formatted(name, formats::hex);
}

inline constexpr Row external_reference[] = {
    text("source_name").must(),
    text("description"),
    formatted("url", formats::url).by("S8"),
    hashes(),
    text("external_id"),
};

inline constexpr Row kill_chain_phase[] = {
    text("kill_chain_name").must(),
    text("phase_name").must(),
};

inline constexpr Row email_mime_component[] = {
    text("body"),
    reference("body_raw_ref", "artifact file").by("S48"),
    text("content_type"),
    text("content_disposition"),
};

inline constexpr Row alternate_data_stream[] = {
    text("name").must(),
    hashes(),
    count("size").by("S49"),
};

inline constexpr Row pdf_ext[] = {
    text("version"),
    boolean("is_optimized"),
    dictionary("document_info_dict", Form::text).keys(Vocabulary::pdf_info_key),
    text("pdfid0"),
    text("pdfid1"),
};

inline constexpr Row windows_pe_optional_header[] = {
    hex("magic_hex"),
    integer("major_linker_version"),
    integer("minor_linker_version"),
    count("size_of_code"),
    count("size_of_initialized_data"),
    count("size_of_uninitialized_data"),
    integer("address_of_entry_point"),
    integer("base_of_code"),
    integer("base_of_data"),
    integer("image_base"),
    integer("section_alignment"),
    integer("file_alignment"),
    integer("major_os_version"),
    integer("minor_os_version"),
    integer("major_image_version"),
    integer("minor_image_version"),
    integer("major_subsystem_version"),
    integer("minor_subsystem_version"),
    hex("win32_version_value_hex"),
    count("size_of_image"),
    count("size_of_headers"),
    hex("checksum_hex"),
    hex("subsystem_hex"),
    hex("dll_characteristics_hex"),
    count("size_of_stack_reserve"),
    count("size_of_stack_commit"),
    count("size_of_heap_reserve"),
    count("size_of_heap_commit"),
    hex("loader_flags_hex"),
    integer("number_of_rva_and_sizes"),
    hashes(),
};

inline constexpr Row windows_pe_section[] = {
    text("name").must(),
    count("size"),
    property("entropy", Form::number),
    hashes(),
};

inline constexpr Row icmp_ext[] = {
    hex("icmp_type_hex").must(),
    hex("icmp_code_hex").must(),
};

inline constexpr Row tcp_ext[] = {
    hex("src_flags_hex"),
    hex("dst_flags_hex"),
};

inline constexpr Row unix_account_ext[] = {
    integer("gid"),
    text("groups").many(),
    text("home_dir"),
    text("shell"),
};

inline constexpr Row x509_v3_extensions[] = {
    text("basic_constraints"),
    text("name_constraints"),
    text("policy_constraints"),
    text("key_usage"),
    text("extended_key_usage"),
    text("subject_key_identifier"),
    text("authority_key_identifier"),
    text("subject_alternative_name"),
    text("issuer_alternative_name"),
    text("subject_directory_attributes"),
    text("crl_distribution_points"),
    text("inhibit_any_policy"),
    timestamp("private_key_usage_period_not_before"),
    timestamp("private_key_usage_period_not_after"),
    text("certificate_policies"),
    text("policy_mappings"),
};

}  // namespace entente::stix::internal
