#include "exchange/internal/sighting_release.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/random.h"
#include "exchange/explain.h"
#include "exchange/internal/publish_job.h"
#include "stix/tlp.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

namespace entente::exchange {
namespace {

namespace json = boost::json;
using agreement::raw;
using store::PartyNo;
using store::Sighting;

constexpr std::int64_t hour_us = 3'600'000'000;
constexpr std::int64_t day_us = 24 * hour_us;
constexpr std::string_view told_setting = "sightings_told";
constexpr std::uint64_t count_max = 999'999'999;  // STIX 2.1, 5.2.1

/// What the terms of the agreement, and no other, give any user of the party.
agreement::Terms terms_of(
    const State& state, const store::Collection& collection, const Sighting& row
) {
    const store::Party* party = state.party(row.party);
    agreement::Terms terms{
        .party = row.party, .default_marking = collection.default_marking, .bonds = {}};
    if (party == nullptr) return terms;
    terms = state.read_terms(anyone_of(*party), collection);
    std::erase_if(terms.bonds, [&](const agreement::Bond& bond) {
        return bond.agreement != row.agreement || bond.suspended;
    });
    return terms;
}

}  // namespace

Key sighting_key(store::Transaction& tx) {
    constexpr std::string_view name = "sighting_key";
    Key key{};
    if (const auto text = tx.setting(name)) {
        if (const auto bytes = from_base64url(*text); bytes && bytes->size() == key.size()) {
            std::ranges::copy(as_bytes(*bytes), key.begin());
            return key;
        }
        throw StorageError(StorageError::Kind::corrupt, "the setting sighting_key cannot be read");
    }
    system_random().fill(key);
    tx.set_setting(name, to_base64url(as_text(key)));
    return key;
}

DaysTold::DaysTold(store::Snapshot& snapshot, Micros now) : day_(now.count / day_us) {
    const auto text = snapshot.setting(told_setting);
    if (!text) return;
    try {
        const json::value whole = json::parse(*text);
        const json::object& all = whole.as_object();
        // A clock that was put back begins no new day.
        const auto day = all.at("day").to_number<std::int64_t>();
        if (day < day_) return;
        day_ = day;
        for (const json::value& one : all.at("told").as_array()) {
            const json::array& pair = one.as_array();
            told_[PartyNo{pair.at(0).to_number<std::uint32_t>()}] =
                pair.at(1).to_number<std::uint64_t>();
        }
    } catch (const std::exception& error) {
        throw StorageError(
            StorageError::Kind::corrupt,
            fmt::format("the setting '{}' cannot be read: {}", told_setting, error.what())
        );
    }
}

std::uint64_t DaysTold::of(PartyNo party) const {
    const auto at = told_.find(party);
    return at == told_.end() ? 0 : at->second;
}

void DaysTold::add(PartyNo party, std::uint64_t count) {
    told_[party] += count;
}

void DaysTold::put(store::Transaction& tx) const {
    json::array told;
    for (const auto& [party, count] : told_)
        told.push_back(json::array{raw(party), count});
    tx.set_setting(
        told_setting, json::serialize(json::object{{"day", day_}, {"told", std::move(told)}})
    );
}

SightingRelease::SightingRelease(store::Transaction& tx, const Clock& clock, const State& state)
    : tx_(tx),
      clock_(clock),
      state_(state),
      reports_(tx) {}

std::string SightingRelease::id_of(const Sighting& row) {
    if (!key_) key_ = sighting_key(tx_);
    Digest digest = keyed_hash(
        *key_,
        fmt::format(
            "{}\n{}\n{}\n{}\n{}",
            row.indicator,
            row.agreement,
            raw(row.party),
            row.hour.count,
            row.part
        )
    );
    digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0fU) | 0x40U);  // RFC 4122: version 4
    digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3fU) | 0x80U);
    const std::string hex = to_hex(std::span(digest).first(16));
    return fmt::format(
        "sighting--{}-{}-{}-{}-{}",
        hex.substr(0, 8),
        hex.substr(8, 4),
        hex.substr(12, 4),
        hex.substr(16, 4),
        hex.substr(20)
    );
}

