#pragma once
// Indicators as the matcher needs them.
#include "base/result.h"
#include "match/validity.h"
#include "pattern/pattern.h"

#include <string>
#include <string_view>

namespace entente::watch {

/// STIX 2.1, 4.7; STIX 2.0 part 2, 2.5. What is missing is empty.
struct Indicator {
    std::string id;
    std::string name;
    std::string pattern;
    std::string created_by;
    std::string marking;  // the highest level of TLP among its markings
    bool revoked = false;
    bool other_language = false;  // its pattern_type is not stix
    pattern::Dialect dialect = pattern::Dialect::v21;
    match::Validity validity;
};

/// Fails: malformed (no JSON object).
[[nodiscard]] Result<Indicator> read_indicator(std::string_view json);

/// The pattern that also means all names below it, where it compares one domain name and nothing
/// else; else as it is.
[[nodiscard]] std::string with_subdomains(const std::string& pattern, pattern::Dialect dialect);

}  // namespace entente::watch
