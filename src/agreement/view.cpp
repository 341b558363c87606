#include "agreement/view.h"

#include "base/assert.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace entente::agreement {
View::View(
    UserNo user,
    CollectionNo collection,
    Terms terms,
    std::vector<bool> released,
    std::vector<Stretch> stretches,
    std::vector<Delay> delays
)
    : user_(user),
      collection_(collection),
      terms_(std::move(terms)),
      released_(std::move(released)),
      stretches_(std::move(stretches)),
      delays_(std::move(delays)) {
    ENTENTE_ASSERT(released_.empty() || !released_[0]);
    ENTENTE_ASSERT(std::ranges::is_sorted(delays_, {}, &Delay::cls));
    std::sort(stretches_.begin(), stretches_.end(), [](const Stretch& a, const Stretch& b) {
        return std::tie(a.cls, a.after) < std::tie(b.cls, b.after);
    });
    const auto mark = [&](ClassNo cls) {
        if (raw(cls) >= has_stretches_.size()) has_stretches_.resize(std::size_t{raw(cls)} + 1);
        has_stretches_[raw(cls)] = true;
    };
    for (const Stretch& s : stretches_)
        mark(s.cls);
    for (const Delay& d : delays_)
        mark(d.cls);
    for (std::uint32_t i = 0; i < released_.size(); ++i) {
        if (released_[i]) released_list_.push_back(ClassNo{i});
    }
}

template <class Fits>
bool View::any_stretch(ClassNo cls, const Fits& fits) const noexcept {
    auto at = std::lower_bound(
        stretches_.begin(),
        stretches_.end(),
        cls,
        [](const Stretch& s, ClassNo c) { return s.cls < c; }
    );
    for (; at != stretches_.end() && at->cls == cls; ++at) {
        if (fits(*at)) return true;
    }
    return false;
}

bool View::shows(ClassNo cls, Seq seq) const noexcept {
    if (!releases(cls)) return false;
    if (!has_stretches(cls)) return true;
    return any_stretch(cls, [&](const Stretch& s) {
        return (s.upto == seq_max || s.kept) && s.after < seq && seq <= s.upto;
    });
}

bool View::counts(ClassNo cls, Seq seq) const noexcept {
    if (!has_stretches(cls)) return releases(cls);
    return any_stretch(cls, [&](const Stretch& s) { return s.after < seq && seq <= s.upto; });
}

std::uint64_t View::counted(ClassNo cls, Seq first, std::uint64_t count) const noexcept {
    if (!has_stretches(cls)) return releases(cls) ? count : 0;
    const std::uint64_t end = raw(first) + count;
    std::uint64_t sum = 0;
    (void)any_stretch(cls, [&](const Stretch& s) {
        const std::uint64_t from = std::max(raw(first), raw(s.after) + 1);
        const std::uint64_t to = std::min(end, raw(s.upto) + 1);
        if (from < to) sum += to - from;
        return false;
    });
    return sum;
}

Seq View::next_shown(ClassNo cls, Seq from) const noexcept {
    if (!releases(cls)) return seq_max;
    if (!has_stretches(cls)) return from;
    Seq nearest = seq_max;
    (void)any_stretch(cls, [&](const Stretch& s) {
        const Seq first = std::max(from, next(s.after));
        if ((s.upto == seq_max || s.kept) && first <= s.upto) nearest = std::min(nearest, first);
        return false;
    });
    return nearest;
}

View make_view(
    UserNo user,
    CollectionNo collection,
    const Terms& terms,
    const ClassTable& classes,
    const MarkingRegistry& markings,
    std::vector<Stretch> stretches
) {
    const std::vector<std::uint32_t> hours = decide_all(terms, classes, markings);
    std::vector<bool> released(hours.size(), false);
    std::vector<Delay> delays;
    for (std::uint32_t no = 1; no < hours.size(); ++no) {
        released[no] = hours[no] != never;
        if (released[no] && hours[no] != 0) delays.push_back({ClassNo{no}, hours[no]});
    }
    return {user, collection, terms, std::move(released), std::move(stretches), std::move(delays)};
}

}  // namespace entente::agreement
