#pragma once
// The one writer: takes jobs from many threads, runs what waits in one transaction with one fsync,
// then tells each.
#include "base/time.h"
#include "store/store.h"

#include <exception>
#include <functional>
#include <memory>
#include <string>

namespace entente::exchange {

/// More waits for the writer than it takes on. Nothing is wrong with the store.
class QueueFull final : public StorageError {
  public:
    explicit QueueFull(const std::string& what) : StorageError(Kind::busy, what) {}
};

class Writer {
  public:
    /// Runs inside the transaction, in a savepoint of its own: throwing undoes this job alone.
    using Work = std::function<void(store::Transaction&)>;
    /// Called once, after the commit is durable (nullptr) or when the job failed; from the writer's
    /// thread. Must be short and must not throw (that ends the program). By then `work` and what it
    /// holds are destroyed. May submit, must not `run`.
    using Done = std::function<void(std::exception_ptr)>;
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    virtual ~Writer() = default;
    /// Jobs of one thread run in the order in which they were submitted. `bytes` is about what the
    /// job writes: it bounds a group and leads to checkpoints. A job never runs twice: when the
    /// transaction fails (StorageError: no space, the lock not obtained, …) every job of its group
    /// is told that failure. Threads: safe. When limits::write_queue_max jobs wait, or those that
    /// wait would take longer than limits::write_wait_ms_max, `done` gets a QueueFull at once, in
    /// this thread; a job of 0 bytes is refused for their number only.
    virtual void submit(Work work, Done done, std::size_t bytes) = 0;
    /// Submits and waits; throws what the job threw. Not from `work` or `done`.
    void run(const Work& work);
};

/// Runs each job at once, in the caller's thread, in its own transaction: for commands and tests.
[[nodiscard]] std::unique_ptr<Writer> make_inline_writer(store::Store& store);

/// A thread that commits groups (limits::group_commit_*), with a second thread for checkpoints. Its
/// destructor finishes the jobs that wait, those that their `done` submits too. `batching` off
/// commits each job alone, for measuring. `clock` outlives it and tells how long jobs take.
[[nodiscard]] std::unique_ptr<Writer> make_group_writer(
    store::Store& store, bool batching = true, const Clock& clock = system_clock()
);

}  // namespace entente::exchange
