#include "pattern/internal/binding_flow.h"

#include "base/assert.h"

#include <algorithm>

namespace entente::pattern {

void Flow::give(std::uint32_t demand, std::uint32_t entry, std::uint64_t count) {
    const std::uint32_t observation = demands_[demand].entries[entry].observation;
    auto& holders = holders_[observation];
    if (holders.empty()) touched_.push_back(observation);
    for (Hold& hold : holders) {
        if (hold.demand == demand) {
            hold.count += count;
            return;
        }
    }
    holders.push_back({demand, entry, count});
}

bool Flow::run(std::span<const Demand> demands, Budget& budget) {
    demands_ = demands;
    for (const std::uint32_t observation : touched_) {
        used_[observation] = 0;
        holders_[observation].clear();
    }
    touched_.clear();
    admitted_.resize(demands.size());
    asks_.resize(std::max(asks_.size(), demands.size()));
    for (std::size_t d = 0; d < demands.size(); ++d) {
        const Demand& demand = demands[d];
        if (!budget.spend(1 + demand.entries.size())) return false;
        admitted_[d].clear();
        std::uint64_t room = 0;
        for (std::uint32_t e = 0; e < demand.entries.size(); ++e) {
            const Entry& entry = demand.entries[e];
            if (entry.lo > demand.lo_max || entry.hi < demand.hi_min) continue;
            admitted_[d].push_back(e);
            room +=
                std::min(capacity_[entry.observation], demand.count - std::min(room, demand.count));
        }
        if (room < demand.count) return false;
    }
    std::vector<std::uint64_t> missing(demands.size());
    for (std::uint32_t d = 0; d < demands.size(); ++d) {
        missing[d] = demands[d].count;
        for (const std::uint32_t e : admitted_[d]) {
            if (missing[d] == 0) break;
            const std::uint32_t observation = demands[d].entries[e].observation;
            const std::uint64_t some =
                std::min(missing[d], capacity_[observation] - used_[observation]);
            if (some == 0) continue;
            used_[observation] += some;
            missing[d] -= some;
            // Demand by demand, so only the last holder can be this one.
            auto& holders = holders_[observation];
            if (holders.empty()) touched_.push_back(observation);
            if (!holders.empty() && holders.back().demand == d) {
                holders.back().count += some;
            } else {
                holders.push_back({d, e, some});
            }
        }
    }
    for (std::uint32_t d = 0; d < demands.size(); ++d) {
        while (missing[d] > 0)
            if (!augment(d, missing[d], budget)) return false;
    }
    return true;
}

Flow::Hold& Flow::held(std::uint32_t observation, std::uint32_t demand) {
    const auto hold = std::ranges::find(holders_[observation], demand, &Hold::demand);
    ENTENTE_ASSERT(hold != holders_[observation].end());
    return *hold;
}

/// From `start` over observations that it may have to the demands that have those, until one has
/// room: `end`.
bool Flow::find_path(std::uint32_t start, std::uint32_t& end, Budget& budget) {
    ++search_;
    std::vector<std::uint32_t> queue{start};
    asks_[start].search = search_;
    for (std::size_t next = 0; next < queue.size(); ++next) {
        const std::uint32_t demand = queue[next];
        if (!budget.spend(1 + 2 * admitted_[demand].size())) return false;
        for (const std::uint32_t entry : admitted_[demand]) {
            const std::uint32_t observation = demands_[demand].entries[entry].observation;
            if (ways_[observation].search == search_) continue;
            ways_[observation] = {search_, demand, entry};
            if (used_[observation] < capacity_[observation]) {
                end = observation;
                return true;
            }
            if (!budget.spend(holders_[observation].size())) return false;
            for (const Hold& hold : holders_[observation]) {
                if (hold.count == 0 || asks_[hold.demand].search == search_) continue;
                asks_[hold.demand] = {search_, observation};
                queue.push_back(hold.demand);
            }
        }
    }
    return false;
}

bool Flow::augment(std::uint32_t start, std::uint64_t& missing, Budget& budget) {
    std::uint32_t end = 0;
    if (!find_path(start, end, budget)) return false;
    std::uint64_t some = std::min(missing, capacity_[end] - used_[end]);
    for (std::uint32_t o = end; ways_[o].demand != start;) {
        const std::uint32_t demand = ways_[o].demand;
        o = asks_[demand].observation;
        if (!budget.spend(4 * holders_[o].size())) return false;
        some = std::min(some, held(o, demand).count);
    }
    used_[end] += some;
    for (std::uint32_t o = end;;) {
        const Way way = ways_[o];
        give(way.demand, way.entry, some);
        if (way.demand == start) break;
        o = asks_[way.demand].observation;
        held(o, way.demand).count -= some;
    }
    missing -= some;
    return true;
}

std::vector<std::vector<Pick>> Flow::picks() const {
    std::vector<std::vector<Pick>> out(demands_.size());
    for (const std::uint32_t observation : touched_) {
        for (const Hold& hold : holders_[observation]) {
            if (hold.count > 0) out[hold.demand].push_back({hold.entry, hold.count});
        }
    }
    return out;
}

}  // namespace entente::pattern
