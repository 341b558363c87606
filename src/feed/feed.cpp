#include "feed/feed.h"

#include "base/assert.h"
#include "base/limits.h"
#include "feed/internal/names.h"
#include "pattern/address.h"

#include <algorithm>
#include <array>

namespace entente::feed {
namespace {

// RFC 6890 and what followed it: addresses that are nobody's in the Internet.
constexpr std::array<std::string_view, 26> special_networks{
    "0.0.0.0/8",       "10.0.0.0/8",     "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12",   "192.0.0.0/24",   "192.0.2.0/24",   "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",    "::/128",
    "::1/128",         "::ffff:0:0/96",  "64:ff9b:1::/48", "100::/64",       "2001::/32",
    "2001:2::/48",     "2001:db8::/32",  "fc00::/7",       "fe80::/10",      "ff00::/8",
    "fec0::/10"};

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

/// What a person may override.
std::optional<Drop> danger(const Guard& guard, const Value& value) {
    if (guard.purpose == Purpose::block) {
        if (guard.own != nullptr && guard.own->covers(value)) return Drop::own_asset;
        if (const auto block = internal::block_of(value)) {
            if (special().touches(*block)) return Drop::not_global;
            if (block->prefix < (block->v6 ? v6_prefix_min : v4_prefix_min))
                return Drop::network_too_wide;
        }
        ENTENTE_ASSERT(guard.suffixes != nullptr);
        if (value.kind == Kind::domain && guard.suffixes->is_suffix(value.text))
            return Drop::public_suffix;
        if (guard.stopping != nullptr && guard.stopping->hit(value)) return Drop::warning_list;
    }
    return std::nullopt;
}

bool has(const std::bitset<kinds>& set, Kind kind) {
    return set.test(static_cast<std::size_t>(kind));
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

}  // namespace

std::optional<Drop> refusal(const Guard& guard, const Value& value) {
    if (!has(guard.wanted, value.kind)) return Drop::kind_not_asked;
    if (!has(guard.format, value.kind)) return Drop::no_place_in_format;
    if (guard.allowed.contains(value)) return std::nullopt;
    return danger(guard, value);
}

void Collector::add(Read read) {
    const auto [at, fresh] = objects_.try_emplace(read.id);
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
    for (const auto& [id, read] : objects_) {
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
                feed.entries.push_back({value, id});
            }
        }
    }
    std::ranges::sort(feed.entries, [](const Entry& a, const Entry& b) {
        return a.value != b.value ? a.value < b.value : a.source < b.source;
    });
    const auto twice = [](const Entry& a, const Entry& b) { return a.value == b.value; };
    feed.entries.erase(
        std::unique(feed.entries.begin(), feed.entries.end(), twice), feed.entries.end()
    );
    if (feed.entries.size() > limits::feed_values_max) {
        feed.left_out.add(Drop::too_many, feed.entries.size() - limits::feed_values_max);
        feed.entries.erase(
            feed.entries.begin() + static_cast<std::ptrdiff_t>(limits::feed_values_max),
            feed.entries.end()
        );
    }
    for (const Entry& entry : feed.entries) {
        if (guard.allowed.contains(entry.value) && danger(guard, entry.value))
            feed.overridden.insert(entry.value);
        for (const WarningLists* lists : {guard.stopping, guard.informing}) {
            if (lists == nullptr) continue;
            if (const auto list = lists->hit(entry.value)) ++feed.warned[std::string(*list)];
        }
    }
    return feed;
}

}  // namespace entente::feed
