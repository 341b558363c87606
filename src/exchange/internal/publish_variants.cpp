// What is made of an object for readers who may not see all of it: its parts under granular
// markings cut out, and the ids in it that such a reader knows under other names renamed. Made when
// the object is published, for every level of the Traffic Light Protocol that a ceiling can have,
// so that each (version, hidden set) is made once and stays (STIX 2.1, 3.5 and 3.6).
#include "base/limits.h"
#include "exchange/internal/facets.h"
#include "exchange/internal/publish_job.h"
#include "stix/redact.h"

#include <algorithm>
#include <array>
#include <set>

namespace entente::exchange {

using agreement::Facets;
using store::ClassNo;
using store::PartyNo;

namespace {

constexpr std::array levels{
    stix::Tlp::clear,
    stix::Tlp::green,
    stix::Tlp::amber,
    stix::Tlp::amber_strict,
    stix::Tlp::red,
};

/// Among the words of an object: some are left out (stix::Traits).
constexpr std::string_view untold = "*";

// Deeper chains of objects that name each other are for those who may see all of it.
constexpr unsigned depth_max = 100;

/// What partners may have stripped: nothing, or credentials and any of the others.
constexpr std::array<stix::PersonalClasses, 9> strips{0, 8, 9, 10, 11, 12, 13, 14, 15};
static_assert(stix::personal_bit(stix::Personal::credentials) == 8 && stix::all_personal == 15);

/// The node's secret for ids of what it makes. Made when it is first needed.
Key derive_key(store::Transaction& tx) {
    constexpr std::string_view name = "derive_key";
    Key key{};
    if (const auto text = tx.setting(name)) {
        if (const auto bytes = from_base64url(*text); bytes && bytes->size() == key.size()) {
            std::ranges::copy(as_bytes(*bytes), key.begin());
            return key;
        }
        throw StorageError(StorageError::Kind::corrupt, "the setting derive_key cannot be read");
    }
    system_random().fill(key);
    tx.set_setting(name, to_base64url(as_text(key)));
    return key;
}

/// A random-looking id that is the same for the same object with the same parts hidden, and tells
/// nothing of the object to who lacks the key.
std::string derived_id(
    const Key& key,
    const stix::Object& base,
    const std::vector<std::string>& hidden,
    stix::PersonalClasses cut,
    const std::map<std::string, std::string, std::less<>>& renamed
) {
    std::string text = base.id + '\n';
    for (const std::string& marking : hidden)
        text += marking + '\n';
    if (cut != 0) text += "personal " + std::to_string(cut) + '\n';
    text += '\n';
    for (const auto& [from, to] : renamed)
        text += from + ' ' + to + '\n';
    Digest digest = keyed_hash(key, text);
    digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0fU) | 0x40U);  // RFC 4122: version 4
    digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3fU) | 0x80U);
    const std::string hex = to_hex(std::span(digest).first(16));
    return base.type + "--" + hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) +
           '-' + hex.substr(16, 4) + '-' + hex.substr(20);
}

}  // namespace

agreement::Terms PublishJob::terms_at(Vantage vantage) const {
    agreement::Terms terms =
        agreement::terms_up_to(PartyNo{}, vantage.level, collection_.default_marking);
    terms.bonds.front().ways.front().strip = vantage.strip;
    return terms;
}

bool PublishJob::released_at(Vantage vantage, ClassNo cls) {
    ReleasedAt& at = released_at_[cls];
    const std::size_t bit = static_cast<std::size_t>(vantage.level) * 16 + vantage.strip;
    if (!at.known[bit]) {
        at.known[bit] = true;
        at.released[bit] =
            agreement::decide(terms_at(vantage), state_.classes(), state_.state().markings, cls)
                .releases();
    }
    return at.released[bit];
}

stix::PersonalClasses PublishJob::concern(ClassNo cls) {
    if (const auto known = concern_.find(cls); known != concern_.end()) return known->second;
    // Classes name smaller ones only, and few levels of them; what is damaged concerns everybody.
    stix::PersonalClasses all = state_.facets(cls).personal;
    std::vector<ClassNo> open{cls};
    std::set<ClassNo> seen{cls};
    while (!open.empty()) {
        const Facets& facets = state_.facets(open.back());
        open.pop_back();
        all |= facets.personal;
        for (const auto& need : facets.needs) {
            for (const ClassNo c : need) {
                if (seen.insert(c).second) open.push_back(c);
            }
        }
    }
    return concern_.emplace(cls, all).first->second;
}

