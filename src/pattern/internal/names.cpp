// Cyber-observable types and their own properties (STIX 2.1, section 6; STIX 2.0 part 4).
#include "pattern/internal/review.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace entente::pattern {

namespace {

constexpr std::string_view common_v21 =
    " type id spec_version object_marking_refs granular_markings defanged extensions ";
constexpr std::string_view common_v20 = " type extensions ";

constexpr std::array<TypeNames, 18> types{{
    {"artifact",
     " mime_type payload_bin url hashes encryption_algorithm decryption_key ",
     " mime_type payload_bin url hashes "},
    {"autonomous-system", " number name rir ", " number name rir "},
    {"directory",
     " path path_enc ctime mtime atime contains_refs ",
     " path path_enc created modified accessed contains_refs "},
    {"domain-name", " value resolves_to_refs ", " value resolves_to_refs "},
    {"email-addr", " value display_name belongs_to_ref ", " value display_name belongs_to_ref "},
    {"email-message",
     " is_multipart date content_type from_ref sender_ref to_refs cc_refs bcc_refs message_id "
     "subject"
     " received_lines additional_header_fields body body_multipart raw_email_ref ",
     " is_multipart date content_type from_ref sender_ref to_refs cc_refs bcc_refs subject"
     " received_lines additional_header_fields body body_multipart raw_email_ref "},
    {"file",
     " hashes size name name_enc magic_number_hex mime_type ctime mtime atime parent_directory_ref"
     " contains_refs content_ref ",
     " hashes size name name_enc magic_number_hex mime_type created modified accessed"
     " parent_directory_ref is_encrypted encryption_algorithm decryption_key contains_refs"
     " content_ref "},
    {"ipv4-addr",
     " value resolves_to_refs belongs_to_refs ",
     " value resolves_to_refs belongs_to_refs "},
    {"ipv6-addr",
     " value resolves_to_refs belongs_to_refs ",
     " value resolves_to_refs belongs_to_refs "},
    {"mac-addr", " value ", " value "},
    {"mutex", " name ", " name "},
    {"network-traffic",
     " start end is_active src_ref dst_ref src_port dst_port protocols src_byte_count "
     "dst_byte_count"
     " src_packets dst_packets ipfix src_payload_ref dst_payload_ref encapsulates_refs"
     " encapsulated_by_ref ",
     " start end is_active src_ref dst_ref src_port dst_port protocols src_byte_count "
     "dst_byte_count"
     " src_packets dst_packets ipfix src_payload_ref dst_payload_ref encapsulates_refs"
     " encapsulated_by_ref "},
    {"process",
     " is_hidden pid created_time cwd command_line environment_variables opened_connection_refs"
     " creator_user_ref image_ref parent_ref child_refs ",
     " is_hidden pid name created cwd arguments command_line environment_variables"
     " opened_connection_refs creator_user_ref binary_ref parent_ref child_refs "},
    {"software", " name cpe swid languages vendor version ", " name cpe languages vendor version "},
    {"url", " value ", " value "},
    {"user-account",
     " user_id credential account_login account_type display_name is_service_account is_privileged"
     " can_escalate_privs is_disabled account_created account_expires credential_last_changed"
     " account_first_login account_last_login ",
     " user_id account_login account_type display_name is_service_account is_privileged"
     " can_escalate_privs is_disabled account_created account_expires password_last_changed"
     " account_first_login account_last_login "},
    {"windows-registry-key",
     " key values modified_time creator_user_ref number_of_subkeys ",
     " key values modified creator_user_ref number_of_subkeys "},
    {"x509-certificate",
     " is_self_signed hashes version serial_number signature_algorithm issuer validity_not_before"
     " validity_not_after subject subject_public_key_algorithm subject_public_key_modulus"
     " subject_public_key_exponent x509_v3_extensions ",
     " is_self_signed hashes version serial_number signature_algorithm issuer validity_not_before"
     " validity_not_after subject subject_public_key_algorithm subject_public_key_modulus"
     " subject_public_key_exponent x509_v3_extensions "},
}};

/// Is ` name ` in `list`, blanks around each?
bool contains(std::string_view list, std::string_view name) noexcept {
    while (list.size() > name.size() + 1) {
        list.remove_prefix(1);
        if (list.starts_with(name) && list[name.size()] == ' ') return true;
        list.remove_prefix(std::min(list.find(' '), list.size()));
    }
    return false;
}

constexpr std::size_t near_bytes_max = 40;  // longer names are no slips of the standard's

/// Edit distance (insert, delete, replace) of two short names.
std::size_t distance(std::string_view a, std::string_view b) noexcept {
    std::array<std::size_t, near_bytes_max + 1> row{};
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row[b.size()];
}

/// Keeps the nearest of the names it is shown, as far as it is near at all.
class Nearest {
  public:
    explicit Nearest(std::string_view name) noexcept
        : name_(name),
          best_(std::min<std::size_t>(name.size() / 2 + 1, 4)) {}

