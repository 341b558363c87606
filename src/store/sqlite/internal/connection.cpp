#include "store/sqlite/internal/connection.h"

#include "base/assert.h"

#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <new>
#include <thread>
#include <utility>

namespace entente::store::sqlite {
namespace {

using Kind = StorageError::Kind;

Kind kind_of(int result, int system_errno) {
    switch (result & 0xff) {
        case SQLITE_FULL:
            return Kind::full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Kind::corrupt;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return Kind::busy;
        default:
            break;
    }
    // The shared-memory file cannot grow on a full disk either; SQLite reports that as an I/O
    // error.
    if (system_errno == ENOSPC || system_errno == EDQUOT) return Kind::full;
    return Kind::io;
}

}  // namespace

Connection::Connection(const Place& place, Use use) : lock_wait_us_(place.lock_wait_us) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const char* vfs = place.vfs.empty() ? nullptr : place.vfs.c_str();
    try {
        const int result = sqlite3_open_v2(place.file.c_str(), &handle_, flags, vfs);
        if (result != SQLITE_OK) raise(result, "opening the database");
        set_up(use);
    } catch (...) {
        sqlite3_close_v2(std::exchange(handle_, nullptr));
        throw;
    }
}

void Connection::set_up(Use use) {
    sqlite3_busy_handler(handle_, &Connection::wait_for_lock, this);
    sqlite3_wal_hook(
        handle_, &Connection::on_commit, this
    );  // also turns automatic checkpoints off
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    execute("PRAGMA trusted_schema = OFF");
    execute("PRAGMA temp_store = MEMORY");
    execute("PRAGMA cell_size_check = ON");
    if (use == Use::creates) set_pragma("page_size", page_bytes);
    if (use == Use::creates || use == Use::writes) execute("PRAGMA journal_mode = WAL");
    // An acknowledged transaction is on the disk: the log is synced at each commit.
    execute("PRAGMA synchronous = FULL");
    execute("PRAGMA mmap_size = 0x7fff0000");
    switch (use) {
        case Use::reads:
            execute("PRAGMA query_only = ON");
            execute("PRAGMA cache_size = -4096");
            break;
        case Use::checkpoints:
            execute("PRAGMA cache_size = -256");
            break;
        case Use::creates:
        case Use::writes:
            execute("PRAGMA foreign_keys = ON");
            execute("PRAGMA secure_delete = ON");  // what is removed is overwritten
            execute("PRAGMA cache_size = -65536");
            break;
    }
}

Connection::~Connection() {
    for (auto& statements : idle_)
        for (sqlite3_stmt* s : statements)
            sqlite3_finalize(s);
    sqlite3_close_v2(handle_);
}

void Connection::run_text(const char* sql) {
    if (failure_) throw *failure_;
    const int result = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) raise(result, sql);
}

std::int64_t Connection::pragma(const char* name) {
    const std::string sql = std::string("PRAGMA ") + name;
    sqlite3_stmt* statement = nullptr;
    int result = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr);
    if (result != SQLITE_OK) raise(result, sql);
    result = sqlite3_step(statement);
    const std::int64_t number = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    result = sqlite3_finalize(statement);
    if (result != SQLITE_OK) raise(result, sql);
    return number;
}

void Connection::set_pragma(const char* name, std::int64_t value) {
    run_text((std::string("PRAGMA ") + name + " = " + std::to_string(value)).c_str());
}

bool Connection::in_transaction() const noexcept {
    return sqlite3_get_autocommit(handle_) == 0;
}

bool Connection::roll_back() noexcept {
    failure_.reset();
    if (!in_transaction()) return true;
    return sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK &&
           !in_transaction();
}

void Connection::raise(int result, std::string_view doing) {
    if ((result & 0xff) == SQLITE_NOMEM) throw std::bad_alloc();
    const int system_errno = handle_ != nullptr ? sqlite3_system_errno(handle_) : 0;
    std::string what = "database: ";
    what += handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(result);
    what += " (";
    what += std::to_string(result);
    what += ", ";
    what += doing;
    what += ")";
    StorageError error(kind_of(result, system_errno), what);
    // A broken constraint undoes its own statement and nothing else.
    if ((result & 0xff) != SQLITE_CONSTRAINT && !failure_) failure_.emplace(error);
    throw error;
}

