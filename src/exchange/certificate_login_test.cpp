// Logins by client certificates, as TLS has verified them.
#include "exchange/certificate_login.h"

#include "exchange/rights.h"
#include "exchange/stops.h"
#include "exchange/testing/login.h"

#include <gtest/gtest.h>

#include <vector>

namespace entente::exchange {
namespace {

using store::UserNo;
using testing::start;

std::string digest(char digit) {
    return std::string(64, digit);
}

TEST(CertificateBinding, IsReadAsItWasWritten) {
    for (const CertificateBinding& binding :
         {CertificateBinding{digest('a')},
          CertificateBinding{digest('0'), "siem.south.example"},
          CertificateBinding{digest('f'), "spiffe://south/siem"}}) {
        EXPECT_EQ(CertificateBinding::read(binding.text()), binding);
    }
}

TEST(CertificateBinding, OtherTextsAreNone) {
    for (const std::string& text :
         {std::string(),
          "key:" + std::string(63, 'a'),
          "key:" + std::string(64, 'A'),
          "key:" + digest('a') + ":x",
          "name:" + digest('a'),
          "name:" + digest('a') + ":",
          "name:" + digest('a') + "x",
          "name:siem:" + digest('a'),
          "kex:" + digest('a')}) {
        EXPECT_FALSE(CertificateBinding::read(text)) << text;
    }
}

class CertificateLogin : public testing::LoginTest {
  protected:
    store::Token bind(UserNo user, const CertificateBinding& binding) {
        store::Token row;
        row.user = user;
        row.binding = binding.text();
        row.hash = sha256(std::to_string(++bound_));
        put(row);
        return row;
    }

    void put(store::Token& row) {
        store_.write([&](store::Transaction& tx) { row.no = tx.put(row); });
    }

    Result<Caller> login() {
        return login_->by_certificate(
            {.key_sha256 = key_, .names = names_, .authorities = authorities_, .not_after = end_}
        );
    }

    std::string who() {
        const auto caller = login();
        return caller ? caller->row().name : errc_name(caller.error().code);
    }

    // What is shown.
    std::string key_ = digest('a');
    std::vector<std::string> names_{"siem.south.example", "mailto:siem@south.example"};
    std::vector<std::string> authorities_{digest('1'), digest('2')};
    Micros end_ = start + 1'000;
    int bound_ = 0;
};

TEST_F(CertificateLogin, AKeyThatIsBoundSaysWhoCallsAndByWhichCredential) {
    EXPECT_EQ(who(), "unauthorized");
    const store::Token row = bind(ann_, {key_});
    bind(bob_, {digest('b')});
    const auto caller = login();
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->user, ann_);
    EXPECT_EQ(caller->token, row.no);
}

TEST_F(CertificateLogin, ANameCountsOnlyUnderTheCaThatItIsBoundTo) {
    bind(ann_, {digest('3'), names_[1]});
    EXPECT_EQ(who(), "unauthorized") << "another CA that the server believes";
    bind(bob_, {digest('2'), names_[1]});
    EXPECT_EQ(who(), "bob");
    names_.pop_back();
    EXPECT_EQ(who(), "unauthorized");
    names_ = {"x." + names_[0], "south.example"};
    bind(bob_, {digest('1'), "siem.south.example"});
    EXPECT_EQ(who(), "unauthorized") << "names are whole names";
    names_.emplace_back("siem.south.example");
    EXPECT_EQ(who(), "bob");
}

TEST_F(CertificateLogin, AKeyIsNoCaAndACaIsNoKey) {
    bind(ann_, {authorities_[0]});
    bind(bob_, {key_, names_[0]});
    EXPECT_EQ(who(), "unauthorized");
}

TEST_F(CertificateLogin, NamesOfTwoUsersAreNoGuess) {
    bind(ann_, {authorities_[0], names_[0]});
    store::Token other = bind(bob_, {authorities_[0], names_[1]});
    EXPECT_EQ(who(), "unauthorized");
    other.revoked = true;
    put(other);
    EXPECT_EQ(who(), "ann");
    bind(ann_, {authorities_[1], names_[1]});
    EXPECT_EQ(who(), "ann") << "several of one user are no question";
}

TEST_F(CertificateLogin, TheKeyDecidesBeforeNamesAndAlsoWhenItsBindingHasEnded) {
    bind(bob_, {authorities_[0], names_[0]});
    store::Token key = bind(ann_, {key_});
    EXPECT_EQ(who(), "ann");
    key.expires = start;
    put(key);
    EXPECT_EQ(who(), "unauthorized");
    key.expires.reset();
    key.revoked = true;
    put(key);
    EXPECT_EQ(who(), "unauthorized") << "who takes a key back does not mean its names";
    bind(ann_, {key_});
    EXPECT_EQ(who(), "ann") << "bound again";
}

TEST_F(CertificateLogin, EndsWithTheCertificateAndWithTheBinding) {
    store::Token row = bind(ann_, {key_});
    row.expires = start + 500;
    put(row);
    clock_.set(start + 499);
    EXPECT_EQ(who(), "ann");
    clock_.set(start + 500);
    EXPECT_EQ(who(), "unauthorized");
    row.expires.reset();
    put(row);
    clock_.set(start + 999);
    EXPECT_EQ(who(), "ann");
    clock_.set(start + 1'000);
    EXPECT_EQ(who(), "unauthorized") << "a connection that lasts longer than its certificate";
}

TEST_F(CertificateLogin, IsDeadAtTheNextRequestWhenRevokedDisabledOrStopped) {
    store::Token row = bind(ann_, {key_});
    EXPECT_EQ(who(), "ann");
    change_user(ann_, [](store::User& u) { u.disabled = true; });
    EXPECT_EQ(who(), "unauthorized");
    change_user(ann_, [](store::User& u) { u.disabled = false; });
    EXPECT_EQ(who(), "ann");
    Stops stops;
    stops.users[ann_] = {.at = start, .person = "Jane Doe", .reason = "stolen"};
    store_.write([&](store::Transaction& tx) { EXPECT_TRUE(put_stops(tx, stops)); });
    EXPECT_EQ(who(), "unauthorized");
    store_.write([&](store::Transaction& tx) { EXPECT_TRUE(put_stops(tx, {})); });
    EXPECT_EQ(who(), "ann");
    row.revoked = true;
    put(row);
    EXPECT_EQ(who(), "unauthorized");
}

TEST_F(CertificateLogin, ABindingIsNoSecretThatCouldBeSent) {
    const store::Token row = bind(ann_, {key_});
    const auto sent = [&](const std::string& secret) { return LoginTest::who("", secret); };
    EXPECT_EQ(sent(row.binding), "unauthorized");
    EXPECT_EQ(sent(key_), "unauthorized");
    EXPECT_EQ(sent(std::string(as_text(row.hash))), "unauthorized");
}

}  // namespace
}  // namespace entente::exchange
