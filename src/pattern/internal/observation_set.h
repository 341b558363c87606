#pragma once
// The inside of an ObservationSet: observations with the objects that a pattern may look at.
#include "pattern/evaluate.h"
#include "pattern/internal/evaluate_instant.h"

#include <boost/json/value.hpp>

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace entente::pattern {

/// One observed-data. The values belong to the set.
struct Observed {
    Instant first, last;      // first <= last
    std::uint64_t times = 1;  // number_observed
    /// The SCOs of the observation by what references call them: ids, or keys of the old container.
    /// All are JSON objects.
    std::unordered_map<std::string_view, const boost::json::value*> by_id;
    std::map<std::string_view, std::vector<const boost::json::value*>> by_type;
};

struct ObservationSet::Inside {
    boost::json::value kept;
    std::vector<Observed> observations;
};

}  // namespace entente::pattern
