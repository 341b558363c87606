#include "exchange/internal/facets.h"

#include "stix/personal.h"
#include "stix/tlp.h"
#include "stix/traits.h"

#include <optional>
#include <utility>

namespace entente::exchange {

using agreement::Facets;

namespace {

std::uint8_t age_of(const stix::Object& object, Micros now) {
    constexpr std::int64_t us_per_day = 86'400'000'000;
    if (object.version == stix::unversioned) return agreement::age_band(0);
    const auto at = parse_stix_time(object.version);
    if (!at) return 0;
    const std::int64_t age = now - *at;
    return agreement::age_band(
        age <= 0 ? 0 : static_cast<std::uint64_t>((age + us_per_day - 1) / us_per_day)
    );
}

/// The highest TLP level; nothing where other markings stand, which cannot be compared.
std::optional<stix::Tlp> highest(const Facets& facets) {
    std::optional<stix::Tlp> level;
    for (const std::string& id : facets.markings) {
        const auto one = stix::tlp_of_marking(id);
        if (!one) return std::nullopt;
        if (!level || *one > *level) level = one;
    }
    return level;
}

}  // namespace

Facets facets_of(const stix::Object& object, Micros now) {
    Facets facets;
    facets.type = object.type;
    facets.spec_version = object.spec_version;
    facets.markings = object.object_markings;
    facets.granular = object.granular_markings;
    facets.producer = object.created_by_ref;
    stix::Traits traits = stix::traits_of(object);
    facets.described = true;
    facets.words = std::move(traits.words);
    facets.pattern_paths = std::move(traits.pattern_paths);
    if (traits.confidence)
        facets.confidence = static_cast<std::uint8_t>(*traits.confidence / 10 + 1);
    facets.age = age_of(object, now);
    facets.personal = stix::personal_classes(object);
    return facets;
}

bool implied(const Facets& target, const Facets& source) {
    if (target.held_for != agreement::PartyNo{} || !target.needs.empty() ||
        !target.granular.empty() || !target.hidden.empty() || target.cut != 0) {
        return false;
    }
    const bool asked_alike =
        target.type == source.type && target.described == source.described &&
        target.words == source.words && target.pattern_paths == source.pattern_paths &&
        target.confidence == source.confidence && target.age == source.age &&
        (target.personal & ~source.personal) == 0 && target.arrivals == source.arrivals &&
        target.producer == source.producer;
    if (!asked_alike) return false;
    if (target.markings == source.markings) return true;
    const auto of_target = highest(target);
    const auto of_source = highest(source);
    return of_target && of_source && *of_target <= *of_source;
}

}  // namespace entente::exchange
