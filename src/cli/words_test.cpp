#include "cli/words.h"

#include <gtest/gtest.h>

namespace entente::cli {
namespace {

const Micros now = parse_client_time("2026-01-01T00:00:00Z").value();

TEST(Duration, ReadsNumbersWithUnits) {
    EXPECT_EQ(parse_duration_us("45s").value(), 45 * micros_per_second);
    EXPECT_EQ(parse_duration_us("90m").value(), 90 * 60 * micros_per_second);
    EXPECT_EQ(parse_duration_us("12h").value(), 12 * 3600 * micros_per_second);
    EXPECT_EQ(parse_duration_us("90d").value(), 90 * micros_per_day);
    EXPECT_EQ(parse_duration_us("2w").value(), 14 * micros_per_day);
}

TEST(Duration, RefusesOthers) {
    for (const char* text :
         {"",
          "d",
          "0d",
          "-1d",
          "+1d",
          "1.5d",
          "1 d",
          "1dd",
          "1D",
          "10",
          "36526d",
          "99999999999999999999d",
          "9223372036854775807s"}) {
        EXPECT_FALSE(parse_duration_us(text)) << text;
    }
}

TEST(Expiry, TakesDurationsDatesAndTimes) {
    EXPECT_EQ(format_taxii(parse_expiry("30d", now).value()), "2026-01-31T00:00:00.000000Z");
    EXPECT_EQ(format_taxii(parse_expiry("2026-12-31", now).value()), "2026-12-31T00:00:00.000000Z");
    EXPECT_EQ(
        format_taxii(parse_expiry("2026-12-31T18:00:00+02:00", now).value()),
        "2026-12-31T16:00:00.000000Z"
    );
}

TEST(Expiry, RefusesThePastAndNonsense) {
    for (const char* text :
         {"2025-12-31", "2026-01-01", "2026-02-30", "tomorrow", "", "12345678ab"}) {
        EXPECT_FALSE(parse_expiry(text, now)) << text;
    }
}

TEST(Bytes, ReadsUnits) {
    EXPECT_EQ(parse_bytes("10485760").value(), 10'485'760U);
    EXPECT_EQ(parse_bytes("32MiB").value(), 32U << 20U);
    EXPECT_EQ(parse_bytes("32mib").value(), 32U << 20U);
    EXPECT_EQ(parse_bytes("1GB").value(), 1'000'000'000U);
    for (const char* text :
         {"",
          "MiB",
          "-1",
          "1.5MiB",
          "1 MiB",
          "1TB",
          "99999999999999999999",
          "18446744073709551615KB"}) {
        EXPECT_FALSE(parse_bytes(text)) << text;
    }
}

TEST(ListenAddress, ReadsTheUsualForms) {
    EXPECT_EQ(parse_listen("127.0.0.1:7443").value(), (Listen{"127.0.0.1", 7443, true}));
    EXPECT_EQ(parse_listen("127.8.0.1:0").value(), (Listen{"127.8.0.1", 0, true}));
    EXPECT_EQ(parse_listen("[::1]:80").value(), (Listen{"::1", 80, true}));
    EXPECT_EQ(parse_listen("localhost:80").value(), (Listen{"127.0.0.1", 80, true}));
    EXPECT_EQ(parse_listen("0.0.0.0:80").value(), (Listen{"0.0.0.0", 80, false}));
    EXPECT_EQ(parse_listen("192.0.2.7:80").value(), (Listen{"192.0.2.7", 80, false}));
    EXPECT_EQ(parse_listen("[2001:DB8::1]:80").value(), (Listen{"2001:db8::1", 80, false}));
    EXPECT_EQ(parse_listen(":443").value(), (Listen{"::", 443, false}));
    EXPECT_EQ(parse_listen("7443").value(), (Listen{"127.0.0.1", 7443, true}));
}

TEST(ListenAddress, NeverTakesAnotherAddressForLoopback) {
    // A mapped or odd spelling of a public address must not slip through as a loopback one.
    for (const char* text : {"[::ffff:192.0.2.7]:80", "[::]:80", "128.0.0.1:80", "[fe80::1]:80"}) {
        EXPECT_FALSE(parse_listen(text).value().loopback) << text;
    }
}

TEST(ListenAddress, RefusesOthers) {
    for (const char* text :
         {"",
          "127.0.0.1",
          "127.0.0.1:",
          "127.0.0.1:x",
          "127.0.0.1:65536",
          "::1:80",
          "example.org:80",
          "[127.0.0.1]:80",
          "127.1:80",
          "127.0.0.1:80 ",
          "[::1]",
          "0x7f.0.0.1:80"}) {
        EXPECT_FALSE(parse_listen(text)) << text;
    }
}

TEST(Names, RefuseWhatDeceives) {
    EXPECT_TRUE(check_name("title", "Tést (1/2) 情報"));
    for (const std::string& text :
         {std::string(),
          std::string(" a"),
          std::string("a "),
          std::string("a\nb"),
          std::string("a\x1b[2J"),
          std::string("a\u202Eb"),
          std::string("\xff"),
          std::string(201, 'a'),
          std::string("a\0b", 3)}) {
        EXPECT_FALSE(check_name("title", text)) << text;
    }
    EXPECT_TRUE(check_text("description", std::string(4'096, 'a')));
    EXPECT_FALSE(check_text("description", std::string(4'097, 'a')));
}

TEST(UserNames, FitBasicAuthentication) {
    EXPECT_TRUE(check_user_name("siem-1@south"));
    for (const char* text : {"a:b", "a b", "ent_abc", ""})
        EXPECT_FALSE(check_user_name(text)) << text;
}

TEST(RootNames, AreOnePathSegment) {
    EXPECT_TRUE(check_root_name("api"));
    EXPECT_TRUE(check_root_name("a.b_c~d-1"));
    for (const char* text : {"", ".", "..", "a/b", "a b", "é", "taxii2", "TAXII2", "a%20", "a?b"}) {
        EXPECT_FALSE(check_root_name(text)) << text;
    }
}

TEST(Aliases, AreNoUuids) {
    EXPECT_TRUE(check_alias("indicators"));
    for (const char* text :
         {"",
          "a/b",
          "8c6af861-7b20-41ef-9b59-6344fd872a8f",
          "8C6AF861-7B20-41EF-9B59-6344FD872A8F"}) {
        EXPECT_FALSE(check_alias(text)) << text;
    }
}

TEST(Markings, AreTlpLevels) {
    EXPECT_EQ(parse_marking("TLP:AMBER+STRICT").value(), stix::Tlp::amber_strict);
    EXPECT_EQ(parse_marking("green").value(), stix::Tlp::green);
    EXPECT_FALSE(parse_marking("TLP:BLUE"));
}

TEST(Roles, RoundTrip) {
    for (const auto role :
         {store::Role::admin, store::Role::publisher, store::Role::reader, store::Role::auditor}) {
        EXPECT_EQ(parse_role(role_name(role)).value(), role);
    }
    EXPECT_FALSE(parse_role("Admin"));
    EXPECT_FALSE(parse_role("root"));
}

TEST(Identities, AreIdentityIds) {
    EXPECT_TRUE(check_identity("identity--8c6af861-7b20-41ef-9b59-6344fd872a8f"));
    EXPECT_FALSE(check_identity("malware--8c6af861-7b20-41ef-9b59-6344fd872a8f"));
    EXPECT_FALSE(check_identity("identity--8c6af861"));
}

}  // namespace
}  // namespace entente::cli
