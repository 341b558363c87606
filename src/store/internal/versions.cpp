#include "store/internal/versions.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace entente::store::internal {
namespace {

struct Seen {
    const Version* version;
    Place place;
};

bool named(const VersionFilter& filter, std::string_view key) {
    return std::ranges::find(filter.keys, key) != filter.keys.end();
}

/// An id may stand there under one key in two spec versions: those are two versions.
bool same_version(const Query& query, const Version& own, const Version& held) {
    return own.lane == PartyNo{} && own.version_key == held.version_key &&
           query.spec_version(own.cls) == query.spec_version(held.cls);
}

std::vector<Seen> visible(const Query& query, const std::vector<Version>& versions) {
    std::vector<Seen> seen;
    for (const Version& v : versions) {
        const auto place = query.place_of(v.seq, v.cls, v.flags);
        if (!place) continue;
        // Versions come by key and then lane, the collection's own (0) first.
        const bool shadowed =
            v.lane != PartyNo{} && !seen.empty() && same_version(query, *seen.back().version, v);
        if (!shadowed) seen.push_back({&v, *place});
    }
    return seen;
}

void keep_newest_spec(const Query& query, std::vector<Seen>& seen) {
    std::string_view newest;
    for (const Seen& s : seen)
        newest = std::max(newest, query.spec_version(s.version->cls));
    std::erase_if(seen, [&](const Seen& s) {
        return query.spec_version(s.version->cls) != newest;
    });
}

}  // namespace

Choice choose(const Query& query, std::string_view id) {
    const std::vector<Version> versions = query.snapshot().versions(query.collection(), id);
    std::vector<Seen> seen = visible(query, versions);
    Choice choice;
    choice.any_visible = !seen.empty();
    std::erase_if(seen, [&](const Seen& s) {
        return !query.wants(s.version->cls) || s.place.seq <= query.added_after();
    });
    if (query.filter().spec_versions.empty()) keep_newest_spec(query, seen);
    const VersionFilter& want = query.filter().version;
    for (const Seen& s : seen) {
        const std::string& key = s.version->version_key;
        const bool first = key == seen.front().version->version_key;
        const bool last = key == seen.back().version->version_key;
        if (want.all || (want.first && first) || (want.last && last) || named(want, key)) {
            choice.chosen.push_back({s.version->seq, s.place});
        }
    }
    return choice;
}

bool Chooser::takes(const Entry& entry) {
    const auto told = told_by_flags(entry);
    return told ? *told : look_up(entry);
}

// Right only for objects whose versions are all of one spec version and in the collection's own
// lane; others have the flag.
std::optional<bool> Chooser::told_by_flags(const Entry& entry) const {
    if (has(entry.flags, Flag::siblings) || query_.held(entry.cls)) return std::nullopt;
    const VersionFilter& want = query_.filter().version;
    if (want.all || named(want, entry.version_key)) return true;
    if (want.first && !has(entry.flags, Flag::has_older)) return true;
    if (want.last && !has(entry.flags, Flag::has_newer)) return true;
    if (want.first) return std::nullopt;
    if (!want.last || newer_takes_its_place(entry)) return false;
    return std::nullopt;
}

bool Chooser::newer_takes_its_place(const Entry& entry) const {
    // A late row would only move the newer one further from added_after.
    return query_.wants(entry.newer_cls) && query_.view().shows(entry.newer_cls, entry.newer_seq) &&
           entry.newer_seq > query_.added_after();
}

bool Chooser::look_up(const Entry& entry) {
    auto known = known_.find(std::string(entry.id));
    if (known == known_.end()) {
        std::vector<Seq> seqs;
        for (const Chosen& c : choose(query_, entry.id).chosen)
            seqs.push_back(c.entry);
        std::ranges::sort(seqs);
        known_seqs_ += seqs.size() + 1;
        if (known_seqs_ > limits::scan_remembered_max) {
            known_.clear();
            known_seqs_ = seqs.size() + 1;
        }
        known = known_.emplace(entry.id, std::move(seqs)).first;
    }
    return std::ranges::binary_search(known->second, entry.seq);
}

}  // namespace entente::store::internal
