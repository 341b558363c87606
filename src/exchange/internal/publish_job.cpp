#include "exchange/internal/publish_job.h"

#include "base/escape.h"
#include "base/limits.h"
#include "exchange/internal/facets.h"
#include "exchange/rights.h"
#include "stix/marking_paths.h"
#include "stix/peek.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace entente::exchange {

using agreement::Facets;
using store::ClassNo;
using store::PartyNo;
using store::Version;

namespace {

/// "/valid_until: is before valid_from …", the first few of that level, and how many there are
/// beside.
std::string told(const std::vector<stix::Finding>& findings, stix::Level level) {
    constexpr std::size_t told_max = 5;
    constexpr std::size_t told_bytes_max = 1'500;
    std::string text;
    std::size_t count = 0;
    std::size_t shown = 0;
    for (const stix::Finding& f : findings) {
        if (f.level != level) continue;
        ++count;
        if (shown == told_max || text.size() > told_bytes_max) continue;
        ++shown;
        if (!text.empty()) text += "; ";
        text += (f.pointer.empty() ? std::string("the object") : f.pointer) + ": " + f.message;
    }
    if (count > shown) text += fmt::format("; and {} more", count - shown);
    return text;
}

std::vector<std::uint16_t> recommended(const std::vector<stix::Finding>& findings) {
    std::vector<std::uint16_t> codes;
    for (const stix::Finding& f : findings) {
        if (f.level == stix::Level::should && std::ranges::find(codes, f.code) == codes.end())
            codes.push_back(f.code);
    }
    return codes;
}

/// Reads one object and judges it by the standard. Tells `candidate` its id and version as far as
/// they could be read, and what is only recommended.
Result<stix::Object> read_one(
    std::string_view slice,
    const store::Collection& collection,
    stix::Checker& checker,
    Candidate& candidate
) {
    if (collection.checks == store::Checks::off) {
        ENTENTE_TRY(stix::Object object, stix::read_object(slice));
        // A marking that marks nothing would hide that something was to be marked.
        if (!object.granular_markings.empty()) {
            ENTENTE_TRY(const std::string canonical, stix::canonical_json(slice));
            if (auto marked = stix::granular_markings(canonical); !marked)
                return tl::unexpected(std::move(marked).error());
        }
        return object;
    }
    stix::CheckedObject checked = stix::read_object(slice, checker, {});
    if (checked.object) {
        candidate.outcome.id = checked.object->id;
        candidate.outcome.version = checked.object->version;
    }
    if (checked.findings == nullptr || checked.findings->empty()) return checked.object;
    // What is not taken here at all need not be right.
    if (checked.object && checked.object->spec_version == "2.0" && !collection.accepts_stix20)
        return checked.object;
    std::string wrong = told(*checked.findings, stix::Level::must);
    if (wrong.empty() && collection.checks == store::Checks::strict)
        wrong = told(*checked.findings, stix::Level::should);
    if (!wrong.empty()) return fail(Errc::unprocessable, std::move(wrong));
    candidate.recommended = recommended(*checked.findings);
    return std::move(checked.object);
}

}  // namespace

std::vector<Candidate> read_candidates(
    const std::vector<std::string_view>& slices, Micros now, const store::Collection& collection
) {
    thread_local stix::Checker checker;
    std::vector<Candidate> candidates(slices.size());
    for (std::size_t i = 0; i < slices.size(); ++i) {
        Candidate& c = candidates[i];
        auto read = read_one(slices[i], collection, checker, c);
        if (!read) {
            c.outcome.message = read.error().detail;
            if (!c.outcome.id.empty()) continue;
            // What can still be told of it helps the writer to find it (T88: id and version are
            // required).
            c.outcome.id = fmt::format("object {} of the request", i + 1);
            c.outcome.version = std::string(stix::unversioned);
            if (const auto hint = stix::peek_id(slices[i])) c.outcome.id = *hint;
            continue;
        }
        c.outcome.id = read->id;
        c.outcome.version = read->version;
        const auto at = parse_stix_time(read->version);
        if (at && *at - now > limits::modified_ahead_max_us) {
            c.outcome.message = fmt::format(
                "/modified is {}, more than 24 hours ahead of this server's clock ({}); correct "
                "the date or the clock",
                read->version,
                format_taxii(now)
            );
            continue;
        }
        c.object = std::move(*read);
        c.facets = facets_of(*c.object, now);
    }
    return candidates;
}

