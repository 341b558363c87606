// Passwords by Argon2id, as they are stored.
#include "exchange/login.h"
#include "exchange/testing/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sodium.h>
#include <string>
#include <string_view>

namespace entente::exchange {
namespace {

using ::testing::HasSubstr;
using testing::token_key;

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
