#pragma once
// From STIX to values: what a pattern, by one comparison alone, says to look for. Pure.
#include "base/time.h"
#include "feed/value.h"
#include "pattern/pattern.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::feed {

/// What was found in one object, and how often something was left out and why.
struct Extract {
    std::vector<Value> values;
    std::vector<Drop> drops;
};

/// The values of which one alone makes the pattern match (STIX 2.1, 9): alternatives, joined by OR
/// inside or outside of brackets, that are one equality each (`=`, `IN`, for addresses ISSUBSET)
/// on a path that is a kind:
///
/// | path | kind |
/// |---|---|
/// | domain-name:value | domain |
/// | url:value | url |
/// | ipv4-addr:value, ipv6-addr:value | ipv4, ipv6, cidr |
/// | email-addr:value | email |
/// | file:hashes.MD5, 'SHA-1', 'SHA-256' | md5, sha1, sha256 |
/// | x509-certificate:hashes.'SHA-1' | cert-sha1 |
/// | any type's ja3 or ja3_hash | ja3 |
///
/// Every other alternative is a drop of its own: AND, NOT, FOLLOWEDBY, qualifiers, other operators
/// and paths with references, which are narrower than the value alone, need the matcher.
[[nodiscard]] Extract extract(const pattern::Pattern& pattern);

/// One object, as far as a feed needs it.
struct Read {
    std::string id;
    std::string version;  // `modified`, else `created`: sorts as time does; empty = none
    /// Whose object it is, by the caller's numbers: versions of another's supersede nothing.
    std::uint64_t custodian = 0;
    bool revoked = false;
    std::optional<Micros> from;   // valid_from
    std::optional<Micros> until;  // valid_until
    Extract found;
};

/// Which objects are looked into.
enum class Objects : std::uint8_t {
    indicators,
    observables_too,  // cyber-observables: what they are, nobody says that it is bad
};

/// Reads objects one after the other. Threads: one at a time.
class ObjectReader {
  public:
    explicit ObjectReader(Objects which);
    ~ObjectReader();
    ObjectReader(const ObjectReader&) = delete;
    ObjectReader& operator=(const ObjectReader&) = delete;

    /// Nothing for an object of another type. Fails: `no_object`.
    [[nodiscard]] tl::expected<std::optional<Read>, Drop> read(std::string_view json);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::feed