PublishJob::PublishJob(
    WriteState& state,
    const store::User& user,
    const store::Collection& collection,
    const Clock& clock
)
    : state_(state),
      user_(user),
      collection_(collection),
      clock_(clock),
      write_terms_(state.state().write_terms(user, collection)),
      tombstones_(state.tx().has_tombstones(collection.no)),
      before_(state.tx().head(collection.no)) {}

void PublishJob::run(std::vector<Candidate>& candidates, std::string_view status_id) {
    // Marking definitions first, so that what they define is known to the objects that carry it.
    for (Candidate& c : candidates) {
        if (c.object && c.object->type == "marking-definition") judge(c);
    }
    for (Candidate& c : candidates) {
        if (c.object && c.object->type != "marking-definition") judge(c);
    }
    append();
    std::size_t ok = 0;
    boost::json::object recommended;
    for (const Candidate& c : candidates) {
        if (!c.outcome.accepted) continue;
        ++ok;
        for (const std::uint16_t code : c.recommended)
            ++recommended_[code];
    }
    for (const auto& [code, count] : recommended_)
        recommended[std::to_string(code)] = count;
    store::Act act;
    act.kind = "published";
    act.at = clock_.now();
    act.user = user_.no;
    act.party = user_.party;
    act.collection = collection_.no;
    act.facts = boost::json::serialize(boost::json::object{
        {"status", status_id},
        {"objects", candidates.size()},
        {"accepted", ok},
        {"new", accepted_.size()},
        {"derived", derived_},
        {"quarantined", quarantined_},
        {"recommended_otherwise", std::move(recommended)}});
    state_.tx().append_act(act);
}

void PublishJob::store_unjudged(const stix::Object& object) {
    Facets facets = facets_of(object, clock_.now());
    facets.arrivals = sent_under();
    accept(object, std::move(facets), PartyNo{});
    append();
}

const std::vector<Version>& PublishJob::stored(const std::string& id) {
    const auto known = stored_.find(id);
    if (known != stored_.end()) return known->second;
    return stored_.emplace(id, state_.tx().versions(collection_.no, id)).first->second;
}

void PublishJob::judge(Candidate& candidate) {
    const stix::Object& object = *candidate.object;
    Outcome& outcome = candidate.outcome;
    std::string message;
    Facets& facets = candidate.facets;
    facets.source = user_.party;
    Verdict what = verdict(object, facets, message);
    if (what == Verdict::store || what == Verdict::shadow) {
        if (std::string full = no_room_for(object); !full.empty()) {
            message = std::move(full);
            what = Verdict::refuse;
        }
    }
    outcome.message = message;
    switch (what) {
        case Verdict::store:
            accept(object, std::move(facets), PartyNo{});
            outcome.accepted = true;
            break;
        case Verdict::duplicate:
            outcome.accepted = true;
            break;
        case Verdict::refuse:
            break;
        case Verdict::quarantine:
            keep_aside(object, std::move(facets), message, false);
            break;
        case Verdict::shadow:
            keep_aside(object, std::move(facets), message, true);
            outcome.message.clear();
            outcome.accepted = true;
            break;
    }
}

std::string PublishJob::no_room_for(const stix::Object& object) {
    if (collection_.drop_oldest) return {};
    const bool counted = collection_.objects_max != 0 &&
                         before_.entries + accepted_.size() >= collection_.objects_max;
    const bool weighed =
        collection_.bytes_max != 0 &&
        before_.bytes + accepted_bytes_ + object.body.size() > collection_.bytes_max;
    if (!counted && !weighed) return {};
    // No figures: they would tell how much there is that the writer may not see.
    return "the collection is full: it takes no more until its operator makes room; send this "
           "again later";
}