/// Those of the indicator that restrict something; of an unmarked one what its collection says.
Result<std::vector<std::string>> SightingRelease::markings_of(const Sighting& row) {
    const auto gone = [] {
        return fail(
            Errc::conflict, "the indicator is not here any more, so nothing tells how it is marked"
        );
    };
    const store::Collection* collection = state_.collection(row.collection);
    if (collection == nullptr) return gone();
    const WriteState now(tx_, std::make_shared<const State>(state_, state_.classes));
    std::optional<store::ClassNo> cls;
    if (const auto entry = tx_.entry(row.collection, row.seq); entry && entry->id == row.indicator)
        cls = entry->cls;
    if (!cls) {
        for (const store::Version& v : tx_.versions(row.collection, row.indicator)) {
            const agreement::Facets* facets = now.classes().find(v.cls);
            if (v.lane == PartyNo{} && facets != nullptr && facets->source == row.party)
                cls = v.cls;
        }
    }
    const agreement::Facets* facets = cls ? now.classes().find(*cls) : nullptr;
    if (facets == nullptr) return gone();
    std::vector<std::string> markings;
    for (const std::string& id : facets->markings) {
        // "Copyright North" is North's word about its own object.
        if (!state_.markings.is_statement(id, facets->source)) markings.push_back(id);
    }
    const bool tlp = std::ranges::any_of(markings, [](const std::string& id) {
        return stix::tlp_of_marking(id).has_value();
    });
    if (!tlp) markings.emplace_back(stix::tlp2_marking_id(collection->default_marking));
    std::ranges::sort(markings);
    return markings;
}

Result<std::string> SightingRelease::object_of(const Sighting& row) {
    const store::Party& own = state_.own_party();
    if (own.identities.empty()) {
        return fail(
            Errc::conflict,
            fmt::format(
                "your party has no STIX identity to send it under; give it one: entente party set "
                "'{}' --identity identity--UUID",
                own.name
            )
        );
    }
    ENTENTE_TRY(const std::vector<std::string> markings, markings_of(row));
    // Everything is as if seen through the whole hour, so that the same bucket always makes the
    // same object, and nothing tells when within it.
    const std::string begin = format_taxii(row.hour);
    const std::string end = format_taxii(row.hour + hour_us);
    return json::serialize(json::object{
        {"type", "sighting"},
        {"spec_version", "2.1"},
        {"id", id_of(row)},
        {"created_by_ref", own.identities.front()},
        {"created", end},
        {"modified", end},
        {"first_seen", begin},
        {"last_seen", end},
        {"count", std::min(row.count, count_max)},
        {"sighting_of_ref", row.indicator},
        {"object_marking_refs", json::array(markings.begin(), markings.end())}});
}

std::string SightingRelease::held(const Sighting& row) {
    const store::Party* party = state_.party(row.party);
    if (party == nullptr) return "nobody is to hear of it";
    if (row.hour + hour_us > clock_.now()) return "its hour is not over";
    if (state_.stops.of(row.party) != nullptr)
        return fmt::format("{} is stopped; `entente start` ends that", party->name);
    if (state_.clock_doubt) return "the clock is in doubt; `entente clock accept` ends that";
    const agreement::Standpoint* point = state_.agreements.point(row.agreement);
    if (point == nullptr) return "the agreement is not known here any more";
    if (!point->standing.releases()) {
        return fmt::format(
            "the agreement is not in force: {}", agreement::stage_text(point->standing.stage)
        );
    }
    const ReportSetting setting = reports_.of(row.agreement);
    if (setting.report == Report::off)
        return "reports under this agreement are off; `entente agreement report` sets it";
    if (DaysTold(tx_, clock_.now()).of(row.party) >= setting.budget)
        return fmt::format("the day's budget of {} is used up", setting.budget);
    for (const store::OutboxHead& head : tx_.outbox_heads()) {
        if (head.party == row.party && head.waiting >= limits::outbox_rows_max)
            return "too much waits for its server already; see: entente peer list";
    }
    return {};
}

