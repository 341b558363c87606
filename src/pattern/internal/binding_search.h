#pragma once
// Is there a binding? Exact search with a budget (P20-P28).
//
// What a group says about time can be said observation by observation once a few moments are fixed:
// for a window its beginning (the earliest end among what it holds), for a sequence the turn (the
// latest beginning among its first part). These moments can only be such ends and beginnings, so
// each has a finite list. With all of them fixed, "is there a binding" is a question of bipartite
// matching. With each of them only known to be in some range of its list, the same matching with
// the weakest bounds of the ranges says "no" for the whole range at once; where it says "yes",
// either its answer already keeps every rule of time, or the range of a moment whose rule it breaks
// is halved. So a single window costs a number of matchings that grows with the list, not N!.
#include "pattern/internal/binding_plan.h"
#include "pattern/internal/evaluate_budget.h"

#include <string>
#include <vector>

namespace entente::pattern {

struct Binding {
    enum class Found : std::uint8_t { no, yes, gave_up };

    Found found = Found::no;
    std::vector<std::size_t> observations;  // rising, each once
    std::string why;                        // for gave_up
};

[[nodiscard]] Binding search(const Plan& plan, Budget& budget);

}  // namespace entente::pattern