std::string PublishJob::not_yours_to_send(const agreement::Decision& decision) const {
    std::string by = decision.way;
    // Of grants together, the ceiling says more.
    if (decision.agreement.empty() && write_terms_.bonds.size() == 1) {
        const auto& ways = write_terms_.bonds.front().ways;
        if (ways.size() == 1) by = stix::tlp_name(ways.front().ceiling);
    }
    const bool above = decision.reason >= agreement::Reason::marking_above_ceiling;
    return fmt::format(
        "{}{}{}: {} what you may send to this collection{}; held for an operator to review",
        agreement::reason_text(decision.reason),
        decision.marking.empty() ? "" : " ",
        printable(decision.marking, 100),
        above ? "above" : "not among",
        by.empty() ? by : " (" + by + ')'
    );
}

std::vector<std::string> PublishJob::let_in_by(const Facets& facets) const {
    std::vector<std::string> agreements;
    for (const agreement::Bond& bond : write_terms_.bonds) {
        if (bond.agreement.empty()) continue;
        const agreement::Terms alone{
            .party = write_terms_.party,
            .default_marking = write_terms_.default_marking,
            .bonds = {bond}};
        if (agreement::decide(alone, state_.classes(), state_.state().markings, facets).releases())
            agreements.push_back(bond.agreement);
    }
    std::ranges::sort(agreements);
    return agreements;
}

std::vector<std::string> PublishJob::sent_under() const {
    const State& now = state_.state();
    if (user_.party == now.own_party().no || !now.agreements.governs(user_.party)) return {};
    std::vector<std::string> agreements;
    for (const agreement::Bond& bond : write_terms_.bonds)
        agreements.push_back(bond.agreement);
    // It came under one that ended meanwhile: no agreement lets it go on.
    if (agreements.empty()) agreements.emplace_back("agr:");
    std::ranges::sort(agreements);
    return agreements;
}

Verdict PublishJob::verdict(const stix::Object& object, Facets& facets, std::string& message) {
    if (object.spec_version == "2.0" && !collection_.accepts_stix20) {
        message = "STIX 2.0 object; this collection takes application/stix+json;version=2.1 only";
        return Verdict::refuse;
    }
    if (tombstones_ && state_.tx().kept_out(collection_.no, object.id, object.version_key)) {
        message =
            "this object was removed here for good and is not taken in again; ask the operator of "
            "this server";
        return Verdict::refuse;
    }
    if (object.marking && object.marking->form == stix::MarkingContent::Form::statement) {
        register_statement(object, facets);
    }
    const agreement::Decision may =
        agreement::decide(write_terms_, state_.classes(), state_.state().markings, facets);
    if (!may.releases()) {
        message = not_yours_to_send(may);
        return Verdict::quarantine;
    }
    facets.arrivals = let_in_by(facets);
    const auto card = state_.state().party_of_identity(object.created_by_ref);
    return against_stored(object, card && *card != user_.party, message);
}

namespace {
// The cure is STIX's own: a new object that says where it comes from (STIX 2.1, 3.6.2; S26).
constexpr std::string_view new_id_text =
    "publish your change under a new id with a relationship of type derived-from to this one";

std::string other_content_text(const stix::Object& object) {
    return object.version == stix::unversioned
               ? "another content is stored under this id; cyber-observables have no versions, so "
                 "use a new id"
               : "another content is stored under this id and version; give the change a later "
                 "modified";
}
}  // namespace

