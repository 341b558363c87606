#include "agreement/terms.h"

#include "stix/traits.h"

#include <algorithm>
#include <utility>

namespace entente::agreement {
namespace {

/// How far one way lets an entry come. Views into what was asked.
struct Verdict {
    Reason reason = Reason::released;
    std::string_view marking{};
};

bool contains(const std::vector<std::string>& sorted, std::string_view text) {
    return std::binary_search(sorted.begin(), sorted.end(), text);
}

/// Stands for traits that were left out.
bool has_untold(const std::vector<std::string>& traits) {
    return contains(traits, "*");
}

bool asks_for_traits(const Way& way) {
    return !way.words.empty() || !way.pattern_paths.empty() || !way.exclude_labels.empty() ||
           way.min_confidence || way.not_older_days || way.strip != 0;
}

/// What a way gives for one entry, before what onward rules take from it.
struct Measure {
    stix::Tlp ceiling = stix::Tlp::clear;
    std::uint32_t hours = 0;
};

/// `arrival`: one of those of `facets`, or nothing where it has none.
Verdict by_source(
    const Way& way,
    const Terms& terms,
    const Facets& facets,
    std::string_view arrival,
    Measure& measure
) {
    if (!way.sources || facets.source == terms.party) return {};
    const Sources& from = *way.sources;
    if (facets.source == from.own)
        return {from.own_gives ? Reason::released : Reason::not_given_by_its_source};
    if (from.without_agreement && arrival.empty()) return {};
    // A partner's own words under this agreement, then what another agreement lets go on.
    if (arrival == from.agreement) {
        const bool gives =
            std::binary_search(from.parties.begin(), from.parties.end(), facets.source);
        return {gives ? Reason::released : Reason::not_given_by_its_source};
    }
    const auto at = std::lower_bound(
        from.onward.begin(),
        from.onward.end(),
        arrival,
        [](const Sources::Onward& o, std::string_view id) { return o.arrival < id; }
    );
    if (arrival.empty() || at == from.onward.end() || at->arrival != arrival)
        return {Reason::onward_sharing_not_allowed};
    if (at->without_producer && !facets.producer.empty())
        return {Reason::onward_without_attribution};
    measure.ceiling = std::min(measure.ceiling, at->ceiling);
    measure.hours = std::max(measure.hours, at->delay_hours);
    return {};
}

/// RED of a partner that does not name this reader.
bool red_for_others(const Way& way, const Facets& facets) {
    if (!way.red || facets.source == way.red->own || facets.arrivals.empty()) return false;
    return std::ranges::none_of(facets.arrivals, [&](const std::string& arrival) {
        return contains(way.red->arrivals, arrival + '/' + std::to_string(raw(facets.source)));
    });
}

bool word_matches(const std::string& word, const Facets& facets) {
    constexpr std::string_view type = "type:";
    return word.starts_with(type) ? facets.type == std::string_view(word).substr(type.size())
                                  : contains(facets.words, word);
}

Verdict by_traits(const Way& way, const Facets& facets) {
    // What a marking means travels along with what carries it (STIX 2.1, 7.2.1).
    if (facets.type == "marking-definition") return {};
    if (!way.types.empty() && !contains(way.types, facets.type)) return {Reason::type_not_selected};
    if (!asks_for_traits(way)) return {};
    if (!facets.described) return {Reason::not_described};
    if (!way.words.empty() &&
        std::ranges::none_of(way.words, [&](const auto& w) { return word_matches(w, facets); })) {
        return {Reason::topic_not_selected};
    }
    const bool paths_lie_within =
        way.pattern_paths.empty() || std::ranges::all_of(facets.pattern_paths, [&](const auto& p) {
            return std::ranges::any_of(way.pattern_paths, [&](const auto& allowed) {
                return p != "*" && stix::path_within(p, allowed);
            });
        });
    if (!paths_lie_within) return {Reason::pattern_path_not_selected};
    if (!way.exclude_labels.empty()) {
        const bool excluded = has_untold(facets.words) ||
                              std::ranges::any_of(way.exclude_labels, [&](const auto& label) {
                                  return contains(facets.words, "label:" + label);
                              });
        if (excluded) return {Reason::label_excluded};
    }
    if (way.min_confidence &&
        (facets.confidence == 0 || (facets.confidence - 1) * 10 < *way.min_confidence)) {
        return {Reason::confidence_too_low};
    }
    if (way.not_older_days && (facets.age == 0 || facets.age > age_days.size() ||
                               age_days[std::size_t{facets.age} - 1] > *way.not_older_days)) {
        return {Reason::too_old};
    }
    if ((facets.personal & way.strip) != 0) return {Reason::personal_data};
    return {};
}

Verdict by_markings(
    const Way& way,
    const Terms& terms,
    const MarkingRegistry& registry,
    const Facets& facets,
    stix::Tlp ceiling
) {
    bool has_tlp = false;
    const auto too_red = [&](stix::Tlp level) {
        return level == stix::Tlp::red && red_for_others(way, facets);
    };
    for (const std::string& id : facets.markings) {
        if (const auto level = stix::tlp_of_marking(id)) {
            has_tlp = true;
            if (*level > ceiling) return {Reason::marking_above_ceiling, id};
            if (too_red(*level)) return {Reason::red_not_for_this_user, id};
        } else if (!registry.is_statement(id, facets.source)) {
            return {Reason::unknown_marking, id};
        }
    }
    for (const std::string& id : facets.granular) {
        if (const auto level = stix::tlp_of_marking(id)) {
            if (*level > ceiling || too_red(*level))
                return {Reason::granular_marking_above_ceiling, id};
        } else if (!registry.is_statement(id, facets.source)) {
            return {Reason::unknown_marking, id};
        }
    }
    if (!has_tlp && terms.default_marking > ceiling) return {Reason::default_marking_above_ceiling};
    for (const std::string& id : facets.hidden) {
        const auto level = stix::tlp_of_marking(id);
        const bool passes = level ? *level <= ceiling && !too_red(*level)
                                  : registry.is_statement(id, facets.source);
        if (passes) return {Reason::fuller_entry_released, id};
    }
    if ((facets.cut & ~way.strip) != 0) return {Reason::fuller_entry_released};
    return {};
}

Verdict by_way(
    const Way& way,
    const Terms& terms,
    const MarkingRegistry& registry,
    const Facets& facets,
    std::string_view arrival,
    Measure& measure
) {
    measure = {.ceiling = way.ceiling, .hours = way.delay_hours};
    if (const Verdict v = by_source(way, terms, facets, arrival, measure);
        v.reason != Reason::released)
        return v;
    if (const Verdict v = by_traits(way, facets); v.reason != Reason::released) return v;
    return by_markings(way, terms, registry, facets, measure.ceiling);
}

/// A decision before its texts are copied.
struct Outcome {
    Verdict verdict{Reason::unknown_class};
    const Way* way = nullptr;
    std::uint32_t hours = never;

