#pragma once
// The forms of strings that rows of the tables name.
#include "stix/internal/text_rules.h"
#include "stix/internal/types.h"

namespace entente::stix::internal::formats {

inline constexpr Format language = {
    is_language_tag, "a language tag (RFC 5646), for example \"en\"", "V10"};
inline constexpr Format cpe = {is_cpe23, "a CPE 2.3 name, cpe:2.3: and eleven components", "V13"};
inline constexpr Format url = {is_url, "a URL (RFC 3986)", "S57"};
inline constexpr Format domain_name = {is_domain_name, "a domain name (RFC 1034, RFC 5890)", "S46"};
inline constexpr Format email_address = {
    is_email_address, "an e-mail address without a display name (RFC 5322, 3.4.1)", "S47"};
inline constexpr Format ipv4 = {
    is_ipv4_or_cidr, "an IPv4 address or CIDR block, for example 198.51.100.0/24", "S50"};
inline constexpr Format ipv6 = {
    is_ipv6_or_cidr, "an IPv6 address or CIDR block, for example 2001:db8::/32", "S50"};
inline constexpr Format mac_address = {
    is_mac_address, "six pairs of lower-case hexadecimal digits with colons between", "S51"};
inline constexpr Format relationship_type = {
    is_relationship_name, "characters of a-z, 0-9 and -", "S38"};

[[nodiscard]] inline bool is_full_registry_key(std::string_view text) noexcept {
    return !has_short_hive(text);
}

inline constexpr Format registry_key = {
    is_full_registry_key, "a hive in full, for example HKEY_LOCAL_MACHINE", "S54"};
inline constexpr Format binary = {is_base64, "base64 with padding (RFC 4648, 4)", "S3"};
inline constexpr Format hex = {is_hex, "pairs of 0-9 and a-f", "S3"};

}  // namespace entente::stix::internal::formats