Verdict PublishJob::against_stored(
    const stix::Object& object, bool foreign_card, std::string& message
) {
    // Earlier objects of the same request count as stored (T92).
    if (const auto same = accepted_by_id_.find(object.id); same != accepted_by_id_.end()) {
        for (const std::size_t index : same->second) {
            const stix::Object& other = *accepted_[index].object;
            if (other.version_key != object.version_key) continue;
            if (other.digest == object.digest) {
                message = "already there, unchanged";
                return Verdict::duplicate;
            }
            message = "the same id and version with other content came earlier in this request; " +
                      std::string("give the change a later modified");
            return Verdict::refuse;
        }
    }
    const std::vector<Version>& versions = stored(object.id);
    if (versions.size() >= limits::versions_per_object_max) {
        message = fmt::format(
            "{} versions of this object are stored, the most that is kept; publish it under a new "
            "id",
            versions.size()
        );
        return Verdict::refuse;
    }
    bool others = false;        // versions in the collection itself
    bool others_known = false;  // of which the writer may know
    const Version* same = nullptr;
    for (const Version& v : versions) {
        if (v.lane == user_.party && v.lane != PartyNo{}) {
            if (v.version_key != object.version_key) continue;
            // The writer's own copy that is kept aside: answered as if it were in the collection.
            const bool equal = v.digest == object.digest;
            message = equal ? "already there, unchanged" : other_content_text(object);
            return equal ? Verdict::duplicate : Verdict::refuse;
        }
        if (v.lane != PartyNo{}) continue;
        others = true;
        others_known = others_known || writer_knows(v);
        if (v.version_key == object.version_key) same = &v;
    }
    // What the writer may not know of changes no answer: all else is judged first.
    const bool unknown_same = same != nullptr && !writer_knows(*same);
    if (same != nullptr && !unknown_same) {
        if (same->digest == object.digest) {
            message = "already there, unchanged";
            return Verdict::duplicate;
        }
        // T91: one version has one content (STIX 2.1, 3.6).
        message = other_content_text(object);
        return Verdict::quarantine;
    }
    if (foreign_card) {
        message = fmt::format(
            "created_by_ref {} belongs to another party, which alone may version its objects; {}",
            object.created_by_ref,
            new_id_text
        );
        return Verdict::quarantine;
    }
    const bool anothers = others && custodian(versions) != user_.party;
    if (anothers && others_known) {
        message = fmt::format(
            "this object belongs to another party, which alone may version it; {}", new_id_text
        );
        return Verdict::quarantine;
    }
    if (!fits_history(object, versions, message)) return Verdict::refuse;
    if (unknown_same) {
        message = "an entry with this id and version exists that the sender may not see";
        return Verdict::shadow;
    }
    if (anothers) {
        message = "versions of this id by another party exist that the sender may not see";
        return Verdict::shadow;
    }
    return Verdict::store;
}

/// What the versions before and after a new one demand of it (STIX 2.1, 3.6; S25, S29, S31). Looks
/// only at versions that the writer may know of, those of the same request included.
bool PublishJob::fits_history(
    const stix::Object& object, const std::vector<Version>& versions, std::string& message
) {
    if (object.kind == stix::Kind::cyber_observable) return true;
    const Version* older = nullptr;
    const Version* newer = nullptr;
    for (const Version& v : versions) {  // by version key
        // The writer's own that is kept aside counts as if it were in the collection.
        if ((v.lane != PartyNo{} && v.lane != user_.party) || !writer_knows(v)) continue;
        if (v.version_key < object.version_key) older = &v;
        if (v.version_key > object.version_key && newer == nullptr) newer = &v;
    }
    std::vector<stix::Object> beside;
    for (const Version* v : {older, newer}) {
        if (v == nullptr) continue;
        const auto entry = state_.tx().entry(collection_.no, v->seq);
        if (!entry) continue;
        if (auto read = stix::read_object(entry->body)) beside.push_back(std::move(*read));
    }
    if (const auto here = accepted_by_id_.find(object.id); here != accepted_by_id_.end()) {
        for (const std::size_t index : here->second)
            beside.push_back(*accepted_[index].object);
    }
    for (const stix::Object& other : beside) {
        if (object.type == "marking-definition") {
            message =
                "a marking-definition has no versions, and another one is stored under this "
                "id; give the new one an id of its own";
        } else if (other.created_key != object.created_key) {
            message = fmt::format(
                "/created: {} in the version of {}, and it never changes; give all versions the "
                "same one, or the new object an id of its own",
                other.created,
                other.version
            );
        } else if (other.revoked && other.version_key < object.version_key) {
            message = fmt::format(
                "the version of {} revoked this object for good; {}", other.version, new_id_text
            );
        } else if (object.revoked && object.version_key < other.version_key) {
            message = fmt::format(
                "/revoked: a version of {} is there, and none may follow the one that revokes; "
                "give this one a later modified",
                other.version
            );
        } else {
            continue;
        }
        return false;
    }
    return true;
}