bool PublishJob::invariable(ClassNo cls) {
    if (const auto known = invariable_.find(cls); known != invariable_.end()) return known->second;
    bool none = true;
    std::vector<ClassNo> open{cls};
    std::set<ClassNo> seen{cls};
    while (!open.empty() && none) {
        const Facets& facets = state_.facets(open.back());
        open.pop_back();
        none = facets.granular.empty() && facets.personal == 0;
        for (const auto& need : facets.needs) {
            for (const ClassNo c : need) {
                if (seen.insert(c).second) open.push_back(c);
            }
        }
    }
    return invariable_.emplace(cls, none).first->second;
}

const std::vector<PublishJob::Variant>& PublishJob::variants_of(std::size_t index, unsigned depth) {
    using Made = Accepted::Made;
    Accepted& a = accepted_[index];
    // Objects that name each other in a circle: the inner one counts as withheld.
    if (a.made != Made::no || depth > depth_max) return a.variants;
    if (a.lane != PartyNo{} || invariable(a.cls)) {
        a.made = Made::yes;
        return a.variants;
    }
    a.made = Made::in_progress;
    std::vector<Plan> plans;
    const stix::PersonalClasses concerned = concern(a.cls);
    std::bitset<16> stripped;
    for (const stix::PersonalClasses strip : strips) {
        // Whoever strips more, but nothing more that is there, stands at the same place.
        const auto effective = static_cast<stix::PersonalClasses>(strip & concerned);
        if (stripped[effective]) continue;
        stripped[effective] = true;
        for (const stix::Tlp level : levels) {
            const Vantage vantage{.level = level, .strip = effective};
            if (released_at(vantage, a.cls)) continue;
            if (auto plan = plan_at(index, vantage, depth)) add_plan(plans, std::move(*plan));
        }
    }
    for (const Plan& plan : plans) {
        if (auto variant = make_variant(a, plan)) a.variants.push_back(std::move(*variant));
    }
    a.made = Made::yes;
    return a.variants;
}

void PublishJob::add_plan(std::vector<Plan>& plans, Plan plan) {
    const auto same = std::ranges::find_if(plans, [&](const Plan& p) {
        return p.hidden == plan.hidden && p.cut == plan.cut && p.renamed == plan.renamed;
    });
    if (same == plans.end()) {
        plans.push_back(std::move(plan));
        return;
    }
    // The same for readers at both places: it asks for a class that either of them gets.
    for (const auto& [id, classes] : plan.needs)
        same->needs[id].insert(classes.begin(), classes.end());
}

std::optional<PublishJob::Plan> PublishJob::plan_at(
    std::size_t index, Vantage vantage, unsigned depth
) {
    const stix::Object& object = *accepted_[index].object;
    const agreement::Terms terms = terms_at(vantage);
    const auto& markings = state_.state().markings;
    Plan plan;
    Facets visible = accepted_[index].facets;  // without needs
    std::erase_if(visible.granular, [&](const std::string& id) {
        const auto tlp = stix::tlp_of_marking(id);
        const bool passes = tlp ? *tlp <= vantage.level : markings.is_statement(id, visible.source);
        if (!passes) plan.hidden.push_back(id);
        return !passes;
    });
    plan.cut = static_cast<stix::PersonalClasses>(visible.personal & vantage.strip);
    visible.personal = static_cast<stix::PersonalClasses>(visible.personal & ~vantage.strip);
    if (!agreement::decide(terms, state_.classes(), markings, visible).releases())
        return std::nullopt;
    for (const std::string& id : object.references) {
        if (id == object.id) continue;
        std::vector<ClassNo> classes = classes_of_target(id, depth);
        if (classes.empty()) continue;
        const bool released =
            std::ranges::any_of(classes, [&](ClassNo c) { return released_at(vantage, c); });
        if (released) {
            const bool free = std::ranges::any_of(classes, [&](ClassNo c) {
                return implied(state_.facets(c), visible);
            });
            if (!free) plan.needs[id].insert(classes.begin(), classes.end());
            continue;
        }
        auto variant = variant_at(id, vantage, depth);
        if (!variant) return std::nullopt;
        plan.renamed.emplace(id, std::move(variant->first));
        plan.needs[id].insert(variant->second.begin(), variant->second.end());
    }
    if (plan.hidden.empty() && plan.renamed.empty() && plan.cut == 0) return std::nullopt;
    return plan;
}

