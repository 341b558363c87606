// Random histories on a disk that breaks, checked against the plain store: what write() promised is
// there, what it refused is not, and nothing is there by halves. ENTENTE_FAULT_ROUNDS rounds (30),
// from ENTENTE_SEED if given.
#include "store/fault/history.h"

#include "store/fault/fault_vfs.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/internal/temp_database.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <sstream>
#include <string>

namespace entente::store::fault {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::stoull(text) : otherwise;
}

/// A database with `History::begin` in it, made once.
const sqlite::TempDatabase& prepared() {
    static const sqlite::TempDatabase database;
    static const bool made = [] {
        database.create()->write(History::begin);
        return true;
    }();
    EXPECT_TRUE(made);
    return database;
}

/// The first line in which two dumps differ; empty when they are the same.
std::string difference(const std::string& found, const std::string& expected) {
    std::istringstream a(found);
    std::istringstream b(expected);
    for (std::size_t number = 1;; ++number) {
        std::string x;
        std::string y;
        const bool more_x = static_cast<bool>(std::getline(a, x));
        const bool more_y = static_cast<bool>(std::getline(b, y));
        if (!more_x && !more_y) return {};
        if (more_x != more_y || x != y)
            return "line " + std::to_string(number) + ": found \"" + x.substr(0, 100) +
                   "\", expected \"" + y.substr(0, 100) + "\"";
    }
}

class Round {
  public:
    explicit Round(std::uint64_t seed) : random_(seed), vfs_(seed) {
        std::filesystem::copy_file(prepared().file(), database_.file());
        expected_->write(History::begin);
    }

    /// Runs transactions until the power goes or enough are done.
    void run(const Plan& plan, bool heals) {
        open();
        const std::uint64_t armed_at = pick(10);
        const std::uint64_t transactions = armed_at + 30;
        std::uint64_t failed = 0;
        for (std::uint64_t i = 0; i < transactions && !vfs_.is_off(); ++i) {
            if (i == armed_at) vfs_.arm(plan);
            if (!step()) ++failed;
            if (heals && failed > 3) vfs_.disarm();
        }
    }

    void open() {
        SqliteOptions options = database_.options();
        options.vfs = vfs_.name();
        options.readers = 2;
        // With a small log nobody holds a snapshot over a write: it would rightly be busy.
        may_hold_ = pick(2) == 0;
        options.wal_bytes_max = may_hold_ ? 200'000'000 : 200'000;
        store_ = open_sqlite_store(options).value();
    }

    /// The disk works again, in the same process: reads and writes do too.
    void expect_usable() {
        vfs_.disarm();
        vfs_.set_free_bytes(std::nullopt);
        EXPECT_EQ(difference(History::dump(*store_->snapshot()), expected()), "");
        for (int i = 0; i < 3; ++i)
            EXPECT_TRUE(step()) << last_error_;
        store_->checkpoint();
        EXPECT_EQ(difference(History::dump(*store_->snapshot()), expected()), "");
    }

    void end(bool by_power) {
        if (by_power) vfs_.power_off();
        vfs_.disarm();
        store_.reset();
    }

    /// After a restart on a disk that works.
    void expect_intact() {
        const auto store = database_.open();
        const auto findings = store->verify({});
        EXPECT_TRUE(findings.empty()) << findings.front();
        const std::string found = History::dump(*store->snapshot());
        if (found == expected()) return;
        // The last transaction was not promised, and may have reached the disk all the same: then
        // whole.
        bool one_of_the_refused = false;
        for (const std::uint64_t seed : in_doubt_)
            one_of_the_refused = one_of_the_refused || found == expected_after(seed);
        EXPECT_TRUE(one_of_the_refused) << difference(found, expected());
        store->write([](Transaction& tx) { History::transaction(tx, 1); });
        EXPECT_TRUE(store->verify({}).empty());
    }

    /// After a restart verification comes to an end, whatever it says.
    void expect_verifiable() {
        const auto store = open_sqlite_store(database_.options());
        if (store) (void)(*store)->verify({});
    }

