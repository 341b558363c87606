#include "feed/feed.h"

#include "base/assert.h"
#include "base/limits.h"
#include "feed/internal/embedded.h"
#include "feed/internal/names.h"
#include "feed/internal/shares.h"
#include "pattern/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace entente::feed {
namespace {

// RFC 6890 and what followed it: addresses that are nobody's in the Internet.
constexpr std::array<std::string_view, 28> special_networks{
    "0.0.0.0/8",       "10.0.0.0/8",     "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12",   "192.0.0.0/24",   "192.0.2.0/24",   "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",    "::/128",
    "::1/128",         "::ffff:0:0/96",  "64:ff9b:1::/48", "100::/64",       "2001::/32",
    "2001:2::/48",     "2001:db8::/32",  "fc00::/7",       "fe80::/10",      "ff00::/8",
    "fec0::/10",       "3fff::/20",      "5f00::/16"};

const AddressSet& special() {
    static const AddressSet set = [] {
        AddressSet made;
        for (const std::string_view network : special_networks) {
            const auto block = pattern::read_address_block(network);
            ENTENTE_ASSERT(block.has_value());
            made.add(*block);
        }
        made.close();
        return made;
    }();
    return set;
}

constexpr unsigned v4_prefix_min = 24;
constexpr unsigned v6_prefix_min = 48;

/// IPv6 that stands for IPv4 is as wide as that.
bool is_wide(const pattern::AddressBlock& block) {
    if (const auto v4 = internal::embedded_v4(block)) return v4->prefix < v4_prefix_min;
    return block.prefix < (block.v6 ? v6_prefix_min : v4_prefix_min);
}

/// What a person may override.
std::optional<Drop> danger(const Guard& guard, const Value& value) {
    if (guard.purpose == Purpose::block) {
        if (guard.own != nullptr && guard.own->covers(value)) return Drop::own_asset;
        if (const auto block = internal::block_of(value)) {
            if (special().touches(*block)) return Drop::not_global;
            if (is_wide(*block)) return Drop::network_too_wide;
        }
        ENTENTE_ASSERT(guard.suffixes != nullptr);
        if (value.kind == Kind::domain && guard.suffixes->is_suffix(value.text))
            return Drop::public_suffix;
        if (guard.stopping != nullptr && guard.stopping->hit(value)) return Drop::warning_list;
    }
    return std::nullopt;
}

bool is_allowed(const Guard& guard, const Value& value) {
    return !guard.allowed.empty() && guard.allowed.contains(folded(value));
}

constexpr std::size_t index(Kind kind) {
    return static_cast<std::size_t>(kind);
}

bool has(const std::bitset<kinds>& set, Kind kind) {
    return set.test(index(kind));
}

std::optional<Drop> out_of_time(const Read& read, Micros now) {
    if (read.revoked) return Drop::revoked;
    if (read.from && now < *read.from) return Drop::not_yet_valid;
    if (read.until && now >= *read.until) return Drop::expired;
    return std::nullopt;
}

/// How much less than another of the same version it says: it was taken back, or its terms do not
/// let it be used so where it came in another way.
int silence(const Read& read) {
    if (read.revoked) return 2;
    return std::ranges::find(read.found.drops, Drop::use_not_permitted) != read.found.drops.end();
}

/// The sooner of what is known and a moment that lies ahead.
void sooner(std::optional<Micros>& known, const std::optional<Micros>& moment, Micros now) {
    if (moment && now < *moment && (!known || *moment < *known)) known = moment;
}

/// Sorts by value and source, each value once of each custodian, and leaves out what is too much.
/// Gives how many those are.
std::size_t bound(const Guard& guard, std::vector<internal::Candidate>& all) {
    std::ranges::sort(all, [](const internal::Candidate& a, const internal::Candidate& b) {
        return std::tie(*a.value, a.custodian, a.source) <
               std::tie(*b.value, b.custodian, b.source);
    });
    const auto twice = [](const internal::Candidate& a, const internal::Candidate& b) {
        return a.custodian == b.custodian && *a.value == *b.value;
    };
    all.erase(std::unique(all.begin(), all.end(), twice), all.end());
    const std::size_t before = all.size();
    if (guard.purpose == Purpose::block)
        internal::cut(all, blocked_networks_max, std::bitset<kinds>().set(index(Kind::cidr)));
    internal::cut(all, ruled_values_max, guard.ruled);
    internal::cut(all, limits::feed_values_max, std::bitset<kinds>().set());
    const std::size_t gone = before - all.size();
    std::ranges::sort(all, [](const internal::Candidate& a, const internal::Candidate& b) {
        return std::tie(*a.value, a.source) < std::tie(*b.value, b.source);
    });
    return gone;
}

}  // namespace

std::optional<Drop> refusal(const Guard& guard, const Value& value) {
    if (!has(guard.wanted, value.kind)) return Drop::kind_not_asked;
    if (!has(guard.format, value.kind) || (has(guard.ruled, value.kind) && !has_rule(value)))
        return Drop::no_place_in_format;
    if (is_allowed(guard, value)) return std::nullopt;
    return danger(guard, value);
}

void Collector::add(Read read) {
    const auto [at, fresh] = objects_.try_emplace(fmt::format("{} {}", read.id, read.custodian));
    // Of two equal versions the one that says less counts.
    const Read& known = at->second;
    if (!fresh && (read.version < known.version ||
                   (read.version == known.version && silence(read) <= silence(known)))) {
        return;
    }
    at->second = std::move(read);
}

Feed Collector::make(const Guard& guard, Micros now) const {
    Feed feed;
    feed.left_out = left_out_;
    feed.objects = objects_.size();
    std::vector<internal::Candidate> all;
    for (const auto& [key, read] : objects_) {
        sooner(feed.changes_at, read.from, now);
        sooner(feed.changes_at, read.until, now);
        if (const auto drop = out_of_time(read, now)) {
            feed.left_out.add(*drop);
            continue;
        }
        for (const Drop drop : read.found.drops)
            feed.left_out.add(drop);
        for (const Value& value : read.found.values) {
            if (const auto drop = refusal(guard, value)) {
                feed.left_out.add(*drop);
            } else {
                all.push_back({&value, read.id, read.custodian});
            }
        }
    }
    feed.left_out.add(Drop::too_many, bound(guard, all));
    const auto twice = [](const internal::Candidate& a, const internal::Candidate& b) {
        return *a.value == *b.value;
    };
    all.erase(std::unique(all.begin(), all.end(), twice), all.end());
    feed.entries.reserve(all.size());
    for (const internal::Candidate& one : all)
        feed.entries.push_back({*one.value, one.source});
    for (const Entry& entry : feed.entries) {
        if (is_allowed(guard, entry.value) && danger(guard, entry.value))
            feed.overridden.insert(entry.value);
        for (const WarningLists* lists : {guard.stopping, guard.informing}) {
            if (lists == nullptr) continue;
            if (const auto list = lists->hit(entry.value)) ++feed.warned[std::string(*list)];
        }
    }
    return feed;
}

}  // namespace entente::feed
