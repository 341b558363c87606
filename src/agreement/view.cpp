#include "agreement/view.h"

#include "base/assert.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace entente::agreement {
namespace {

// How a need asks about a class; the answers for smaller numbers are known before they are asked
// for.
template <class ReleasesClass>
Decision decide_facets(
    const Terms& terms,
    const MarkingRegistry& registry,
    const Facets& facets,
    const ReleasesClass& releases_class
) {
    if (!terms.read) return {Reason::no_read_right, {}};
    // A copy kept aside is for the party that sent it, and even there for those whose ceiling
    // allows it.
    if (facets.held_for != PartyNo{} && facets.held_for != terms.party) {
        return {Reason::held_in_quarantine, {}};
    }
    bool has_tlp = false;
    for (const std::string& id : facets.markings) {
        if (const auto level = stix::tlp_of_marking(id)) {
            has_tlp = true;
            if (*level > terms.ceiling) return {Reason::marking_above_ceiling, id};
        } else if (!registry.is_statement(id, facets.source)) {
            return {Reason::unknown_marking, id};
        }
    }
    for (const std::string& id : facets.granular) {
        if (const auto level = stix::tlp_of_marking(id)) {
            if (*level > terms.ceiling) return {Reason::granular_marking_above_ceiling, id};
        } else if (!registry.is_statement(id, facets.source)) {
            return {Reason::unknown_marking, id};
        }
    }
    for (const std::string& id : facets.hidden) {
        const auto level = stix::tlp_of_marking(id);
        const bool passes =
            level ? *level <= terms.ceiling : registry.is_statement(id, facets.source);
        if (passes) return {Reason::fuller_entry_released, id};
    }
    if (!has_tlp && terms.default_marking > terms.ceiling) {
        return {Reason::default_marking_above_ceiling, {}};
    }
    for (const std::vector<ClassNo>& need : facets.needs) {
        if (!std::any_of(need.begin(), need.end(), releases_class)) {
            return {Reason::names_a_withheld_object, {}};
        }
    }
    return {Reason::released, {}};
}

/// Every class that `facets` needs, directly or through others, each once, rising. A class that
/// names a number not smaller than its own is damaged; such a name is not followed, so this ends,
/// and it is never released.
std::vector<ClassNo> reachable(
    const ClassTable& classes, const Facets& facets, std::uint32_t bound
) {
    std::vector<ClassNo> found;
    std::vector<bool> seen(std::min(bound, classes.size()), false);
    const auto visit = [&](const Facets& from, std::uint32_t below) {
        for (const std::vector<ClassNo>& need : from.needs) {
            for (const ClassNo cls : need) {
                if (raw(cls) >= below || raw(cls) >= seen.size() || seen[raw(cls)]) continue;
                seen[raw(cls)] = true;
                found.push_back(cls);
            }
        }
    };
    visit(facets, bound);
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (const Facets* next = classes.find(found[i])) visit(*next, raw(found[i]));
    }
    std::sort(found.begin(), found.end());
    return found;
}

Decision decide_below(
    const Terms& terms,
    const ClassTable& classes,
    const MarkingRegistry& registry,
    const Facets& facets,
    std::uint32_t bound
) {
    // Rising order instead of recursion: a publisher may nest references as deep as it likes.
    std::vector<ClassNo> released;
    for (const ClassNo cls : reachable(classes, facets, bound)) {
        const Facets* needed = classes.find(cls);
        if (needed == nullptr) continue;
        const auto earlier = [&](ClassNo c) {
            return c < cls && std::binary_search(released.begin(), released.end(), c);
        };
        if (decide_facets(terms, registry, *needed, earlier).releases()) released.push_back(cls);
    }
    return decide_facets(terms, registry, facets, [&](ClassNo c) {
        return std::binary_search(released.begin(), released.end(), c);
    });
}

}  // namespace

