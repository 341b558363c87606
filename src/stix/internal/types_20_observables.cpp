// STIX 2.0, part 4: cyber-observable objects, their sub-types and predefined extensions. They stand
// in `objects` of observed-data and name each other by their keys there.
#include "stix/internal/formats.h"
#include "stix/internal/types_20.h"
#include "stix/internal/types_alike.h"

#include <algorithm>

namespace entente::stix::internal {
namespace {

constexpr Row charset(std::string_view name) {
    return closed(name, Vocabulary::character_set).by("V9");
}

/// ISO 639-2, which 2.0 wants of software (part 4, 2.14).
bool is_three_letter_language(std::string_view text) noexcept {
    return text.size() == 3 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

constexpr Format three_letter_language = {
    is_three_letter_language, "a language code of three letters (ISO 639-2)", "V11"};

constexpr std::string_view any_observable =
    "artifact autonomous-system directory domain-name email-addr email-message file ipv4-addr "
    "ipv6-addr mac-addr mutex network-traffic process software url user-account "
    "windows-registry-key x509-certificate custom";

constexpr Row artifact[] = {
    open("mime_type", Vocabulary::media_type),
    formatted("payload_bin", formats::binary),
    formatted("url", formats::url).by("S44"),
    hashes(),
};

constexpr Row autonomous_system[] = {
    integer("number").must(),
    text("name"),
    text("rir"),
};

constexpr Row directory[] = {
    text("path").must(),
    charset("path_enc"),
    timestamp("created"),
    timestamp("modified"),
    timestamp("accessed"),
    reference("contains_refs", "file directory").many().by("S45"),
};

constexpr Row domain_name[] = {
    formatted("value", formats::domain_name).must(),
    reference("resolves_to_refs", "ipv4-addr ipv6-addr domain-name").many().by("S46"),
};

constexpr Row email_addr[] = {
    formatted("value", formats::email_address).must(),
    text("display_name"),
    reference("belongs_to_ref", "user-account").by("S47"),
};

constexpr Row email_message[] = {
    boolean("is_multipart").must(),
    timestamp("date"),
    text("content_type"),
    reference("from_ref", "email-addr").by("S48"),
    reference("sender_ref", "email-addr").by("S48"),
    reference("to_refs", "email-addr").many().by("S48"),
    reference("cc_refs", "email-addr").many().by("S48"),
    reference("bcc_refs", "email-addr").many().by("S48"),
    text("subject"),
    text("received_lines").many(),
    dictionary("additional_header_fields"),  // strings or lists of strings
    text("body"),
    structure("body_multipart", "email-mime-component").many(),
    reference("raw_email_ref", "artifact").by("S48"),
};

constexpr Row file[] = {
    hashes(),
    count("size").by("S49"),
    text("name"),
    charset("name_enc"),
    formatted("magic_number_hex", formats::hex),
    open("mime_type", Vocabulary::media_type),
    timestamp("created"),
    timestamp("modified"),
    timestamp("accessed"),
    reference("parent_directory_ref", "directory").by("S49"),
    boolean("is_encrypted"),
    open("encryption_algorithm", Vocabulary::encryption_algorithm_20),
    text("decryption_key"),
    reference("contains_refs", any_observable).many().by("S49"),
    reference("content_ref", "artifact").by("S49"),
};

constexpr Row ipv4_addr[] = {
    formatted("value", formats::ipv4).must(),
    reference("resolves_to_refs", "mac-addr").many().by("S50"),
    reference("belongs_to_refs", "autonomous-system").many().by("S50"),
};

constexpr Row ipv6_addr[] = {
    formatted("value", formats::ipv6).must(),
    reference("resolves_to_refs", "mac-addr").many().by("S50"),
    reference("belongs_to_refs", "autonomous-system").many().by("S50"),
};

constexpr Row mac_addr[] = {formatted("value", formats::mac_address).must()};

constexpr Row mutex[] = {text("name").must()};

constexpr std::string_view endpoints = "ipv4-addr ipv6-addr mac-addr domain-name";

constexpr Row network_traffic[] = {
    timestamp("start"),
    timestamp("end"),
    boolean("is_active"),
    reference("src_ref", endpoints).by("S52"),
    reference("dst_ref", endpoints).by("S52"),
    integer("src_port").within(0, 65535).by("S52"),
    integer("dst_port").within(0, 65535).by("S52"),
    open("protocols", Vocabulary::service_name).many().must(),
    count("src_byte_count"),
    count("dst_byte_count"),
    count("src_packets"),
    count("dst_packets"),
    dictionary("ipfix", Form::text_or_integer).keys(Vocabulary::ipfix_element),
    reference("src_payload_ref", "artifact").by("S52"),
    reference("dst_payload_ref", "artifact").by("S52"),
    reference("encapsulates_refs", "network-traffic").many().by("S52"),
    reference("encapsulated_by_ref", "network-traffic").by("S52"),
};

constexpr Row process[] = {
    boolean("is_hidden"),
    integer("pid"),
    text("name"),
    timestamp("created"),
    text("cwd"),
    text("arguments").many(),
    text("command_line"),
    dictionary("environment_variables", Form::text),
    reference("opened_connection_refs", "network-traffic").many().by("S53"),
    reference("creator_user_ref", "user-account").by("S53"),
    reference("binary_ref", "file").by("S53"),
    reference("parent_ref", "process").by("S53"),
    reference("child_refs", "process").many().by("S53"),
};

constexpr Row software[] = {
    text("name").must(),
    formatted("cpe", formats::cpe),
    formatted("languages", three_letter_language).many(),
    text("vendor"),
    text("version"),
};

constexpr Row url[] = {formatted("value", formats::url).must()};

constexpr Row user_account[] = {
    text("user_id").must(),
    text("account_login"),
    open("account_type", Vocabulary::account_type),
    text("display_name"),
    boolean("is_service_account"),
    boolean("is_privileged"),
    boolean("can_escalate_privs"),
    boolean("is_disabled"),
    timestamp("account_created"),
    timestamp("account_expires"),
    timestamp("password_last_changed"),
    timestamp("account_first_login"),
    timestamp("account_last_login"),
};

constexpr Row windows_registry_key[] = {
    formatted("key", formats::registry_key).must(),
    structure("values", "windows-registry-value-type").many(),
    timestamp("modified"),
    reference("creator_user_ref", "user-account").by("S54"),
    count("number_of_subkeys"),
};

constexpr Row windows_registry_value[] = {
    text("name").must(),
    text("data"),
    closed("data_type", Vocabulary::windows_registry_datatype).by("S5"),
};

constexpr Row x509_certificate[] = {
    boolean("is_self_signed"),
    hashes(),
    text("version"),
    text("serial_number"),
    text("signature_algorithm"),
    text("issuer"),
    timestamp("validity_not_before"),
    timestamp("validity_not_after"),
    text("subject"),
    text("subject_public_key_algorithm"),
    text("subject_public_key_modulus"),
    integer("subject_public_key_exponent"),
    structure("x509_v3_extensions", "x509-v3-extensions-type"),
};

// -- Extensions of files

constexpr Row archive_ext[] = {
    reference("contains_refs", "file").many().must().by("S45"),
    text("version"),
    text("comment"),
};

constexpr Row ntfs_ext[] = {
    text("sid"),
    structure("alternate_data_streams", "alternate-data-stream").many(),
};

constexpr Row raster_image_ext[] = {
    integer("image_height"),
    integer("image_width"),
    integer("bits_per_pixel"),
    text("image_compression_algorithm"),
    dictionary("exif_tags", Form::text_or_integer).by("S4"),
};

constexpr Row windows_pebinary_ext[] = {
    open("pe_type", Vocabulary::windows_pebinary_type).must(),
    text("imphash"),
    hex("machine_hex"),
    count("number_of_sections"),
    property("time_date_stamp", Form::timestamp_s),
    hex("pointer_to_symbol_table_hex"),
    count("number_of_symbols"),
    count("size_of_optional_header"),
    hex("characteristics_hex"),
    hashes("file_header_hashes"),
    structure("optional_header", "windows-pe-optional-header"),
    structure("sections", "windows-pe-section").many(),
};

// -- Extensions of network traffic

constexpr Row http_request_ext[] = {
    text("request_method").must(),
    text("request_value").must(),
    text("request_version"),
    dictionary("request_header", Form::text).keys(Vocabulary::http_request_header),
    integer("message_body_length"),
    reference("message_body_data_ref", "artifact").by("S52"),
};

constexpr Row socket_ext[] = {
    closed("address_family", Vocabulary::network_socket_address_family).must().by("S5"),
    boolean("is_blocking"),
    boolean("is_listening"),
    closed("protocol_family", Vocabulary::network_socket_protocol_family_20).by("S5"),
    dictionary("options").keys(Vocabulary::socket_option),
    closed("socket_type", Vocabulary::network_socket_type).by("S5"),
    count("socket_descriptor"),
    integer("socket_handle"),
};

// -- Extensions of processes and accounts

constexpr Row windows_process_ext[] = {
    boolean("aslr_enabled"),
    boolean("dep_enabled"),
    text("priority"),
    text("owner_sid"),
    text("window_title"),
    dictionary("startup_info"),
};

constexpr Row windows_service_ext[] = {
    text("service_name").must(),
    text("descriptions").many(),
    text("display_name"),
    text("group_name"),
    closed("start_type", Vocabulary::windows_service_start_type).by("S5"),
    reference("service_dll_refs", "file").many().by("S53"),
    closed("service_type", Vocabulary::windows_service_type).by("S5"),
    closed("service_status", Vocabulary::windows_service_status).by("S5"),
};

constexpr TypeRow observables[] = {
    {"artifact", Class::observable, artifact, "part 4, 2.1", "S44"},
    {"autonomous-system", Class::observable, autonomous_system, "part 4, 2.2", "S1"},
    {"directory", Class::observable, directory, "part 4, 2.3", "S45"},
    {"domain-name", Class::observable, domain_name, "part 4, 2.4", "S46"},
    {"email-addr", Class::observable, email_addr, "part 4, 2.5", "S47"},
    {"email-message", Class::observable, email_message, "part 4, 2.6", "S48"},
    {"file", Class::observable, file, "part 4, 2.7", "S49"},
    {"ipv4-addr", Class::observable, ipv4_addr, "part 4, 2.8", "S50"},
    {"ipv6-addr", Class::observable, ipv6_addr, "part 4, 2.9", "S50"},
    {"mac-addr", Class::observable, mac_addr, "part 4, 2.10", "S51"},
    {"mutex", Class::observable, mutex, "part 4, 2.11", "S1"},
    {"network-traffic", Class::observable, network_traffic, "part 4, 2.12", "S52"},
    {"process", Class::observable, process, "part 4, 2.13", "S53"},
    {"software", Class::observable, software, "part 4, 2.14", "S56"},
    {"url", Class::observable, url, "part 4, 2.15", "S57"},
    {"user-account", Class::observable, user_account, "part 4, 2.16", "S54"},
    {"windows-registry-key", Class::observable, windows_registry_key, "part 4, 2.17", "S54"},
    {"x509-certificate", Class::observable, x509_certificate, "part 4, 2.18", "S54"},
};

constexpr TypeRow parts[] = {
    {"alternate-data-stream", Class::part, alternate_data_stream, "part 4, 2.7.4", "S55"},
    {"archive-ext", Class::part, archive_ext, "part 4, 2.7.3", "S55", "file"},
    {"email-mime-component", Class::part, email_mime_component, "part 4, 2.6.2", "S48"},
    {"http-request-ext", Class::part, http_request_ext, "part 4, 2.12.3", "S55", "network-traffic"},
    {"icmp-ext", Class::part, icmp_ext, "part 4, 2.12.4", "S55", "network-traffic"},
    {"ntfs-ext", Class::part, ntfs_ext, "part 4, 2.7.4", "S55", "file"},
    {"pdf-ext", Class::part, pdf_ext, "part 4, 2.7.5", "S55", "file"},
    {"raster-image-ext", Class::part, raster_image_ext, "part 4, 2.7.6", "S55", "file"},
    {"socket-ext", Class::part, socket_ext, "part 4, 2.12.5", "S55", "network-traffic"},
    {"tcp-ext", Class::part, tcp_ext, "part 4, 2.12.6", "S55", "network-traffic"},
    {"unix-account-ext", Class::part, unix_account_ext, "part 4, 2.16.3", "S55", "user-account"},
    {"windows-pe-optional-header", Class::part, windows_pe_optional_header, "part 4, 2.7.7", "S55"},
    {"windows-pe-section", Class::part, windows_pe_section, "part 4, 2.7.7", "S55"},
    {"windows-pebinary-ext", Class::part, windows_pebinary_ext, "part 4, 2.7.7", "S55", "file"},
    {"windows-process-ext", Class::part, windows_process_ext, "part 4, 2.13.3", "S55", "process"},
    {"windows-registry-value-type", Class::part, windows_registry_value, "part 4, 2.17.2", "S54"},
    {"windows-service-ext", Class::part, windows_service_ext, "part 4, 2.13.4", "S55", "process"},
    {"x509-v3-extensions-type", Class::part, x509_v3_extensions, "part 4, 2.18.2", "S54"},
};

}  // namespace

std::span<const TypeRow> cyber_observables_20() noexcept {
    return observables;
}

std::span<const TypeRow> observable_parts_20() noexcept {
    return parts;
}

}  // namespace entente::stix::internal
