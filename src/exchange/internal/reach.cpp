#include "exchange/internal/reach.h"

#include <algorithm>
#include <limits>

namespace entente::exchange {

Reach Reaches::of(store::Seq seq, store::ClassNo cls, const agreement::Decision& decision) {
    constexpr std::int64_t us_per_hour = 3'600'000'000;
    Reach reach;
    reach.stored = stored_at(seq);
    if (!decision.releases()) return reach;
    reach.access = Access::now;
    if (decision.delay_hours == 0) return reach;
    reach.from = reach.stored + decision.delay_hours * us_per_hour;
    if (*reach.from <= of_.at) return reach;
    reach.before_delay = of_.as_served && was_served(seq, cls);
    if (!reach.before_delay) reach.access = Access::later;
    return reach;
}

Micros Reaches::stored_at(store::Seq seq) {
    const bool here = group_ && group_->first <= seq &&
                      agreement::raw(seq) < agreement::raw(group_->first) + group_->count;
    if (!here) group_ = snapshot_.group_at(of_.collection, seq);
    // An entry without its group is damage: no delay of it is ever over.
    return group_ ? group_->base : Micros{std::numeric_limits<std::int64_t>::max() / 2};
}

/// It came to the user while its class had no delay, or has come since.
bool Reaches::was_served(store::Seq seq, store::ClassNo cls) {
    if (of_.user == store::UserNo{} || !snapshot_.has_view(of_.user, of_.collection)) return false;
    if (!snapshot_.late_of_entry(of_.user, of_.collection, seq).empty()) return true;
    if (!stretches_) stretches_ = snapshot_.stretches(of_.user, of_.collection);
    return std::ranges::any_of(*stretches_, [&](const agreement::Stretch& s) {
        return s.cls == cls && s.after < seq && seq <= s.upto &&
               (s.upto == agreement::seq_max || s.kept);
    });
}

}  // namespace entente::exchange
