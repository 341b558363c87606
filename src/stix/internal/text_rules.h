#pragma once
// What single strings must look like, by the standard that STIX names for each: names, identifiers,
// timestamps, hashes, addresses, language tags. Every function takes unescaped UTF-8 of any length,
// reads it once from front to back (where it says so: a bounded number of times), allocates
// nothing, keeps nothing and may be called from any thread.
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace entente::stix::internal {

// -- Names (STIX 2.1, 3.1, 7.3.2, 11; items S1, S4, S6, S38, S72, S74)

/// An object type: 3-250 of a-z, 0-9 and hyphen, a letter first, no two hyphens in a row.
[[nodiscard]] bool is_type_name(std::string_view text) noexcept;

/// A property: 3-250 of a-z, 0-9 and underscore, a letter first; and `id`, the one shorter name.
[[nodiscard]] bool is_property_name(std::string_view text) noexcept;

/// A key of a dictionary: at most 250 of A-Z, a-z, 0-9, hyphen and underscore (2.3).
[[nodiscard]] bool is_dictionary_key(std::string_view text) noexcept;

/// A key of a hashes property: a dictionary key of 3 or more characters (2.7).
[[nodiscard]] bool is_hash_name(std::string_view text) noexcept;

/// A custom extension of a cyber-observable: a-z, 0-9, hyphen, 3-250, ending in `-ext` (11.3).
[[nodiscard]] bool is_extension_name(std::string_view text) noexcept;

/// A relationship_type: one or more of a-z, 0-9 and hyphen (5.1.2).
[[nodiscard]] bool is_relationship_name(std::string_view text) noexcept;

/// Spelled as terms should be: no upper-case letter, no space, no underscore (2.11, 2.14; checks
/// 111 and 121).
[[nodiscard]] bool is_term(std::string_view text) noexcept;

// -- Identifiers (STIX 2.1, 2.9; S18, V15, V16)

struct Identifier {
    std::string_view type;
    std::string_view uuid;
};

/// The two parts of `type--UUID`; nothing when either has the wrong form. Says as `is_identifier`
/// does, and that the type begins with a letter.
[[nodiscard]] std::optional<Identifier> split_identifier(std::string_view text) noexcept;

/// 8-4-4-4-12 lower-case hexadecimal digits (RFC 4122, 3: generated in lower case).
[[nodiscard]] bool is_uuid(std::string_view text) noexcept;

/// The version that a UUID says it has, 0-15. REQUIRES: is_uuid(uuid).
[[nodiscard]] int uuid_version(std::string_view uuid) noexcept;

/// A UUID that RFC 4122 defines: its variant (4.1.1) and one of its versions 1-5 (4.1.3), or the
/// versions 6-8 that RFC 9562 adds; or the nil UUID. REQUIRES: is_uuid(uuid).
[[nodiscard]] bool is_rfc4122_uuid(std::string_view uuid) noexcept;

// -- Time (STIX 2.1, 2.16; S7, V1)

/// `YYYY-MM-DDTHH:MM:SS[.s+]Z`, a day that the calendar has, any number of fraction digits; second
/// 60 only where RFC 3339, 5.7 has it: at 23:59 on the last day of a month.
[[nodiscard]] bool is_timestamp(std::string_view text) noexcept;

/// Digits behind the decimal point. REQUIRES: is_timestamp(timestamp).
[[nodiscard]] std::size_t fraction_digits(std::string_view timestamp) noexcept;

/// Which is earlier, no digit lost: `12:00:00Z` and `12:00:00.000Z` are equal, a leap second lies
/// between its neighbours. REQUIRES: is_timestamp of both. Reads each once.
[[nodiscard]] std::strong_ordering compare_instants(
    std::string_view a, std::string_view b
) noexcept;

// -- Bytes (STIX 2.1, 2.1, 2.8; S3)

/// Base64 of RFC 4648, section 4: with padding, no white space; the empty text is no bytes.
[[nodiscard]] bool is_base64(std::string_view text) noexcept;

/// An even number of 0-9 and a-f.
[[nodiscard]] bool is_hex(std::string_view text) noexcept;

// -- Hashes (STIX 2.1, 2.7, 10.7; S6)

enum class HashForm : std::uint8_t { right, wrong, unknown_algorithm };

/// Whether `value` has the form that the algorithm `name` gives: the names of hash-algorithm-ov,
/// those of STIX 2.0 (part 3, 2.6: also MD6, RIPEMD-160, SHA-224, SHA-384, SHA3-224, SHA3-384,
/// ssdeep, WHIRLPOOL). Names are compared as they are written.
[[nodiscard]] HashForm hash_form(std::string_view name, std::string_view value) noexcept;

/// What `hash_form` wants for `name`, for a message: "64 hexadecimal digits"; empty for names that
/// it does not know.
[[nodiscard]] std::string_view hash_expectation(std::string_view name) noexcept;

// -- Names of other catalogues

/// `CVE-YYYY-NNNN`: four or more digits, no leading zero when there are more than four (S8).
[[nodiscard]] bool is_cve_id(std::string_view text) noexcept;

/// `CAPEC-` and digits (S8).
[[nodiscard]] bool is_capec_id(std::string_view text) noexcept;

/// A CPE 2.3 formatted string (NIST IR 7695, 6.2; V13, S56): `cpe:2.3:` and eleven components.
[[nodiscard]] bool is_cpe23(std::string_view text) noexcept;

/// A language tag of RFC 5646, 2.1, grandfathered ones included, that is well-formed, repeats no
/// variant and no singleton, and whose language is one that can be registered: two letters that ISO
/// 639-1 assigns, or three letters (longer ones are reserved, 2.2.1) (V10, V11, S13).
[[nodiscard]] bool is_language_tag(std::string_view text) noexcept;

/// True when a registry key begins with an abbreviated hive, such as `HKLM\` (6.17.1; S54). In any
/// case of letters.
[[nodiscard]] bool has_short_hive(std::string_view registry_key) noexcept;

// -- Media types

/// `type/subtype` of restricted names (RFC 6838, 4.2), each of 1-127 characters; no parameters.
[[nodiscard]] bool is_media_type(std::string_view text) noexcept;

/// True when what stands before the slash is a top-level type of RFC 6838, 4.2 or one registered
/// later: application, audio, font, haptics, image, message, model, multipart, text, video.
[[nodiscard]] bool has_known_media_family(std::string_view media_type) noexcept;

// -- The network

/// A URL: an absolute URI of RFC 3986, 3 with an optional fragment; ASCII only (S57).
[[nodiscard]] bool is_url(std::string_view text) noexcept;

/// A domain name (RFC 1034, 3.5 as RFC 1123, 2.1 relaxes it; at most 253 characters; a final dot
/// may stand) whose labels are LDH, A- or U-labels (RFC 5890, 2.3); U-labels are measured as the
/// A-labels that they stand for. Which letters a U-label may hold is decided by blocks: no upper
/// case, punctuation, symbols, private use (S46). Reads a label of up to 63 characters a few times.
[[nodiscard]] bool is_domain_name(std::string_view text) noexcept;

/// An addr-spec (RFC 5322, 3.4.1, with the UTF-8 of RFC 6532) without comments and folding (S47).
[[nodiscard]] bool is_email_address(std::string_view text) noexcept;

/// Dotted quad, with or without a prefix length 0-32 (RFC 4632; S50).
[[nodiscard]] bool is_ipv4_or_cidr(std::string_view text) noexcept;

/// The text forms of RFC 4291, 2.2, with or without a prefix length 0-128; no zone (S50).
[[nodiscard]] bool is_ipv6_or_cidr(std::string_view text) noexcept;

/// Six pairs of lower-case hexadecimal digits with colons between (6.10; S51).
[[nodiscard]] bool is_mac_address(std::string_view text) noexcept;

}  // namespace entente::stix::internal