std::optional<std::pair<std::string, std::vector<ClassNo>>> PublishJob::variant_at(
    const std::string& id, Vantage vantage, unsigned depth
) {
    struct Found {
        std::string version_key;
        std::string id;
        ClassNo cls{};
    };

    std::vector<Found> found;
    if (const auto here = accepted_by_id_.find(id); here != accepted_by_id_.end()) {
        for (const std::size_t index : here->second) {
            for (const Variant& v : variants_of(index, depth + 1)) {
                if (released_at(vantage, v.cls))
                    found.push_back({v.object.version_key, v.object.id, v.cls});
            }
        }
    }
    for (const store::Derived& d : state_.tx().derived(collection_.no, id)) {
        if (state_.facets(d.cls).source == user_.party && released_at(vantage, d.cls))
            found.push_back({d.version_key, d.id, d.cls});
    }
    if (found.empty()) return std::nullopt;
    const Found newest = *std::ranges::max_element(found, {}, &Found::version_key);
    std::set<ClassNo> classes;
    for (const Found& f : found) {
        if (f.id == newest.id) classes.insert(f.cls);
    }
    return std::pair(newest.id, std::vector<ClassNo>(classes.begin(), classes.end()));
}

std::optional<PublishJob::Variant> PublishJob::make_variant(
    const Accepted& accepted, const Plan& plan
) {
    const stix::Object& base = *accepted.object;
    const store::Party& own = state_.state().own_party();
    std::set<std::vector<ClassNo>> needs;
    for (const auto& [id, classes] : plan.needs)
        needs.insert(std::vector<ClassNo>(classes.begin(), classes.end()));
    if (own.identities.empty()) return std::nullopt;
    // What a publisher can make the one writer do for one request is bounded; beyond it nothing is
    // given.
    redacted_bytes_ += base.body.size();
    if (redacted_bytes_ > limits::redacted_bytes_per_request_max) return std::nullopt;
    if (!derive_key_) derive_key_ = derive_key(state_.tx());
    stix::Redaction redaction{
        .hidden = plan.hidden,
        .strip = plan.cut,
        .renamed = plan.renamed,
        .id = derived_id(*derive_key_, base, plan.hidden, plan.cut, plan.renamed),
        .created_by_ref = own.identities.front(),
        // The original's own times: its versions and those of what is made of it follow each other
        // alike.
        .created = base.created,
        .modified = base.version};
    auto redacted = stix::redact(base.body, redaction);
    if (!redacted || redacted->withheld != stix::Withheld::no) return std::nullopt;
    auto object = stix::read_object(redacted->body);
    if (!object || object->id != redaction.id || object->version_key != base.version_key)
        return std::nullopt;
    // Somebody else's entry is no place for ours.
    const auto& there = stored(object->id);
    const bool taken = std::ranges::any_of(there, [&](const store::Version& v) {
        return v.version_key == object->version_key || v.lane != PartyNo{};
    });
    if (taken || there.size() >= limits::versions_per_object_max) return std::nullopt;
    Facets facets = facets_of(*object, clock_.now());
    if ((facets.personal & plan.cut) != 0) return std::nullopt;
    facets.source = user_.party;
    facets.age = accepted.facets.age;
    facets.arrivals = accepted.facets.arrivals;
    // What keeps the whole back keeps the copy back, whether or not it is still in it.
    if (!std::ranges::includes(facets.words, accepted.facets.words) &&
        !std::ranges::binary_search(facets.words, untold)) {
        facets.words.emplace_back(untold);
        std::ranges::sort(facets.words);
    }
    facets.hidden = plan.hidden;
    facets.cut = plan.cut;
    facets.needs = bounded_needs(needs);
    return Variant{.object = std::move(*object), .cls = state_.intern(facets)};
}

}  // namespace entente::exchange
