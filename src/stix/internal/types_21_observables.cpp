// STIX 2.1, section 6: cyber-observable objects.
#include "stix/internal/formats.h"
#include "stix/internal/types_21.h"

namespace entente::stix::internal {
namespace {

constexpr Row charset(std::string_view name) {
    return closed(name, Vocabulary::character_set).by("V9");
}

constexpr Row artifact[] = {
    open("mime_type", Vocabulary::media_type).by("V8"),
    formatted("payload_bin", formats::binary),
    formatted("url", formats::url).by("S44"),
    hashes(),
    closed("encryption_algorithm", Vocabulary::encryption_algorithm).by("S44"),
    text("decryption_key"),
};

constexpr Row autonomous_system[] = {
    integer("number").must(),
    text("name"),
    text("rir"),
};

constexpr Row directory[] = {
    text("path").must(),
    charset("path_enc"),
    timestamp("ctime"),
    timestamp("mtime"),
    timestamp("atime"),
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
    text("message_id"),
    text("subject"),
    text("received_lines").many(),
    dictionary("additional_header_fields", Form::text_list).by("S48"),
    text("body"),
    structure("body_multipart", "email-mime-part-type").many(),
    reference("raw_email_ref", "artifact").by("S48"),
};

constexpr Row file[] = {
    hashes(),
    count("size").by("S49"),
    text("name"),
    charset("name_enc"),
    formatted("magic_number_hex", formats::hex),
    open("mime_type", Vocabulary::media_type),
    timestamp("ctime"),
    timestamp("mtime"),
    timestamp("atime"),
    reference("parent_directory_ref", "directory").by("S49"),
    reference("contains_refs", "sco custom").many().by("S49"),
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

constexpr Row mac_addr[] = {
    formatted("value", formats::mac_address).must(),
};

constexpr Row mutex[] = {
    text("name").must(),
};

constexpr std::string_view address = "ipv4-addr ipv6-addr mac-addr domain-name";

constexpr Row network_traffic[] = {
    timestamp("start"),
    timestamp("end"),
    boolean("is_active"),
    reference("src_ref", address).by("S52"),
    reference("dst_ref", address).by("S52"),
    integer("src_port").within(0, 65'535).by("S52"),
    integer("dst_port").within(0, 65'535).by("S52"),
    open("protocols", Vocabulary::service_name).many().must(),
    integer("src_byte_count"),
    integer("dst_byte_count"),
    integer("src_packets"),
    integer("dst_packets"),
    dictionary("ipfix", Form::text_or_integer).keys(Vocabulary::ipfix_element).by("S52"),
    reference("src_payload_ref", "artifact").by("S52"),
    reference("dst_payload_ref", "artifact").by("S52"),
    reference("encapsulates_refs", "network-traffic").many().by("S52"),
    reference("encapsulated_by_ref", "network-traffic").by("S52"),
};

constexpr Row process[] = {
    boolean("is_hidden"),
    integer("pid"),
    timestamp("created_time"),
    text("cwd"),
    text("command_line"),
    dictionary("environment_variables", Form::text).by("S53"),
    reference("opened_connection_refs", "network-traffic").many().by("S53"),
    reference("creator_user_ref", "user-account").by("S53"),
    reference("image_ref", "file").by("S53"),
    reference("parent_ref", "process").by("S53"),
    reference("child_refs", "process").many().by("S53"),
};

constexpr Row software[] = {
    text("name").must(),
    formatted("cpe", formats::cpe),
    text("swid"),
    formatted("languages", formats::language).many().by("V11"),
    text("vendor"),
    text("version"),
};

constexpr Row url[] = {
    formatted("value", formats::url).must(),
};

constexpr Row user_account[] = {
    text("user_id"),
    text("credential"),
    text("account_login"),
    open("account_type", Vocabulary::account_type),
    text("display_name"),
    boolean("is_service_account"),
    boolean("is_privileged"),
    boolean("can_escalate_privs"),
    boolean("is_disabled"),
    timestamp("account_created"),
    timestamp("account_expires"),
    timestamp("credential_last_changed"),
    timestamp("account_first_login"),
    timestamp("account_last_login"),
};

constexpr Row windows_registry_key[] = {
    formatted("key", formats::registry_key),
    structure("values", "windows-registry-value-type").many(),
    timestamp("modified_time"),
    reference("creator_user_ref", "user-account").by("S54"),
    integer("number_of_subkeys"),
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

constexpr TypeRow types[] = {
    {"artifact", Class::sco, artifact, "6.1", "S44"},
    {"autonomous-system", Class::sco, autonomous_system, "6.2", "S1"},
    {"directory", Class::sco, directory, "6.3", "S45"},
    {"domain-name", Class::sco, domain_name, "6.4", "S46"},
    {"email-addr", Class::sco, email_addr, "6.5", "S47"},
    {"email-message", Class::sco, email_message, "6.6", "S48"},
    {"file", Class::sco, file, "6.7", "S49"},
    {"ipv4-addr", Class::sco, ipv4_addr, "6.8", "S50"},
    {"ipv6-addr", Class::sco, ipv6_addr, "6.9", "S50"},
    {"mac-addr", Class::sco, mac_addr, "6.10", "S51"},
    {"mutex", Class::sco, mutex, "6.11", "S1"},
    {"network-traffic", Class::sco, network_traffic, "6.12", "S52"},
    {"process", Class::sco, process, "6.13", "S53"},
    {"software", Class::sco, software, "6.14", "S56"},
    {"url", Class::sco, url, "6.15", "S57"},
    {"user-account", Class::sco, user_account, "6.16", "S54"},
    {"windows-registry-key", Class::sco, windows_registry_key, "6.17", "S54"},
    {"x509-certificate", Class::sco, x509_certificate, "6.18", "S54"},
};

}  // namespace

std::span<const TypeRow> cyber_observables_21() noexcept {
    return types;
}

}  // namespace entente::stix::internal