void MarkingRegistry::add_statement(std::string marking_id, PartyNo source, bool own_party) {
    // An id of the Traffic Light Protocol keeps its level whatever anyone calls it.
    if (stix::tlp_of_marking(marking_id)) return;
    // Without a known source it would resolve for nobody; 0 stands for everyone here.
    if (!own_party && source == PartyNo{}) return;
    sources_[std::move(marking_id)].push_back(own_party ? PartyNo{} : source);
}

bool MarkingRegistry::is_statement(std::string_view marking_id, PartyNo source) const {
    const auto at = sources_.find(marking_id);
    if (at == sources_.end()) return false;
    return std::any_of(at->second.begin(), at->second.end(), [&](PartyNo p) {
        return p == PartyNo{} || p == source;
    });
}

std::string_view reason_text(Reason reason) noexcept {
    switch (reason) {
        case Reason::released:
            return "released";
        case Reason::no_read_right:
            return "no right to read";
        case Reason::marking_above_ceiling:
            return "marking above the ceiling";
        case Reason::granular_marking_above_ceiling:
            return "marking of a part above the ceiling";
        case Reason::default_marking_above_ceiling:
            return "unmarked, and the collection's default marking is above the ceiling";
        case Reason::unknown_marking:
            return "unknown marking";
        case Reason::held_in_quarantine:
            return "held in quarantine";
        case Reason::names_a_withheld_object:
            return "names an object that is withheld";
        case Reason::fuller_entry_released:
            return "one that hides less is released";
        case Reason::unknown_class:
            return "nothing is known about it";
    }
    return "nothing is known about it";
}

Decision decide(
    const Terms& terms, const ClassTable& classes, const MarkingRegistry& markings, ClassNo no
) {
    const Facets* facets = classes.find(no);
    if (facets == nullptr) return {};
    return decide_below(terms, classes, markings, *facets, raw(no));
}

Decision decide(
    const Terms& terms,
    const ClassTable& classes,
    const MarkingRegistry& markings,
    const Facets& facets
) {
    return decide_below(terms, classes, markings, facets, classes.size());
}

View::View(
    UserNo user,
    CollectionNo collection,
    Terms terms,
    std::vector<bool> released,
    std::vector<Stretch> stretches
)
    : user_(user),
      collection_(collection),
      terms_(terms),
      released_(std::move(released)),
      stretches_(std::move(stretches)) {
    ENTENTE_ASSERT(released_.empty() || !released_[0]);
    std::sort(stretches_.begin(), stretches_.end(), [](const Stretch& a, const Stretch& b) {
        return std::tie(a.cls, a.after) < std::tie(b.cls, b.after);
    });
    if (!stretches_.empty()) {
        has_stretches_.resize(std::size_t{raw(stretches_.back().cls)} + 1, false);
    }
    for (const Stretch& s : stretches_)
        has_stretches_[raw(s.cls)] = true;
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
    return any_stretch(cls, [&](const Stretch& s) { return s.upto == seq_max && s.after < seq; });
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

Seq View::shown_after(ClassNo cls) const noexcept {
    if (!releases(cls)) return seq_max;
    if (!has_stretches(cls)) return Seq{};
    Seq after = seq_max;
    (void)any_stretch(cls, [&](const Stretch& s) {
        if (s.upto == seq_max) after = std::min(after, s.after);
        return false;
    });
    return after;
}

View make_view(
    UserNo user,
    CollectionNo collection,
    const Terms& terms,
    const ClassTable& classes,
    const MarkingRegistry& markings,
    std::vector<Stretch> stretches
) {
    std::vector<bool> released(classes.size(), false);
    for (std::uint32_t no = 1; no < classes.size(); ++no) {
        const Facets* facets = classes.find(ClassNo{no});
        if (facets == nullptr) continue;
        released[no] = decide_facets(terms, markings, *facets, [&](ClassNo c) {
                           return raw(c) < no && released[raw(c)];
                       }).releases();
    }
    return {user, collection, terms, std::move(released), std::move(stretches)};
}

}  // namespace entente::agreement