    FaultVfs& vfs() { return vfs_; }

    std::uint64_t pick(std::uint64_t n) { return random_() % n; }

    /// One transaction, sometimes a checkpoint and a held snapshot around it; false when it failed.
    bool step() {
        try {
            if (pick(4) == 0) store_->checkpoint();
        } catch (const StorageError&) {
            // nothing of value was lost; the next one tries again
        }
        std::unique_ptr<Snapshot> held;
        try {
            if (may_hold_ && pick(3) == 0) held = store_->snapshot();
        } catch (const StorageError&) {
            held.reset();
        }
        const std::uint64_t seed = random_();
        try {
            store_->write([&](Transaction& tx) { History::transaction(tx, seed); });
        } catch (const StorageError& error) {
            last_kind_ = error.kind();
            last_error_ = error.what();
            in_doubt_.push_back(seed);
            return false;
        }
        in_doubt_.clear();
        expected_->write([&](Transaction& tx) { History::transaction(tx, seed); });
        return true;
    }

    [[nodiscard]] StorageError::Kind last_kind() const { return last_kind_; }

    [[nodiscard]] const std::string& last_error() const { return last_error_; }

    [[nodiscard]] std::string expected() { return History::dump(*expected_->snapshot()); }

    [[nodiscard]] std::string expected_after(std::uint64_t seed) {
        std::string after;
        expected_->write([&](Transaction& tx) {
            (void)tx.savepoint([&] {
                History::transaction(tx, seed);
                after = History::dump(tx);
                return false;
            });
        });
        return after;
    }

    [[nodiscard]] Store& store() { return *store_; }

  private:
    std::mt19937_64 random_;
    FaultVfs vfs_;
    sqlite::TempDatabase database_;
    std::unique_ptr<Store> expected_ = make_memory_store();
    std::unique_ptr<Store> store_;
    std::vector<std::uint64_t> in_doubt_;  // transactions that failed after the last that did not
    StorageError::Kind last_kind_{};
    std::string last_error_;
    bool may_hold_ = false;
};

class Faults : public testing::Test {
  protected:
    const std::uint64_t rounds = from_environment("ENTENTE_FAULT_ROUNDS", 30);
    const std::uint64_t first_seed = from_environment("ENTENTE_SEED", std::random_device{}());
};

TEST_F(Faults, ALossOfPowerTakesNothingThatWasPromised) {
    for (std::uint64_t i = 0; i < rounds && !HasFailure(); ++i) {
        SCOPED_TRACE("ENTENTE_SEED=" + std::to_string(first_seed + i) + " ENTENTE_FAULT_ROUNDS=1");
        Round round(first_seed + i);
        constexpr std::array<Call, 4> calls{Call::write, Call::sync, Call::any, Call::write};
        const Call call = calls[round.pick(calls.size())];
        const std::uint64_t within = call == Call::sync ? 60 : 1'500;
        round.run({.call = call, .failure = Failure::power, .nth = 1 + round.pick(within)}, false);
        round.end(true);
        round.expect_intact();
    }
}

