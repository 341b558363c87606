#pragma once
// Keeps the write-ahead log short: moves it into the database in the background, and makes writers
// wait when it is full.
#include "store/sqlite/internal/connection.h"

#include <cstdint>
#include <memory>
#include <mutex>

namespace entente::store::sqlite {

/// Threads: safe. The caller of `make_room` and `restart` keeps writers of this process out
/// meanwhile.
class LogKeeper {
  public:
    LogKeeper(Place place, std::uint64_t bytes_max);

    /// Copies what no snapshot needs into the database, beside running writers. True: the log
    /// should be restarted, because it is long, or holds what was erased.
    [[nodiscard]] bool copy();
    /// Copies the rest and begins the log anew; waits for readers for a short while. Gives up
    /// silently.
    void restart();
    /// Copies all of the log and cuts it off, whatever is in it. False: somebody keeps a part of
    /// it.
    [[nodiscard]] bool cut();
    /// Throws StorageError busy when the log is over its size and stays so.
    void make_room();

    /// The log may hold bytes that a transaction of this process removed.
    [[nodiscard]] bool holds_erased();
    /// A transaction of this process committed; the log has `frames` pages now.
    void committed(std::uint64_t frames, bool erased);

  private:
    enum class Mode : std::uint8_t { passive, restart, truncate };

    struct Sizes {
        bool complete = false;  // all is copied, and with restart or truncate nothing holds the log
        std::uint64_t frames = 0;
        std::uint64_t copied = 0;
    };

    [[nodiscard]] Sizes run(Mode mode, std::int64_t wait_us);

    Place place_;
    std::uint64_t bytes_max_;
    std::mutex checkpoint_mutex_;  // held while a checkpoint runs; guards connection_
    std::unique_ptr<Connection> connection_;
    std::mutex state_mutex_;    // guards what follows; taken last
    std::uint64_t frames_ = 0;  // in the log after this process's last commit
    bool erased_ = false;       // the log may hold bytes that a transaction removed
};

}  // namespace entente::store::sqlite
