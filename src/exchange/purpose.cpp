#include "exchange/purpose.h"

#include <algorithm>
#include <map>

namespace entente::exchange {

using agreement::Action;
using agreement::ClassNo;

Action action_of(const State& state, std::string_view agreement) {
    const agreement::Standpoint* point = state.agreements.point(agreement);
    if (point == nullptr || !point->standing.releases() || point->standing.document == nullptr)
        return Action::look;
    return agreement::permitted(point->standing.document->use);
}

bool terms_hold(const State& state, ClassNo cls) {
    const agreement::Facets* facets = state.classes->find(cls);
    if (facets == nullptr) return false;
    return facets->arrivals.empty() ||
           std::ranges::any_of(facets->arrivals, [&](const std::string& agreement) {
               const agreement::Standpoint* point = state.agreements.point(agreement);
               return point != nullptr && point->standing.releases();
           });
}

agreement::View view_for(const agreement::View& view, const State& state, Action action) {
    std::map<std::string, bool, std::less<>> known;
    const auto permits = [&](const std::string& agreement) {
        const auto [at, fresh] = known.try_emplace(agreement, false);
        if (fresh) at->second = action_of(state, agreement) >= action;
        return at->second;
    };
    agreement::Terms terms = view.terms();
    std::erase_if(terms.bonds, [&](const agreement::Bond& bond) {
        return !bond.agreement.empty() && !permits(bond.agreement);
    });
    // Without a bond less nothing changes for any class, so only then each is asked again.
    const bool as_before = terms.bonds.size() == view.terms().bonds.size();
    std::vector<bool> released(state.classes->size(), false);
    for (const ClassNo cls : view.released()) {
        const agreement::Facets* facets = state.classes->find(cls);
        if (facets == nullptr) continue;
        const bool came_so =
            facets->arrivals.empty() || std::ranges::any_of(facets->arrivals, permits);
        released[raw(cls)] =
            came_so &&
            (as_before || agreement::decide(terms, *state.classes, state.markings, cls).releases());
    }
    return {
        view.user(),
        view.collection(),
        std::move(terms),
        std::move(released),
        view.stretches(),
        view.delays()};
}

}  // namespace entente::exchange