bool PublishJob::writer_knows(const Version& version) const {
    // What one's own party published is no secret to its publishers: else two of them could
    // silently publish past each other.
    return state_.facets(version.cls).source == user_.party ||
           state_.reads(user_, collection_, version);
}

PartyNo PublishJob::custodian(const std::vector<Version>& versions) const {
    const Version* first = nullptr;
    for (const Version& v : versions) {
        if (v.lane == PartyNo{} && (first == nullptr || v.seq < first->seq)) first = &v;
    }
    const Facets& facets = state_.facets(first->cls);
    return state_.state().party_of_identity(facets.producer).value_or(facets.source);
}

void PublishJob::register_statement(const stix::Object& object, const Facets& facets) {
    const State& now = state_.state();
    if (now.markings.is_statement(object.id, user_.party)) return;
    // Only what this writer may publish here at all can define anything.
    if (!agreement::decide(write_terms_, state_.classes(), now.markings, facets).releases()) return;
    for (const Version& v : stored(object.id)) {
        if (v.lane == PartyNo{} && state_.facets(v.cls).source != user_.party) return;
    }
    add_statement(state_.tx(), clock_, {object.id, user_.party});
    state_.reload();
    write_terms_ = state_.state().write_terms(user_, collection_);
}

void PublishJob::accept(const stix::Object& object, Facets facets, PartyNo lane) {
    Accepted a;
    a.object = &object;
    a.lane = lane;
    a.facets = std::move(facets);
    a.facets.source = user_.party;
    a.facets.held_for = lane;
    accepted_bytes_ += object.body.size();
    accepted_by_id_[object.id].push_back(accepted_.size());
    accepted_.push_back(std::move(a));
}

void PublishJob::keep_aside(
    const stix::Object& object, Facets facets, std::string reason, bool visible
) {
    store::QuarantineItem item;
    item.collection = collection_.no;
    item.user = user_.no;
    item.party = user_.party;
    item.at = clock_.now();
    item.reason = std::move(reason);
    item.id = object.id;
    item.version = object.version;
    item.body = object.body;
    item.visible_to_sender = visible;
    state_.tx().put(item);
    ++quarantined_;
    if (visible) accept(object, std::move(facets), user_.party);
}

// ---- Classes

std::vector<ClassNo> PublishJob::classes_of_target(const std::string& id, unsigned depth) {
    std::set<ClassNo> classes;
    for (const Version& v : stored(id)) {
        if (v.lane == PartyNo{} && state_.facets(v.cls).source == user_.party)
            classes.insert(v.cls);
    }
    if (const auto here = accepted_by_id_.find(id); here != accepted_by_id_.end()) {
        for (const std::size_t index : here->second) {
            if (accepted_[index].lane == PartyNo{}) classes.insert(class_of(index, depth + 1));
        }
    }
    return {classes.begin(), classes.end()};
}

