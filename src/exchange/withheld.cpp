#include "exchange/withheld.h"

#include "exchange/internal/reach.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace entente::exchange {

ReleaseReport report_release(
    store::Snapshot& snapshot,
    const State& state,
    const store::User& user,
    const store::Collection& collection,
    const Moment& moment
) {
    constexpr std::size_t examples_max = 3;
    const agreement::Terms terms = state.read_terms(user, collection);
    std::map<store::ClassNo, agreement::Decision> decided;
    std::map<std::tuple<agreement::Reason, std::string, std::string, std::string>, WithheldGroup>
        groups;
    std::map<std::string, ReleasedGroup> ways;
    Reaches reaches(
        snapshot,
        {.user = user.no, .collection = collection.no, .at = moment.at, .as_served = moment.is_now}
    );
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
        const bool derived = has(entry->flags, store::Flag::derived);
        if (decision.releases()) {
            ++report.released;
            report.derived += derived ? 1 : 0;
            ReleasedGroup& way = ways[decision.way];
            way.way = decision.way;
            way.agreement = decision.agreement;
            ++way.count;
            if (reaches.of(entry->seq, entry->cls, decision).access == Access::later) {
                ++way.later;
                ++report.later;
            }
            continue;
        }
        // What was made for other readers is no object that this one misses.
        if (derived) continue;
        const agreement::Facets* facets = state.classes->find(entry->cls);
        const std::string type = facets == nullptr ? std::string() : facets->type;
        WithheldGroup& group = groups[{decision.reason, decision.marking, type, decision.way}];
        group.reason = decision.reason;
        group.marking = decision.marking;
        group.type = type;
        group.way = decision.way;
        group.agreement = decision.agreement;
        ++group.count;
        const auto made = snapshot.derived(collection.no, entry->id);
        const bool gets_derived = std::ranges::any_of(made, [&](const store::Derived& d) {
            return d.version_key == entry->version_key &&
                   agreement::decide(terms, *state.classes, state.markings, d.cls).releases();
        });
        group.derived += gets_derived ? 1 : 0;
        if (group.examples.size() < examples_max) group.examples.emplace_back(entry->id);
    }
    for (auto& [name, way] : ways)
        report.ways.push_back(std::move(way));
    for (auto& [key, group] : groups)
        report.withheld.push_back(std::move(group));
    std::ranges::stable_sort(report.withheld, std::greater<>(), &WithheldGroup::count);
    return report;
}

}  // namespace entente::exchange
