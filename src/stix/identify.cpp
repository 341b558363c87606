#include "stix/identify.h"

#include "base/escape.h"
#include "stix/internal/canonical.h"
#include "stix/internal/uuid5.h"
#include "stix/internal/value.h"
#include "stix/object.h"

#include <algorithm>
#include <array>

namespace entente::stix {
namespace {

constexpr std::size_t shown_bytes_max = 80;
constexpr std::size_t contributing_max = 8;

/// The ID contributing properties of a type (STIX 2.1, section 6), in canonical order.
struct Row {
    std::string_view type;
    std::array<std::string_view, contributing_max> properties;
};

constexpr std::array rows = {
    Row{"artifact", {"hashes", "payload_bin"}},
    Row{"autonomous-system", {"number"}},
    Row{"directory", {"path"}},
    Row{"domain-name", {"value"}},
    Row{"email-addr", {"value"}},
    Row{"email-message", {"body", "from_ref", "subject"}},
    Row{"file", {"extensions", "hashes", "name", "parent_directory_ref"}},
    Row{"ipv4-addr", {"value"}},
    Row{"ipv6-addr", {"value"}},
    Row{"mac-addr", {"value"}},
    Row{"mutex", {"name"}},
    Row{"network-traffic",
        {"dst_port", "dst_ref", "end", "extensions", "protocols", "src_port", "src_ref", "start"}},
    Row{"process", {}},
    Row{"software", {"cpe", "name", "swid", "vendor", "version"}},
    Row{"url", {"value"}},
    Row{"user-account", {"account_login", "account_type", "user_id"}},
    Row{"windows-registry-key", {"key", "values"}},
    Row{"x509-certificate", {"hashes", "serial_number"}},
};

const Row* row_of(std::string_view type) {
    const auto at =
        std::find_if(rows.begin(), rows.end(), [type](const Row& row) { return row.type == type; });
    return at == rows.end() ? nullptr : &*at;
}

/// The one entry of `hashes` that counts, as canonical JSON; empty when there is none. `json` is
/// the object as it came, because the canonical form has lost which entry was given first.
Result<std::string> chosen_hash(std::string_view json, std::string_view hashes) {
    if (!internal::is_object(hashes)) return std::string(hashes);
    const auto only = [](const internal::Property& entry) {
        return std::string("{\"").append(entry.name).append("\":").append(entry.value).append("}");
    };
    const auto entries = internal::properties(hashes);
    for (const std::string_view preferred : {"MD5", "SHA-1", "SHA-256", "SHA-512"}) {
        for (const auto& entry : entries) {
            if (entry.name == preferred) return only(entry);
        }
    }
    if (entries.size() < 2) return entries.empty() ? std::string() : only(entries.front());
    internal::Canonical reader;
    ENTENTE_CHECK(reader.read(json));
    for (const auto& property : internal::properties(reader.body())) {
        std::string name;
        if (!internal::append_unescaped(name, property.name) || name != "hashes") continue;
        const auto given = internal::properties(property.value);
        return canonical_json(std::string("{\"")
                                  .append(given.front().name)
                                  .append("\":")
                                  .append(given.front().value)
                                  .append("}"));
    }
    return std::string();
}

}  // namespace

Result<std::optional<std::string>> deterministic_id(std::string_view json) {
    ENTENTE_TRY(const std::string canonical, canonical_json(json));
    if (!internal::is_object(canonical))
        return fail(Errc::unprocessable, "not a STIX object; expected a JSON object");
    const auto properties = internal::properties(canonical);
    const auto find = [&properties](std::string_view name) {
        const auto at = std::find_if(properties.begin(), properties.end(), [name](const auto& p) {
            return p.name == name;
        });
        return at == properties.end() ? std::string_view() : at->value;
    };
    const std::string_view type_value = find("type");
    const std::string_view type = internal::plain_string(type_value).value_or(std::string_view());
    const Row* const row = row_of(type);
    if (row == nullptr) {
        return fail(
            Errc::unprocessable,
            "/type: " + (type_value.empty() ? "missing" : printable(type_value, shown_bytes_max)) +
                "; expected a cyber-observable of STIX 2.1, for example \"ipv4-addr\""
        );
    }
    std::string contributing;
    for (const std::string_view name : row->properties) {
        std::string value(find(name));
        if (name == "hashes" && !value.empty()) {
            ENTENTE_TRY(value, chosen_hash(json, value));
        }
        if (name.empty() || value.empty()) continue;
        contributing.append(contributing.empty() ? "{\"" : ",\"")
            .append(name)
            .append("\":")
            .append(value);
    }
    if (contributing.empty()) return std::nullopt;
    return std::string(type) + "--" + internal::observable_uuid(contributing + "}");
}

}  // namespace entente::stix