    [[nodiscard]] bool releases() const noexcept { return verdict.reason == Reason::released; }
};

/// What a need asks about a class: hours until it is released, or `never`; known for smaller
/// numbers before it is asked for.
template <class HoursOfClass>
Outcome by_bond(
    const Bond& bond,
    const Terms& terms,
    const MarkingRegistry& registry,
    const Facets& facets,
    const HoursOfClass& hours_of_class
) {
    if (facets.held_for != PartyNo{} && facets.held_for != terms.party) {
        return {.verdict = {Reason::held_in_quarantine}};
    }
    const Way* best = nullptr;
    Verdict verdict{Reason::unknown_class};
    std::uint32_t hours = never;
    const auto ask = [&](const Way& way, std::string_view arrival) {
        Measure measure;
        const Verdict v = by_way(way, terms, registry, facets, arrival, measure);
        if (v.reason == Reason::released) hours = std::min(hours, measure.hours);
        // Whoever gets a fuller entry by one way needs no emptier one by another.
        if (best == nullptr || v.reason == Reason::fuller_entry_released ||
            (v.reason > verdict.reason && verdict.reason != Reason::fuller_entry_released)) {
            best = &way;
            verdict = v;
        }
    };
    for (const Way& way : bond.ways) {
        if (facets.arrivals.empty()) ask(way, {});
        // What came by the word of several goes on by the word of any of them.
        for (const std::string& arrival : facets.arrivals)
            ask(way, arrival);
    }
    if (best == nullptr) {
        return {.verdict = {bond.suspended ? Reason::agreement_suspended : Reason::no_read_right}};
    }
    if (facets.type == joint_type) {
        verdict = {Reason::released};
        hours = 0;
    }
    if (verdict.reason == Reason::released) {
        for (const std::vector<ClassNo>& need : facets.needs) {
            std::uint32_t soonest = never;
            for (const ClassNo cls : need)
                soonest = std::min(soonest, hours_of_class(cls));
            if (soonest == never) {
                verdict = {Reason::names_a_withheld_object};
                break;
            }
            hours = std::max(hours, soonest);
        }
    }
    return {.verdict = verdict, .way = best, .hours = hours};
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

Outcome by_bond_with_needs(
    const Bond& bond,
    const Terms& terms,
    const ClassTable& classes,
    const MarkingRegistry& registry,
    const Facets& facets,
    const std::vector<ClassNo>& reached
) {
    // Rising order instead of recursion: a publisher may nest references as deep as it likes.
    std::vector<std::pair<ClassNo, std::uint32_t>> released;
    const auto hours_below = [&](ClassNo c, ClassNo below) {
        const auto at =
            std::lower_bound(released.begin(), released.end(), c, [](const auto& r, ClassNo no) {
                return r.first < no;
            });
        return c < below && at != released.end() && at->first == c ? at->second : never;
    };
    for (const ClassNo cls : reached) {
        const Facets* needed = classes.find(cls);
        if (needed == nullptr) continue;
        const Outcome o =
            by_bond(bond, terms, registry, *needed, [&](ClassNo c) { return hours_below(c, cls); });
        if (o.releases()) released.emplace_back(cls, o.hours);
    }
    return by_bond(bond, terms, registry, facets, [&](ClassNo c) {
        return hours_below(c, ClassNo{never});
    });
}

Decision decide_below(
    const Terms& terms,
    const ClassTable& classes,
    const MarkingRegistry& registry,
    const Facets& facets,
    std::uint32_t bound
) {
    const std::vector<ClassNo> reached = reachable(classes, facets, bound);
    Outcome best{.verdict = {Reason::no_read_right}};
    for (const Bond& bond : terms.bonds) {
        const Outcome o = by_bond_with_needs(bond, terms, classes, registry, facets, reached);
        if (o.verdict.reason > best.verdict.reason || (o.releases() && o.hours < best.hours))
            best = o;
    }
    Decision out;
    out.reason = best.verdict.reason;
    out.marking = best.verdict.marking;
    if (best.way != nullptr) {
        out.way = best.way->name;
        if (best.way->sources) out.agreement = best.way->sources->agreement;
    }
    if (best.releases()) out.delay_hours = best.hours;
    return out;
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

Terms terms_up_to(PartyNo party, stix::Tlp ceiling, stix::Tlp default_marking, std::string name) {
    Way way{.name = std::move(name), .ceiling = ceiling};
    return {.party = party, .default_marking = default_marking, .bonds = {{{std::move(way)}}}};
}

std::string_view reason_text(Reason reason) noexcept {
    switch (reason) {
        case Reason::released:
            return "released";
        case Reason::no_read_right:
            return "no right to read";
        case Reason::agreement_suspended:
            return "the agreement is suspended";
        case Reason::held_in_quarantine:
            return "held in quarantine";
        case Reason::not_given_by_its_source:
            return "the party that published it gives nothing by this flow";
        case Reason::onward_sharing_not_allowed:
            return "the agreement that it came under does not let it go on";
        case Reason::onward_without_attribution:
            return "it may go on only without attribution, and it tells who made it";
        case Reason::type_not_selected:
            return "type not selected";
        case Reason::not_described:
            return "stored before its traits were kept";
        case Reason::topic_not_selected:
            return "topic not selected";
        case Reason::pattern_path_not_selected:
            return "the pattern asks for something that is not selected";
        case Reason::label_excluded:
            return "label excluded";
        case Reason::confidence_too_low:
            return "confidence too low or not given";
        case Reason::too_old:
            return "too old";
        case Reason::personal_data:
            return "personal data";
        case Reason::marking_above_ceiling:
            return "marking above the ceiling";
        case Reason::red_not_for_this_user:
            return "TLP:RED, and no flow of its sender names this user";
        case Reason::granular_marking_above_ceiling:
            return "marking of a part above the ceiling";
        case Reason::unknown_marking:
            return "unknown marking";
        case Reason::default_marking_above_ceiling:
            return "unmarked, and the collection's default marking is above the ceiling";
        case Reason::fuller_entry_released:
            return "one that hides less is released";
        case Reason::names_a_withheld_object:
            return "names an object that is withheld";
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

std::vector<std::uint32_t> decide_all(
    const Terms& terms, const ClassTable& classes, const MarkingRegistry& markings
) {
    std::vector<std::uint32_t> all(classes.size(), never);
    std::vector<std::uint32_t> of_bond(classes.size());
    for (const Bond& bond : terms.bonds) {
        std::ranges::fill(of_bond, never);
        for (std::uint32_t no = 1; no < classes.size(); ++no) {
            const Facets* facets = classes.find(ClassNo{no});
            if (facets == nullptr) continue;
            const Outcome o = by_bond(bond, terms, markings, *facets, [&](ClassNo c) {
                return raw(c) < no ? of_bond[raw(c)] : never;
            });
            if (!o.releases()) continue;
            of_bond[no] = o.hours;
            all[no] = std::min(all[no], o.hours);
        }
    }
    return all;
}

}  // namespace entente::agreement
