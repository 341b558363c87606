#pragma once
// Plain values, one a line: addresses, blocks, names, URLs, hashes, mail addresses; as a list of
// what to look for or as what was seen.
#include "match/event.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace entente::match {

enum class Subdomains : bool { no, yes };

/// The pattern that looks for one value of a list, told by what it looks like: an address, a block
/// of addresses, an address with a port, a URL, a host with a path, a name (with `Subdomains::yes`
/// also what lies below it), MD5, SHA-1, SHA-256 or SHA-512, a mail address. Defanged ones too.
/// Nothing for anything else, and for octets that are no UTF-8.
[[nodiscard]] std::optional<std::string> pattern_of_value(
    std::string_view value, Subdomains below = Subdomains::no
);

/// Fills `event` with the object that a value is. False when it looks like nothing known. Views
/// live until the event's `clear`.
[[nodiscard]] bool read_value(std::string_view value, Event& event);

}  // namespace entente::match