TEST_F(Faults, AFailedCallTakesNothingThatWasPromisedAndTheStoreGoesOn) {
    for (std::uint64_t i = 0; i < rounds && !HasFailure(); ++i) {
        SCOPED_TRACE("ENTENTE_SEED=" + std::to_string(first_seed + i) + " ENTENTE_FAULT_ROUNDS=1");
        Round round(first_seed + i);

        struct Case {
            Call call;
            Failure failure;
            std::uint64_t within;
        };

        constexpr std::array<Case, 7> cases{
            {{Call::read, Failure::error, 300},
             {Call::write, Failure::error, 1'500},
             {Call::write, Failure::torn, 1'500},
             {Call::write, Failure::full, 1'500},
             {Call::sync, Failure::error, 60},
             {Call::truncate, Failure::error, 3},
             {Call::open, Failure::error, 3}}};
        const Case& c = cases[round.pick(cases.size())];
        const bool lasting = round.pick(2) == 0;
        SCOPED_TRACE(
            "call " + std::to_string(static_cast<int>(c.call)) + ", failure " +
            std::to_string(static_cast<int>(c.failure)) + (lasting ? ", lasting" : "")
        );
        round.run(
            {.call = c.call,
             .failure = c.failure,
             .nth = 1 + round.pick(c.within),
             .lasting = lasting},
            true
        );
        round.expect_usable();
        round.end(round.pick(2) == 0);
        round.expect_intact();
    }
}

// SQLite takes a short read for the end of the file and goes on with zeros. A disk does not do that
// within a file. Should it all the same, what is read then is wrong and may be written back; the
// process goes on and says what it finds.
TEST_F(Faults, AShortReadDoesNotEndTheProcess) {
    for (std::uint64_t i = 0; i < rounds && !HasFailure(); ++i) {
        SCOPED_TRACE("ENTENTE_SEED=" + std::to_string(first_seed + i) + " ENTENTE_FAULT_ROUNDS=1");
        Round round(first_seed + i);
        round.run(
            {.call = Call::read,
             .failure = Failure::short_read,
             .nth = 1 + round.pick(300),
             .lasting = round.pick(4) == 0},
            true
        );
        round.end(false);
        round.expect_verifiable();
    }
}

TEST_F(Faults, EveryCallOfOneHistoryMayBeTheOneThatFails) {
    // The same short history again and again; each time another call is the one.
    const std::uint64_t stride = std::max<std::uint64_t>(1, 1'200 / rounds);
    for (const Failure failure : {Failure::error, Failure::power}) {
        for (std::uint64_t nth = 1 + first_seed % stride; !HasFailure(); nth += stride) {
            SCOPED_TRACE(
                "call " + std::to_string(nth) + " of failure " + std::to_string(int(failure))
            );
            Round round(7);
            round.run({.call = Call::any, .failure = failure, .nth = nth}, false);
            const bool struck = round.vfs().struck();
            if (failure == Failure::error) round.expect_usable();
            round.end(failure == Failure::power);
            round.expect_intact();
            if (!struck) break;
        }
    }
}

TEST_F(Faults, AFullDiskRefusesWritesServesReadsAndRecovers) {
    for (std::uint64_t i = 0; i < std::max<std::uint64_t>(1, rounds / 5) && !HasFailure(); ++i) {
        SCOPED_TRACE("ENTENTE_SEED=" + std::to_string(first_seed + i));
        Round round(first_seed + i);
        round.run({.call = Call::write, .failure = Failure::error, .nth = 1'000'000'000}, false);
        round.vfs().set_free_bytes(round.pick(200'000));
        bool full = false;
        for (int n = 0; n < 500 && !full; ++n)
            full = !round.step();
        ASSERT_TRUE(full);
        EXPECT_EQ(round.last_kind(), StorageError::Kind::full) << round.last_error();
        for (int n = 0; n < 5; ++n) {
            EXPECT_EQ(difference(History::dump(*round.store().snapshot()), round.expected()), "");
            if (!round.step()) {
                EXPECT_EQ(round.last_kind(), StorageError::Kind::full) << round.last_error();
            }
        }
        round.expect_usable();
        round.end(round.pick(2) == 0);
        round.expect_intact();
    }
}

TEST_F(Faults, AStorageErrorThatTheWorkSwallowsStillFailsTheTransaction) {
    Round round(first_seed);
    round.open();
    const auto work = [&](Transaction& tx) {
        tx.append_act({});
        // Nothing of the entries was read yet, so the disk is asked.
        round.vfs().arm({.call = Call::read, .failure = Failure::error, .nth = 1, .lasting = true});
        const CollectionNo feed = CollectionNo{1};
        EXPECT_THROW(
            (void)tx.savepoint([&] { return tx.entry(feed, Seq{1}).has_value(); }), StorageError
        );
        round.vfs().disarm();
        EXPECT_THROW(tx.append_act({}), StorageError);
    };
    EXPECT_THROW(round.store().write(work), StorageError);
    round.expect_usable();
    round.end(false);
    round.expect_intact();
}

}  // namespace
}  // namespace entente::store::fault
