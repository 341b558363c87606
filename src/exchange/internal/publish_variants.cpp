// What is made of an object for readers who may not see all of it: its parts under granular
// markings cut out, and the ids in it that such a reader knows under other names renamed. Made when
// the object is published, for every level of the Traffic Light Protocol that a ceiling can have,
// so that each (version, hidden set) is made once and stays (STIX 2.1, 3.5 and 3.6).
#include "base/limits.h"
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

// Deeper chains of objects that name each other are for those who may see all of it.
constexpr unsigned depth_max = 100;

std::uint8_t bit(stix::Tlp level) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(level));
}

constexpr std::uint8_t known = 0x80;

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
    const std::map<std::string, std::string, std::less<>>& renamed
) {
    std::string text = base.id + '\n';
    for (const std::string& marking : hidden)
        text += marking + '\n';
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

agreement::Terms PublishJob::terms_at(stix::Tlp level) const {
    return {
        .party = PartyNo{},
        .read = true,
        .ceiling = level,
        .default_marking = collection_.default_marking};
}

bool PublishJob::released_at(stix::Tlp level, ClassNo cls) {
    std::uint8_t& bits = released_at_[cls];
    if (bits == 0) {
        bits = known;
        for (const stix::Tlp each : levels) {
            const bool released =
                agreement::decide(terms_at(each), state_.classes(), state_.state().markings, cls)
                    .releases();
            if (released) bits = static_cast<std::uint8_t>(bits | bit(each));
        }
    }
    return (bits & bit(level)) != 0;
}

const std::vector<PublishJob::Variant>& PublishJob::variants_of(std::size_t index, unsigned depth) {
    using Made = Accepted::Made;
    Accepted& a = accepted_[index];
    // Objects that name each other in a circle: the inner one counts as withheld.
    if (a.made != Made::no || depth > depth_max) return a.variants;
    const Facets& facets = state_.facets(a.cls);
    if (a.lane != PartyNo{} || (facets.granular.empty() && facets.needs.empty())) {
        a.made = Made::yes;
        return a.variants;
    }
    a.made = Made::in_progress;
    std::vector<Plan> plans;
    for (const stix::Tlp level : levels) {
        if (released_at(level, a.cls)) continue;
        auto plan = plan_at(index, level, depth);
        if (!plan) continue;
        const auto same = std::ranges::find_if(plans, [&](const Plan& p) {
            return p.hidden == plan->hidden && p.renamed == plan->renamed;
        });
        if (same == plans.end()) {
            plans.push_back(std::move(*plan));
            continue;
        }
        // The same for readers of both levels: it asks for a class that either of them gets.
        for (const auto& [id, classes] : plan->needs)
            same->needs[id].insert(classes.begin(), classes.end());
    }
    for (const Plan& plan : plans) {
        if (auto variant = make_variant(*a.object, plan)) a.variants.push_back(std::move(*variant));
    }
    a.made = Made::yes;
    return a.variants;
}

std::optional<PublishJob::Plan> PublishJob::plan_at(
    std::size_t index, stix::Tlp level, unsigned depth
) {
    const stix::Object& object = *accepted_[index].object;
    const agreement::Terms terms = terms_at(level);
    const auto& markings = state_.state().markings;
    Plan plan;
    Facets visible = accepted_[index].facets;  // without needs
    std::erase_if(visible.granular, [&](const std::string& id) {
        const auto tlp = stix::tlp_of_marking(id);
        const bool passes = tlp ? *tlp <= level : markings.is_statement(id, visible.source);
        if (!passes) plan.hidden.push_back(id);
        return !passes;
    });
    if (!agreement::decide(terms, state_.classes(), markings, visible).releases())
        return std::nullopt;
    for (const std::string& id : object.references) {
        if (id == object.id) continue;
        std::vector<ClassNo> classes = classes_of_target(id, depth);
        if (classes.empty()) continue;
        const bool released =
            std::ranges::any_of(classes, [&](ClassNo c) { return released_at(level, c); });
        if (released) {
            const bool free = std::ranges::any_of(classes, [&](ClassNo c) {
                return implied(state_.facets(c), visible);
            });
            if (!free) plan.needs[id].insert(classes.begin(), classes.end());
            continue;
        }
        auto variant = variant_at(id, level, depth);
        if (!variant) return std::nullopt;
        plan.renamed.emplace(id, std::move(variant->first));
        plan.needs[id].insert(variant->second.begin(), variant->second.end());
    }
    if (plan.hidden.empty() && plan.renamed.empty()) return std::nullopt;
    return plan;
}

std::optional<std::pair<std::string, std::vector<ClassNo>>> PublishJob::variant_at(
    const std::string& id, stix::Tlp level, unsigned depth
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
                if (released_at(level, v.cls))
                    found.push_back({v.object.version_key, v.object.id, v.cls});
            }
        }
    }
    for (const store::Derived& d : state_.tx().derived(collection_.no, id)) {
        if (state_.facets(d.cls).source == user_.party && released_at(level, d.cls))
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
    const stix::Object& base, const Plan& plan
) {
    const store::Party& own = state_.state().own_party();
    std::set<std::vector<ClassNo>> needs;
    for (const auto& [id, classes] : plan.needs)
        needs.insert(std::vector<ClassNo>(classes.begin(), classes.end()));
    if (own.identities.empty() || needs.size() > limits::needs_max) return std::nullopt;
    // What a publisher can make the one writer do for one request is bounded; beyond it nothing is
    // given.
    redacted_bytes_ += base.body.size();
    if (redacted_bytes_ > limits::redacted_bytes_per_request_max) return std::nullopt;
    if (!derive_key_) derive_key_ = derive_key(state_.tx());
    stix::Redaction redaction{
        .hidden = plan.hidden,
        .renamed = plan.renamed,
        .id = derived_id(*derive_key_, base, plan.hidden, plan.renamed),
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
    Facets facets = base_facets(*object, user_.party, PartyNo{});
    facets.hidden = plan.hidden;
    facets.needs.assign(needs.begin(), needs.end());
    return Variant{.object = std::move(*object), .cls = state_.intern(facets)};
}

}  // namespace entente::exchange
