#include "exchange/writer.h"

#include "base/limits.h"
#include "base/log.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace entente::exchange {
namespace {

/// noexcept: a `done` that throws is a bug and ends the program.
void tell(const Writer::Done& done, const std::exception_ptr& failure) noexcept {
    done(failure);
}

class InlineWriter final : public Writer {
  public:
    explicit InlineWriter(store::Store& store) : store_(store) {}

    void submit(Work work, Done done, std::size_t /*bytes*/) override {
        std::exception_ptr failure;
        try {
            store_.write(work);
        } catch (...) {  // passed on whole to whom it concerns
            failure = std::current_exception();
        }
        work = nullptr;
        tell(done, failure);
    }

  private:
    store::Store& store_;
};

/// Calls Store::checkpoint every limits::checkpoint_period_ms and after limits::checkpoint_bytes,
/// on a thread of its own, so that a slow one delays no commit.
class Checkpointer final {
  public:
    explicit Checkpointer(store::Store& store) : store_(store), thread_([this] { loop(); }) {}

    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    ~Checkpointer() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void committed(std::size_t bytes) {
        {
            const std::lock_guard lock(mutex_);
            bytes_ += bytes;
            if (bytes_ < limits::checkpoint_bytes) return;
        }
        wake_.notify_one();
    }

  private:
    void loop() {
        constexpr std::chrono::milliseconds period(limits::checkpoint_period_ms);
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            wake_.wait_for(lock, period, [this] {
                return stopping_ || bytes_ >= limits::checkpoint_bytes;
            });
            if (stopping_) break;
            bytes_ = 0;
            lock.unlock();
            checkpoint();
            lock.lock();
        }
    }

    /// A checkpoint that fails loses nothing: the log grows until the next one succeeds. One line
    /// tells that it began.
    void checkpoint() {
        try {
            store_.checkpoint();
            if (failing_) log::info("checkpoints work again");
            failing_ = false;
        } catch (const std::exception& e) {
            if (!failing_)
                log::warning("a checkpoint failed; it is tried again", {{"why", e.what()}});
            failing_ = true;
        }
    }

    store::Store& store_;
    std::mutex mutex_;  // guards bytes_ and stopping_
    std::condition_variable wake_;
    std::size_t bytes_ = 0;  // committed since the last checkpoint began
    bool stopping_ = false;
    bool failing_ = false;  // the thread's own
    std::thread thread_;    // last: it uses all of the above
};

/// How long jobs take, by what was run lately: of each the bytes that it writes, and something for
/// what every one costs. Threads: its owner's mutex guards it.
class Pace final {
  public:
    static std::size_t cost(std::size_t bytes) {
        return std::min(bytes, limits::group_commit_bytes_max) + cost_of_any;
    }

    void ran(std::size_t cost, std::int64_t us) {
        cost_ = cost_ * (1 - newest_share) + static_cast<double>(cost);
        us_ = us_ * (1 - newest_share) + static_cast<double>(us);
    }

    /// Nothing has taken any time yet: whatever there is would take none.
    [[nodiscard]] double ms_for(std::size_t cost) const {
        return cost_ > 0 ? static_cast<double>(cost) * us_ / cost_ / 1'000 : 0;
    }

  private:
    static constexpr std::size_t cost_of_any = 2'048;
    static constexpr double newest_share = 0.2;

    double cost_ = 0;
    double us_ = 0;
};

class GroupWriter final : public Writer {
  public:
    GroupWriter(store::Store& store, bool batching, const Clock& clock)
        : store_(store),
          clock_(clock),
          group_max_(batching ? limits::group_commit_requests_max : 1),
          checkpointer_(store),
          thread_([this] { loop(); }) {}

    ~GroupWriter() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void submit(Work work, Done done, std::size_t bytes) override {
        std::size_t before = 0;
        bool full = false;
        {
            const std::lock_guard lock(mutex_);
            before = waiting_.size();
            full = before >= limits::write_queue_max || (bytes != 0 && would_take_too_long());
            if (!full) push({std::move(work), std::move(done), bytes, nullptr});
        }
        if (full) {
            work = nullptr;
            const QueueFull error("too many writes wait already (" + std::to_string(before) + ")");
            tell(done, std::make_exception_ptr(error));
            return;
        }
        wake_.notify_one();
    }

  private:
    struct Job {
        Work work;
        Done done;
        std::size_t bytes = 0;
        std::exception_ptr failure;
    };

    using Group = std::vector<Job>;

    // REQUIRES of these three: mutex_ is held.
    void push(Job job) {
        waiting_cost_ += Pace::cost(job.bytes);
        waiting_.push_back(std::move(job));
    }

