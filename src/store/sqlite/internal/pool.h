#pragma once
// Read connections that are kept open.
#include "store/sqlite/internal/connection.h"
#include "store/store.h"

#include <memory>
#include <mutex>
#include <vector>

namespace entente::store::sqlite {

/// Threads: safe. Must outlive the snapshots it gave.
class Pool {
  public:
    Pool(Place place, std::size_t kept, const Key& id_secret)
        : place_(std::move(place)),
          kept_(kept),
          id_secret_(id_secret) {}

    /// A snapshot of what is committed now. Throws StorageError.
    [[nodiscard]] std::unique_ptr<Snapshot> snapshot();
    /// A connection with no transaction open; a new one when none is idle.
    [[nodiscard]] std::unique_ptr<Connection> take();
    /// Keeps it for the next, unless enough are kept or it failed.
    void give_back(std::unique_ptr<Connection> connection) noexcept;

  private:
    Place place_;
    std::size_t kept_;
    Key id_secret_;
    std::mutex mutex_;  // guards idle_
    std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace entente::store::sqlite
