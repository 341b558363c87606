#pragma once
// Logins over a store in memory, with a hasher that tells what it was asked.
#include "exchange/login.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace entente::exchange::testing {

using store::PartyNo;
using store::UserNo;

inline constexpr Micros start{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z
inline constexpr Key token_key{1, 2, 3};

/// "Hashes" by a prefix; tells which hashes it was asked about; can be held back.
class FakeHasher final : public PasswordHasher {
  public:
    static std::string hash(const std::string& password) { return "hash of " + password; }

    bool verify(const std::string& hash, std::string_view password) const override {
        EXPECT_FALSE(busy_.exchange(true)) << "one at a time";
        std::unique_lock lock(mutex_);
        asked_.push_back(hash);
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        busy_ = false;
        if (no_memory_) throw std::bad_alloc();
        return hash == FakeHasher::hash(std::string(password));
    }

    const std::string& dummy_hash() const noexcept override { return dummy_; }

    void hold() { set(held_, true); }

    void release() { set(held_, false); }

    void run_out_of_memory(bool yes) { set(no_memory_, yes); }

    void wait_until_asked(std::size_t n) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return asked_.size() >= n; });
    }

    /// What was asked since the last call of this.
    std::vector<std::string> asked() {
        const std::lock_guard lock(mutex_);
        return std::exchange(asked_, {});
    }

  private:
    void set(bool& member, bool value) {
        const std::lock_guard lock(mutex_);
        member = value;
        changed_.notify_all();
    }

    const std::string dummy_ = "dummy";
    mutable std::atomic<bool> busy_{false};
    mutable std::mutex mutex_;  // guards the rest
    mutable std::condition_variable changed_;
    mutable std::vector<std::string> asked_;
    bool held_ = false;
    bool no_memory_ = false;
};

/// The memory store, whose snapshots a test can make fail.
class BreakableStore final : public store::Store {
  public:
    std::unique_ptr<store::Snapshot> snapshot() override {
        if (broken) throw StorageError(StorageError::Kind::io, "the disk is gone");
        return inner_->snapshot();
    }

    void write(const std::function<void(store::Transaction&)>& work) override {
        inner_->write(work);
    }

    void checkpoint() override {}

    bool cut_log() override { return inner_->cut_log(); }

    std::vector<std::string> verify(const std::function<void(std::uint64_t, std::uint64_t)>&)
        override {
        return {};
    }

    std::atomic<bool> broken{false};

  private:
    std::unique_ptr<store::Store> inner_ = store::make_memory_store();
};

/// One answer that may come later.
class Answer {
  public:
    [[nodiscard]] Login::Then then() {
        return [this](Result<Caller> result) {
            const std::lock_guard lock(mutex_);
            EXPECT_FALSE(result_.has_value()) << "told twice";
            result_ = std::move(result);
            thread_ = std::this_thread::get_id();
            changed_.notify_all();
        };
    }

    [[nodiscard]] Result<Caller> wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return result_.has_value(); });
        return *result_;
    }

    [[nodiscard]] bool here() {
        const std::lock_guard lock(mutex_);
        return result_.has_value();
    }

    [[nodiscard]] bool in_this_thread() {
        (void)wait();
        return thread_ == std::this_thread::get_id();
    }

  private:
    std::mutex mutex_;  // guards the rest
    std::condition_variable changed_;
    std::optional<Result<Caller>> result_;
    std::thread::id thread_;
};

class LoginTest : public ::testing::Test {
  protected:
    LoginTest() {
        store_.write([&](store::Transaction& tx) {
            party_ = tx.put(store::Party{.no = {}, .name = "North", .own = true, .identities = {}});
        });
        ann_ = add_user("ann", "ann's password");
        bob_ = add_user("bob", "bob's password");
        login_.emplace(states_, store_, clock_, token_key, hasher_);
    }

    UserNo add_user(const std::string& name, const std::string& password) {
        store::User row;
        row.name = name;
        row.party = party_;
        if (!password.empty()) row.password_hash = FakeHasher::hash(password);
        UserNo no{};
        store_.write([&](store::Transaction& tx) { no = tx.put(row); });
        return no;
    }

    template <class Change>
    void change_user(UserNo no, Change change) {
        store_.write([&](store::Transaction& tx) {
            store::User row =
                *State(tx.directory(), std::make_shared<agreement::ClassTable>()).user(no);
            change(row);
            tx.put(row);
        });
    }

    /// The text of a new token of the user.
    std::string add_token(UserNo user, std::optional<Micros> expires = std::nullopt) {
        const NewToken made = new_token(random_, token_key);
        store::Token row;
        row.user = user;
        row.hash = made.hash;
        row.expires = expires;
        store_.write([&](store::Transaction& tx) { row.no = tx.put(row); });
        last_token_ = row;
        return made.text;
    }

    void move_generation() { add_user("user" + std::to_string(++users_), ""); }

    Result<Caller> check(
        const std::string& user, const std::string& secret, const std::string& address = "192.0.2.1"
    ) {
        Answer answer;
        login_->check({.user = user, .secret = secret, .address = address}, answer.then());
        return answer.wait();
    }

    /// Who logged in: the user's name, or the error's.
    std::string who(
        const std::string& user, const std::string& secret, const std::string& address = "192.0.2.1"
    ) {
        const auto caller = check(user, secret, address);
        return caller ? caller->row().name : errc_name(caller.error().code);
    }

    FakeClock clock_{start};
    SeededRandom random_{1};
    BreakableStore store_;
    StateCache states_;
    FakeHasher hasher_;
    PartyNo party_{};
    UserNo ann_{};
    UserNo bob_{};
    store::Token last_token_;
    int users_ = 0;
    std::optional<Login> login_;
};

}  // namespace entente::exchange::testing
