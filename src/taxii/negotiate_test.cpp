#include "taxii/negotiate.h"

#include <gtest/gtest.h>

namespace entente::taxii {
namespace {

constexpr Endpoint every[] = {
    Endpoint::discovery,
    Endpoint::api_root,
    Endpoint::status,
    Endpoint::collections,
    Endpoint::collection,
    Endpoint::manifest,
    Endpoint::objects,
    Endpoint::object,
    Endpoint::versions,
    Endpoint::allowed};

http::Headers with(std::string name, std::string value) {
    http::Headers headers;
    headers.add(std::move(name), std::move(value));
    return headers;
}

bool takes(std::string accept, Endpoint endpoint = Endpoint::discovery) {
    return check_accept(with("Accept", std::move(accept)), endpoint).has_value();
}

TEST(Accept, AllowsTheMediaTypeWithAndWithoutVersionOnEveryEndpoint) {
    for (const Endpoint endpoint : every) {
        EXPECT_TRUE(takes("application/taxii+json;version=2.1", endpoint));
        EXPECT_TRUE(takes("application/taxii+json", endpoint));
    }
}

TEST(Accept, AllowsWhatClientsOfTheFieldSend) {
    for (const char* accept :
         {"*/*",
          "application/*",
          "application/json",
          "application/json, text/plain, */*",
          "Application/TAXII+JSON; Version=2.1",
          "application/taxii+json ; version=2.1",
          "application/taxii+json;version=\"2.1\"",
          "application/taxii+json;version=2.1;q=0.9",
          "text/html, application/taxii+json; version=2.1;q=0.9",
          "application/taxii+json;version=2.0, application/taxii+json;version=2.1",
          "application/vnd.oasis.taxii+json; version=2.0, application/taxii+json;version=2.1",
          "application/taxii+json;charset=utf-8",
          "application/json;charset=utf-8;q=0.1",
          "",
          "  "}) {
        EXPECT_TRUE(takes(accept)) << accept;
    }
    EXPECT_TRUE(check_accept({}, Endpoint::objects)) << "no Accept header";
}

TEST(Accept, ReadsSeveralHeadersAsOneList) {
    http::Headers headers = with("accept", "text/html");
    headers.add("ACCEPT", "application/taxii+json");
    EXPECT_TRUE(check_accept(headers, Endpoint::discovery));
}

TEST(Accept, AllowsListsOfTaxiiAndStixTypes) {
    for (const Endpoint endpoint : every) {
        EXPECT_TRUE(takes(
            "application/taxii+json; version=2.1;q=0.9, application/stix+json;version=2.1", endpoint
        ));
    }
}

TEST(Accept, AllowsStixAloneOnlyWhereStixIsServed) {
    for (const Endpoint endpoint : every) {
        const bool carries = endpoint == Endpoint::manifest || endpoint == Endpoint::objects ||
                             endpoint == Endpoint::object || endpoint == Endpoint::versions;
        EXPECT_EQ(takes("application/stix+json;version=2.1", endpoint), carries);
        EXPECT_EQ(takes("application/stix+json", endpoint), carries);
        EXPECT_FALSE(takes("application/stix+json;version=2.0", endpoint));
    }
}

TEST(Accept, RefusesOtherVersionsAndTypesAndSaysWhatToSend) {
    for (const char* accept :
         {"application/taxii+json;version=2.0",
          "application/taxii+json;version=3.0",
          "application/taxii+json;version=2",
          "application/taxii+json;version=\"2.0\"",
          "application/vnd.oasis.taxii+json; version=2.0",
          "application/vnd.oasis.stix+json",
          "text/html",
          "image/*",
          "application/xml",
          "garbage",
          "application/json;version=2.0",
          "application/taxii+json;version=2.0, text/html"}) {
        const auto answer = check_accept(with("Accept", accept), Endpoint::objects);
        ASSERT_FALSE(answer) << accept;
        EXPECT_EQ(answer.error().code, Errc::not_acceptable);
        EXPECT_NE(
            answer.error().detail.find("Accept: application/taxii+json;version=2.1"),
            std::string::npos
        );
    }
}

TEST(Accept, ExcludesByZeroWeightAndLetsTheClosestRangeDecide) {
    EXPECT_FALSE(takes("application/taxii+json;version=2.1;q=0"));
    EXPECT_FALSE(takes("*/*;q=0"));
    EXPECT_FALSE(takes("*/*, application/taxii+json;q=0"));
    EXPECT_FALSE(takes("application/taxii+json;q=0.000, application/*"));
    EXPECT_FALSE(takes("application/taxii+json;version=2.1;q=0, application/taxii+json"));
    EXPECT_FALSE(takes("application/json;q=0, */*"));
    EXPECT_TRUE(takes("*/*;q=0, application/taxii+json"));
    EXPECT_TRUE(takes("application/json;q=0, application/taxii+json"));
    EXPECT_TRUE(takes("application/*;q=0, application/json;q=0.5"));
    EXPECT_TRUE(takes("application/taxii+json;q=0, application/taxii+json;q=0.5"));
}

TEST(Accept, ShowsAHostileHeaderHarmlessAndShort) {
    const auto answer = check_accept(
        with("Accept", "text/\x1b[31m" + std::string(5'000, 'x')), Endpoint::discovery
    );
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().detail.find('\x1b'), std::string::npos);
    EXPECT_LT(answer.error().detail.size(), 600U);
}

TEST(ContentType, AllowsEveryTypeDefinedForPosting) {
    for (const char* type :
         {"application/taxii+json;version=2.1",
          "application/taxii+json",
          "application/taxii+json; version=2.1",
          "APPLICATION/TAXII+JSON;VERSION=2.1",
          "application/taxii+json;version=\"2.1\"",
          "application/taxii+json; charset=utf-8",
          "application/taxii+json;version=2.1; charset=utf-8",
          "application/json",
          "application/json; charset=utf-8",
          "application/stix+json",
          "application/stix+json;version=2.1"}) {
        EXPECT_TRUE(check_content_type(with("Content-Type", type))) << type;
    }
}

TEST(ContentType, RefusesOthersAndSaysWhatToSend) {
    for (const char* type :
         {"",
          " ",
          "text/plain",
          "application/xml",
          "application/taxii+json;version=2.0",
          "application/taxii+json;version=3",
          "application/stix+json;version=2.0",
          "application/vnd.oasis.taxii+json;version=2.0",
          "application/*",
          "*/*",
          "json",
          "multipart/form-data; boundary=x",
          "application/x-www-form-urlencoded",
          "application/json, text/plain"}) {
        const auto answer = check_content_type(with("Content-Type", type));
        ASSERT_FALSE(answer) << type;
        EXPECT_EQ(answer.error().code, Errc::unsupported_media_type);
        EXPECT_NE(
            answer.error().detail.find("Content-Type: application/taxii+json;version=2.1"),
            std::string::npos
        );
    }
    EXPECT_FALSE(check_content_type({})) << "no Content-Type";
    http::Headers twice = with("Content-Type", "application/json");
    twice.add("content-type", "application/json");
    EXPECT_FALSE(check_content_type(twice));
}

TEST(ContentEncoding, AllowsGzipAndNoneOnly) {
    EXPECT_TRUE(check_content_encoding({}));
    for (const char* encoding : {"gzip", "GZIP", " gzip ", "x-gzip", "identity", ""}) {
        EXPECT_TRUE(check_content_encoding(with("Content-Encoding", encoding))) << encoding;
    }
    for (const char* encoding : {"br", "deflate", "zstd", "gzip, gzip", "compress", "gzipped"}) {
        const auto answer = check_content_encoding(with("Content-Encoding", encoding));
        ASSERT_FALSE(answer) << encoding;
        EXPECT_EQ(answer.error().code, Errc::unsupported_media_type);
    }
}

}  // namespace
}  // namespace entente::taxii