Result<SightingRelease::Stored> SightingRelease::store_in(
    const store::Collection& collection, const Sighting& row, const stix::Object& object
) {
    const auto head = tx_.head(collection.no);
    const bool full = !collection.drop_oldest &&
                      ((collection.objects_max > 0 && head.entries >= collection.objects_max) ||
                       (collection.bytes_max > 0 && head.bytes >= collection.bytes_max));
    if (full) return fail(Errc::conflict, fmt::format("{} is full", collection.title));
    if (tx_.kept_out(collection.no, object.id, object.version_key))
        return fail(Errc::conflict, "it was removed here for good");
    WriteState state(tx_, std::make_shared<const State>(state_, state_.classes));
    if (tx_.versions(collection.no, object.id).empty()) {
        store::User publisher;
        publisher.party = state_.own_party().no;
        publisher.role = store::Role::publisher;
        PublishJob(state, publisher, collection, clock_).store_unjudged(object);
    }
    Stored stored{.collection = &collection};
    store::ClassNo cls{};
    for (const store::Version& v : tx_.versions(collection.no, object.id)) {
        stored.seq = v.seq;
        cls = v.cls;
    }
    const auto decided = [&](const agreement::Terms& terms) {
        return agreement::decide(terms, state.classes(), state_.markings, cls);
    };
    // What a page of this collection would ask for a user of that party.
    const agreement::Decision decision = decided(terms_of(state_, collection, row));
    if (!decision.releases()) {
        std::string why(agreement::reason_text(decision.reason));
        if (decision.reason == agreement::Reason::type_not_selected)
            why += ": its flow has to select the type sighting";
        return fail(Errc::forbidden, fmt::format("the agreement does not let it cross: {}", why));
    }
    stored.delay_hours = decision.delay_hours;
    std::set<PartyNo> readers;
    for (const store::UserNo no : tx_.viewers(collection.no)) {
        const store::User* user = state_.user(no);
        if (user == nullptr || user->party == row.party || user->party == state_.own_party().no)
            continue;
        if (decided(state_.read_terms(*user, collection)).releases()) readers.insert(user->party);
    }
    stored.readers.assign(readers.begin(), readers.end());
    return stored;
}

Result<SightingRelease::Stored> SightingRelease::store(
    const Sighting& row, const std::string& text
) {
    ENTENTE_TRY(const stix::Object object, stix::read_object(text));
    const Agreements::Known* known = state_.agreements.find(row.agreement);
    std::set<store::CollectionNo> bound;
    if (known != nullptr) {
        for (const store::AgreementBinding& b : known->bindings)
            if (b.way == store::AgreementBinding::Way::out) bound.insert(b.collection);
    }
    Error why{
        Errc::conflict,
        "no collection gives by this agreement; name one: entente agreement bind AGREEMENT "
        "--collection NAME --out"};
    const store::Collection* best = nullptr;
    std::size_t fewest = 0;
    for (const store::CollectionNo no : bound) {
        const store::Collection* collection = state_.collection(no);
        if (collection == nullptr) continue;
        (void)tx_.savepoint([&] {  // undone: only to see
            const auto tried = store_in(*collection, row, object);
            if (!tried) {
                why = tried.error();
            } else if (best == nullptr || tried->readers.size() < fewest) {
                best = collection;
                fewest = tried->readers.size();
            }
            return false;
        });
    }
    if (best == nullptr) return tl::unexpected<Error>(why);
    return store_in(*best, row, object);
}

}  // namespace entente::exchange
