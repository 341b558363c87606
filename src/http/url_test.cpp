#include "http/client.h"

#include <gtest/gtest.h>

namespace entente::http {
namespace {

TEST(ParseUrl, Table) {
    struct Case {
        std::string_view text, scheme, host;
        int port;
        std::string_view target;
    };

    const Case cases[] = {
        {"https://example.org", "https", "example.org", 443, "/"},
        {"http://example.org/", "http", "example.org", 80, "/"},
        {"HTTPS://Example.ORG:7443/taxii2/", "https", "example.org", 7443, "/taxii2/"},
        {"https://a.b/x?y=z#frag", "https", "a.b", 443, "/x?y=z"},
        {"https://a.b?y=z", "https", "a.b", 443, "/?y=z"},
        {"https://a.b#frag", "https", "a.b", 443, "/"},
        {"https://a.b:/x", "https", "a.b", 443, "/x"},
        {"http://127.0.0.1:65535/", "http", "127.0.0.1", 65535, "/"},
        {"https://[::1]:8443/a", "https", "::1", 8443, "/a"},
        {"https://[2001:DB8::1]/", "https", "2001:db8::1", 443, "/"},
        {"https://a.b/x@y", "https", "a.b", 443, "/x@y"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        const auto url = parse_url(c.text);
        ASSERT_TRUE(url) << url.error().detail;
        EXPECT_EQ(url->origin.scheme, c.scheme);
        EXPECT_EQ(url->origin.host, c.host);
        EXPECT_EQ(url->origin.port, c.port);
        EXPECT_EQ(url->target, c.target);
        const auto again = parse_url(to_string(*url));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->origin, url->origin);
        EXPECT_EQ(again->target, url->target);
    }
}

TEST(ParseUrl, RefusesWhatIsNoPlainHttpUrl) {
    const std::string long_host = "https://" + std::string(300, 'a') + "/";
    const std::string long_url = "https://a/" + std::string(100'000, 'a');
    const std::string_view cases[] = {
        "",
        "a",
        "/a",
        "//a/b",
        "ftp://a/",
        "file:///etc/passwd",
        "javascript:1",
        "https:a",
        "https:/a",
        "https://",
        "https:///x",
        "https://user@a/",
        "https://user:secret@a/",
        "https://@a/",
        "https://a:0/",
        "https://a:65536/",
        "https://a:-1/",
        "https://a:1x/",
        "https://a:+1/",
        "https://a b/",
        "https://a/b c",
        "https://a/\r\nX: y",
        "https://a/\x7f",
        "https://\xc3\xa9/",
        "https://a/\xc3\xa9",
        "https://a%41/",
        "https://[::1",
        "https://[::1]x/",
        "https://[1.2.3.4]/",
        "https://[fe80::1%25eth0]/",
        "https://::1/",
        "https://a\\b/",
        "https://a/\\b",
        "https://.a/",
        "https://a..b/",
        "https://-a/",
        long_host,
        long_url,
    };
    for (const std::string_view text : cases) {
        SCOPED_TRACE(text.substr(0, 80));
        const auto url = parse_url(text);
        ASSERT_FALSE(url);
        EXPECT_EQ(url.error().code, Errc::invalid_argument);
        EXPECT_EQ(url.error().detail.find("secret"), std::string::npos);
    }
}

// RFC 3986, 5.4.1 and 5.4.2, as far as they are http URLs without user information; fragments are
// cut off.
TEST(ResolveUrl, RfcExamples) {
    struct Case {
        std::string_view reference, want;
    };

    const Case cases[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {"g?y#s", "http://a/b/c/g?y"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"http://x/y", "http://x/y"},
        {"HTTPS://X:1/y", "https://x:1/y"},
    };
    const Url base = *parse_url("http://a/b/c/d;p?q");
    for (const Case& c : cases) {
        SCOPED_TRACE(c.reference);
        const auto url = resolve_url(base, c.reference);
        ASSERT_TRUE(url) << url.error().detail;
        EXPECT_EQ(to_string(*url), c.want);
    }
}

TEST(ResolveUrl, RefusesOtherSchemesAndBrokenText) {
    const Url base = *parse_url("https://a/b");
    for (const std::string_view reference :
         {"ftp://x/",
          "javascript:alert(1)",
          "//user@x/",
          "a b",
          "a\r\nb",
          "//",
          "\\\\x",
          "http:g"}) {
        SCOPED_TRACE(reference);
        EXPECT_FALSE(resolve_url(base, reference));
    }
}

TEST(ToString, BracketsAndPorts) {
    EXPECT_EQ(to_string(Url{{"https", "::1", 443}, "/a"}), "https://[::1]/a");
    EXPECT_EQ(to_string(Url{{"https", "a", 80}, "/"}), "https://a:80/");
    EXPECT_EQ(to_string(Url{{"http", "a", 80}, "/"}), "http://a/");
}

}  // namespace
}  // namespace entente::http
