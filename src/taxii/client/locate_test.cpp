#include "taxii/client/locate.h"

#include "base/limits.h"
#include "taxii/client/fake_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace entente::taxii::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A server of fixed resources.
struct Tree {
    std::map<std::string, std::string> resources = {
        {"https://peer.example:443/taxii2/",
         R"({"title":"T","default":"/two/","api_roots":["https://peer.example/one/","/two/"]})"},
        {"https://peer.example:443/one/",
         R"({"title":"First","versions":["application/taxii+json;version=2.1"],"max_content_length":1000})"},
        {"https://peer.example:443/two/",
         R"({"title":"Second","versions":["application/taxii+json;version=2.1"],"max_content_length":2000})"},
        {"https://peer.example:443/one/collections/",
         R"({"collections":[{"id":"9cfa669c-ee94-4ece-afd2-f8edac37d8fd","title":"Feed","alias":"feed","can_read":true,"can_write":false},
                            {"id":"107","title":"Odd","can_read":true,"can_write":true},
                            {"id":"a/b ?","title":"107","can_read":true,"can_write":true}]})"},
        {"https://peer.example:443/two/collections/",
         R"({"collections":[{"id":"only","title":"Only"}]})"},
        {"https://peer.example:443/one/collections/107/",
         R"({"id":"107","title":"Odd","can_read":true,"can_write":true})"},
        {"https://peer.example:443/one/collections/feed/",
         R"({"id":"9cfa669c-ee94-4ece-afd2-f8edac37d8fd","title":"Feed"})"},
    };
    FakeServer server{[this](const Asked& asked) {
        const http::Origin& o = asked.url.origin;
        const auto found =
            resources.find(fmt::format("{}://{}:{}{}", o.scheme, o.host, o.port, asked.url.target));
        return found == resources.end() ? answer(404, R"({"title":"nothing here"})")
                                        : answer(200, found->second);
    }};

    Result<Place> find(const std::string& url, std::string root = {}, std::string collection = {}) {
        Session session = server.session();
        return locate(
            session, {http::parse_url(url).value(), std::move(root), std::move(collection)}
        );
    }
};

TEST(Locate, TakesEveryFormOfAddress) {
    Tree tree;

    struct Case {
        std::string url, root, collection, found, id;
    };

    for (const Case& c : std::vector<Case>{
             {"https://peer.example/one/collections/107/", "", "", "/one/", "107"},
             {"https://peer.example/one/collections/107", "", "", "/one/", "107"},
             {"https://peer.example/one/collections/107/objects/", "", "", "/one/", "107"},
             {"https://peer.example/one/collections/107/objects?limit=1", "", "", "/one/", "107"},
             {"https://peer.example/one/collections/107/manifest/", "", "", "/one/", "107"},
             {"https://peer.example/one/collections/feed/", "", "", "/one/", "feed"},
             {"https://peer.example/one/collections/",
              "",
              "feed",
              "/one/",
              "9cfa669c-ee94-4ece-afd2-f8edac37d8fd"},
             {"https://peer.example/one/", "", "Odd", "/one/", "107"},
             {"https://peer.example/one",
              "",
              "feed",
              "/one/",
              "9cfa669c-ee94-4ece-afd2-f8edac37d8fd"},
             {"https://peer.example/one/",
              "",
              "Feed",
              "/one/",
              "9cfa669c-ee94-4ece-afd2-f8edac37d8fd"},
             {"https://peer.example/one/", "", "107", "/one/", "107"},
             {"https://peer.example/taxii2/", "", "", "/two/", "only"},
             {"https://peer.example", "", "Only", "/two/", "only"},
             {"https://peer.example/",
              "one",
              "feed",
              "/one/",
              "9cfa669c-ee94-4ece-afd2-f8edac37d8fd"},
             {"https://peer.example/",
              "First",
              "feed",
              "/one/",
              "9cfa669c-ee94-4ece-afd2-f8edac37d8fd"},
             {"https://peer.example/", "/two/", "", "/two/", "only"},
             {"https://peer.example/",
              "https://peer.example/one",
              "feed",
              "/one/",
              "9cfa669c-ee94-4ece-afd2-f8edac37d8fd"},
         }) {
        SCOPED_TRACE(c.url + " " + c.root + " " + c.collection);
        const Result<Place> place = tree.find(c.url, c.root, c.collection);
        ASSERT_TRUE(place) << place.error().detail;
        EXPECT_EQ(place->root.target, c.found);
        EXPECT_EQ(place->collection.id, c.id);
        EXPECT_EQ(place->max_content_length, c.found == "/one/" ? 1'000U : 2'000U);
    }
}

