#pragma once
// Making a feed: what its user may have and use so, by the decision that the server takes, as the
// files that a sensor reads.
#include "base/result.h"
#include "base/time.h"
#include "exchange/feeds.h"
#include "exchange/state_cache.h"
#include "feed/feed.h"
#include "feed/write.h"
#include "store/scan.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace entente::cli {

/// What feeds are made from. All outlive whoever has it.
struct FeedSurroundings {
    store::Store& store;
    exchange::StateCache& states;
    const Clock& clock;
    /// Runs in one transaction and returns when it is durable.
    std::function<void(const std::function<void(store::Transaction&)>&)> write;
    /// Asked between pages: a feed that is being read is left as it was.
    std::function<bool()> stopping{};
};

/// While it is equal and no date of an indicator comes, a feed is as it was.
struct FeedMark {
    std::uint64_t generation = 0;
    std::vector<std::tuple<store::CollectionNo, store::Seq, std::uint64_t>> heads;
    std::int64_t suffixes_at = 0;  // when their file was changed
    friend bool operator==(const FeedMark&, const FeedMark&) = default;
};

/// What is told of a feed that was made.
struct FeedReport {
    std::uint64_t values = 0;
    std::uint64_t objects = 0;  // looked at
    feed::Counts left_out;
    std::map<std::string, std::uint64_t, std::less<>> warned;  // values in it, by warning list
    std::vector<std::string> overridden;                       // "KIND VALUE": let in by a person
    std::vector<std::string> notes;  // why it may have less than was asked for
    std::optional<Micros> changes_at;
};

struct MadeFeed {
    FeedMark mark;
    FeedReport report;
    std::vector<feed::File> files;
    std::map<store::CollectionNo, std::vector<store::Seq>> given;  // entries in it; rising
    std::optional<Micros> renew_at{};  // when it is to be written again though nothing changed
};

/// The kinds that are named; all of the format where none are. Kinds that have no place in it are
/// left out.
[[nodiscard]] std::bitset<feed::kinds> kinds_of(const exchange::FeedSettings& settings);

/// The file of public suffixes that a feed goes by.
[[nodiscard]] const std::string& suffixes_file(const exchange::FeedSettings& settings);

/// Fails: not_found (says how to get one), forbidden, malformed, too_large.
[[nodiscard]] Result<feed::PublicSuffixes> read_suffixes(const std::string& path);

/// Makes feeds; keeps the lists that it reads as long as they stand. Threads: one at a time.
class FeedMaker {
  public:
    explicit FeedMaker(FeedSurroundings around);
    ~FeedMaker();
    FeedMaker(const FeedMaker&) = delete;
    FeedMaker& operator=(const FeedMaker&) = delete;

    /// Cheap. Reads what can be read and fails never.
    [[nodiscard]] FeedMark mark(const exchange::FeedSettings& settings);

    /// Reads every collection of the feed, a page to a snapshot. What the user has lost the right
    /// to is not in it; a note says so. `progress` is called with the objects so far. Fails:
    /// forbidden (the user is stopped, or has to wait because the clock is in doubt), overloaded
    /// (stopping), corrupt, and as `read_suffixes`. Throws StorageError.
    [[nodiscard]] Result<MadeFeed> make(
        const exchange::FeedSettings& settings,
        const std::function<void(std::uint64_t objects)>& progress = {}
    );

  private:
    struct Lists;
    class Reading;

    [[nodiscard]] Result<void> refresh_lists(store::Snapshot& snapshot);
    [[nodiscard]] Result<const feed::PublicSuffixes*> suffixes(const std::string& path);

    FeedSurroundings around_;
    std::unique_ptr<Lists> lists_;
};

}  // namespace entente::cli
