// The database as a whole: copied while it is in use, and written anew.
#include "base/limits.h"
#include "store/sqlite/internal/connection.h"
#include "store/sqlite/internal/create.h"
#include "store/sqlite/sqlite_store.h"

#include <sqlite3.h>

#include <filesystem>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace entente::store {
namespace {

using sqlite::Connection;
using sqlite::Use;

constexpr int steps_between_ticks = 50'000;  // of SQLite's machine: some milliseconds

struct Ticking {
    const std::function<bool(std::uint64_t, std::uint64_t)>& tick;
    const std::string& to;
    std::uint64_t all = 0;
    bool ended = false;

    static int step(void* self) noexcept {
        auto& t = *static_cast<Ticking*>(self);

        struct stat info {};

        const std::uint64_t done =
            ::stat(t.to.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
        try {
            t.ended = !t.tick(done, t.all);
        } catch (const std::exception&) {
            t.ended = true;
        }
        return t.ended ? 1 : 0;
    }
};

/// Where SQLite puts its temporary files, for a while
/// (https://www.sqlite.org/c3ref/temp_directory.html).
class TemporaryFolder {
  public:
    explicit TemporaryFolder(const std::string& folder)
        : before_(std::exchange(sqlite3_temp_directory, sqlite3_mprintf("%s", folder.c_str()))) {}

    ~TemporaryFolder() { sqlite3_free(std::exchange(sqlite3_temp_directory, before_)); }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  private:
    char* before_;
};

void remove_copy(const std::string& to) {
    (void)::unlink(to.c_str());
    (void)::unlink((to + "-journal").c_str());
}

}  // namespace

bool copy_database(
    const std::string& file,
    const std::string& to,
    const std::function<bool(std::uint64_t done, std::uint64_t all)>& tick
) {
    // Not one of those that only read: they refuse this statement.
    Connection connection(
        {.file = file, .vfs = {}, .lock_wait_us = limits::lock_wait_us}, Use::checkpoints
    );
    sqlite::make_private_file(to);
    Ticking ticking{tick, to};
    const auto pages = static_cast<std::uint64_t>(connection.pragma("page_count"));
    ticking.all = pages * static_cast<std::uint64_t>(sqlite::page_bytes);
    sqlite3_stmt* statement = nullptr;
    int result = sqlite3_prepare_v2(connection.handle(), "VACUUM INTO ?1", -1, &statement, nullptr);
    if (result == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, to.c_str(), -1, SQLITE_TRANSIENT);
        sqlite3_progress_handler(
            connection.handle(), steps_between_ticks, &Ticking::step, &ticking
        );
        result = sqlite3_step(statement);
        sqlite3_progress_handler(connection.handle(), 0, nullptr, nullptr);
        sqlite3_finalize(statement);
    }
    if (result == SQLITE_DONE) return true;
    remove_copy(to);
    if (ticking.ended) return false;
    connection.raise(result, "copying the database");
}

void compact_database(const std::string& file) {
    Connection connection(
        {.file = file, .vfs = {}, .lock_wait_us = limits::lock_wait_us}, Use::writes
    );
    // What is written beside it meanwhile is as large as the database: not in memory, and where the
    // database is, since what it holds may be nowhere else.
    connection.execute("PRAGMA temp_store = FILE");
    static std::mutex mutex;  // guards the name, which is the process's
    const std::lock_guard lock(mutex);
    const TemporaryFolder here(std::filesystem::absolute(file).parent_path());
    connection.execute("VACUUM");
}

}  // namespace entente::store
