#include "feed/extract.h"

#include <gtest/gtest.h>

namespace entente::feed {
namespace {

std::string said(std::string_view text) {
    const auto pattern = pattern::parse(text);
    if (!pattern) return "no pattern";
    const Extract found = extract(*pattern);
    std::string out;
    for (const Value& value : found.values)
        out += std::string(kind_name(value.kind)) + "=" + value.text + " ";
    for (const Drop drop : found.drops)
        out += "(" + std::string(drop_text(drop)) + ") ";
    if (!out.empty()) out.pop_back();
    return out;
}

TEST(Extract, TakesWhatOneComparisonSays) {
    EXPECT_EQ(said("[domain-name:value = 'Evil.example']"), "domain=evil.example");
    EXPECT_EQ(said("[url:value = 'http://evil.example/a']"), "url=http://evil.example/a");
    EXPECT_EQ(said("[ipv4-addr:value = '198.51.100.7']"), "ipv4=198.51.100.7");
    EXPECT_EQ(said("[ipv4-addr:value ISSUBSET '198.51.100.0/24']"), "cidr=198.51.100.0/24");
    EXPECT_EQ(
        said("[ipv6-addr:value IN ('2001:db8::1', '2001:db8::/48')]"),
        "ipv6=2001:db8::1 cidr=2001:db8::/48"
    );
    EXPECT_EQ(said("[email-addr:value = 'a@evil.example']"), "email=a@evil.example");
    EXPECT_EQ(
        said(
            "[file:hashes.'SHA-256' = '" + std::string(64, 'A') + "' OR file:hashes.MD5 = '" +
            std::string(32, '0') + "']"
        ),
        "sha256=" + std::string(64, 'a') + " md5=" + std::string(32, '0')
    );
    EXPECT_EQ(
        said("[x509-certificate:hashes.'SHA-1' = '" + std::string(40, 'b') + "']"),
        "cert-sha1=" + std::string(40, 'b')
    );
    EXPECT_EQ(
        said("[x-tls:ja3_hash = '" + std::string(32, 'c') + "']"), "ja3=" + std::string(32, 'c')
    );
}

TEST(Extract, TakesAlternativesOneByOne) {
    EXPECT_EQ(
        said("[domain-name:value = 'a.example'] OR [url:value LIKE 'http://b%'] OR "
             "[domain-name:value = 'c.example']"),
        "domain=a.example domain=c.example (needs the matcher)"
    );
    EXPECT_EQ(
        said("[domain-name:value = 'a.example' OR (domain-name:value = 'b.example' AND url:value = "
             "'http://b.example/')]"),
        "domain=a.example (needs the matcher)"
    );
}

TEST(Extract, LeavesToTheMatcherWhatOneValueDoesNotSay) {
    for (const std::string_view text :
         {"[domain-name:value = 'a.example' AND domain-name:value = 'b.example']",
          "[domain-name:value = 'a.example'] AND [domain-name:value = 'b.example']",
          "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']",
          "[domain-name:value = 'a.example'] REPEATS 2 TIMES",
          "[domain-name:value = 'a.example'] WITHIN 5 SECONDS",
          "[domain-name:value = 'a.example'] START t'2024-01-01T00:00:00Z' STOP "
          "t'2024-01-02T00:00:00Z'",
          "([domain-name:value = 'a.example'] OR [domain-name:value = 'b.example']) WITHIN 5 "
          "SECONDS",
          "[domain-name:value != 'a.example']",
          "[domain-name:value NOT = 'a.example']",
          "[domain-name:value NOT IN ('a.example')]",
          "[domain-name:value LIKE 'a.example']",
          "[domain-name:value MATCHES 'a']",
          "[domain-name:value > 'a.example']",
          "[EXISTS domain-name:value]",
          "[ipv4-addr:value ISSUPERSET '198.51.100.0/24']",
          "[ipv4-addr:value NOT ISSUBSET '198.51.100.0/24']",
          "[domain-name:value ISSUBSET '198.51.100.0/24']",
          "[network-traffic:dst_ref.value = '198.51.100.7']",
          "[domain-name:resolves_to_refs[*].value = '198.51.100.7']"}) {
        EXPECT_EQ(said(text), "(needs the matcher)") << text;
    }
}

TEST(Extract, CountsWhatIsNoValueOfItsKind) {
    EXPECT_EQ(said("[file:name = 'a.exe']"), "(compares what no kind of value is)");
    EXPECT_EQ(said("[file:hashes[0].MD5 = 'a']"), "(compares what no kind of value is)");
    EXPECT_EQ(said("[domain-name:value = 'a b']"), "(no domain name)");
    EXPECT_EQ(
        said("[domain-name:value IN ('a.example', 'a b')]"), "domain=a.example (no domain name)"
    );
    EXPECT_EQ(said("[ipv4-addr:value = '2001:db8::1']"), "(no address)");
    EXPECT_EQ(said("[url:value = 'http://a.example/\\'\"']"), "(no URL)");
    EXPECT_EQ(said("[file:hashes.MD5 = 'abc']"), "(no digest)");
}

std::string object(std::string_view extra, std::string_view type = "indicator") {
    return R"({"type":")" + std::string(type) + R"(","id":")" + std::string(type) +
           R"(--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","spec_version":"2.1","created":"2024-01-01T00:00:00.000Z",)" +
           R"("modified":"2024-01-02T00:00:00.000Z")" + std::string(extra) + "}";
}

