#pragma once
// Giving observations to demands, where each demand may have some observations and each observation
// has so many instances: bipartite matching with capacities, by shortest augmenting paths.
#include "pattern/internal/binding_plan.h"
#include "pattern/internal/evaluate_budget.h"

#include <span>
#include <vector>

namespace entente::pattern {

/// `count` instances from those entries that are not later than `lo_max` at their beginning nor
/// earlier than `hi_min` at their end.
struct Demand {
    std::span<const Entry> entries;
    std::uint64_t count = 1;
    Rank lo_max = 0;
    Rank hi_min = 0;
};

struct Pick {
    std::uint32_t entry = 0;  // of the demand
    std::uint64_t count = 0;
};

/// Threads: one at a time. The result stays until the next `run`.
class Flow {
  public:
    explicit Flow(std::span<const std::uint64_t> capacity)
        : capacity_(capacity),
          used_(capacity.size()),
          holders_(capacity.size()),
          ways_(capacity.size()) {}

    /// Can all demands be met at once? False also when the budget is spent. Takes entries in their
    /// order where it can.
    [[nodiscard]] bool run(std::span<const Demand> demands, Budget& budget);

    /// What each demand got. REQUIRES: the last `run` was true.
    [[nodiscard]] std::vector<std::vector<Pick>> picks() const;

  private:
    struct Hold {
        std::uint32_t demand, entry;
        std::uint64_t count;
    };

    /// Marks of one search for a path; of another search when `search` is another number.
    struct Way {
        std::uint64_t search = 0;
        std::uint32_t demand = 0, entry = 0;  // how an observation was come to
    };

    struct Ask {
        std::uint64_t search = 0;
        std::uint32_t observation = 0;  // what a demand is asked to give up
    };

    void give(std::uint32_t demand, std::uint32_t entry, std::uint64_t count);
    [[nodiscard]] Hold& held(std::uint32_t observation, std::uint32_t demand);
    [[nodiscard]] bool find_path(std::uint32_t start, std::uint32_t& end, Budget& budget);
    [[nodiscard]] bool augment(std::uint32_t demand, std::uint64_t& missing, Budget& budget);

    std::span<const std::uint64_t> capacity_;
    std::vector<std::uint64_t> used_;         // by observation
    std::vector<std::vector<Hold>> holders_;  // by observation
    std::vector<std::uint32_t> touched_;      // observations with holders
    std::span<const Demand> demands_;
    std::vector<std::vector<std::uint32_t>> admitted_;  // entries of each demand
    std::vector<Way> ways_;                             // by observation
    std::vector<Ask> asks_;                             // by demand
    std::uint64_t search_ = 0;
};

}  // namespace entente::pattern