ClassNo PublishJob::class_of(std::size_t index, unsigned depth) {
    if (accepted_[index].cls != ClassNo{}) return accepted_[index].cls;
    Facets facets = accepted_[index].facets;
    // Objects that name each other in a circle, and chains deeper than one can follow: the markings
    // decide for the inner one; for a chain nobody may have it.
    constexpr unsigned depth_max = 200;
    if (accepted_[index].in_progress) return state_.intern(facets);
    accepted_[index].in_progress = true;
    std::set<std::vector<ClassNo>> needs;
    if (depth > depth_max) needs.insert(std::vector<ClassNo>{});
    for (const std::string& id : accepted_[index].object->references) {
        if (depth > depth_max || id == accepted_[index].object->id) continue;
        std::vector<ClassNo> classes = classes_of_target(id, depth);
        if (classes.empty()) continue;
        const bool free = std::ranges::any_of(classes, [&](ClassNo c) {
            return implied(state_.facets(c), facets);
        });
        if (!free) needs.insert(std::move(classes));
    }
    facets.needs = bounded_needs(needs);
    Accepted& a = accepted_[index];
    a.cls = state_.intern(facets);
    a.in_progress = false;
    return a.cls;
}

std::vector<std::vector<ClassNo>> PublishJob::bounded_needs(
    const std::set<std::vector<ClassNo>>& needs
) {
    std::vector<std::vector<ClassNo>> bounded(needs.begin(), needs.end());
    while (bounded.size() > limits::needs_max) {
        std::vector<std::vector<ClassNo>> joined;
        for (std::size_t i = 0; i < bounded.size(); i += limits::needs_max) {
            Facets facets;
            facets.type = agreement::joint_type;
            const std::size_t end = std::min(bounded.size(), i + limits::needs_max);
            for (std::size_t k = i; k < end; ++k)
                facets.needs.push_back(std::move(bounded[k]));
            joined.push_back({state_.intern(facets)});
        }
        bounded = std::move(joined);
    }
    return bounded;
}

std::vector<PublishJob::Row> PublishJob::rows() {
    std::vector<Row> rows;
    rows.reserve(accepted_.size());
    // All classes first: what is made of an object depends on the classes of what it names.
    for (std::size_t i = 0; i < accepted_.size(); ++i)
        (void)class_of(i, 0);
    for (std::size_t i = 0; i < accepted_.size(); ++i) {
        const Accepted& a = accepted_[i];
        rows.push_back({.object = a.object, .lane = a.lane, .cls = a.cls, .derived_of = {}});
        for (const Variant& v : variants_of(i, 0)) {
            rows.push_back(
                {.object = &v.object, .lane = a.lane, .cls = v.cls, .derived_of = a.object->id}
            );
            ++derived_;
        }
    }
    return rows;
}

void PublishJob::append() {
    if (accepted_.empty()) return;
    const std::vector<Row> all = rows();
    std::unordered_map<std::string_view, std::vector<const Row*>> by_id;
    for (const Row& row : all)
        by_id[row.object->id].push_back(&row);
    std::vector<store::NewEntry> entries;
    entries.reserve(all.size());
    std::set<std::string_view> mixed;
    for (const Row& row : all) {
        const stix::Object& o = *row.object;
        bool siblings = row.lane != PartyNo{};
        const auto differs = [&](PartyNo lane, std::string_view spec) {
            return lane != row.lane || spec != o.spec_version;
        };
        for (const Row* other : by_id.at(o.id))
            siblings = siblings || differs(other->lane, other->object->spec_version);
        for (const Version& v : stored(o.id)) {
            if (!differs(v.lane, state_.facets(v.cls).spec_version)) {
                siblings = siblings || has(v.flags, store::Flag::siblings);
                continue;
            }
            siblings = true;
            mixed.insert(o.id);
        }
        entries.push_back(
            {.cls = row.cls,
             .lane = row.lane,
             .id = o.id,
             .version = o.version,
             .version_key = o.version_key,
             .digest = o.digest,
             .body = o.body,
             .siblings = siblings,
             .derived_of = row.derived_of}
        );
    }
    for (const std::string_view id : mixed)
        state_.tx().mark_siblings(collection_.no, id, true);
    state_.tx().append(collection_.no, clock_.now(), entries);
}

}  // namespace entente::exchange
