#pragma once
// One spelling for values that are written in several: feeds and sensors seldom agree on case,
// points at the end, or how an IPv6 address is shortened. Applied to the constants of patterns and
// to the values of events alike; docs/matching.md lists what is done.
#include "match/event.h"
#include "pattern/pattern.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace entente::match {

enum class Form : std::uint8_t {
    as_is,
    domain,   // lower case, no point at the end, IDNA A-labels (RFC 5890), `[.]` is a point
    url,      // scheme and host as above, no default port, `/` where no path is; `hxxp` is http
    email,    // the domain as above
    address,  // IPv4 without /32; IPv6 as RFC 5952 writes it, without /128; mapped IPv4 as IPv4
    mac,      // lower case with colons
    hash,     // lower case
    serial,   // hexadecimal digits alone, lower case
    host      // address, mac or domain: what it looks like
};

/// `text` in the one spelling of `form`; as it is where it is none of that kind. Bounded: linear.
[[nodiscard]] std::string canonical(Form form, std::string_view text);

/// The same without a copy where nothing has to change; else kept in `event`.
[[nodiscard]] std::string_view canonical(Form form, std::string_view text, Event& event);

/// How the values at a path are spelled.
[[nodiscard]] Form form_of(const pattern::Path& path);

/// Brings the constants of =, != and IN to one spelling, LIKE on names and hashes to lower case,
/// names of hashes in paths to those of STIX (`SHA256` is 'SHA-256'). `=` and != with an address
/// block become ISSUBSET.
void canonicalise(pattern::Pattern& pattern);

}  // namespace entente::match
