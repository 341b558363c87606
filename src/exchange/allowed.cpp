#include "exchange/allowed.h"

#include "stix/personal.h"

#include <array>

namespace entente::exchange {
namespace {

std::vector<std::string> personal_names(std::uint8_t bits) {
    using stix::Personal;
    constexpr std::array all{
        Personal::contact, Personal::account, Personal::free_text, Personal::credentials};
    std::vector<std::string> names;
    for (const Personal p : all) {
        if ((bits & stix::personal_bit(p)) != 0) names.emplace_back(stix::personal_name(p));
    }
    return names;
}

/// Where other parties' agreements lead (`Way::sources`, `Way::red`) is not the reader's to know.
AllowedWay allowed_way(const State& state, const agreement::Bond& bond, const agreement::Way& way) {
    AllowedWay made;
    made.agreement = bond.agreement;
    made.ceiling = way.ceiling;
    made.types = way.types;
    made.words = way.words;
    made.pattern_paths = way.pattern_paths;
    made.exclude_labels = way.exclude_labels;
    made.min_confidence = way.min_confidence;
    made.not_older_days = way.not_older_days;
    made.stripped = personal_names(way.strip);
    made.delay_hours = way.delay_hours;
    if (bond.agreement.empty()) return made;
    made.flow = way.name.substr(way.name.rfind('/') + 1);
    const agreement::Standpoint* point = state.agreements.point(bond.agreement);
    if (point != nullptr && point->standing.document != nullptr)
        made.until = point->standing.document->until;
    return made;
}

}  // namespace

Allowed allowed_to(
    const State& state, const store::User& user, const store::Collection& collection
) {
    const State::Rights rights = state.rights(user, collection.no);
    Allowed allowed{.read = rights.read, .write = rights.write};
    const agreement::Terms terms = state.read_terms(user, collection);
    for (const agreement::Bond& bond : terms.bonds) {
        if (bond.suspended) allowed.suspended.push_back(bond.agreement);
        for (const agreement::Way& way : bond.ways)
            allowed.ways.push_back(allowed_way(state, bond, way));
    }
    return allowed;
}

}  // namespace entente::exchange
