#include "exchange/login.h"

#include "base/limits.h"
#include "exchange/testing/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::exchange {
namespace {

using store::TokenNo;
using store::UserNo;
using testing::Answer;
using ::testing::ElementsAre;
using testing::FakeHasher;
using ::testing::IsEmpty;
using testing::LoginTest;
using testing::start;
using testing::token_key;

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

}  // namespace
}  // namespace entente::exchange
