#include "taxii/route.h"

#include <gtest/gtest.h>

namespace entente::taxii {
namespace {

struct Case {
    std::string_view path;
    Endpoint endpoint;
    std::string_view root;
    std::string_view collection;
    std::string_view id;
};

constexpr Case known[] = {
    {"/taxii2/", Endpoint::discovery, "", "", ""},
    {"/api/", Endpoint::api_root, "api", "", ""},
    {"/api/status/S/", Endpoint::status, "api", "", "S"},
    {"/api/collections/", Endpoint::collections, "api", "", ""},
    {"/api/collections/C/", Endpoint::collection, "api", "C", ""},
    {"/api/collections/C/manifest/", Endpoint::manifest, "api", "C", ""},
    {"/api/collections/C/objects/", Endpoint::objects, "api", "C", ""},
    {"/api/collections/C/objects/O/", Endpoint::object, "api", "C", "O"},
    {"/api/collections/C/objects/O/versions/", Endpoint::versions, "api", "C", "O"},
    {"/api/collections/C/allowed/", Endpoint::allowed, "api", "C", ""},
};

void expect_route(std::string_view path, const Case& c) {
    SCOPED_TRACE(path);
    const auto route = find_route(path);
    ASSERT_TRUE(route);
    EXPECT_EQ(route->endpoint, c.endpoint);
    EXPECT_EQ(route->root, c.root);
    EXPECT_EQ(route->collection, c.collection);
    EXPECT_EQ(route->id, c.id);
}

TEST(Route, FindsEveryEndpointWithTheLastSlash) {
    for (const Case& c : known)
        expect_route(c.path, c);
}

TEST(Route, FindsEveryEndpointWithoutTheLastSlash) {
    for (const Case& c : known)
        expect_route(c.path.substr(0, c.path.size() - 1), c);
}

TEST(Route, TakesDoubledSlashesAnywhereForOne) {
    for (const Case& c : known) {
        std::string doubled;
        for (const char letter : c.path)
            doubled += letter == '/' ? std::string("//") : std::string(1, letter);
        expect_route(doubled, c);
    }
}

TEST(Route, DecodesEachSegmentByItself) {
    expect_route("/%74axii2/", known[0]);
    expect_route("/a%70i/collections/%43/%6fbjects/%4F/", known[7]);
    // An encoded slash belongs to the name: this is a collection called "C/objects".
    expect_route(
        "/api/collections/C%2Fobjects/", {"", Endpoint::collection, "api", "C/objects", ""}
    );
    // A plus is a plus in a path.
    expect_route("/a+b/", {"", Endpoint::api_root, "a+b", "", ""});
    // Case counts, and so does every other octet.
    expect_route("/TAXII2/", {"", Endpoint::api_root, "TAXII2", "", ""});
    expect_route("/..%2F..%2Fetc/", {"", Endpoint::api_root, "../../etc", "", ""});
}

TEST(Route, RefusesWhatCannotBeDecoded) {
    for (const std::string_view path : {"/%zz/", "/api/%4", "/api/collections/%/", "/a%00b/"}) {
        SCOPED_TRACE(path);
        const auto route = find_route(path);
        ASSERT_FALSE(route);
        EXPECT_EQ(route.error().code, Errc::invalid_argument);
        EXPECT_EQ(route.error().detail.find("path: "), 0U) << route.error().detail;
    }
}

TEST(Route, KnowsNoOtherPath) {
    for (const std::string_view path :
         {"",
          "/",
          "//",
          "*",
          "taxii2/",
          "/taxii2/collections/",
          "/taxii2/taxii2/",
          "/api/status/",
          "/api/status/S/more/",
          "/api/Collections/",
          "/api/collections/C/manifests/",
          "/api/collections/C/manifest/x/",
          "/api/collections/C/objects/O/version/",
          "/api/collections/C/objects/O/versions/x/",
          "/api/collections/C/allowed/x/",
          "/api/allowed/",
          "/api/objects/",
          "/a/b/c/d/e/f/g/h/i/",
          "/api/collections/C/../C/objects/O/",
          "/api/channels/"}) {
        SCOPED_TRACE(path);
        const auto route = find_route(path);
        ASSERT_FALSE(route);
        EXPECT_EQ(route.error().code, Errc::not_found);
    }
}

TEST(Route, NamesTheMethodsOfEachEndpoint) {
    for (const Case& c : known) {
        SCOPED_TRACE(c.path);
        EXPECT_TRUE(allows(c.endpoint, "GET"));
        EXPECT_TRUE(allows(c.endpoint, "HEAD"));
        EXPECT_EQ(allows(c.endpoint, "POST"), c.endpoint == Endpoint::objects);
        EXPECT_EQ(allows(c.endpoint, "DELETE"), c.endpoint == Endpoint::object);
        for (const std::string_view method : {"PUT", "PATCH", "OPTIONS", "TRACE", "get", ""}) {
            EXPECT_FALSE(allows(c.endpoint, method)) << method;
        }
        const std::string_view listed = allowed_methods(c.endpoint);
        for (const std::string_view method : {"GET", "HEAD", "POST", "DELETE"}) {
            EXPECT_EQ(listed.find(method) != std::string_view::npos, allows(c.endpoint, method));
        }
    }
}

}  // namespace
}  // namespace entente::taxii
