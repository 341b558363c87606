// Reads arbitrary bytes as a pattern, a line feed, and observations, and evaluates one over the
// other by both rules. The verdict must come within the budget, be the same for the canonical
// spelling, and a binding must name observations that are there.
#include "base/assert.h"
#include "pattern/evaluate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente::pattern;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return 0;
    for (const Dialect dialect : {Dialect::v20, Dialect::v21}) {
        const auto pattern = parse(text.substr(0, end), dialect);
        if (!pattern) continue;
        for (const bool reference : {false, true}) {
            const EvaluateOptions options{dialect, reference};
            const auto observations = ObservationSet::read_text(text.substr(end + 1), options);
            if (!observations) continue;
            const auto match = evaluate(*pattern, *observations, options);
            if (!match) {
                ENTENTE_ASSERT(reference);
                continue;
            }
            const bool found = match->verdict == Match::Verdict::match;
            ENTENTE_ASSERT(found != match->bound.empty());
            ENTENTE_ASSERT(std::ranges::is_sorted(match->bound));
            ENTENTE_ASSERT(!found || match->bound.back() < observations->size());
            ENTENTE_ASSERT(!found || reference || !flaw(*pattern, options));
            const auto again = parse(print(*pattern), dialect);
            ENTENTE_ASSERT(again);
            const auto other = evaluate(*again, *observations, options);
            ENTENTE_ASSERT(other && other->verdict == match->verdict);
        }
    }
    return 0;
}
