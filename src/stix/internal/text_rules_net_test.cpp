#include "stix/internal/text_rules.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace entente::stix::internal {
namespace {

using namespace std::string_literals;

using Texts = std::vector<std::string>;
using Rule = bool (*)(std::string_view) noexcept;

void expect_all(Rule rule, const Texts& good, const Texts& bad) {
    for (const std::string& text : good)
        EXPECT_TRUE(rule(text)) << "refused: " << text;
    for (const std::string& text : bad)
        EXPECT_FALSE(rule(text)) << "taken: " << text;
}

TEST(Url, IsAUriOfRfc3986) {
    // The first are the examples of RFC 3986, 1.1.2.
    expect_all(
        is_url,
        {"ftp://ftp.is.co.za/rfc/rfc1808.txt",
         "http://www.ietf.org/rfc/rfc2396.txt",
         "ldap://[2001:db8::7]/c=GB?objectClass?one",
         "mailto:John.Doe@example.com",
         "news:comp.infosystems.www.servers.unix",
         "tel:+1-816-555-1212",
         "telnet://192.0.2.16:80/",
         "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
         "https://example.com/research/index.html",
         "http://user:pa%20ss@host:8080/a/b;c=1?q=1#f",
         "http://[v1.fe80::a+en1]/",
         "http://example.com//double",
         "http://h?q",
         "http://h#",
         "a:",
         "http:/one",
         "http://127.0.0.1:/"},
        {"",
         "example.com",
         "/path",
         "//example.com/",
         "http",
         "1http://a",
         "http://a b/",
         "http://a/%zz",
         "http://a/%2",
         "http://ex\u00E4mple.com/",
         "http://a/{x}",
         "http://a/|",
         "http://a/^",
         "http://a/\"",
         "http://a/#a#b",
         "http://[::1",
         "http://[zz]/",
         "http://a:8a/",
         "http://a:80:90/",
         "http://a/\\b",
         "ht_tp://a/",
         "http://a/<x>",
         "http://a@b@c/",
         "hxxp[:]//a",
         "http://a/[b]",
         "http://a?[b]"}
    );
}

TEST(DomainName, IsLabelsOfLettersDigitsHyphens) {
    const std::string label(63, 'a');
    expect_all(
        is_domain_name,
        {"example.com",
         "EXAMPLE.com",
         "a",
         "localhost",
         "example.com.",
         "3com.com",
         "a-b.c-d",
         "xn--bcher-kva.example",
         "1.2.3.4",
         label + ".com",
         label + "." + label + "." + label + "." + std::string(61, 'a')},
        {"",
         ".",
         "..",
         ".com",
         "a..b",
         "example.com..",
         "-a.com",
         "a-.com",
         "a_b.com",
         "a b.com",
         "a/b",
         "http://a.com",
         "aa--b.com",
         "a." + label + "a",
         label + "." + label + "." + label + "." + std::string(62, 'a')}
    );
}

TEST(DomainName, TakesInternationalLabels) {
    expect_all(
        is_domain_name,
        // U-labels and the A-labels that they stand for; RFC 3492, 7.1 has the long ones.
        {"b\u00FCcher.example",
         "stra\u00DFe.de",
         "xn--strae-oqa.de",
         "\u4E2D\u56FD.cn",
         "xn--fiqs8s",
         "XN--FIQS8S",
         "\u043F\u0440\u0438\u043C\u0435\u0440.\u0440\u0444",
         "xn--e1afmkfd.xn--p1ai",
         "\u0939\u093F\u0928\u094D\u0926\u0940.com",
         "xn--ihqwcrb4cv8a8dqg056pqjye",
         "xn--hxajbheg2az3al"},
        {"xn--",
         "xn--a",
         "xn--99999999",
         "xn--\u00E9",
         "xn---",
         "b\u00DCcher.example",
         "B\u00FCcher.example",
         "a\u3002com",
         "\u2022.com",
         "a\u2028b.com",
         "\uE000.com",
         "\u00FCb--x.com",
         "\u00FC_b.com",
         "-\u00FC.com",
         "\u00FC-.com",
         "\uFF41.com",
         "\U0001F600.com",
         "\xFF\xFE.com",
         "xn--ls8h.com",
         "xn--bcher-kva\u00FC"}
    );
}

TEST(DomainName, MeasuresInternationalLabelsAsTheyGoOverTheWire) {
    // 57 u-umlauts are 63 characters, xn-- included.
    std::string label;
    std::size_t longest = 0;
    for (std::size_t n = 1; n <= 70; ++n) {
        label += "\u00FC";
        if (is_domain_name(label)) longest = n;
    }
    EXPECT_EQ(longest, 57U);
    EXPECT_FALSE(is_domain_name(std::string(100'000, 'a')));
    std::string many;
    for (int i = 0; i < 2'000; ++i)
        many += "\u4E2D.";
    EXPECT_FALSE(is_domain_name(many));
}

TEST(EmailAddress, IsAnAddrSpec) {
    expect_all(
        is_email_address,
        {"jane.smith@example.com",
         "a@b",
         "o'brien+tag@mail.example.com",
         "\"john doe\"@example.com",
         "\"a\\\"b\"@c",
         "jdoe@[192.0.2.1]",
         "jdoe@[IPv6:2001:db8::1]",
         "j\u00F6rg@example.com",
         "user@ex\u00E4mple.com",
         "a!#$%&'*+-/=?^_`{|}~@b",
         "\"@\"@b"},
        {"",
         "@",
         "a@",
         "@b",
         "plain",
         "a@b@c",
         ".a@b",
         "a.@b",
         "a..b@c",
         "a b@c",
         "Jane <jane@b>",
         "jane@b.",
         "jane@.b",
         "\"a@b",
         "\"a\"b@c",
         "a@[1.2.3.4",
         "a@b c",
         "a,b@c",
         "a@b\n"}
    );
}

TEST(Ipv4, IsAnAddressOrCidr) {
    expect_all(
        is_ipv4_or_cidr,
        {"198.51.100.3",
         "0.0.0.0",
         "255.255.255.255",
         "198.51.100.0/24",
         "10.0.0.0/0",
         "1.2.3.4/32"},
        {"",
         "1.2.3",
         "1.2.3.4.5",
         "256.1.1.1",
         "1.2.3.04",
         "01.2.3.4",
         "1.2.3.4/",
         "1.2.3.4/33",
         "1.2.3.4/08",
         "1.2.3.4/-1",
         "1.2.3.4 ",
         "1.2.3.4/24/24",
         "a.b.c.d",
         "1..2.3",
         "1.2.3.4000",
         "::1",
         "1.2.3.4/1000"}
    );
}

TEST(Ipv6, IsAnAddressOrCidr) {
    // RFC 4291, 2.2 and 2.3.
    expect_all(
        is_ipv6_or_cidr,
        {"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
         "2001:DB8:0:0:8:800:200C:417A",
         "2001:DB8::8:800:200C:417A",
         "FF01::101",
         "::1",
         "::",
         "0:0:0:0:0:0:13.1.68.3",
         "::FFFF:129.144.52.38",
         "::13.1.68.3",
         "2001:0DB8:0:CD30::/60",
         "1::",
         "1:2:3:4:5:6:7::",
         "::2:3:4:5:6:7:8",
         "1::8",
         "2001:db8::/128",
         "::/0",
         "2001:db8:1:2:3:4:255.255.255.255"},
        {"",
         ":",
         ":::",
         "1:2:3:4:5:6:7",
         "1:2:3:4:5:6:7:8:9",
         "1::2::3",
         "12345::",
         "g::1",
         "1:2:3:4:5:6:7:",
         ":1:2:3:4:5:6:7",
         "1:2:3:4:5:6:7:8::",
         "::1:2:3:4:5:6:7:8",
         "2001:db8::/129",
         "2001:db8::/",
         "2001:db8::/064",
         "fe80::1%eth0",
         "1.2.3.4",
         "::1.2.3",
         "::1.2.3.256",
         "1.2.3.4::",
         "::1.2.3.4:5",
         " ::1",
         "[::1]",
         "::1/64/64"}
    );
}

TEST(MacAddress, IsSixLowerCasePairsWithColons) {
    expect_all(
        is_mac_address,
        {"d2:fb:49:24:37:18", "00:00:00:00:00:00"},
        {"",
         "D2:FB:49:24:37:18",
         "d2-fb-49-24-37-18",
         "d2fb.4924.3718",
         "d2:fb:49:24:37",
         "d2:fb:49:24:37:18:00",
         "d2:fb:49:24:37:1",
         "d2:fb:49:24:37:1g",
         "d2:fb:49:24:37:18 "}
    );
}

constexpr Rule every_rule[] = {
    is_type_name,
    is_property_name,
    is_dictionary_key,
    is_hash_name,
    is_extension_name,
    is_term,
    is_relationship_name,
    is_uuid,
    is_timestamp,
    is_base64,
    is_hex,
    is_cve_id,
    is_capec_id,
    is_cpe23,
    is_language_tag,
    has_short_hive,
    is_media_type,
    is_url,
    is_domain_name,
    is_email_address,
    is_ipv4_or_cidr,
    is_ipv6_or_cidr,
    is_mac_address,
    has_known_media_family};

TEST(TextRules, TakeAnyBytes) {
    std::mt19937 chance(20261123);
    const std::string alphabet = "aZ09-_.:/@[]\"\\%xn*?+=T\xC3\xBC\xF0\x9F\x98\x80\xFF\0Z "s;
    const Texts starts = {
        "", "xn--", "cpe:2.3:a:", "2016-01-20T12:31:12", "http://[", "\"", "en-x-", "::"};
    for (int i = 0; i < 20'000; ++i) {
        std::string text = starts[chance() % starts.size()];
        for (std::size_t n = chance() % 60; n > 0; --n)
            text += alphabet[chance() % alphabet.size()];
        for (const Rule rule : every_rule)
            (void)rule(text);
        (void)split_identifier(text);
        for (const char* name : {"SSDEEP", "TLSH", "MD6"})
            (void)hash_form(name, text);
    }
}

TEST(TextRules, TakeLongTextsInLinearTime) {
    // A rule that looks back at each step would take minutes here.
    for (const char* unit :
         {"a",
          "-",
          "a-",
          "a.",
          "1.",
          ":",
          "%",
          "\\",
          "\"",
          "*",
          "?",
          "xn--a.",
          "\xC3\xBC",
          "@",
          "a-bcde"}) {
        std::string text;
        while (text.size() < 400'000)
            text += unit;
        for (const char* start : {"", "xn--", "cpe:2.3:a:", "http://", "\"", "en-"}) {
            const std::string whole = start + text;
            for (const Rule rule : every_rule)
                (void)rule(whole);
            (void)hash_form("SSDEEP", whole);
        }
    }
}

}  // namespace
}  // namespace entente::stix::internal
