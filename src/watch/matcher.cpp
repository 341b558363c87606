#include "watch/matcher.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/log.h"
#include "match/event_reader.h"
#include "match/observed.h"
#include "match/watch.h"
#include "store/commits.h"
#include "watch/internal/event_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace entente::watch {
namespace {

constexpr std::int64_t hour_us = 3'600 * micros_per_second;
constexpr std::int64_t look_anyway_us = micros_per_second;  // dates come without a commit

/// At most `bytes` of it, in whole characters, as text that JSON can hold.
std::string cut(std::string_view text, std::size_t bytes) {
    if (!is_utf8(text)) return printable(text, bytes);
    if (text.size() <= bytes) return std::string(text);
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U)
        --bytes;
    return std::string(text.substr(0, bytes));
}

}  // namespace

/// What one sensor sends.
struct Matcher::Stream {
    std::mutex mutex;  // guards what follows, but for `used`
    std::uint64_t epoch = 0;
    std::optional<match::Watch> watch;
    std::uint64_t numbers = 0;  // given to texts so far

    std::uint64_t used = 0;  // guarded by the matcher's mutex: larger = later
};

struct Matcher::Job {
    Sender sender;
    std::string body;
    std::function<void(Result<Seen>)> then;
};

/// A hit as the set found it.
struct Matcher::Raw {
    match::Key key = 0;
    std::string path;
    std::string value;
    std::uint64_t line = 0;
    std::vector<std::uint64_t> lines;
    Micros at;  // 0 = the event says none
    std::string event;
};

Around Matcher::stopped_by_me(Around around) {
    around.stopping = [this] {
        const std::lock_guard lock(mutex_);
        return stopping_;
    };
    return around;
}

Matcher::Matcher(Around around, std::string mark, Record record)
    : around_(stopped_by_me(std::move(around))),
      record_(std::move(record)),
      follower_(around_),
      ring_(std::move(mark)) {
    threads_.emplace_back([this] { follow(); });
    for (std::size_t i = 0; i < limits::watch_requests_max; ++i)
        threads_.emplace_back([this] { work(); });
}

Matcher::~Matcher() {
    stop();
}

void Matcher::stop() {
    std::deque<Job> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(jobs_);
    }
    wake_.notify_all();
    ring_.end();
    for (const Job& job : left)
        job.then(fail(Errc::overloaded, "the node is stopping"));
    for (std::thread& thread : threads_)
        thread.join();
    threads_.clear();
}

void Matcher::follow() {
    const store::Commits* commits = store::commits_of(around_.store);
    std::optional<store::CommitMark> seen;
    std::int64_t looked_us = around_.clock.monotonic_us() - look_anyway_us;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        const std::int64_t now_us = around_.clock.monotonic_us();
        const auto mark = commits != nullptr ? commits->committed() : std::nullopt;
        const bool same = commits != nullptr && (!mark || mark == seen);
        if (!same || now_us - looked_us >= look_anyway_us) {
            looked_us = now_us;
            try {
                // What is not read to its end is gone on with at once.
                seen = follower_.look() ? mark : std::nullopt;
            } catch (const std::exception& error) {
                seen.reset();
                log::warning("cannot follow what is looked for now", {{"why", error.what()}});
            }
        }
        ring_.heartbeat(now_us);
        lock.lock();
        wake_.wait_for(lock, std::chrono::milliseconds(limits::watch_look_ms), [this] {
            return stopping_;
        });
    }
}

void Matcher::post(Sender sender, std::string body, std::function<void(Result<Seen>)> then) {
    std::optional<Error> refused;
    if (!follower_.set()) {
        refused = Error{
            Errc::not_found,
            "nothing is looked for on this node; `entente watch set` sets that up"};
    } else if (!follower_.current()) {
        refused = Error{Errc::overloaded, "the indicators are being read; try again later"};
    } else {
        const std::lock_guard lock(mutex_);
        if (stopping_ || jobs_.size() >= limits::watch_waiting_max) {
            refused = Error{Errc::overloaded, "too many requests with events wait"};
        } else {
            jobs_.push_back({std::move(sender), std::move(body), std::move(then)});
        }
    }
    if (refused) {
        then(tl::unexpected(std::move(*refused)));
    } else {
        wake_.notify_all();
    }
}

