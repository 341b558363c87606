#include "stix/internal/kinds.h"

#include <algorithm>
#include <array>

namespace entente::stix::internal {
namespace {

struct Row {
    std::string_view type;
    Kind kind;
};

// Sorted by type.
constexpr std::array rows = {
    Row{"artifact", Kind::cyber_observable},
    Row{"attack-pattern", Kind::domain_object},
    Row{"autonomous-system", Kind::cyber_observable},
    Row{"campaign", Kind::domain_object},
    Row{"course-of-action", Kind::domain_object},
    Row{"directory", Kind::cyber_observable},
    Row{"domain-name", Kind::cyber_observable},
    Row{"email-addr", Kind::cyber_observable},
    Row{"email-message", Kind::cyber_observable},
    Row{"extension-definition", Kind::meta_object},
    Row{"file", Kind::cyber_observable},
    Row{"grouping", Kind::domain_object},
    Row{"identity", Kind::domain_object},
    Row{"incident", Kind::domain_object},
    Row{"indicator", Kind::domain_object},
    Row{"infrastructure", Kind::domain_object},
    Row{"intrusion-set", Kind::domain_object},
    Row{"ipv4-addr", Kind::cyber_observable},
    Row{"ipv6-addr", Kind::cyber_observable},
    Row{"language-content", Kind::meta_object},
    Row{"location", Kind::domain_object},
    Row{"mac-addr", Kind::cyber_observable},
    Row{"malware", Kind::domain_object},
    Row{"malware-analysis", Kind::domain_object},
    Row{"marking-definition", Kind::meta_object},
    Row{"mutex", Kind::cyber_observable},
    Row{"network-traffic", Kind::cyber_observable},
    Row{"note", Kind::domain_object},
    Row{"observed-data", Kind::domain_object},
    Row{"opinion", Kind::domain_object},
    Row{"process", Kind::cyber_observable},
    Row{"relationship", Kind::relationship_object},
    Row{"report", Kind::domain_object},
    Row{"sighting", Kind::relationship_object},
    Row{"software", Kind::cyber_observable},
    Row{"threat-actor", Kind::domain_object},
    Row{"tool", Kind::domain_object},
    Row{"url", Kind::cyber_observable},
    Row{"user-account", Kind::cyber_observable},
    Row{"vulnerability", Kind::domain_object},
    Row{"windows-registry-key", Kind::cyber_observable},
    Row{"x509-certificate", Kind::cyber_observable},
};

static_assert(std::is_sorted(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.type < b.type;
}));

}  // namespace

std::optional<Kind> kind_of_type(std::string_view type) noexcept {
    const auto row = std::lower_bound(
        rows.begin(), rows.end(), type, [](const Row& r, std::string_view t) { return r.type < t; }
    );
    if (row == rows.end() || row->type != type) return std::nullopt;
    return row->kind;
}

}  // namespace entente::stix::internal
