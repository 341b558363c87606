#pragma once
// Keeping feeds current: each is made anew when something that it is made of has changed, and
// written before anything else is told of it.
#include "cli/feed_files.h"
#include "cli/feed_make.h"

#include <boost/json/object.hpp>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace entente::cli {

/// The report as JSON, without when it was written.
[[nodiscard]] boost::json::object report_json(
    const exchange::FeedSettings& settings, std::string_view user, const FeedReport& report
);

/// What came of writing one feed.
struct WrittenFeed {
    boost::json::object report;  // as the file beside it has it
    std::size_t replaced = 0;    // files
    bool empty = false;          // no value is in it
};

/// One feed, and how it was written last. Threads: one at a time.
class KeptFeed {
  public:
    /// Which has to be set up so when it is written, or nothing is; `first`: it is not yet.
    enum class When : bool { first, set_up };

    KeptFeed(FeedSurroundings around, exchange::FeedSettings settings, When when)
        : around_(std::move(around)),
          settings_(std::move(settings)),
          when_(when) {}

    [[nodiscard]] const exchange::FeedSettings& settings() const noexcept { return settings_; }

    /// Makes and writes it whatever has changed. What is in it and was not given to its user by
    /// this object before is recorded first. Fails as FeedMaker::make and write_feed_files.
    [[nodiscard]] Result<WrittenFeed> write(
        FeedMaker& maker, const std::function<void(std::uint64_t objects)>& progress = {}
    );

    /// The same if it may differ from what was written last; else nothing. After a failure it waits
    /// a while, and always as long as the last making took, so that feeds take at most half of one
    /// processor.
    [[nodiscard]] Result<std::optional<WrittenFeed>> keep(FeedMaker& maker);

  private:
    void record(const MadeFeed& made);
    [[nodiscard]] bool is_set_up() const;

    FeedSurroundings around_;
    exchange::FeedSettings settings_;
    When when_;
    std::optional<FeedMark> mark_;
    std::optional<Micros> changes_at_;
    std::map<store::CollectionNo, std::vector<store::Seq>> given_;
    boost::json::object report_;
    std::int64_t not_before_us_ = 0;  // monotonic
};

/// All feeds of a node, as they are set up at each look. Threads: one at a time.
class FeedRound {
  public:
    explicit FeedRound(FeedSurroundings around) : around_(around), maker_(std::move(around)) {}

    struct Outcome {
        std::string feed;
        Result<WrittenFeed> written;
    };

    /// Brings every feed (or those that are named) up to date. Tells of those that were written or
    /// failed; the same failure is told once. Throws StorageError when the store cannot be read.
    [[nodiscard]] std::vector<Outcome> look(const std::vector<std::string>& only = {});

  private:
    FeedSurroundings around_;
    FeedMaker maker_;
    std::map<std::string, KeptFeed> feeds_;
    std::map<std::string, std::string> failures_;  // told, by feed
};

/// Looks every limits::feed_look_ms on a thread of its own, for a serving node.
class FeedKeeper {
  public:
    /// Starts at once. `around.stopping` is not used.
    explicit FeedKeeper(FeedSurroundings around);
    FeedKeeper(const FeedKeeper&) = delete;
    FeedKeeper& operator=(const FeedKeeper&) = delete;
    /// Stops; waits for a page that is being read or a feed that is being written.
    ~FeedKeeper();

  private:
    [[nodiscard]] FeedSurroundings stopped_by_me(FeedSurroundings around);
    void run();
    void look();

    std::stop_source stop_;
    FeedRound round_;  // the thread's alone

    std::mutex mutex_;  // of `wake_`
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace entente::cli