    void push_back_to_the_front(Job job) {
        waiting_cost_ += Pace::cost(job.bytes);
        waiting_.push_front(std::move(job));
    }

    [[nodiscard]] bool would_take_too_long() const {
        return waiting_.size() >= limits::write_patience_requests &&
               pace_.ms_for(waiting_cost_) > limits::write_wait_ms_max;
    }

    void loop() {
        for (Group group = next_group(); !group.empty(); group = next_group()) {
            commit(group);
            for (Job& job : group) {
                // What the job held (a request body) goes before its request hears that it is over.
                job.work = nullptr;
                tell(job.done, job.failure);
                job.done = nullptr;
            }
            if (busy()) {
                // SQLite gives the lock to whoever asks first: without a pause this thread would
                // always be it.
                std::this_thread::sleep_for(std::chrono::microseconds(limits::group_commit_pause_us)
                );
            }
        }
    }

    /// Waits for jobs and takes a group of them; empty = stopped, and none is left.
    Group next_group() {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        Group group;
        std::size_t bytes = 0;
        while (!waiting_.empty() && group.size() < group_max_) {
            // The first is taken whatever its size.
            const std::size_t more = waiting_.front().bytes;
            if (!group.empty() && more > limits::group_commit_bytes_max - bytes) break;
            bytes = std::min(bytes + more, limits::group_commit_bytes_max);
            waiting_cost_ -= Pace::cost(more);
            group.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        return group;
    }

    [[nodiscard]] bool busy() {
        const std::lock_guard lock(mutex_);
        return !waiting_.empty() && !stopping_;
    }

    /// Runs the group, or as much of it as there is time for: the rest waits again.
    void commit(Group& group) {
        std::size_t bytes = 0;
        try {
            std::size_t ran = 0;
            store_.write([&](store::Transaction& tx) { ran = run(tx, group); });
            put_back(group, ran);
            for (const Job& job : group)
                bytes += job.failure ? 0 : job.bytes;
        } catch (...) {  // the end of the line for this group: each of its jobs is told
            // A job's own failure too: it may have been judged by what another job wrote and lost.
            for (Job& job : group)
                job.failure = std::current_exception();
        }
        if (bytes != 0) checkpointer_.committed(bytes);
    }

    /// How many were run.
    std::size_t run(store::Transaction& tx, Group& group) {
        const std::int64_t start = clock_.monotonic_us();
        std::int64_t us = 0;
        std::size_t cost = 0;
        std::size_t ran = 0;
        while (ran < group.size() && us < limits::group_commit_ms_max * 1'000) {
            cost += Pace::cost(group[ran].bytes);
            run_alone(tx, group[ran]);
            ++ran;
            us = clock_.monotonic_us() - start;
        }
        const std::lock_guard lock(mutex_);
        pace_.ran(cost, us);
        return ran;
    }

    void put_back(Group& group, std::size_t from) {
        const std::lock_guard lock(mutex_);
        while (group.size() > from) {
            push_back_to_the_front(std::move(group.back()));
            group.pop_back();
        }
    }

    /// An exception of the savepoint itself passes on and ends the whole transaction.
    static void run_alone(store::Transaction& tx, Job& job) {
        tx.savepoint([&] {
            try {
                job.work(tx);
                return true;
            } catch (...) {  // undone alone; its `done` is told
                job.failure = std::current_exception();
                return false;
            }
        });
    }

    store::Store& store_;
    const Clock& clock_;
    const std::size_t group_max_;
    std::mutex mutex_;  // guards what follows, up to stopping_
    std::condition_variable wake_;
    std::deque<Job> waiting_;
    std::size_t waiting_cost_ = 0;
    Pace pace_;
    bool stopping_ = false;
    Checkpointer checkpointer_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace

void Writer::run(const Work& work) {
    std::mutex mutex;
    std::condition_variable changed;
    bool over = false;
    std::exception_ptr failure;
    submit(
        [&work](store::Transaction& tx) { work(tx); },
        [&](const std::exception_ptr& why) {
            const std::lock_guard lock(mutex);
            failure = why;
            over = true;
            changed.notify_one(
            );  // under the lock: both are gone as soon as the waiter has seen `over`
        },
        0
    );
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return over; });
    if (failure) std::rethrow_exception(failure);
}

std::unique_ptr<Writer> make_inline_writer(store::Store& store) {
    return std::make_unique<InlineWriter>(store);
}

std::unique_ptr<Writer> make_group_writer(store::Store& store, bool batching, const Clock& clock) {
    return std::make_unique<GroupWriter>(store, batching, clock);
}

}  // namespace entente::exchange