    void show(std::string_view candidate) noexcept {
        if (name_.size() > near_bytes_max || candidate.size() > near_bytes_max) return;
        const std::size_t steps = has_word(candidate) ? 1 : distance(name_, candidate);
        if (steps >= best_) return;
        best_ = steps;
        found_ = candidate;
    }

    void show_all(std::string_view list) noexcept {
        while (list.size() > 1) {
            list.remove_prefix(1);
            const std::size_t end = std::min(list.find(' '), list.size());
            if (end > 0) show(list.substr(0, end));
            list.remove_prefix(end);
        }
    }

    [[nodiscard]] std::string_view found() const noexcept { return found_; }

  private:
    /// `file_name` for `name`.
    [[nodiscard]] bool has_word(std::string_view word) const noexcept {
        const std::size_t rest = name_.size() - std::min(word.size() + 1, name_.size());
        return rest > 0 && ((name_.ends_with(word) && name_[rest] == '_') ||
                            (name_.starts_with(word) && name_[word.size()] == '_'));
    }

    std::string_view name_;
    std::size_t best_;
    std::string_view found_;
};

}  // namespace

const TypeNames* find_type(std::string_view type) noexcept {
    if (type.empty()) return nullptr;
    for (const TypeNames& known : types) {
        if (known.type.front() == type.front() && known.type == type) return &known;
    }
    return nullptr;
}

bool has_property(const TypeNames& type, std::string_view property, Dialect dialect) noexcept {
    const bool v21 = dialect == Dialect::v21;
    return contains(v21 ? type.v21 : type.v20, property) || is_common_property(property, dialect);
}

bool is_common_property(std::string_view property, Dialect dialect) noexcept {
    return contains(dialect == Dialect::v21 ? common_v21 : common_v20, property);
}

std::string_view near_type(std::string_view name) noexcept {
    // Names that others gave to these objects.
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> others{{
        {"win-registry-key", "windows-registry-key"},
        {"domain", "domain-name"},
        {"hostname", "domain-name"},
        {"ip", "ipv4-addr"},
        {"registry-key", "windows-registry-key"},
        {"network-connection", "network-traffic"},
    }};
    for (const auto& [other, meant] : others)
        if (other == name) return meant;
    Nearest nearest(name);
    for (const TypeNames& known : types)
        nearest.show(known.type);
    return nearest.found();
}

std::string_view near_property(
    const TypeNames& type, std::string_view name, Dialect dialect
) noexcept {
    struct Renamed {
        std::string_view type, v20, v21;
    };

    // What STIX 2.0 called otherwise, and what stands elsewhere in both.
    constexpr std::array<Renamed, 11> renamed{{
        {"file", "created", "ctime"},
        {"file", "modified", "mtime"},
        {"file", "accessed", "atime"},
        {"directory", "created", "ctime"},
        {"directory", "modified", "mtime"},
        {"directory", "accessed", "atime"},
        {"process", "name", "image_ref.name"},
        {"process", "binary_ref", "image_ref"},
        {"process", "arguments", "command_line"},
        {"windows-registry-key", "modified", "modified_time"},
        {"user-account", "password_last_changed", "credential_last_changed"},
    }};
    if (type.type == "file" && name == "path") return "parent_directory_ref.path";
    for (const Renamed& one : renamed) {
        if (one.type != type.type) continue;
        if (dialect == Dialect::v21 && one.v20 == name) return one.v21;
        if (dialect == Dialect::v20 && one.v21 == name) return one.v20;
    }
    Nearest nearest(name);
    nearest.show_all(dialect == Dialect::v21 ? type.v21 : type.v20);
    return nearest.found();
}

}  // namespace entente::pattern
