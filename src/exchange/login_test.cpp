#include "exchange/login.h"

#include "base/limits.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <sodium.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace entente::exchange {
namespace {

using store::PartyNo;
using store::TokenNo;
using store::UserNo;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Micros start{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z
constexpr Key token_key{1, 2, 3};

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

// ---- tokens

TEST(Token, HasThePrefixAnd256RandomBits) {
    SeededRandom random(7);
    const NewToken a = new_token(random, token_key);
    const NewToken b = new_token(random, token_key);
    EXPECT_TRUE(a.text.starts_with("ent_"));
    EXPECT_EQ(a.text.size(), 47U);
    EXPECT_EQ(from_base64url(a.text.substr(4)).value_or("").size(), 32U);
    EXPECT_NE(a.text, b.text);
    EXPECT_TRUE(looks_like_token(a.text));
    EXPECT_EQ(a.hash, token_hash(token_key, a.text));
    EXPECT_NE(a.hash, token_hash(Key{9}, a.text)) << "without the key the stored hash says nothing";
    EXPECT_NE(a.hash, b.hash);
}

TEST(Token, IsToldFromOtherTextsByItsForm) {
    const std::string good = "ent_" + std::string(43, 'x');
    EXPECT_TRUE(looks_like_token(good));
    EXPECT_TRUE(looks_like_token("ent_-_09azAZ" + std::string(35, 'Q')));
    EXPECT_FALSE(looks_like_token(good + "x"));
    EXPECT_FALSE(looks_like_token(good.substr(0, 46)));
    EXPECT_FALSE(looks_like_token("ENT_" + good.substr(4)));
    EXPECT_FALSE(looks_like_token("ent_" + std::string(42, 'x') + "="));
    EXPECT_FALSE(looks_like_token(""));
    EXPECT_FALSE(looks_like_token("ent_"));
}

TEST_F(LoginTest, ATokenSaysWhoCallsAtOnce) {
    const std::string token = add_token(ann_);
    Answer answer;
    login_->check({.user = "", .secret = token, .address = ""}, answer.then());
    ASSERT_TRUE(answer.here());
    const auto caller = answer.wait();
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->user, ann_);
    EXPECT_EQ(caller->token, last_token_.no);
    EXPECT_EQ(caller->row().name, "ann");
    EXPECT_THAT(hasher_.asked(), IsEmpty());
}

TEST_F(LoginTest, ATokenMayBeTheUserOrThePasswordOfHttpBasic) {
    const std::string token = add_token(ann_);
    EXPECT_EQ(who(token, ""), "ann");
    EXPECT_EQ(who(token, "x"), "ann");
    EXPECT_EQ(who(token, token), "ann");
    EXPECT_EQ(who("ann", token), "ann");
    EXPECT_EQ(who("api-key", token), "ann");
    // To refuse it beside another user's name would tell the owner of any token which names exist.
    EXPECT_EQ(who("bob", token), "ann");
    EXPECT_THAT(hasher_.asked(), IsEmpty());
}

TEST_F(LoginTest, AWrongTokenIsRefusedWithoutHashing) {
    std::string token = add_token(ann_);
    token.back() = token.back() == 'A' ? 'B' : 'A';
    EXPECT_EQ(who("", token), "unauthorized");
    EXPECT_EQ(who("ann", token), "unauthorized");
    EXPECT_EQ(who(token, ""), "unauthorized");
    EXPECT_EQ(who("", ""), "unauthorized");
    EXPECT_EQ(who("", "ent_"), "unauthorized");
    EXPECT_EQ(who("", "ann's password"), "unauthorized");
    EXPECT_EQ(who("", std::string(100'000, 'x')), "unauthorized");
    EXPECT_THAT(hasher_.asked(), IsEmpty());
}

TEST_F(LoginTest, ATokenOfAnotherKeyIsRefused) {
    const std::string token = add_token(ann_);
    login_.emplace(states_, store_, clock_, Key{4}, hasher_);
    EXPECT_EQ(who("", token), "unauthorized");
}

TEST_F(LoginTest, ATokenExpiresAtItsMicrosecond) {
    const std::string token = add_token(ann_, start + 1'000);
    clock_.set(start + 999);
    EXPECT_EQ(who("", token), "ann");
    clock_.set(start + 1'000);
    EXPECT_EQ(who("", token), "unauthorized");
    EXPECT_EQ(who("", add_token(ann_)), "ann") << "one without an end stays";
}

TEST_F(LoginTest, ARevokedOrErasedTokenIsDeadAtTheNextRequest) {
    const std::string revoked = add_token(ann_);
    const store::Token row = last_token_;
    const std::string erased = add_token(ann_);
    EXPECT_EQ(who("", revoked), "ann");
    EXPECT_EQ(who("", erased), "ann");
    store_.write([&](store::Transaction& tx) {
        store::Token changed = row;
        changed.revoked = true;
        tx.put(changed);
        tx.erase(last_token_.no);
    });
    EXPECT_EQ(who("", revoked), "unauthorized");
    EXPECT_EQ(who("", erased), "unauthorized");
}

TEST_F(LoginTest, ADisabledUsersTokenIsRefusedUntilItIsEnabled) {
    const std::string token = add_token(ann_);
    change_user(ann_, [](store::User& u) { u.disabled = true; });
    EXPECT_EQ(who("", token), "unauthorized");
    change_user(ann_, [](store::User& u) { u.disabled = false; });
    EXPECT_EQ(who("", token), "ann");
}

TEST_F(LoginTest, ATokenIsNotBoundByItsUsersPassword) {
    change_user(ann_, [](store::User& u) { u.password_expires = start; });
    EXPECT_EQ(who("", add_token(ann_)), "ann");
}

// ---- passwords

TEST_F(LoginTest, APasswordSaysWhoCalls) {
    const auto caller = check("ann", "ann's password");
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->user, ann_);
    EXPECT_EQ(caller->token, TokenNo{});
    EXPECT_EQ(who("ann", "bob's password"), "unauthorized");
    EXPECT_EQ(who("ann", ""), "unauthorized");
    EXPECT_EQ(who("Ann", "ann's password"), "unauthorized");
    EXPECT_EQ(who("ann", "ent_ann's password"), "unauthorized")
        << "not of a token's form, so a password";
}

TEST_F(LoginTest, WhoeverMayNotLogInCostsOneVerificationOfTheDummy) {
    const UserNo disabled = add_user("disabled", "a password");
    change_user(disabled, [](store::User& u) { u.disabled = true; });
    const UserNo expired = add_user("expired", "a password");
    change_user(expired, [](store::User& u) { u.password_expires = start; });
    add_user("tokens only", "");
    for (const std::string name : {"nobody", "disabled", "expired", "tokens only"}) {
        SCOPED_TRACE(name);
        EXPECT_EQ(who(name, "a password"), "unauthorized");
        EXPECT_THAT(hasher_.asked(), ElementsAre("dummy"));
    }
    EXPECT_EQ(who("ann", "wrong"), "unauthorized");
    EXPECT_THAT(hasher_.asked(), ElementsAre(FakeHasher::hash("ann's password")));
}

TEST_F(LoginTest, TheDummysOwnPasswordOpensNothing) {
    class Gullible final : public PasswordHasher {
        bool verify(const std::string&, std::string_view) const override { return true; }

        const std::string& dummy_hash() const noexcept override { return text_; }

        std::string text_;
    };

    const Gullible gullible;
    login_.emplace(states_, store_, clock_, token_key, gullible);
    EXPECT_EQ(who("nobody", "x"), "unauthorized");
    change_user(ann_, [](store::User& u) { u.disabled = true; });
    EXPECT_EQ(who("ann", "x"), "unauthorized");
    EXPECT_EQ(who("bob", "x"), "bob") << "the fake works";
}

TEST_F(LoginTest, EveryRefusalHasTheSameWords) {
    const UserNo disabled = add_user("disabled", "a password");
    change_user(disabled, [](store::User& u) { u.disabled = true; });
    const std::string revoked = add_token(ann_);
    store_.write([&](store::Transaction& tx) {
        last_token_.revoked = true;
        tx.put(last_token_);
    });
    const std::string expired = add_token(ann_, start);
    const auto expected = check("ann", "wrong");
    ASSERT_FALSE(expected);
    const std::vector<std::pair<std::string, std::string>> others{
        {"nobody", "wrong"},
        {"disabled", "a password"},
        {"", revoked},
        {"", expired},
        {"ann", revoked},
        {"", "x"},
        {"", ""},
        {"ann", std::string(5'000, 'x')},
        {std::string(5'000, 'x'), "x"}};
    for (const auto& [user, secret] : others) {
        const auto refused = check(user, secret);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, expected.error().code);
        EXPECT_EQ(refused.error().detail, expected.error().detail);
    }
}

TEST_F(LoginTest, WhatIsTooLongIsRefusedWithoutHashing) {
    EXPECT_EQ(who("ann", std::string(limits::password_bytes_max + 1, 'x')), "unauthorized");
    EXPECT_EQ(who(std::string(limits::user_name_bytes_max + 1, 'x'), "a password"), "unauthorized");
    EXPECT_THAT(hasher_.asked(), IsEmpty());
    EXPECT_EQ(who("ann", std::string(limits::password_bytes_max, 'x')), "unauthorized");
    EXPECT_EQ(hasher_.asked().size(), 1U);
}

TEST_F(LoginTest, APasswordExpiresAtItsMicrosecondRememberedOrNot) {
    change_user(ann_, [](store::User& u) { u.password_expires = start + 1'000; });
    clock_.set(start + 999);
    EXPECT_EQ(who("ann", "ann's password"), "ann");
    EXPECT_EQ(who("ann", "ann's password"), "ann");
    EXPECT_EQ(hasher_.asked().size(), 1U);
    clock_.set(start + 1'000);
    EXPECT_EQ(who("ann", "ann's password"), "unauthorized");
    EXPECT_THAT(hasher_.asked(), ElementsAre("dummy"));
}

// ---- remembered logins

TEST_F(LoginTest, AVerifiedLoginIsRememberedUntilTheGenerationMoves) {
    EXPECT_EQ(who("ann", "ann's password"), "ann");
    EXPECT_EQ(hasher_.asked().size(), 1U);
    for (int i = 0; i < 3; ++i) {
        Answer answer;
        login_->check(
            {.user = "ann", .secret = "ann's password", .address = "198.51.100.9"}, answer.then()
        );
        EXPECT_TRUE(answer.in_this_thread());
        EXPECT_EQ(answer.wait()->user, ann_);
    }
    EXPECT_EQ(who("bob", "bob's password"), "bob");
    EXPECT_EQ(who("ann", "ann's password"), "ann");
    EXPECT_THAT(hasher_.asked(), ElementsAre(FakeHasher::hash("bob's password")));
    move_generation();
    EXPECT_EQ(who("ann", "ann's password"), "ann");
    EXPECT_EQ(hasher_.asked().size(), 1U);
    EXPECT_EQ(who("ann", "ann's password"), "ann");
    EXPECT_THAT(hasher_.asked(), IsEmpty());
    EXPECT_EQ(who("bob", "bob's password"), "bob");
    EXPECT_EQ(hasher_.asked().size(), 1U) << "all of the older generation are forgotten";
}

TEST_F(LoginTest, OnlyTheSameUserWithTheSamePasswordIsRemembered) {
    add_user("ab", "c long enough");
    EXPECT_EQ(who("ab", "c long enough"), "ab");
    EXPECT_EQ(hasher_.asked().size(), 1U);
    EXPECT_EQ(who("a", "bc long enough"), "unauthorized");
    EXPECT_EQ(who("ab", "c long enougH"), "unauthorized");
    EXPECT_EQ(who("ann", "c long enough"), "unauthorized");
    EXPECT_EQ(hasher_.asked().size(), 3U);
}

TEST_F(LoginTest, ARefusedLoginIsNotRemembered) {
    EXPECT_EQ(who("ann", "wrong"), "unauthorized");
    EXPECT_EQ(who("ann", "wrong"), "unauthorized");
    EXPECT_EQ(hasher_.asked().size(), 2U);
}

TEST_F(LoginTest, AChangedPasswordOrADisabledUserIsSeenAtTheNextRequest) {
    EXPECT_EQ(who("ann", "ann's password"), "ann");
    change_user(ann_, [](store::User& u) { u.password_hash = FakeHasher::hash("another one"); });
    EXPECT_EQ(who("ann", "ann's password"), "unauthorized");
    EXPECT_EQ(who("ann", "another one"), "ann");
    change_user(ann_, [](store::User& u) { u.disabled = true; });
    EXPECT_EQ(who("ann", "another one"), "unauthorized");
}

TEST_F(LoginTest, AClientThatLogsInManyTimesAtOnceIsHashedOnce) {
    hasher_.hold();
    std::vector<Answer> answers(limits::passwords_waiting_per_address_max);
    for (Answer& a : answers) {
        login_->check(
            {.user = "ann", .secret = "ann's password", .address = "192.0.2.1"}, a.then()
        );
    }
    hasher_.release();
    for (Answer& a : answers)
        EXPECT_EQ(a.wait()->user, ann_);
    EXPECT_EQ(hasher_.asked().size(), 1U);
}

// ---- limits

std::string address(std::size_t n) {
    return "10." + std::to_string(n >> 16U) + "." + std::to_string(n >> 8U & 255U) + "." +
           std::to_string(n & 255U);
}

TEST_F(LoginTest, OnePasswordMoreThanTheQueueHoldsIsRefusedAtOnce) {
    const std::string token = add_token(bob_);
    EXPECT_EQ(who("bob", "bob's password"), "bob");
    (void)hasher_.asked();
    hasher_.hold();
    std::vector<Answer> answers(limits::password_queue_max + 2);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        login_->check(
            {.user = "nobody", .secret = "password " + std::to_string(i), .address = address(i)},
            answers[i].then()
        );
        if (i == 0) hasher_.wait_until_asked(1);  // this one waits no longer
    }
    EXPECT_TRUE(answers.back().in_this_thread());
    EXPECT_EQ(answers.back().wait().error().code, Errc::overloaded);
    for (std::size_t i = 0; i + 1 < answers.size(); ++i)
        EXPECT_FALSE(answers[i].here());
    EXPECT_EQ(who("", token), "bob") << "tokens need no queue";
    EXPECT_EQ(who("bob", "bob's password"), "bob") << "nor do remembered logins";
    hasher_.release();
    for (std::size_t i = 0; i + 1 < answers.size(); ++i) {
        EXPECT_EQ(answers[i].wait().error().code, Errc::unauthorized);
    }
    EXPECT_EQ(hasher_.asked().size(), limits::password_queue_max + 1);
    EXPECT_EQ(who("ann", "ann's password"), "ann") << "there is room again";
}

TEST_F(LoginTest, OneAddressHasASmallPartOfTheQueue) {
    hasher_.hold();
    std::vector<Answer> answers(limits::passwords_waiting_per_address_max + 1);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        login_->check(
            {.user = "nobody", .secret = "password " + std::to_string(i), .address = "192.0.2.1"},
            answers[i].then()
        );
    }
    EXPECT_EQ(answers.back().wait().error().code, Errc::overloaded);
    Answer other;
    login_->check(
        {.user = "ann", .secret = "ann's password", .address = "192.0.2.2"}, other.then()
    );
    hasher_.release();
    EXPECT_EQ(other.wait()->user, ann_);
    for (std::size_t i = 0; i + 1 < answers.size(); ++i) {
        EXPECT_EQ(answers[i].wait().error().code, Errc::unauthorized);
    }
    EXPECT_EQ(who("nobody", "x", "192.0.2.1"), "unauthorized") << "it may ask again";
}

TEST_F(LoginTest, AnAddressWithManyWrongPasswordsWaits) {
    EXPECT_EQ(who("bob", "bob's password"), "bob");
    for (int i = 0; i < limits::password_failures_max; ++i)
        EXPECT_EQ(who("ann", "wrong"), "unauthorized") << i;
    (void)hasher_.asked();
    EXPECT_EQ(who("ann", "wrong"), "overloaded");
    EXPECT_EQ(who("ann", "ann's password"), "overloaded");
    EXPECT_THAT(hasher_.asked(), IsEmpty());
    EXPECT_EQ(who("bob", "bob's password"), "bob") << "whoever was verified goes on";
    EXPECT_EQ(who("ann", "wrong", "192.0.2.2"), "unauthorized") << "another address";

    clock_.advance(limits::password_failure_forgotten_us - 1);
    EXPECT_EQ(who("ann", "wrong"), "overloaded");
    clock_.advance(1);
    EXPECT_EQ(who("ann", "wrong"), "unauthorized")
        << "one failure is forgotten, so one more is allowed";
    EXPECT_EQ(who("ann", "ann's password"), "overloaded");
    clock_.advance(limits::password_failure_forgotten_us);
    EXPECT_EQ(who("ann", "ann's password"), "ann");
    move_generation();
    EXPECT_EQ(who("ann", "ann's password"), "ann") << "a right password uses nothing up";
    clock_.advance(limits::password_failures_max * limits::password_failure_forgotten_us);
    for (int i = 0; i < limits::password_failures_max; ++i)
        EXPECT_EQ(who("ann", "wrong"), "unauthorized") << i;
    EXPECT_EQ(who("ann", "wrong"), "overloaded");
}

TEST_F(LoginTest, RightPasswordsAreNeverLimited) {
    for (int i = 0; i < 3 * limits::password_failures_max; ++i) {
        move_generation();
        ASSERT_EQ(who("ann", "ann's password"), "ann");
    }
}

TEST_F(LoginTest, AnIpv6ClientIsItsNetworkAndAMappedAddressIsIpv4) {
    for (int i = 0; i < limits::password_failures_max; ++i) {
        EXPECT_EQ(who("ann", "wrong", "2001:db8:0:1::" + std::to_string(i)), "unauthorized");
        EXPECT_EQ(who("ann", "wrong", "203.0.113.7"), "unauthorized");
    }
    EXPECT_EQ(who("ann", "wrong", "2001:db8:0:1:ffff::1"), "overloaded");
    EXPECT_EQ(who("ann", "wrong", "2001:DB8::1:0:0:0:1%eth0"), "overloaded");
    EXPECT_EQ(who("ann", "wrong", "2001:db8:0:2::1"), "unauthorized");
    EXPECT_EQ(who("ann", "wrong", "::ffff:203.0.113.7"), "overloaded");
    EXPECT_EQ(who("ann", "wrong", "::ffff:203.0.113.8"), "unauthorized");
    EXPECT_EQ(who("ann", "wrong", "no address at all"), "unauthorized");
    EXPECT_EQ(who("ann", "wrong", ""), "unauthorized");
}

TEST_F(LoginTest, ManyAddressesDoNotMakeItForgetTheWorstOne) {
    for (int i = 0; i < limits::password_failures_max; ++i)
        EXPECT_EQ(who("ann", "wrong"), "unauthorized");
    for (std::size_t i = 0; i < limits::login_addresses_max + 100; ++i) {
        ASSERT_EQ(who("ann", "wrong", address(i)), "unauthorized");
    }
    EXPECT_EQ(who("ann", "wrong"), "overloaded");
}

// ---- the world breaks; the end

TEST_F(LoginTest, AStoreThatFailsIsNoWrongPassword) {
    hasher_.hold();
    Answer first;
    Answer second;
    login_->check(
        {.user = "bob", .secret = "bob's password", .address = "192.0.2.1"}, first.then()
    );
    hasher_.wait_until_asked(1);
    login_->check(
        {.user = "ann", .secret = "ann's password", .address = "192.0.2.1"}, second.then()
    );
    store_.broken = true;
    hasher_.release();
    EXPECT_EQ(second.wait().error().code, Errc::overloaded);
    Answer third;
    EXPECT_THROW(
        login_->check({.user = "", .secret = "x", .address = ""}, third.then()), StorageError
    );
    EXPECT_THROW(
        login_->check({.user = "ann", .secret = "x", .address = ""}, third.then()), StorageError
    );
    EXPECT_FALSE(third.here());
    store_.broken = false;
    EXPECT_EQ(who("ann", "ann's password"), "ann");
}

TEST_F(LoginTest, AMachineWithoutMemoryLeftIsNoWrongPassword) {
    hasher_.run_out_of_memory(true);
    for (int i = 0; i <= limits::password_failures_max; ++i)
        EXPECT_EQ(who("ann", "ann's password"), "overloaded");
    hasher_.run_out_of_memory(false);
    EXPECT_EQ(who("ann", "ann's password"), "ann") << "none of these counts against the address";
}

TEST_F(LoginTest, ItsEndAnswersWhatWaits) {
    hasher_.hold();
    std::vector<Answer> answers(4);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        login_->check(
            {.user = i == 0 ? "ann" : "bob", .secret = "ann's password", .address = "192.0.2.1"},
            answers[i].then()
        );
    }
    hasher_.wait_until_asked(1);
    std::thread end([&] { login_.reset(); });
    hasher_.release();
    end.join();
    EXPECT_TRUE(answers[0].here());
    for (Answer& a : answers)
        EXPECT_TRUE(a.here());
}

TEST_F(LoginTest, ManyThreadsLogInAtOnceWhileTheDirectoryChanges) {
    const std::string token = add_token(bob_);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            const std::string from = "192.0.2." + std::to_string(t);
            for (int i = 0; i < 50; ++i) {
                EXPECT_EQ(who("", token, from), "bob");
                EXPECT_EQ(who("ann", "ann's password", from), "ann");
                if (i >= 10) continue;
                EXPECT_EQ(who("ann", "wrong", from), "unauthorized");
            }
        });
    }
    for (int i = 0; i < 50; ++i)
        move_generation();
    for (std::thread& t : threads)
        t.join();
}

TEST_F(LoginTest, TheLogNamesTheAddressOnceAndNoSecretEver) {
    ::testing::internal::CaptureStderr();
    for (int i = 0; i < limits::password_failures_max + 5; ++i)
        (void)check("ann", "s3cret word", "198.51.100.77\x1b[2J");
    hasher_.run_out_of_memory(true);
    (void)check("ann", "s3cret word", "192.0.2.9");
    (void)check("", "s3cret token");
    const std::string log = ::testing::internal::GetCapturedStderr();
    EXPECT_THAT(log, HasSubstr("too many wrong passwords from one address"));
    EXPECT_THAT(log, HasSubstr("198.51.100.77"));
    EXPECT_EQ(log.find("too many wrong"), log.rfind("too many wrong"));
    EXPECT_THAT(log, HasSubstr("a password could not be checked"));
    EXPECT_THAT(log, Not(HasSubstr("s3cret")));
    EXPECT_THAT(log, Not(HasSubstr("\x1b")));
}

// ---- Argon2

TEST(Password, IsHashedByArgon2idAndVerified) {
    const auto hash = hash_password("correct horse", HashCost::least);
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$v=19$"));
    EXPECT_TRUE(argon2_hasher().verify(*hash, "correct horse"));
    EXPECT_FALSE(argon2_hasher().verify(*hash, "correct horsf"));
    EXPECT_FALSE(argon2_hasher().verify(*hash, ""));
    EXPECT_NE(*hash_password("correct horse", HashCost::least), *hash) << "salted";
    const std::string with_nul("correct\0horse", 13);
    EXPECT_FALSE(argon2_hasher().verify(*hash_password(with_nul, HashCost::least), "correct"));
    EXPECT_TRUE(argon2_hasher().verify(*hash_password(with_nul, HashCost::least), with_nul));
}

TEST(Password, CostsWhatTheDummyCosts) {
    const auto hash = hash_password("correct horse");
    ASSERT_TRUE(hash);
    EXPECT_TRUE(argon2_hasher().verify(*hash, "correct horse"));
    for (const std::string& text : {*hash, argon2_hasher().dummy_hash()}) {
        EXPECT_TRUE(text.starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << text;
        EXPECT_EQ(
            crypto_pwhash_str_needs_rehash(
                text.c_str(), crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE
            ),
            0
        );
    }
    EXPECT_FALSE(argon2_hasher().verify(argon2_hasher().dummy_hash(), "correct horse"));
}

TEST(Password, HasALengthAndIsNoToken) {
    const auto refusal = [](std::string_view password) -> std::string {
        const auto hash = hash_password(password, HashCost::least);
        if (hash) return "";
        EXPECT_EQ(hash.error().code, Errc::invalid_argument);
        return hash.error().detail;
    };
    EXPECT_THAT(refusal("1234567"), HasSubstr("at least 8 bytes"));
    EXPECT_EQ(refusal("12345678"), "");
    EXPECT_EQ(refusal(std::string(1'024, 'x')), "");
    EXPECT_THAT(refusal(std::string(1'025, 'x')), HasSubstr("at most 1024 bytes"));
    SeededRandom random(1);
    EXPECT_THAT(refusal(new_token(random, token_key).text), HasSubstr("access token"));
}

TEST(Password, ADamagedHashVerifiesNothing) {
    const std::string good = *hash_password("correct horse", HashCost::least);
    for (const std::string& bad :
         {std::string(),
          std::string("plain"),
          good.substr(0, good.size() - 1),
          good + "x",
          std::string(4'000, '$'),
          "$argon2id$v=19$m=65536,t=2,p=1$" + std::string(200, 'A')}) {
        EXPECT_FALSE(argon2_hasher().verify(bad, "correct horse")) << bad;
    }
}

}  // namespace
}  // namespace entente::exchange