void Matcher::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        Result<Seen> seen = fail(Errc::overloaded, "events cannot be judged now");
        try {
            seen = judge(job);
        } catch (const std::exception& error) {
            log::error("events were not judged", {{"why", printable(error.what(), 300)}});
        }
        job.then(std::move(seen));
        job = {};
        lock.lock();
    }
}

std::shared_ptr<Matcher::Stream> Matcher::stream_of(store::UserNo user) {
    const std::lock_guard lock(mutex_);
    auto& stream = streams_[user];
    if (!stream) stream = std::make_shared<Stream>();
    stream->used = ++uses_;
    const auto kept = stream;
    if (streams_.size() > limits::watch_streams_max) {
        streams_.erase(std::ranges::min_element(streams_, {}, [](const auto& one) {
            return one.second->used;
        }));
    }
    return kept;
}

std::uint64_t Matcher::hits_so_far(match::Key key) {
    const std::int64_t hour = around_.clock.now().count / hour_us;
    const std::lock_guard lock(mutex_);
    if (hour_ != hour) {
        hour_ = hour;
        counts_.clear();
        muted_ = {Micros{hour * hour_us}, {}};
    }
    const auto at = counts_.find(key);
    return at == counts_.end() ? 0 : at->second;
}

/// Reads one body into raw hits.
class Matcher::Reading {
  public:
    Reading(Matcher& matcher, const Live& live, const Sender& sender, Stream& stream)
        : matcher_(matcher),
          sender_(sender),
          watch_(*stream.watch),
          reader_(std::nullopt, live.fields),
          base_(stream.numbers),
          cut_before_(watch_.counts().cut) {}

    [[nodiscard]] Result<void> read(std::string_view body) {
        const auto line = [this](std::string_view text, std::uint64_t number) {
            line_ = number;
            const auto read =
                reader_.read(text, [this](const match::Event& event) { look(event); });
            if (!read) refuse(read.error());
        };
        const auto whole = [this](std::string_view text) {
            match::Event event;
            return match::read_observed(text, event, [this](const match::Event& made) {
                ++line_;
                look(made);
            });
        };
        ENTENTE_CHECK(each_event(body, line, whole));
        return {};
    }

    /// How many numbers were given.
    [[nodiscard]] std::uint64_t numbers() const noexcept { return line_; }

    [[nodiscard]] Seen seen() && {
        seen_.cut = watch_.counts().cut - cut_before_;
        return std::move(seen_);
    }

    [[nodiscard]] std::vector<Raw> hits() && { return std::move(hits_); }

    /// Hits that are over what is told of an indicator in an hour.
    std::map<match::Key, std::uint64_t> muted;

  private:
    void refuse(const Error& error) {
        if (++seen_.unreadable <= limits::watch_errors_told_max)
            seen_.errors.emplace_back(line_, printable(error.detail, 300));
    }

    void look(const match::Event& event) {
        ++seen_.events;
        for (const match::Hit& hit : watch_.look(event, base_ + line_)) {
            const auto [at, fresh] = found_.try_emplace(hit.key, 0);
            if (fresh) at->second = matcher_.hits_so_far(hit.key);
            if (++at->second > limits::watch_hits_per_hour_max) {
                ++muted[hit.key];
            } else if (hits_.size() >= limits::watch_hits_per_request_max) {
                ++seen_.left_out;
            } else {
                keep(hit, event);
            }
        }
    }

    void keep(const match::Hit& hit, const match::Event& event) {
        Raw raw;
        raw.key = hit.key;
        raw.path = cut(hit.path, limits::watch_value_bytes_max);
        raw.value = cut(hit.value, limits::watch_value_bytes_max);
        raw.line = line_;
        for (const std::uint64_t number : hit.events)
            if (number > base_) raw.lines.push_back(number - base_);
        raw.at = event.last;
        raw.event = fmt::format("{}:{}", agreement::raw(sender_.user), base_ + line_);
        hits_.push_back(std::move(raw));
    }

    Matcher& matcher_;
    const Sender& sender_;
    match::Watch& watch_;
    match::EventReader reader_;
    const std::uint64_t base_;
    const std::uint64_t cut_before_;
    std::uint64_t line_ = 0;
    Seen seen_;
    std::vector<Raw> hits_;
    std::map<match::Key, std::uint64_t> found_;  // with those of the hour before
};

