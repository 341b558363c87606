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
    const OwnAssets* own = nullptr;
    const PublicSuffixes* suffixes = nullptr;
    const WarningLists* stopping = nullptr;   // what is on them is not in a blocking feed
    const WarningLists* informing = nullptr;  // what is on them is counted
    /// What a person lets in although it is an own asset, special, too wide, a public suffix or on
    /// a list.
    std::set<Value> allowed{};
};

/// Why the value is not in such a feed; nothing if it is. REQUIRES: `guard.suffixes` to block.
[[nodiscard]] std::optional<Drop> refusal(const Guard& guard, const Value& value);

/// A value, and the object with the smallest id that has it.
struct Entry {
    Value value;
    std::string_view source;
};

struct Feed {
    std::vector<Entry> entries;  // by value, each once
    Counts left_out;             // objects and alternatives of patterns
    std::map<std::string, std::uint64_t, std::less<>> warned;  // by list: its values in the feed
    std::uint64_t objects = 0;                                 // looked at, each once
    std::optional<Micros> changes_at{};  // when something begins or ends to be valid
    std::set<Value> overridden{};        // of `Guard::allowed`: those that mattered
};

/// Objects one after the other, of several versions of one the latest.
class Collector {
  public:
    void add(Read read);

    /// As `Read`: what could not be read.
    void left_out(Drop drop, std::uint64_t times = 1) { left_out_.add(drop, times); }

    [[nodiscard]] std::size_t size() const noexcept { return objects_.size(); }

    /// The feed as of `now`. Entries live as long as this. More than limits::feed_values_max values
    /// are left out from the end of the order on.
    [[nodiscard]] Feed make(const Guard& guard, Micros now) const;

  private:
    std::unordered_map<std::string, Read> objects_;
    Counts left_out_;
};

}  // namespace entente::feed
