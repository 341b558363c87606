#pragma once
// Registries of others that STIX points to: IANA's, ISO's country codes, names that HTTP, sockets
// and PDF have. The IANA lists are those of January 2025 or later; a value that was registered
// since is not in them, which is why all but character sets are recommendations (checks 271-277).
//
// Every function allocates nothing and may be called from any thread; the first call of each lays
// out its list.
#include <string_view>

namespace entente::stix::internal {

/// A character set by the name that STIX wants: the preferred MIME name where there is one, else
/// the registry's name (STIX 2.1, 3.9.1; V9). Compared by bytes.
[[nodiscard]] bool is_character_set(std::string_view text) noexcept;

/// A media type of the registry, without parameters; case is not looked at (RFC 6838, 4.2).
[[nodiscard]] bool is_registered_media_type(std::string_view text) noexcept;

/// A service name, a transport protocol, or one of ipv4, ipv6, dns, ssl, tls, as the registry
/// spells it: most are in small letters, and STIX wants the others as they are there (6.12.1).
[[nodiscard]] bool is_service_name(std::string_view text) noexcept;

/// An IPFIX information element, case preserved (6.12.1).
[[nodiscard]] bool is_ipfix_element(std::string_view text) noexcept;

/// A header field that requests have: IANA's HTTP Field Name Registry and some common `X-` names.
/// Case is not looked at (RFC 9110, 5.1).
[[nodiscard]] bool is_http_request_header(std::string_view text) noexcept;

/// A socket option's name: SO_, IP_, IPV6_, ICMP_, ICMP6_, MCAST_, TCP_, UDP_, SCTP_ or IRLMP_ and
/// capitals, digits and underscores (6.12.4).
[[nodiscard]] bool is_socket_option(std::string_view text) noexcept;

/// An entry of the document information dictionary (ISO 32000-1, 14.3.3), case preserved.
[[nodiscard]] bool is_pdf_info_key(std::string_view text) noexcept;

/// A code that ISO 3166-1 alpha-2 assigns to a country; case is not looked at (4.10.1).
[[nodiscard]] bool is_country(std::string_view text) noexcept;

}  // namespace entente::stix::internal
