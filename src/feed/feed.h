#pragma once
// One feed: the values of what is valid now, less what must not be in it. Pure.
#include "base/time.h"
#include "feed/extract.h"
#include "feed/own_assets.h"
#include "feed/suffixes.h"
#include "feed/value.h"
#include "feed/warning_lists.h"

#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace entente::feed {

enum class Purpose : std::uint8_t {
    detect,  // a sensor tells of it
    block,   // a sensor stops it
};

/// What decides on values. The parts outlive their use.
struct Guard {
    Purpose purpose = Purpose::detect;
    std::bitset<kinds> wanted = std::bitset<kinds>().set();
    std::bitset<kinds> format = std::bitset<kinds>().set();  // what has a place in it
    std::bitset<kinds> ruled{};  // each value is a rule of Suricata, or some
    const OwnAssets* own = nullptr;
    const PublicSuffixes* suffixes = nullptr;
    const WarningLists* stopping = nullptr;   // what is on them is not in a blocking feed
    const WarningLists* informing = nullptr;  // what is on them is counted
    /// What a person lets in although it is an own asset, special, too wide, a public suffix or on
    /// a list; `folded`.
    std::set<Value> allowed{};
};

/// Why the value is not in such a feed; nothing if it is. REQUIRES: `guard.suffixes` to block.
[[nodiscard]] std::optional<Drop> refusal(const Guard& guard, const Value& value);

/// A value, and the object with the smallest id that has it.
struct Entry {
    Value value;
    std::string_view source;
};

/// How many values a feed has as rules, and a blocking feed has networks: sensors are slow with
/// more, and nobody's word should stop more of the Internet.
inline constexpr std::size_t ruled_values_max = 100'000;
inline constexpr std::size_t blocked_networks_max = 10'000;

/// Whether Suricata reads the rule about the value: it cuts longer lines than 8,190 bytes in two.
[[nodiscard]] bool has_rule(const Value& value);

struct Feed {
    std::vector<Entry> entries;  // by value, each once
    Counts left_out;             // objects and alternatives of patterns
    std::map<std::string, std::uint64_t, std::less<>> warned;  // by list: its values in the feed
    std::uint64_t objects = 0;                                 // looked at, each once
    std::optional<Micros> changes_at{};  // when something begins or ends to be valid
    std::set<Value> overridden{};        // of `Guard::allowed`: those that mattered
};

/// Objects one after the other, of several versions of one the latest. An object is one by its id
/// and its custodian: what somebody else sends under a known id stands beside it, and can neither
/// replace nor withdraw it (STIX 2.1, 3.6.2: only the creator may do so).
class Collector {
  public:
    void add(Read read);

    /// As `Read`: what could not be read.
    void left_out(Drop drop, std::uint64_t times = 1) { left_out_.add(drop, times); }

    [[nodiscard]] std::size_t size() const noexcept { return objects_.size(); }

    /// The feed as of `now`. Entries live as long as this. Of more than ruled_values_max,
    /// blocked_networks_max or limits::feed_values_max values as many are left out of those whose
    /// custodians, and of these whose objects, have most: who floods a feed takes no other's room.
    [[nodiscard]] Feed make(const Guard& guard, Micros now) const;

  private:
    std::unordered_map<std::string, Read> objects_;  // by id and custodian
    Counts left_out_;
};

}  // namespace entente::feed
