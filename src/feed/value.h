#pragma once
// Values that sensors look for by themselves: a domain, an address, a digest. Each has one
// spelling, which its grammar gives; nothing else gets into a feed. Pure.
#include <tl/expected.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace entente::feed {

enum class Kind : std::uint8_t {
    domain,
    url,
    ipv4,
    ipv6,
    cidr,
    md5,
    sha1,
    sha256,
    email,
    ja3,        // MD5 of a TLS client's greeting
    cert_sha1,  // SHA-1 of a certificate
};

inline constexpr std::size_t kinds = 11;

/// "domain", "cert-sha1" and so on.
[[nodiscard]] std::string_view kind_name(Kind kind) noexcept;
[[nodiscard]] std::optional<Kind> kind_of(std::string_view name) noexcept;

/// Why something is not in a feed, in the order in which it is looked at.
enum class Drop : std::uint8_t {
    no_object,  // not JSON, no id, no type
    revoked,
    not_yet_valid,   // valid_from
    expired,         // valid_until
    other_language,  // pattern_type other than stix
    bad_pattern,
    needs_the_matcher,  // more than one comparison decides, or one that is no equality
    no_kind,            // compares something that no kind of value is
    no_domain,
    no_url,
    no_address,
    no_digest,
    no_email,
    kind_not_asked,
    no_place_in_format,
    use_not_permitted,  // by the agreement under which it came
    own_asset,
    not_global,        // private, loopback, link-local, multicast and other special addresses
    network_too_wide,  // shorter than /24 or /48
    public_suffix,
    warning_list,
    too_many,
};

inline constexpr std::size_t drops = 22;

/// In words for a person: "needs the matcher".
[[nodiscard]] std::string_view drop_text(Drop drop) noexcept;

/// How often each reason was met.
class Counts {
  public:
    void add(Drop drop, std::uint64_t times = 1) noexcept {
        counts_[static_cast<std::size_t>(drop)] += times;
    }

    [[nodiscard]] std::uint64_t of(Drop drop) const noexcept {
        return counts_[static_cast<std::size_t>(drop)];
    }

  private:
    std::array<std::uint64_t, drops> counts_{};
};

/// A value in the one spelling of its kind, in printable ASCII without blanks, double
/// quotes and backslashes:
///
/// - domain: RFC 1035 labels of a-z, 0-9, hyphen and underscore, two or more, the last not all
///   digits, at most 253 bytes, without a dot at the end; other scripts as A-labels (RFC 5891).
/// - url: `http://` or `https://`, host as a domain or an address, the port where it is not the
///   scheme's own, a path from `/` on, a query; characters as RFC 3986 allows, bytes beyond ASCII
///   percent-encoded. No user information and no fragment: neither is on the wire.
/// - ipv4, ipv6 (RFC 5952), cidr (host bits 0, shorter than the address).
/// - md5, sha1, sha256, ja3, cert_sha1: lower-case hexadecimal digits.
/// - email: RFC 5321 dot-string, `@`, domain in small letters.
struct Value {
    Kind kind = Kind::domain;
    std::string text;
    friend auto operator<=>(const Value&, const Value&) = default;
};

/// Reads a value as feeds and people write it. A bare address that is given as a network is one of
/// its family, a network of all bits too. Fails with the reason of the kind. `read_value(k,
/// v.text)` of a value is that value. Threads: safe.
[[nodiscard]] tl::expected<Value, Drop> read_value(Kind kind, std::string_view text);

/// As values are compared with what a person names: an e-mail address in small letters, since mail
/// servers take its local part in either case (RFC 5321, 2.4); others as they are.
[[nodiscard]] Value folded(Value value);

/// An address or a network, whichever it is.
[[nodiscard]] tl::expected<Value, Drop> read_address(std::string_view text);

/// The host of a url, the domain of an email, the text of a domain; of a url with an address, that
/// without brackets. Empty for other kinds. Lives as long as `value`. REQUIRES: `read_value` gave
/// it.
[[nodiscard]] std::string_view host_of(const Value& value) noexcept;

/// A url in parts. REQUIRES: `read_value` gave it. They live as long as `value`.
struct UrlParts {
    std::string_view host;       // without brackets
    std::string_view authority;  // with brackets and port
    std::string_view target;     // path and query
};

[[nodiscard]] UrlParts url_parts(const Value& value) noexcept;

}  // namespace entente::feed
