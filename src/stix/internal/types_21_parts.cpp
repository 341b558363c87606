// STIX 2.1, section 6: sub-types and predefined extensions of cyber-observables.
#include "stix/internal/types_21.h"
#include "stix/internal/types_alike.h"

namespace entente::stix::internal {
namespace {

constexpr Row archive_ext[] = {
    reference("contains_refs", "file directory").many().must().by("S45"),
    text("comment"),
};

constexpr Row ntfs_ext[] = {
    text("sid"),
    structure("alternate_data_streams", "alternate-data-stream-type").many(),
};

constexpr Row raster_image_ext[] = {
    integer("image_height"),
    integer("image_width"),
    integer("bits_per_pixel"),
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
    structure("optional_header", "windows-pe-optional-header-type"),
    structure("sections", "windows-pe-section-type").many(),
};

constexpr Row http_request_ext[] = {
    text("request_method").must(),
    text("request_value").must(),
    text("request_version"),
    dictionary("request_header", Form::text_list).keys(Vocabulary::http_request_header),
    integer("message_body_length"),
    reference("message_body_data_ref", "artifact").by("S52"),
};

constexpr Row socket_ext[] = {
    closed("address_family", Vocabulary::network_socket_address_family).must().by("S5"),
    boolean("is_blocking"),
    boolean("is_listening"),
    dictionary("options", Form::integer).keys(Vocabulary::socket_option),
    closed("socket_type", Vocabulary::network_socket_type).by("S5"),
    count("socket_descriptor"),
    integer("socket_handle"),
};

constexpr Row windows_process_ext[] = {
    boolean("aslr_enabled"),
    boolean("dep_enabled"),
    text("priority"),
    text("owner_sid"),
    // The property table has the first name, the JSON schema the second.
    text("windows_title"),
    text("window_title"),
    dictionary("startup_info"),
    closed("integrity_level", Vocabulary::windows_integrity_level).by("S5"),
};

constexpr Row windows_service_ext[] = {
    text("service_name"),
    text("descriptions").many(),
    text("display_name"),
    text("group_name"),
    closed("start_type", Vocabulary::windows_service_start_type).by("S5"),
    reference("service_dll_refs", "file").many().by("S53"),
    closed("service_type", Vocabulary::windows_service_type).by("S5"),
    closed("service_status", Vocabulary::windows_service_status).by("S5"),
};

constexpr Row windows_registry_value_type[] = {
    text("name"),
    text("data"),
    closed("data_type", Vocabulary::windows_registry_datatype).by("S5"),
};

constexpr TypeRow types[] = {
    {"alternate-data-stream-type", Class::part, alternate_data_stream, "6.7.3", "S49"},
    {"archive-ext", Class::part, archive_ext, "6.7.2", "S55", "file"},
    {"email-mime-part-type", Class::part, email_mime_component, "6.6.2", "S48"},
    {"http-request-ext", Class::part, http_request_ext, "6.12.2", "S55", "network-traffic"},
    {"icmp-ext", Class::part, icmp_ext, "6.12.3", "S55", "network-traffic"},
    {"ntfs-ext", Class::part, ntfs_ext, "6.7.3", "S55", "file"},
    {"pdf-ext", Class::part, pdf_ext, "6.7.4", "S55", "file"},
    {"raster-image-ext", Class::part, raster_image_ext, "6.7.5", "S55", "file"},
    {"socket-ext", Class::part, socket_ext, "6.12.4", "S55", "network-traffic"},
    {"tcp-ext", Class::part, tcp_ext, "6.12.5", "S55", "network-traffic"},
    {"unix-account-ext", Class::part, unix_account_ext, "6.16.2", "S55", "user-account"},
    {"windows-pe-optional-header-type", Class::part, windows_pe_optional_header, "6.7.6", "S55"},
    {"windows-pe-section-type", Class::part, windows_pe_section, "6.7.6", "S55"},
    {"windows-pebinary-ext", Class::part, windows_pebinary_ext, "6.7.6", "S55", "file"},
    {"windows-process-ext", Class::part, windows_process_ext, "6.13.2", "S55", "process"},
    {"windows-registry-value-type", Class::part, windows_registry_value_type, "6.17.2", "S54"},
    {"windows-service-ext", Class::part, windows_service_ext, "6.13.3", "S55", "process"},
    {"x509-v3-extensions-type", Class::part, x509_v3_extensions, "6.18.2", "S54"},
};

}  // namespace

std::span<const TypeRow> observable_parts_21() noexcept {
    return types;
}

}  // namespace entente::stix::internal