constexpr std::string_view pattern_of_a =
    R"(,"pattern":"[domain-name:value = 'a.example']","pattern_type":"stix")";

TEST(ObjectReader, ReadsIndicators) {
    ObjectReader reader(Objects::indicators);
    const auto read = reader.read(object(
        std::string(pattern_of_a) +
        R"(,"valid_from":"2024-01-01T00:00:00Z","valid_until":"2025-01-01T00:00:00Z")"
    ));
    ASSERT_TRUE(read.has_value() && read->has_value());
    const Read& one = **read;
    EXPECT_EQ(one.id, "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f");
    EXPECT_EQ(one.version, "2024-01-02T00:00:00");
    EXPECT_FALSE(one.revoked);
    ASSERT_TRUE(one.from && one.until);
    EXPECT_EQ(*one.until - *one.from, 366 * micros_per_day);
    ASSERT_EQ(one.found.values.size(), 1U);
}

TEST(ObjectReader, PassesOverOtherTypesAndRefusesWhatIsNone) {
    ObjectReader reader(Objects::indicators);
    EXPECT_FALSE(reader.read(object(R"(,"name":"x")", "malware")).value());
    for (const std::string& text :
         {std::string("["),
          std::string("{}"),
          std::string(R"({"type":"indicator","id":"x"})"),
          std::string(R"({"type":"indicator","id":"malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"})"
          ),
          object(std::string(pattern_of_a) + R"(,"valid_until":"soon")"),
          object(std::string(pattern_of_a) + R"(,"valid_until":7)")}) {
        const auto read = reader.read(text);
        ASSERT_FALSE(read.has_value()) << text;
        EXPECT_EQ(read.error(), Drop::no_object);
    }
}

TEST(ObjectReader, SaysWhyAnIndicatorGivesNothing) {
    ObjectReader reader(Objects::indicators);
    const auto drop_of = [&](std::string_view extra) {
        const auto read = reader.read(object(extra));
        EXPECT_TRUE(read.has_value() && read->has_value() && (*read)->found.values.empty())
            << extra;
        return (*read)->found.drops.at(0);
    };
    EXPECT_EQ(
        drop_of(R"(,"pattern":"alert ip any any -> any any","pattern_type":"suricata")"),
        Drop::other_language
    );
    EXPECT_EQ(drop_of(R"(,"pattern":"[domain-name","pattern_type":"stix")"), Drop::bad_pattern);
    EXPECT_EQ(drop_of(R"(,"pattern":7,"pattern_type":"stix")"), Drop::bad_pattern);
    EXPECT_EQ(drop_of(""), Drop::bad_pattern);
}

TEST(ObjectReader, TakesAWrongRevokedForTrue) {
    ObjectReader reader(Objects::indicators);
    EXPECT_TRUE((*reader.read(object(std::string(pattern_of_a) + R"(,"revoked":true)")))->revoked);
    EXPECT_TRUE((*reader.read(object(std::string(pattern_of_a) + R"(,"revoked":"no")")))->revoked);
    EXPECT_FALSE((*reader.read(object(std::string(pattern_of_a) + R"(,"revoked":false)")))->revoked
    );
}

TEST(ObjectReader, TakesObservablesWhenAsked) {
    const std::string text = object(R"(,"value":"a.example")", "domain-name");
    EXPECT_FALSE(ObjectReader(Objects::indicators).read(text).value());
    ObjectReader reader(Objects::observables_too);
    EXPECT_EQ((*reader.read(text))->found.values.at(0).text, "a.example");
    const auto file = reader.read(
        object(R"(,"hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e","SSDEEP":"x"})", "file")
    );
    ASSERT_EQ((*file)->found.values.size(), 1U);
    EXPECT_EQ((*file)->found.values[0].kind, Kind::md5);
}

}  // namespace
}  // namespace entente::feed
