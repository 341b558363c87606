#pragma once
// Agreements from a few answers. Pure.
#include "agreement/document.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement {

enum class Template : std::uint8_t {
    bilateral,  // two parties give to each other
    hub,        // the first gives to all others, and they to it alone
    circle,     // everyone gives to everyone
    terms,      // one-sided: the first gives to the others, and alone signs
};

/// "bilateral", "hub", "circle" or "terms"; nothing for other words.
[[nodiscard]] std::optional<Template> parse_template(std::string_view name) noexcept;
[[nodiscard]] std::string_view template_name(Template name) noexcept;

/// The answers.
struct Answers {
    std::string title;
    std::vector<PartyTerm> parties;  // the first one is the hub, or gives the terms
    std::vector<std::string> types;  // of objects that cross; empty = any
    stix::Tlp max_marking = stix::Tlp::amber;
    std::vector<std::string> named;  // users who get TLP:RED
    std::vector<Personal> keep;      // classes of personal data that are not cut out
    std::uint32_t min_delay_hours = 0;
    std::vector<std::string>
        onward;  // to whom it may be passed on, up to TLP:GREEN; empty = nobody
    /// Within how many days receivers owe a sighting of an indicator that matched.
    std::optional<std::uint32_t> sightings_within_days;
    Micros from;
    Micros until;
    std::uint32_t notice_days = 0;
};

/// Version 1 of an agreement. Fails as `read_document` does, with pointers into the document that
/// would have come out, and invalid_argument: a bilateral agreement of other than two parties.
[[nodiscard]] Result<Document> from_template(Template name, const Answers& answers);

}  // namespace entente::agreement
