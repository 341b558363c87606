#pragma once
// The matcher of a serving node: events of sensors in, hits out.
#include "watch/follower.h"
#include "watch/hit.h"
#include "watch/judge.h"
#include "watch/ring.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace entente::watch {

/// Who sent events.
struct Sender {
    store::UserNo user{};
    std::string name;
};

/// What came of one request with events.
struct Seen {
    std::uint64_t events = 0;
    std::uint64_t hits = 0;        // told
    std::uint64_t muted = 0;       // hits that are only counted: limits::watch_hits_per_hour_max
    std::uint64_t left_out = 0;    // hits over limits::watch_hits_per_request_max
    std::uint64_t unreadable = 0;  // texts that are no events
    std::uint64_t cut = 0;         // events that were not judged in full: limits::match_event_*
    std::vector<std::pair<std::uint64_t, std::string>> errors;  // the first, with their lines
};

/// Hits of one request, to be kept.
struct Found {
    const std::vector<Hit>& hits;
    const std::optional<exchange::MutedHits>& muted;      // when that has changed
    const std::shared_ptr<const exchange::State>& state;  // a committed one
};

/// 1. A thread follows the log (`Follower`), looking every limits::watch_look_ms whether anything
/// was committed; limits::watch_requests_max others judge events.
/// 2. Each login has a stream of its own: patterns over several observations join what one sensor
/// sent.
/// 3. A hit is kept (`record`) before anybody is told of it.
class Matcher {
  public:
    /// Returns when it is durable. Throws StorageError; then the request fails.
    using Record = std::function<void(const Found&)>;

    /// Starts at once. `around.stopping` is not used. `mark` names this run (`Ring`).
    Matcher(Around around, std::string mark, Record record);
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;
    /// As `stop`.
    ~Matcher();

    /// Judges a body with events in any format that match::EventReader knows. Calls `then` once,
    /// here or on a thread of its own. Fails: not_found (no watch is set), overloaded (its
    /// indicators are not read yet, too many wait, the disk), malformed (nothing of it is events).
    void post(Sender sender, std::string body, std::function<void(Result<Seen>)> then);

    [[nodiscard]] Ring& ring() noexcept { return ring_; }

    /// What is looked for at the moment; null when nothing is.
    [[nodiscard]] std::shared_ptr<const Live> live() const { return follower_.current(); }

    [[nodiscard]] const Around& around() const noexcept { return around_; }

    /// Ends readers and threads; requests that wait fail. Threads: once, not from `then`.
    void stop();

  private:
    struct Stream;
    struct Job;
    struct Raw;
    class Reading;

    [[nodiscard]] Around stopped_by_me(Around around);
    void follow();
    void work();
    [[nodiscard]] Result<Seen> judge(const Job& job);
    [[nodiscard]] std::shared_ptr<Stream> stream_of(store::UserNo user);
    [[nodiscard]] std::vector<Hit> judged(
        Judge& judge, const Live& live, const Job& job, std::vector<Raw> raw
    );
    [[nodiscard]] std::uint64_t hits_so_far(match::Key key);
    [[nodiscard]] std::optional<exchange::MutedHits> count(
        const std::map<match::Key, std::uint64_t>& hits, Judge& judge
    );

    const Around around_;
    const Record record_;
    Follower follower_;
    Ring ring_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    bool stopping_ = false;
    std::deque<Job> jobs_;
    std::uint64_t uses_ = 0;
    std::map<store::UserNo, std::shared_ptr<Stream>> streams_;  // shared: with who judges
    std::int64_t hour_ = 0;
    std::unordered_map<match::Key, std::uint64_t> counts_;  // hits of that hour
    exchange::MutedHits muted_;

    std::vector<std::thread> threads_;  // after what they use
};

}  // namespace entente::watch
