#include "store/sqlite/internal/log_keeper.h"

#include "base/limits.h"

#include <sqlite3.h>

#include <utility>

namespace entente::store::sqlite {
namespace {

// The log is begun anew when it passes this part of its greatest size: early enough that writers
// seldom meet the ceiling.
constexpr std::uint64_t restart_part = 4;
// So many pages left to copy are worth another pass beside the writers before they are stopped for
// the rest.
constexpr std::uint64_t rest_frames_max = 1'024;
constexpr int passes_max = 4;

constexpr std::uint64_t bytes(std::uint64_t frames) {
    return frames * static_cast<std::uint64_t>(page_bytes);
}

}  // namespace

LogKeeper::LogKeeper(Place place, std::uint64_t bytes_max)
    : place_(std::move(place)),
      bytes_max_(bytes_max) {}

LogKeeper::Sizes LogKeeper::run(Mode mode, std::int64_t wait_us) {
    const std::scoped_lock lock(checkpoint_mutex_);
    if (!connection_) connection_ = std::make_unique<Connection>(place_, Use::checkpoints);
    connection_->set_lock_wait(wait_us);
    int kind = SQLITE_CHECKPOINT_PASSIVE;
    if (mode == Mode::restart) kind = SQLITE_CHECKPOINT_RESTART;
    if (mode == Mode::truncate) kind = SQLITE_CHECKPOINT_TRUNCATE;
    int frames = 0;
    int copied = 0;
    const int result =
        sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, kind, &frames, &copied);
    if (result != SQLITE_OK && (result & 0xff) != SQLITE_BUSY) {
        const std::unique_ptr<Connection> failed = std::move(connection_);
        failed->raise(result, "checkpoint");
    }
    Sizes sizes;
    sizes.frames = frames < 0 ? 0 : static_cast<std::uint64_t>(frames);
    sizes.copied = copied < 0 ? 0 : static_cast<std::uint64_t>(copied);
    sizes.complete = result == SQLITE_OK && sizes.frames == sizes.copied;
    if (sizes.complete && mode != Mode::passive) {
        const std::scoped_lock state(state_mutex_);
        frames_ = 0;
        if (mode == Mode::truncate) erased_ = false;
    }
    return sizes;
}

bool LogKeeper::copy() {
    Sizes sizes;
    for (int pass = 0; pass < passes_max; ++pass) {
        sizes = run(Mode::passive, 0);
        if (sizes.frames - sizes.copied <= rest_frames_max) break;
    }
    const std::scoped_lock state(state_mutex_);
    return bytes(sizes.frames) > bytes_max_ / restart_part || (erased_ && sizes.complete);
}

bool LogKeeper::holds_erased() {
    const std::scoped_lock state(state_mutex_);
    return erased_;
}

void LogKeeper::restart() {
    (void)run(holds_erased() ? Mode::truncate : Mode::restart, limits::checkpoint_wait_us);
}

bool LogKeeper::cut() {
    return run(Mode::truncate, place_.lock_wait_us).complete;
}

void LogKeeper::make_room() {
    {
        const std::scoped_lock state(state_mutex_);
        if (bytes(frames_) <= bytes_max_) return;
    }
    if (run(Mode::restart, place_.lock_wait_us).complete) return;
    throw StorageError(
        StorageError::Kind::busy,
        "database: the write-ahead log is full, and a reader keeps it from being moved"
    );
}

void LogKeeper::committed(std::uint64_t frames, bool erased) {
    const std::scoped_lock state(state_mutex_);
    frames_ = frames;
    erased_ = erased_ || erased;
}

}  // namespace entente::store::sqlite
