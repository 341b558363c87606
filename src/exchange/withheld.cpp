#include "exchange/withheld.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace entente::exchange {

ReleaseReport report_release(
    store::Snapshot& snapshot,
    const State& state,
    const store::User& user,
    const store::Collection& collection
) {
    constexpr std::size_t examples_max = 3;
    const agreement::Terms terms = state.read_terms(user, collection);
    std::map<store::ClassNo, agreement::Decision> decided;
    std::map<std::tuple<agreement::Reason, std::string, std::string>, WithheldGroup> groups;
    ReleaseReport report;
    const auto cursor = snapshot.entries(collection.no, store::Seq{1});
    while (const auto entry = cursor->next()) {
        auto known = decided.find(entry->cls);
        if (known == decided.end()) {
            known = decided
                        .emplace(
                            entry->cls,
                            agreement::decide(terms, *state.classes, state.markings, entry->cls)
                        )
                        .first;
        }
        const agreement::Decision& decision = known->second;
        if (decision.releases()) {
            ++report.released;
            continue;
        }
        const agreement::Facets* facets = state.classes->find(entry->cls);
        const std::string type = facets == nullptr ? std::string() : facets->type;
        WithheldGroup& group = groups[{decision.reason, decision.marking, type}];
        group.reason = decision.reason;
        group.marking = decision.marking;
        group.type = type;
        ++group.count;
        if (group.examples.size() < examples_max) group.examples.emplace_back(entry->id);
    }
    for (auto& [key, group] : groups)
        report.withheld.push_back(std::move(group));
    std::ranges::stable_sort(report.withheld, std::greater<>(), &WithheldGroup::count);
    return report;
}

}  // namespace entente::exchange
