#pragma once
// One SQLite connection with its prepared statements, and one use of such a statement.
// Threads: a connection and its statements belong to one thread at a time.
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "store/sqlite/internal/queries.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace entente::store::sqlite {

inline constexpr std::int64_t page_bytes = 8'192;

/// What a connection may do, and how it is set up for it.
enum class Use : std::uint8_t {
    reads,
    writes,
    checkpoints,
    creates,  // as `writes`, on a new and empty file
};

struct Place {
    std::string file;
    std::string vfs;                // empty = the default
    std::int64_t lock_wait_us = 0;  // how long to wait for other connections' locks
};

class Connection {
  public:
    /// Throws StorageError. REQUIRES: the file exists unless `use` is creates.
    Connection(const Place& place, Use use);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    template <std::size_t N>
    void execute(const char (&sql)[N]) {
        run_text(sql);
    }

    /// A number that a PRAGMA gives, and one set by it (PRAGMAs take no bound values).
    [[nodiscard]] std::int64_t pragma(const char* name);
    void set_pragma(const char* name, std::int64_t value);

    /// Ends whatever transaction is open; false when that failed and the connection must not be
    /// used again.
    [[nodiscard]] bool roll_back() noexcept;
    [[nodiscard]] bool in_transaction() const noexcept;

    /// The first failure since the last `roll_back`, after which only `roll_back` makes sense.
    [[nodiscard]] const std::optional<StorageError>& failure() const noexcept { return failure_; }

    /// A failed call `result` as an exception; remembers it unless it concerns one statement alone.
    [[noreturn]] void raise(int result, std::string_view doing);

    [[nodiscard]] sqlite3* handle() noexcept { return handle_; }

    /// Changes how long this connection waits for locks.
    void set_lock_wait(std::int64_t us) noexcept { lock_wait_us_ = us; }

    std::uint64_t rows = 0;  // rows stepped over
    std::uint64_t log_frames =
        0;  // pages in the write-ahead log after the last commit of this connection

  private:
    friend class Statement;
    void set_up(Use use);
    void run_text(const char* sql);
    [[nodiscard]] sqlite3_stmt* take(Q q);
    void give_back(Q q, sqlite3_stmt* statement) noexcept;
    static int wait_for_lock(void* self, int tries) noexcept;
    static int on_commit(void* self, sqlite3*, const char*, int pages) noexcept;

    sqlite3* handle_ = nullptr;
    std::array<std::vector<sqlite3_stmt*>, query_count> idle_;  // prepared and not in use
    std::optional<StorageError> failure_;
    std::int64_t lock_wait_us_ = 0;
    std::int64_t waiting_since_us_ = 0;
};

/// A text or blob that is not copied when bound: it must live as long as the statement's use.
struct Lasting {
    std::string_view bytes;
};

struct LastingBlob {
    std::string_view bytes;
};

/// One use of a prepared statement: bind, step, read; reset and given back when it goes.
class Statement {
  public:
    template <class... Values>
    explicit Statement(Connection& connection, Q q, const Values&... values)
        : connection_(&connection),
          q_(q),
          statement_(connection.take(q)) {
        int at = 0;
        (bind(++at, values), ...);
    }

    ~Statement() {
        if (statement_ != nullptr) connection_->give_back(q_, statement_);
    }

    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Steps. True: a row is there; its texts live until the next step.
    [[nodiscard]] bool row();
    /// Runs a statement that gives no rows; returns how many rows it changed.
    std::int64_t run();
    /// Makes the statement ready for other values.
    void again() noexcept;

    template <class T>
    void bind(int at, const T& value) {
        if constexpr (std::is_same_v<T, Micros>) {
            bind_number(at, value.count);
        } else if constexpr (std::is_same_v<T, std::optional<Micros>>) {
            if (value) bind_number(at, value->count);
        } else if constexpr (std::is_same_v<T, Lasting>) {
            bind_text(at, value.bytes, false);
        } else if constexpr (std::is_same_v<T, LastingBlob>) {
            bind_blob(at, value.bytes, false);
        } else if constexpr (std::is_same_v<T, Digest>) {
            bind_blob(at, as_text(value), true);
        } else if constexpr (std::is_enum_v<T>) {
            bind_number(at, static_cast<std::int64_t>(value));
        } else if constexpr (std::is_integral_v<T>) {
            bind_number(at, static_cast<std::int64_t>(value));
        } else {
            bind_text(at, std::string_view(value), true);
        }
    }

    [[nodiscard]] std::int64_t number(int column) const noexcept;
    [[nodiscard]] bool is_null(int column) const noexcept;
    [[nodiscard]] std::string_view bytes(int column) const;  // text or blob

    [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }

    [[nodiscard]] bool flag(int column) const noexcept { return number(column) != 0; }

    [[nodiscard]] Micros time(int column) const noexcept { return {number(column)}; }

    [[nodiscard]] std::optional<Micros> maybe_time(int column) const noexcept {
        return is_null(column) ? std::nullopt : std::optional(time(column));
    }

    /// Throws StorageError corrupt when the blob is not 32 bytes.
    [[nodiscard]] Digest digest(int column) const;

    template <class E>
    [[nodiscard]] E as(int column) const noexcept {
        return static_cast<E>(number(column));
    }

  private:
    void bind_number(int at, std::int64_t value);
    void bind_text(int at, std::string_view value, bool copy);
    void bind_blob(int at, std::string_view value, bool copy);

    Connection* connection_;
    Q q_;
    sqlite3_stmt* statement_;
};

}  // namespace entente::store::sqlite