Result<Seen> Matcher::judge(const Job& job) {
    const auto live = follower_.current();
    if (!live) return fail(Errc::overloaded, "the indicators are being read; try again later");
    const auto stream = stream_of(job.sender.user);
    const std::lock_guard order(stream->mutex);
    if (!stream->watch || stream->epoch != live->epoch) {
        stream->watch.emplace(live->indicators);
        stream->epoch = live->epoch;
    } else {
        stream->watch->use(live->indicators);
    }
    Reading reading(*this, *live, job.sender, *stream);
    const auto read = reading.read(job.body);
    stream->numbers += reading.numbers();
    auto muted = std::move(reading.muted);
    std::vector<Raw> raw = std::move(reading).hits();
    Seen seen = std::move(reading).seen();
    if (!read && seen.events == 0)
        return fail(Errc::malformed, "body: " + printable(read.error().detail, 300));
    if (!read) {
        ++seen.unreadable;
        seen.errors.emplace_back(reading.numbers(), printable(read.error().detail, 300));
    }
    if (raw.empty() && muted.empty()) return seen;

    Judge judge(around_, *live);
    std::map<match::Key, std::uint64_t> counted;
    const std::vector<Hit> hits = judged(judge, *live, job, std::move(raw));
    for (const Hit& hit : hits)
        ++counted[key_of({hit.collection, hit.seq})];
    for (const auto& [key, times] : muted) {
        if (!judge.ask(key)) continue;
        seen.muted += times;
        counted[key] += times;
    }
    const auto now_muted = count(counted, judge);
    if (!hits.empty() || now_muted) record_({hits, now_muted, judge.state()});
    std::vector<std::string> texts;
    for (const Hit& hit : hits)
        texts.push_back(json_of(hit));
    ring_.add(std::move(texts));
    seen.hits = hits.size();
    return seen;
}

/// Those hits that count at this moment.
std::vector<Hit> Matcher::judged(
    Judge& judge, const Live& live, const Job& job, std::vector<Raw> raw
) {
    std::vector<Hit> hits;
    for (Raw& one : raw) {
        const auto& known = judge.ask(one.key);
        if (!known) continue;
        // The set judges by the times of events; those that have none are of now.
        if (one.at == Micros{} && !known->validity.holds(judge.at())) continue;
        Hit hit = known->hit;
        hit.sensor = job.sender.name;
        hit.line = one.line;
        hit.lines = std::move(one.lines);
        hit.at = one.at == Micros{} ? judge.at() : one.at;
        hit.path = std::move(one.path);
        hit.value = std::move(one.value);
        hit.event = std::move(one.event);
        if (!live.lists) {
            hit.stopped = "own assets and warning lists cannot be read";
        } else if (!hit.value.empty()) {
            const Opinion opinion = live.lists->of(hit.path, hit.value);
            hit.own = opinion.own;
            hit.warned = opinion.warned;
            hit.stopped = opinion.stopped;
        }
        hits.push_back(std::move(hit));
    }
    return hits;
}

/// Adds to the hour. Gives those that are muted when there are more of them than before.
std::optional<exchange::MutedHits> Matcher::count(
    const std::map<match::Key, std::uint64_t>& hits, Judge& judge
) {
    std::vector<std::string> fresh;
    for (const auto& [key, times] : hits) {
        const std::lock_guard lock(mutex_);
        if (counts_.size() >= limits::watch_counted_max && !counts_.contains(key)) continue;
        std::uint64_t& sum = counts_[key];
        const bool was_muted = sum > limits::watch_hits_per_hour_max;
        sum += times;
        if (!was_muted && sum > limits::watch_hits_per_hour_max)
            fresh.push_back(judge.ask(key)->hit.indicator);
    }
    if (fresh.empty()) return std::nullopt;
    for (const std::string& id : fresh) {
        log::warning(
            "an indicator hits too often and is muted until the hour ends",
            {{"indicator", printable(id, 300)},
             {"limit", std::to_string(limits::watch_hits_per_hour_max)}}
        );
    }
    const std::lock_guard lock(mutex_);
    for (std::string& id : fresh) {
        if (muted_.indicators.size() < limits::watch_muted_told_max)
            muted_.indicators.push_back(std::move(id));
    }
    std::ranges::sort(muted_.indicators);
    return muted_;
}

}  // namespace entente::watch
