#include "store/sqlite/internal/pool.h"

#include "store/sqlite/internal/reader.h"

#include <utility>

namespace entente::store::sqlite {
namespace {

/// Goes back to the pool when the snapshot ends, after everything that reads through it is gone.
class Loan {
  public:
    explicit Loan(Pool& pool) : pool_(pool), connection_(pool.take()) {}

    ~Loan() { pool_.give_back(std::move(connection_)); }

    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    [[nodiscard]] Connection& operator*() const noexcept { return *connection_; }

  private:
    Pool& pool_;
    std::unique_ptr<Connection> connection_;
};

struct HoldsLoan {
    explicit HoldsLoan(Pool& pool) : loan(pool) {}

    Loan loan;
};

// The loan is a base, so that it is made before the reader and ends after it.
class SqliteSnapshot final : private HoldsLoan, public Reading<Snapshot> {
  public:
    SqliteSnapshot(Pool& pool, const Key& id_secret)
        : HoldsLoan(pool),
          Reading<Snapshot>(*loan, id_secret) {
        Statement(*loan, Q::begin).run();
        (void)reader_.generation();  // the first read fixes the state
    }
};

}  // namespace

std::unique_ptr<Snapshot> Pool::snapshot() {
    return std::make_unique<SqliteSnapshot>(*this, id_secret_);
}

std::unique_ptr<Connection> Pool::take() {
    {
        const std::scoped_lock lock(mutex_);
        if (!idle_.empty()) {
            std::unique_ptr<Connection> connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
    }
    return std::make_unique<Connection>(place_, Use::reads);
}

void Pool::give_back(std::unique_ptr<Connection> connection) noexcept {
    const bool failed = connection->failure().has_value();
    if (!connection->roll_back() || failed) return;
    try {
        const std::scoped_lock lock(mutex_);
        if (idle_.size() < kept_) idle_.push_back(std::move(connection));
    } catch (const std::bad_alloc&) {
        return;  // closed instead of kept
    }
}

}  // namespace entente::store::sqlite
