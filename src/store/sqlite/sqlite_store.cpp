#include "store/sqlite/sqlite_store.h"

#include "store/commits.h"
#include "store/sqlite/internal/create.h"
#include "store/sqlite/internal/log_header.h"
#include "store/sqlite/internal/log_keeper.h"
#include "store/sqlite/internal/pool.h"
#include "store/sqlite/internal/schema.h"
#include "store/sqlite/internal/transaction.h"
#include "store/sqlite/internal/verify.h"

#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

namespace entente::store {
namespace {

using sqlite::Connection;
using sqlite::Place;
using sqlite::Q;
using sqlite::Statement;
using sqlite::Use;

class SqliteStore final : public Store, public Commits {
  public:
    SqliteStore(
        const Place& place,
        const SqliteOptions& options,
        const Key& id_secret,
        std::unique_ptr<Connection> writer
    )
        : place_(place),
          id_secret_(id_secret),
          pool_(place, static_cast<std::size_t>(options.readers), id_secret),
          log_(place, options.wal_bytes_max),
          anchor_(pool_.take()),
          writer_(std::move(writer)) {
        // Its first read joins it to the log.
        (void)sqlite::Reader(*anchor_, id_secret).generation();
        header_.emplace(*anchor_);
    }

    ~SqliteStore() override {
        // What this process removed must not outlive it in the log. The rest of the log is moved by
        // the last process that closes the file.
        try {
            if (log_.holds_erased() && log_.copy()) log_.restart();
        } catch (const std::exception&) {
            return;  // nothing is lost: the log stays
        }
    }

    std::unique_ptr<Snapshot> snapshot() override { return pool_.snapshot(); }

    void write(const std::function<void(Transaction&)>& work) override {
        const std::scoped_lock one_writer(write_mutex_);
        log_.make_room();
        if (!writer_) writer_ = std::make_unique<Connection>(place_, Use::writes);
        bool erased = false;
        try {
            Statement(*writer_, Q::begin_write).run();
            sqlite::SqliteTransaction transaction(*writer_, id_secret_);
            work(transaction);
            Statement(*writer_, Q::commit).run();
            erased = transaction.erased();
        } catch (...) {
            recover();
            throw;
        }
        log_.committed(writer_->log_frames, erased);
    }

    std::optional<CommitMark> committed() const noexcept override { return header_->read(); }

    void checkpoint() override {
        if (!log_.copy()) return;
        const std::scoped_lock no_writer(write_mutex_);
        log_.restart();
    }

    bool cut_log() override {
        const std::scoped_lock no_writer(write_mutex_);
        return log_.cut();
    }

    std::vector<std::string> verify(
        const std::function<void(std::uint64_t done, std::uint64_t all)>& progress
    ) override {
        std::unique_ptr<Connection> connection = pool_.take();
        Statement(*connection, Q::begin).run();
        std::vector<std::string> findings = sqlite::verify(*connection, id_secret_, progress);
        pool_.give_back(std::move(connection));
        return findings;
    }

  private:
    /// After a failed transaction: nothing of it stays, and the next one finds a connection that
    /// works.
    void recover() noexcept {
        const bool storage_failed = writer_->failure().has_value();
        const bool only_busy =
            storage_failed && writer_->failure()->kind() == StorageError::Kind::busy;
        if (!writer_->roll_back() || (storage_failed && !only_busy)) writer_.reset();
    }

    Place place_;
    Key id_secret_;
    sqlite::Pool pool_;
    sqlite::LogKeeper log_;
    // Open as long as the store is. When the last connection goes, SQLite forgets which pages of
    // the log were committed, and the next one reads it anew: a transaction that failed at its very
    // end, and was refused, would then be there.
    std::unique_ptr<Connection> anchor_;
    std::optional<sqlite::LogHeader> header_;  // through the anchor
    std::mutex write_mutex_;  // held by the one writer of this process; guards writer_; taken
                              // before the log's
    std::unique_ptr<Connection> writer_;
};

Key read_id_secret(Connection& connection) {
    Statement s(connection, Q::id_secret);
    if (!s.row())
        throw StorageError(StorageError::Kind::corrupt, "database: the node's row is missing");
    return s.digest(0);
}

Result<std::unique_ptr<Store>> open_existing(const Place& place, const SqliteOptions& options) {
    auto writer = std::make_unique<Connection>(place, Use::writes);
    ENTENTE_CHECK(sqlite::migrate(*writer, sqlite::steps()));
    const Key id_secret = read_id_secret(*writer);
    return std::make_unique<SqliteStore>(place, options, id_secret, std::move(writer));
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options) {
    const Place place{
        .file = options.file, .vfs = options.vfs, .lock_wait_us = options.lock_wait_us};
    try {
        if (options.create) ENTENTE_CHECK(sqlite::create_database(place));
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(options.file, ignored))
            return fail(Errc::not_found, "there is no database at " + options.file);
        return open_existing(place, options);
    } catch (const StorageError& error) {
        if (error.kind() != StorageError::Kind::corrupt) throw;
        return fail(Errc::corrupt, options.file + ": " + error.what());
    }
}

}  // namespace entente::store