TEST(Locate, EncodesWhatStandsInPaths) {
    Tree tree;
    const Result<Place> place = tree.find("https://peer.example/one/", "", "a/b ?");
    ASSERT_TRUE(place) << place.error().detail;
    EXPECT_EQ(place->objects().target, "/one/collections/a%2Fb%20%3F/objects/");
    EXPECT_EQ(place->status("x/../y").target, "/one/status/x%2F..%2Fy/");
}

TEST(Locate, SaysWhatThereIsWhenTheChoiceIsOpen) {
    Tree tree;
    const Result<Place> open = tree.find("https://peer.example/one/");
    ASSERT_FALSE(open);
    EXPECT_EQ(open.error().code, Errc::invalid_argument);
    EXPECT_THAT(open.error().detail, HasSubstr("107 (Odd)"));

    const Result<Place> none = tree.find("https://peer.example/one/", "", "absent");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Errc::not_found);

    const Result<Place> no_root = tree.find("https://peer.example/", "three");
    ASSERT_FALSE(no_root);
    EXPECT_EQ(no_root.error().code, Errc::not_found);

    tree.resources["https://peer.example:443/taxii2/"] =
        R"({"title":"T","api_roots":["/one/","/two/"]})";
    EXPECT_EQ(tree.find("https://peer.example/").error().code, Errc::invalid_argument);
    tree.resources["https://peer.example:443/taxii2/"] = R"({"title":"T"})";
    EXPECT_EQ(tree.find("https://peer.example/").error().code, Errc::not_found);
    tree.resources["https://peer.example:443/one/collections/"] =
        R"({"collections":[{"id":"a","title":"x"},{"id":"b","title":"x"}]})";
    EXPECT_EQ(tree.find("https://peer.example/one/", "", "x").error().code, Errc::invalid_argument);
}

TEST(Locate, GoesNowhereElse) {
    for (const std::string root :
         {"https://evil.example/one/",
          "//evil.example/one/",
          "http://peer.example/one/",
          "https://peer.example:8443/one/"}) {
        SCOPED_TRACE(root);
        Tree tree;
        tree.resources["https://peer.example:443/taxii2/"] =
            R"({"title":"T","api_roots":[")" + root + R"("]})";
        const Result<Place> place = tree.find("https://peer.example/");
        ASSERT_FALSE(place);
        EXPECT_EQ(place.error().code, Errc::forbidden);
        EXPECT_THAT(place.error().detail, HasSubstr("--allow-origin"));
        EXPECT_EQ(tree.server.asked.size(), 1U);
    }
    for (const std::string root :
         {"file:///etc/passwd",
          "ftp://peer.example/",
          "https://u:p@peer.example/",
          "javascript:1",
          "/one/?x=1",
          "\\u0000"}) {
        SCOPED_TRACE(root);
        Tree tree;
        tree.resources["https://peer.example:443/taxii2/"] =
            R"({"title":"T","api_roots":[")" + root + R"("]})";
        const Result<Place> place = tree.find("https://peer.example/");
        ASSERT_FALSE(place);
        EXPECT_EQ(place.error().code, Errc::not_found);
        EXPECT_EQ(tree.server.warnings.size(), 1U);
    }
}

TEST(Locate, ReachesAllowedOriginsWithoutCredentials) {
    Tree tree;
    tree.resources["https://peer.example:443/taxii2/"] =
        R"({"title":"T","api_roots":["https://hub.example/one/"]})";
    tree.resources["https://hub.example:443/one/"] =
        tree.resources["https://peer.example:443/one/"];
    tree.resources["https://hub.example:443/one/collections/"] =
        tree.resources["https://peer.example:443/two/collections/"];
    const http::Origin typed{"https", "peer.example", 443};
    Session session = tree.server.session(
        {.allowed = {typed, {"https", "hub.example", 443}},
         .trusted = {typed},
         .credentials = {Credentials::Kind::basic, "u", "p"}}
    );
    const Result<Place> place = locate(session, {{typed, "/"}, "", ""});
    ASSERT_TRUE(place) << place.error().detail;
    for (const Asked& asked : tree.server.asked) {
        EXPECT_EQ(asked.headers.find("authorization").has_value(), asked.url.origin == typed);
    }
}

