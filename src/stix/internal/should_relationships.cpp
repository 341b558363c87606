// Which relationships STIX names (check 202; S58).
#include "stix/internal/kinds.h"
#include "stix/internal/should_rules.h"

#include <algorithm>
#include <array>

namespace entente::stix::internal {
namespace {

// STIX 2.1, sections 4 and 6, as appendix B sums them up. Sorted by source, then type.
constexpr std::array rows_21 = {
    RelationshipRow{"attack-pattern", "delivers", "malware"},
    RelationshipRow{"attack-pattern", "targets", "identity location vulnerability"},
    RelationshipRow{"attack-pattern", "uses", "malware tool"},
    RelationshipRow{"campaign", "attributed-to", "intrusion-set threat-actor"},
    RelationshipRow{"campaign", "compromises", "infrastructure"},
    RelationshipRow{"campaign", "originates-from", "location"},
    RelationshipRow{"campaign", "targets", "identity location vulnerability"},
    RelationshipRow{"campaign", "uses", "attack-pattern infrastructure malware tool"},
    RelationshipRow{"course-of-action", "investigates", "indicator"},
    RelationshipRow{
        "course-of-action", "mitigates", "attack-pattern indicator malware tool vulnerability"},
    RelationshipRow{"course-of-action", "remediates", "malware vulnerability"},
    RelationshipRow{"domain-name", "resolves-to", "domain-name ipv4-addr ipv6-addr"},
    RelationshipRow{"identity", "located-at", "location"},
    RelationshipRow{"indicator", "based-on", "observed-data"},
    RelationshipRow{
        "indicator",
        "indicates",
        "attack-pattern campaign infrastructure intrusion-set malware threat-actor tool"},
    RelationshipRow{
        "infrastructure",
        "communicates-with",
        "domain-name infrastructure ipv4-addr ipv6-addr url"},
    RelationshipRow{"infrastructure", "consists-of", "infrastructure observed-data sco"},
    RelationshipRow{"infrastructure", "controls", "infrastructure malware"},
    RelationshipRow{"infrastructure", "delivers", "malware"},
    RelationshipRow{"infrastructure", "has", "vulnerability"},
    RelationshipRow{"infrastructure", "hosts", "malware tool"},
    RelationshipRow{"infrastructure", "located-at", "location"},
    RelationshipRow{"infrastructure", "uses", "infrastructure"},
    RelationshipRow{"intrusion-set", "attributed-to", "threat-actor"},
    RelationshipRow{"intrusion-set", "compromises", "infrastructure"},
    RelationshipRow{"intrusion-set", "hosts", "infrastructure"},
    RelationshipRow{"intrusion-set", "originates-from", "location"},
    RelationshipRow{"intrusion-set", "owns", "infrastructure"},
    RelationshipRow{"intrusion-set", "targets", "identity location vulnerability"},
    RelationshipRow{"intrusion-set", "uses", "attack-pattern infrastructure malware tool"},
    RelationshipRow{"ipv4-addr", "belongs-to", "autonomous-system"},
    RelationshipRow{"ipv4-addr", "resolves-to", "mac-addr"},
    RelationshipRow{"ipv6-addr", "belongs-to", "autonomous-system"},
    RelationshipRow{"ipv6-addr", "resolves-to", "mac-addr"},
    RelationshipRow{"malware", "authored-by", "intrusion-set threat-actor"},
    RelationshipRow{"malware", "beacons-to", "infrastructure"},
    RelationshipRow{"malware", "communicates-with", "domain-name ipv4-addr ipv6-addr url"},
    RelationshipRow{"malware", "controls", "malware"},
    RelationshipRow{"malware", "downloads", "file malware tool"},
    RelationshipRow{"malware", "drops", "file malware tool"},
    RelationshipRow{"malware", "exfiltrates-to", "infrastructure"},
    RelationshipRow{"malware", "exploits", "vulnerability"},
    RelationshipRow{"malware", "originates-from", "location"},
    RelationshipRow{"malware", "targets", "identity infrastructure location vulnerability"},
    RelationshipRow{"malware", "uses", "attack-pattern infrastructure malware tool"},
    RelationshipRow{"malware", "variant-of", "malware"},
    RelationshipRow{"malware-analysis", "av-analysis-of", "malware"},
    RelationshipRow{"malware-analysis", "characterizes", "malware"},
    RelationshipRow{"malware-analysis", "dynamic-analysis-of", "malware"},
    RelationshipRow{"malware-analysis", "static-analysis-of", "malware"},
    RelationshipRow{"threat-actor", "attributed-to", "identity"},
    RelationshipRow{"threat-actor", "compromises", "infrastructure"},
    RelationshipRow{"threat-actor", "hosts", "infrastructure"},
    RelationshipRow{"threat-actor", "impersonates", "identity"},
    RelationshipRow{"threat-actor", "located-at", "location"},
    RelationshipRow{"threat-actor", "owns", "infrastructure"},
    RelationshipRow{"threat-actor", "targets", "identity location vulnerability"},
    RelationshipRow{"threat-actor", "uses", "attack-pattern infrastructure malware tool"},
    RelationshipRow{"tool", "delivers", "malware"},
    RelationshipRow{"tool", "drops", "malware"},
    RelationshipRow{"tool", "has", "vulnerability"},
    RelationshipRow{"tool", "targets", "identity infrastructure location vulnerability"},
    RelationshipRow{"tool", "uses", "infrastructure"},
};

// STIX 2.0, part 2.
constexpr std::array rows_20 = {
    RelationshipRow{"attack-pattern", "targets", "identity vulnerability"},
    RelationshipRow{"attack-pattern", "uses", "malware tool"},
    RelationshipRow{"campaign", "attributed-to", "intrusion-set threat-actor"},
    RelationshipRow{"campaign", "targets", "identity vulnerability"},
    RelationshipRow{"campaign", "uses", "attack-pattern malware tool"},
    RelationshipRow{"course-of-action", "mitigates", "attack-pattern malware tool vulnerability"},
    RelationshipRow{
        "indicator",
        "indicates",
        "attack-pattern campaign intrusion-set malware threat-actor tool"},
    RelationshipRow{"intrusion-set", "attributed-to", "threat-actor"},
    RelationshipRow{"intrusion-set", "targets", "identity vulnerability"},
    RelationshipRow{"intrusion-set", "uses", "attack-pattern malware tool"},
    RelationshipRow{"malware", "targets", "identity vulnerability"},
    RelationshipRow{"malware", "uses", "tool"},
    RelationshipRow{"malware", "variant-of", "malware"},
    RelationshipRow{"threat-actor", "attributed-to", "identity"},
    RelationshipRow{"threat-actor", "impersonates", "identity"},
    RelationshipRow{"threat-actor", "targets", "identity vulnerability"},
    RelationshipRow{"threat-actor", "uses", "attack-pattern malware tool"},
    RelationshipRow{"tool", "targets", "identity vulnerability"},
};

constexpr bool less(const RelationshipRow& a, const RelationshipRow& b) {
    return a.source != b.source ? a.source < b.source : a.type < b.type;
}

static_assert(std::is_sorted(rows_21.begin(), rows_21.end(), less));
static_assert(std::is_sorted(rows_20.begin(), rows_20.end(), less));

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const std::size_t blank = std::min(words.find(' '), words.size());
        if (words.substr(0, blank) == word) return true;
        words.remove_prefix(std::min(blank + 1, words.size()));
    }
    return false;
}

bool is_target(std::string_view targets, std::string_view type) {
    return has_word(targets, type) ||
           (has_word(targets, "sco") && kind_of_type(type) == Kind::cyber_observable);
}

}  // namespace

std::span<const RelationshipRow> relationship_rows(bool is_20) noexcept {
    if (is_20) return rows_20;
    return rows_21;
}

Fit fit_of_relationship(
    std::string_view type, std::string_view source, std::string_view target, bool is_20
) noexcept {
    if (type == "related-to") return Fit::right;
    if (type == "derived-from" || type == "duplicate-of") {
        return source == target ? Fit::right : Fit::same_type_wanted;
    }
    const auto rows = relationship_rows(is_20);
    const RelationshipRow wanted{source, type, {}};
    const auto at = std::lower_bound(rows.begin(), rows.end(), wanted, less);
    if (at != rows.end() && at->source == source && at->type == type) {
        return is_target(at->targets, target) ? Fit::right : Fit::target_unknown;
    }
    const bool known = std::any_of(rows.begin(), rows.end(), [source](const RelationshipRow& r) {
        return r.source == source;
    });
    return known ? Fit::type_unknown : Fit::source_unknown;
}

}  // namespace entente::stix::internal