sqlite3_stmt* Connection::take(Q q) {
    // After a failure SQLite may have ended the transaction on its own; a statement run now would
    // commit by itself.
    if (failure_) throw *failure_;
    auto& idle = idle_[static_cast<std::size_t>(q)];
    if (!idle.empty()) {
        sqlite3_stmt* statement = idle.back();
        idle.pop_back();
        return statement;
    }
    sqlite3_stmt* statement = nullptr;
    const int result = sqlite3_prepare_v3(
        handle_, query(q).text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr
    );
    if (result != SQLITE_OK) raise(result, query(q).label);
    return statement;
}

void Connection::give_back(Q q, sqlite3_stmt* statement) noexcept {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    try {
        idle_[static_cast<std::size_t>(q)].push_back(statement);
    } catch (const std::bad_alloc&) {
        sqlite3_finalize(statement);
    }
}

int Connection::wait_for_lock(void* self, int tries) noexcept {
    auto& connection = *static_cast<Connection*>(self);
    const std::int64_t now = system_clock().monotonic_us();
    if (tries == 0) connection.waiting_since_us_ = now;
    if (now - connection.waiting_since_us_ >= connection.lock_wait_us_) return 0;
    // Short naps: another process pauses for a fraction of a millisecond between its transactions,
    // and a waiter that sleeps longer than that may never find the lock free.
    std::this_thread::sleep_for(std::chrono::microseconds(tries < 100 ? 100 : 500));
    return 1;
}

int Connection::on_commit(void* self, sqlite3*, const char*, int pages) noexcept {
    static_cast<Connection*>(self)->log_frames = static_cast<std::uint64_t>(pages);
    return SQLITE_OK;
}

bool Statement::row() {
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) {
        ++connection_->rows;
        return true;
    }
    if (result != SQLITE_DONE) connection_->raise(result, query(q_).label);
    return false;
}

std::int64_t Statement::run() {
    const bool row_came = row();
    ENTENTE_ASSERT(!row_came);
    return sqlite3_changes64(connection_->handle_);
}

void Statement::again() noexcept {
    sqlite3_reset(statement_);
}

std::int64_t Statement::number(int column) const noexcept {
    return sqlite3_column_int64(statement_, column);
}

bool Statement::is_null(int column) const noexcept {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string_view Statement::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (data == nullptr) {
        // An empty value and a lack of memory look alike.
        if (sqlite3_errcode(connection_->handle_) == SQLITE_NOMEM) throw std::bad_alloc();
        return {};
    }
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

Digest Statement::digest(int column) const {
    const std::string_view stored = bytes(column);
    Digest digest{};
    if (stored.size() != digest.size())
        throw StorageError(Kind::corrupt, "database: a digest is not 32 bytes long");
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = static_cast<std::uint8_t>(stored[i]);
    return digest;
}

void Statement::bind_number(int at, std::int64_t value) {
    const int result = sqlite3_bind_int64(statement_, at, value);
    if (result != SQLITE_OK) connection_->raise(result, query(q_).label);
}

void Statement::bind_text(int at, std::string_view value, bool copy) {
    // A null pointer would bind NULL.
    const char* data = value.data() == nullptr ? "" : value.data();
    const int result = sqlite3_bind_text64(
        statement_, at, data, value.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8
    );
    if (result != SQLITE_OK) connection_->raise(result, query(q_).label);
}

void Statement::bind_blob(int at, std::string_view value, bool copy) {
    const char* data = value.data() == nullptr ? "" : value.data();
    const int result = sqlite3_bind_blob64(
        statement_, at, data, value.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC
    );
    if (result != SQLITE_OK) connection_->raise(result, query(q_).label);
}

}  // namespace entente::store::sqlite
