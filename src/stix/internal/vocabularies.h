#pragma once
// The open vocabularies and closed enumerations of STIX 2.1, section 10, those of STIX 2.0 that
// differ, and the registries of others that STIX points to.
#include <cstdint>
#include <span>
#include <string_view>

namespace entente::stix::internal {

enum class Vocabulary : std::uint8_t {
    none,
    // STIX 2.1, section 10.
    account_type,
    attack_motivation,
    attack_resource_level,
    encryption_algorithm,
    extension_type,
    grouping_context,
    hash_algorithm,
    identity_class,
    implementation_language,
    indicator_type,
    industry_sector,
    infrastructure_type,
    malware_capabilities,
    malware_result,
    malware_type,
    network_socket_address_family,
    network_socket_type,
    opinion,
    pattern_type,
    processor_architecture,
    region,
    report_type,
    threat_actor_type,
    threat_actor_role,
    threat_actor_sophistication,
    tool_type,
    windows_integrity_level,
    windows_pebinary_type,
    windows_registry_datatype,
    windows_service_start_type,
    windows_service_type,
    windows_service_status,
    // Section 7.2.1.
    marking_definition_type,
    // STIX 2.0, where its list is another.
    encryption_algorithm_20,
    hash_algorithm_20,
    identity_class_20,
    indicator_label_20,
    industry_sector_20,
    malware_label_20,
    report_label_20,
    threat_actor_label_20,
    tool_label_20,
    network_socket_protocol_family_20,
    windows_registry_datatype_20,
    // Lists of others; `iana.h` has them.
    character_set,
    media_type,
    service_name,
    ipfix_element,
    http_request_header,
    socket_option,
    pdf_info_key,
    country,
};

/// What is known of a vocabulary.
struct VocabularyInfo {
    Vocabulary id = Vocabulary::none;
    std::string_view name;     // as the standard names it
    std::string_view section;  // of STIX 2.1; of a part of STIX 2.0 where it begins with "part"
    bool closed = false;       // no other values are allowed
    std::uint16_t code = 0;    // of the check that wants its values; 0 = no such check
    std::span<const std::string_view> values;  // sorted by bytes; empty for lists of others
    bool (*listed)(std::string_view) noexcept = nullptr;  // for those
};

/// REQUIRES: not Vocabulary::none.
[[nodiscard]] const VocabularyInfo& vocabulary(Vocabulary id) noexcept;

/// Every vocabulary, in the order of the enumeration, without `none`.
[[nodiscard]] std::span<const VocabularyInfo> vocabularies() noexcept;

/// True when `value` is one of the vocabulary's values. Values are compared by bytes; where the
/// list's owner has names without case (media types, header fields, countries), without it.
/// REQUIRES: not Vocabulary::none.
[[nodiscard]] bool in_vocabulary(Vocabulary id, std::string_view value) noexcept;

}  // namespace entente::stix::internal