TEST(Locate, SurvivesHostileResources) {
    std::string many = R"({"title":"T","api_roots":["/0/")";
    for (int i = 1; i < 100'000; ++i)
        many += fmt::format(",\"/{}/\"", i);
    for (const std::string& body :
         {std::string(),
          std::string("{}"),
          std::string("[]"),
          std::string("null"),
          std::string(R"({"title":1})"),
          std::string(R"({"title":"t","api_roots":"x"})"),
          std::string(R"({"title":"t","api_roots":[1]})"),
          std::string(R"({"id":"x"})"),
          std::string("\xff\xfe"),
          "{\"title\":\"" + std::string(10U << 20U, 'a') + "\"}",
          many + "]}"}) {
        Tree tree;
        tree.resources["https://peer.example:443/taxii2/"] = body;
        const Result<Place> place = tree.find("https://peer.example/", "nothing");
        ASSERT_FALSE(place);
        EXPECT_LT(place.error().detail.size(), 4'000U);
        EXPECT_LE(tree.server.asked.size(), 1 + limits::client_roots_max);
    }
}

TEST(Locate, ShowsNoRawTitles) {
    Tree tree;
    tree.resources["https://peer.example:443/one/collections/"] =
        R"({"collections":[{"id":"a","title":"\u001b[2J"},{"id":"b\u0007","title":")" +
        std::string(1U << 20U, 'x') + R"("}]})";
    const Result<Place> place = tree.find("https://peer.example/one/");
    ASSERT_FALSE(place);
    EXPECT_THAT(place.error().detail, Not(HasSubstr("\x1b")));
    EXPECT_THAT(place.error().detail, Not(HasSubstr("\x07")));
    EXPECT_LT(place.error().detail.size(), 1'000U);
}

TEST(Locate, RefusesIdsThatWouldLeaveThePath) {
    for (const std::string id : {".", "..", "a\\u0000b", "a\\nb"}) {
        Tree tree;
        tree.resources["https://peer.example:443/two/collections/"] =
            R"({"collections":[{"id":")" + id + R"("}]})";
        const Result<Place> place = tree.find("https://peer.example/two/");
        ASSERT_FALSE(place) << id;
        EXPECT_EQ(place.error().code, Errc::corrupt);
    }
}

TEST(Locate, PassesRefusalsOn) {
    for (const auto& [status, code] :
         {std::pair(401, Errc::unauthorized),
          std::pair(403, Errc::forbidden),
          std::pair(404, Errc::not_found)}) {
        FakeServer server([status = status](const Asked&) { return answer(status, ""); });
        Session session = server.session();
        const Result<Place> place = locate(
            session, {http::parse_url("https://peer.example/one/collections/107/").value(), "", ""}
        );
        ASSERT_FALSE(place);
        EXPECT_EQ(place.error().code, code);
    }
}

TEST(ReadAddress, LooksBareDomainsUp) {
    std::string looked_up;
    std::vector<Service> services;
    const LookupService lookup = [&](std::string_view name) -> Result<std::vector<Service>> {
        looked_up = name;
        return services;
    };
    services = {{"taxii.example.com.", 8443}, {"other.example.com", 1}};
    const Result<Address> own = read_address("Example.com", lookup);
    ASSERT_TRUE(own);
    EXPECT_EQ(looked_up, "_taxii2._tcp.example.com");
    EXPECT_EQ(http::to_string(own->url), "https://taxii.example.com:8443/taxii2/");
    EXPECT_FALSE(own->foreign);

    for (const std::string host : {"evil.com", "example.com.evil.com", "evilexample.com"}) {
        services = {{host, 443}};
        EXPECT_TRUE(read_address("example.com", lookup)->foreign) << host;
    }
    services = {{"bad host", 443}};
    EXPECT_FALSE(read_address("example.com", lookup));
    services = {};
    EXPECT_EQ(
        http::to_string(read_address("example.com", lookup)->url), "https://example.com/taxii2/"
    );
}

TEST(ReadAddress, LooksNothingElseUp) {
    const LookupService lookup = [](std::string_view) -> Result<std::vector<Service>> {
        ADD_FAILURE();
        return std::vector<Service>();
    };
    EXPECT_EQ(read_address("https://peer.example/x/", lookup)->url.target, "/x/");
    EXPECT_EQ(read_address("localhost", lookup)->url.origin.host, "localhost");
    EXPECT_EQ(read_address("localhost:7443", lookup)->url.origin.port, 7443);
    EXPECT_EQ(read_address("peer.example:7443", lookup)->url.origin.port, 7443);
    EXPECT_EQ(read_address("192.0.2.1", lookup)->url.origin.host, "192.0.2.1");
    for (const std::string_view bad :
         {"",
          "peer.example/taxii2/",
          "ftp://peer.example/",
          "file:///etc/passwd",
          "https://u:p@peer.example/",
          "a b",
          "https://"}) {
        const Result<Address> address = read_address(bad, lookup);
        ASSERT_FALSE(address) << bad;
        EXPECT_EQ(address.error().code, Errc::invalid_argument);
    }
}

}  // namespace
}  // namespace entente::taxii::client
