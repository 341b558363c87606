#include "base/escape.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/table_hash.h"
#include "base/time.h"

#include <gtest/gtest.h>

#include <sodium.h>
#include <thread>
#include <vector>

namespace entente {
namespace {

TEST(TaxiiTime, HasExactlySixDigitsAndZ) {
    EXPECT_EQ(format_taxii({0}), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(format_taxii({1'463'041'043'120'005}), "2016-05-12T08:17:23.120005Z");
    EXPECT_EQ(format_taxii({-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(ClientTime, ReadsEveryFormThatClientsSend) {
    const Micros expected{1'463'041'043'000'000};
    for (const char* text :
         {"2016-05-12T08:17:23Z",
          "2016-05-12T08:17:23.000Z",
          "2016-05-12T08:17:23.000000000z",
          "2016-05-12T10:17:23+02:00",
          "2016-05-12T10:17:23 02:00",
          "2016-05-12T03:17:23-05:00"}) {
        SCOPED_TRACE(text);
        ASSERT_TRUE(parse_client_time(text));
        EXPECT_EQ(*parse_client_time(text), expected);
    }
    EXPECT_EQ(parse_client_time("2016-05-12T08:17:23.1234569Z")->count % 1'000'000, 123'456);
}

TEST(ClientTime, RefusesWhatIsNoTime) {
    for (const char* text :
         {"",
          "yesterday",
          "2016-05-12",
          "2016-02-30T00:00:00Z",
          "2016-05-12T25:00:00Z",
          "2016-05-12T08:17:23",
          "2016-05-12T08:17:23.Z",
          "2016-05-12T08:17:23.0123456789Z",
          "2016-05-12T08:17:23+2:00",
          "2016-05-12T08:17:23Zx"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_client_time(text));
    }
}

TEST(ClientTime, RefusesAnInstantOutsideOfTheYearsThatCanBeWritten) {
    for (const char* text :
         {"9999-12-31T23:59:56-12:00", "9999-12-31T23:59:60Z", "0000-01-01T00:00:00+00:01"})
        EXPECT_FALSE(parse_client_time(text)) << text;
    for (const char* text : {"9999-12-31T23:59:59.999999Z", "0000-01-01T00:00:00Z"}) {
        const Micros time = parse_client_time(text).value();
        EXPECT_EQ(parse_client_time(format_taxii(time)).value(), time) << text;
    }
}

TEST(InstantKey, IsOneForAllSpellingsAndSortsAsTime) {
    EXPECT_EQ(*instant_key("2016-05-12T08:17:23.100Z"), *instant_key("2016-05-12T08:17:23.1Z"));
    EXPECT_EQ(*instant_key("2016-05-12T08:17:23.000Z"), *instant_key("2016-05-12T08:17:23Z"));
    EXPECT_LT(*instant_key("2016-05-12T08:17:23Z"), *instant_key("2016-05-12T08:17:23.0001Z"));
    EXPECT_LT(*instant_key("2016-05-12T08:17:23.09Z"), *instant_key("2016-05-12T08:17:23.1Z"));
    EXPECT_LT(
        *instant_key("2016-05-12T08:17:23.999999999999Z"), *instant_key("2016-05-12T08:17:24Z")
    );
    EXPECT_FALSE(instant_key("2016-05-12T08:17:23+00:00"));
    EXPECT_FALSE(instant_key("2016-05-12t08:17:23Z"));
}

TEST(Token, OpensOnlyWithItsKeyAndBinding) {
    Key key{};
    key[0] = 7;
    const std::string token = seal_token(key, "position", "alice");
    EXPECT_EQ(token, seal_token(key, "position", "alice"));
    EXPECT_EQ(open_token(key, token, "alice"), "position");
    EXPECT_FALSE(open_token(key, token, "bob"));
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string bent = token;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(open_token(key, bent, "alice")) << i;
    }
}

TEST(Sha256, MatchesFips180) {
    EXPECT_EQ(
        to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    EXPECT_EQ(
        to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    EXPECT_EQ(
        to_hex(sha256(std::string(1'000'000, 'a'))),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

// libsodium has an implementation of its own.
TEST(Sha256, IsRightAtEveryLengthAndInEveryThread) {
    std::string text;
    for (int bytes = 0; bytes < 300; ++bytes, text += static_cast<char>(bytes)) {
        Digest expected{};
        crypto_hash_sha256(
            expected.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size()
        );
        EXPECT_EQ(sha256(text), expected) << bytes;
    }
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([expected = sha256("abc")] {
            for (int round = 0; round < 1'000; ++round)
                EXPECT_EQ(sha256("abc"), expected);
        });
    }
}

TEST(TableHash, IsSipHash24With128Bits) {
    // The first two vectors of its authors: key 00 01 … 0f, messages "" and 00.
    TableKey key{};
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<std::uint8_t>(i);
    const auto hex = [&](std::string_view message) {
        const auto hash = table_hash(key, message);
        return to_hex({reinterpret_cast<const std::uint8_t*>(hash.data()), sizeof hash});
    };
    EXPECT_EQ(hex(""), "a3817f04ba25a8e66df67214c7550293");
    EXPECT_EQ(hex(std::string_view("\0", 1)), "da87c1d86b99af44347659119b22fc45");
    key[0] = 1;
    EXPECT_NE(hex(""), "a3817f04ba25a8e66df67214c7550293");
}

TEST(Sha1, MatchesFips180) {
    EXPECT_EQ(to_hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(
        to_hex(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    );
}

TEST(Uuid, IsVersionFourAndRepeatableFromASeed) {
    SeededRandom a(1);
    SeededRandom b(1);
    const std::string id = new_uuid(a);
    EXPECT_EQ(id, new_uuid(b));
    EXPECT_NE(id, new_uuid(a));
    EXPECT_TRUE(is_uuid(id));
    EXPECT_EQ(id[14], '4');
    EXPECT_FALSE(is_uuid(id + "0"));
    EXPECT_FALSE(is_uuid("g" + id.substr(1)));
}

TEST(Printable, ShowsControlBidiAndBrokenBytesAsEscapes) {
    EXPECT_EQ(printable("a\x1b[31mb"), "a\\u{001b}[31mb");
    EXPECT_EQ(
        printable("\xe2\x80\xae"
                  "evil"),
        "\\u{202e}evil"
    );
    EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
    EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ(printable("abcdef", 3), "abc...");
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
    EXPECT_FALSE(is_utf8("\xc0\xaf"));
    EXPECT_EQ(json_string("a\"\n\\"), "\"a\\\"\\u000a\\\\\"");
}

}  // namespace
}  // namespace entente
