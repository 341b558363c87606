#include "feed/value.h"

#include <gtest/gtest.h>

namespace entente::feed {
namespace {

struct Case {
    Kind kind;
    std::string_view text;
    std::string_view becomes;  // empty = it is none
};

void expect(std::initializer_list<Case> cases) {
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        const auto value = read_value(c.kind, c.text);
        if (c.becomes.empty()) {
            EXPECT_FALSE(value.has_value()) << value->text;
            continue;
        }
        ASSERT_TRUE(value.has_value());
        EXPECT_EQ(value->text, c.becomes);
        EXPECT_EQ(read_value(value->kind, value->text), *value);
    }
}

TEST(FeedValue, DomainsHaveOneSpelling) {
    const std::string label(63, 'a');
    const std::string long_name = label + "." + label + "." + label + "." + std::string(61, 'b');
    expect({
        {Kind::domain, "Evil.Example.COM", "evil.example.com"},
        {Kind::domain, "evil.example.", "evil.example"},
        {Kind::domain, "_dmarc.evil-1.example", "_dmarc.evil-1.example"},
        {Kind::domain, "bücher.example", "xn--bcher-kva.example"},
        {Kind::domain, "xn--bcher-kva.example", "xn--bcher-kva.example"},
        {Kind::domain, "яндекс.рф", "xn--d1acpjx3f.xn--p1ai"},
        {Kind::domain, long_name, long_name},
        {Kind::domain, long_name + "b", ""},
        {Kind::domain, "localhost", ""},
        {Kind::domain, "1.2.3.4", ""},
        {Kind::domain, "-a.example", ""},
        {Kind::domain, "a-.example", ""},
        {Kind::domain, "a..example", ""},
        {Kind::domain, ".example.com", ""},
        {Kind::domain, "*.example.com", ""},
        {Kind::domain, "evil[.]example", ""},
        {Kind::domain, "a b.example", ""},
        {Kind::domain, "a.example\n", ""},
        {Kind::domain, "a.example\"; sid:1;", ""},
        {Kind::domain, std::string_view("a\0b.example", 11), ""},
        {Kind::domain, "", ""},
    });
}

TEST(FeedValue, UrlsAreAsTheyStandOnTheWire) {
    expect({
        {Kind::url, "HTTP://Evil.Example:80/A/b?q=1", "http://evil.example/A/b?q=1"},
        {Kind::url, "https://evil.example:443", "https://evil.example/"},
        {Kind::url, "http://evil.example:8080?x", "http://evil.example:8080/?x"},
        {Kind::url, "http://198.51.100.7/x%2f", "http://198.51.100.7/x%2f"},
        {Kind::url, "http://[2001:DB8:0::1]:81/", "http://[2001:db8::1]:81/"},
        {Kind::url, "http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"},
        {Kind::url, "http://evil.example/#part", ""},
        {Kind::url, "http://user@evil.example/", ""},
        {Kind::url, "http://evil.example/a b", ""},
        {Kind::url, "http://evil.example/a\tb", ""},
        {Kind::url, "http://evil.example/\"", ""},
        {Kind::url, "http://evil.example/\\x41", ""},
        {Kind::url, "http://evil.example/%zz", ""},
        {Kind::url, "http://evil.example:0/", ""},
        {Kind::url, "http://evil.example:65536/", ""},
        {Kind::url, "http://198.51.100.0/24", "http://198.51.100.0/24"},
        {Kind::url, "ftp://evil.example/", ""},
        {Kind::url, "evil.example/a", ""},
        {Kind::url, "http://", ""},
    });
}

TEST(FeedValue, AddressesKnowTheirKind) {
    struct Row {
        std::string_view text;
        Kind kind;
        std::string_view becomes;
    };

    for (const Row& row : {
             Row{"198.51.100.7", Kind::ipv4, "198.51.100.7"},
             Row{"198.51.100.7/32", Kind::ipv4, "198.51.100.7"},
             Row{"198.51.100.7/24", Kind::cidr, "198.51.100.0/24"},
             Row{"2001:DB8:0:0:1:0:0:1", Kind::ipv6, "2001:db8::1:0:0:1"},
             Row{"2001:db8:0:1:1:1:1:1", Kind::ipv6, "2001:db8:0:1:1:1:1:1"},
             Row{"::", Kind::ipv6, "::"},
             Row{"fe80::", Kind::ipv6, "fe80::"},
             Row{"2001:db8::ff/48", Kind::cidr, "2001:db8::/48"},
         }) {
        SCOPED_TRACE(row.text);
        const auto value = read_address(row.text);
        ASSERT_TRUE(value.has_value());
        EXPECT_EQ(value->kind, row.kind);
        EXPECT_EQ(value->text, row.becomes);
        EXPECT_EQ(read_address(value->text), *value);
    }
    for (const std::string_view bad :
         {"198.51.100", "198.51.100.256", "01.2.3.4", "1.2.3.4/33", "1.2.3.4 ", "g::"})
        EXPECT_EQ(read_address(bad).error(), Drop::no_address) << bad;
    EXPECT_FALSE(read_value(Kind::ipv4, "2001:db8::1"));
    EXPECT_FALSE(read_value(Kind::ipv4, "198.51.100.0/24"));
}

TEST(FeedValue, DigestsAndMailAddresses) {
    const std::string md5(32, 'A');
    expect({
        {Kind::md5, md5, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {Kind::sha1, md5, ""},
        {Kind::ja3, "e7d705a3286e19ea42f587b344ee686g", ""},
        {Kind::md5, "", ""},
        {Kind::email, "A.b+c@Evil.Example", "A.b+c@evil.example"},
        {Kind::email, "#a@evil.example", ""},
        {Kind::email, "a@b", ""},
        {Kind::email, "a..b@evil.example", ""},
        {Kind::email, "a b@evil.example", ""},
        {Kind::email, "\"a\"@evil.example", ""},
        {Kind::email, "evil.example", ""},
    });
}

TEST(FeedValue, PartsOfUrls) {
    const auto parts_of = [](std::string_view text) {
        const auto value = read_value(Kind::url, text);
        EXPECT_TRUE(value.has_value());
        const UrlParts parts = url_parts(*value);
        return std::string(parts.host) + " " + std::string(parts.authority) + " " +
               std::string(parts.target);
    };
    EXPECT_EQ(parts_of("http://a.example:81/b?c"), "a.example a.example:81 /b?c");
    EXPECT_EQ(parts_of("http://[2001:db8::1]:81"), "2001:db8::1 [2001:db8::1]:81 /");
}

TEST(FeedValue, NamesOfKindsLeadBack) {
    for (std::size_t i = 0; i < kinds; ++i)
        EXPECT_EQ(kind_of(kind_name(static_cast<Kind>(i))), static_cast<Kind>(i));
    EXPECT_EQ(kind_of("mutex"), std::nullopt);
    for (std::size_t i = 0; i < drops; ++i)
        EXPECT_FALSE(drop_text(static_cast<Drop>(i)).empty());
}

}  // namespace
}  // namespace entente::feed
