// Logins that are too many, and a world that breaks under them.
#include "base/limits.h"
#include "exchange/login.h"
#include "exchange/testing/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace entente::exchange {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::LoginTest;
using ::testing::Not;

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

}  // namespace
}  // namespace entente::exchange
