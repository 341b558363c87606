#include "taxii/client/session.h"

#include "base/hash.h"
#include "taxii/client/fake_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::taxii::client {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

const http::Url page_url{{"https", "peer.example", 443}, "/exchange/"};

TEST(Session, SendsWhatServersExpect) {
    FakeServer server([](const Asked&) { return answer(200, "{}"); });
    Session session = server.session();
    ASSERT_TRUE(session.get(page_url));
    ASSERT_TRUE(session.post(page_url, "{}"));
    EXPECT_EQ(server.asked[0].headers.find("accept"), "application/taxii+json;version=2.1");
    EXPECT_EQ(server.asked[0].headers.find("authorization"), "Basic " + to_base64("u:p"));
    EXPECT_EQ(server.asked[0].headers.find("content-type"), std::nullopt);
    EXPECT_EQ(server.asked[1].headers.find("accept"), "application/taxii+json;version=2.1");
    EXPECT_EQ(server.asked[1].headers.find("content-type"), "application/taxii+json;version=2.1");
}

TEST(Session, SpeaksTokensInBothSchemes) {
    for (const auto& [kind, field] :
         {std::pair(Credentials::Kind::bearer, "Bearer abc"),
          std::pair(Credentials::Kind::token, "Token abc")}) {
        FakeServer server([](const Asked&) { return answer(200, "{}"); });
        Session session = server.session(
            {.allowed = {page_url.origin},
             .trusted = {page_url.origin},
             .credentials = {kind, "", "abc"}}
        );
        ASSERT_TRUE(session.get(page_url));
        EXPECT_EQ(server.asked[0].headers.find("authorization"), field);
    }
}

TEST(Session, ReachesOnlyAllowedOriginsAndTrustsOnlyTrusted) {
    FakeServer server([](const Asked&) { return answer(200, "{}"); });
    const http::Origin other{"https", "other.example", 443};
    Session session = server.session(
        {.allowed = {page_url.origin, other},
         .trusted = {page_url.origin},
         .credentials = {Credentials::Kind::basic, "u", "p"}}
    );
    ASSERT_TRUE(session.get({other, "/"}));
    EXPECT_EQ(server.asked[0].headers.find("authorization"), std::nullopt);
    for (const http::Origin& origin :
         {http::Origin{"https", "third.example", 443},
          http::Origin{"http", "peer.example", 443},
          http::Origin{"https", "peer.example", 8443},
          http::Origin{"https", "peer.example.", 443}}) {
        const Result<http::Reply> reply = session.get({origin, "/"});
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().code, Errc::forbidden);
        EXPECT_THAT(reply.error().detail, HasSubstr("--allow-origin"));
    }
    EXPECT_THAT(server.asked, SizeIs(1));
}

TEST(Session, FollowsRedirectsWithinTheOriginThreeTimes) {
    int left = 3;
    FakeServer server([&left](const Asked&) {
        return left-- > 0 ? answer(308, "", {{"Location", "/next/"}}) : answer(200, "{}");
    });
    Session session = server.session();
    EXPECT_TRUE(session.get(page_url));
    EXPECT_EQ(server.asked.back().url.target, "/next/");
    left = 4;
    const Result<http::Reply> reply = session.get(page_url);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::corrupt);
    EXPECT_THAT(server.asked, SizeIs(8));
}

TEST(Session, FollowsNoRedirectOffTheOrigin) {
    for (const std::string location :
         {"https://other.example/",
          "http://peer.example/",
          "https://peer.example:8443/",
          "//other.example/x",
          "file:///etc/passwd",
          "",
          "https://u:p@peer.example/"}) {
        SCOPED_TRACE(location);
        FakeServer server([&](const Asked&) { return answer(302, "", {{"Location", location}}); });
        // Even an origin that is allowed is not reached by being sent there.
        Session session = server.session(
            {.allowed = {page_url.origin, {"https", "other.example", 443}},
             .trusted = {page_url.origin},
             .credentials = {}}
        );
        EXPECT_FALSE(session.get(page_url));
        for (const Asked& asked : server.asked)
            EXPECT_EQ(asked.url.origin, page_url.origin);
    }
}

TEST(Session, NeverFollowsARedirectOfAPost) {
    FakeServer server([](const Asked&) { return answer(308, "", {{"Location", "/next/"}}); });
    Session session = server.session();
    const Result<http::Reply> reply = session.post(page_url, "{}");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 308);
    EXPECT_THAT(server.asked, SizeIs(1));
}

TEST(Session, RetriesBusyServersWithGrowingJitteredPauses) {
    for (const int status : {408, 429, 502, 503, 504}) {
        int left = 4;
        FakeServer server([&](const Asked&) {
            return left-- > 0 ? answer(status, "") : answer(200, "{}");
        });
        Session session = server.session();
        ASSERT_TRUE(session.get(page_url));
        ASSERT_THAT(server.pauses_ms, SizeIs(4));
        for (std::size_t i = 0; i < 4; ++i) {
            EXPECT_GE(server.pauses_ms[i], limits::client_backoff_ms << i >> 1U);
            EXPECT_LE(server.pauses_ms[i], limits::client_backoff_ms << i);
        }
    }
}

TEST(Session, GivesUpAfterTheLastRetry) {
    FakeServer busy([](const Asked&) { return answer(503, R"({"title":"down"})"); });
    Session session = busy.session();
    const Result<http::Reply> reply = session.get(page_url);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::overloaded);
    EXPECT_THAT(reply.error().detail, HasSubstr("503: down"));
    EXPECT_THAT(busy.asked, SizeIs(1 + limits::client_retries_max));
    EXPECT_THAT(busy.pauses_ms, Each(Le(limits::client_backoff_ms_max)));

    FakeServer gone([](const Asked&) -> Result<http::Reply> {
        return fail(Errc::overloaded, "connection lost");
    });
    Session lost = gone.session({.retries_max = 2});
    ASSERT_FALSE(lost.post(page_url, "{}"));
    EXPECT_THAT(gone.asked, SizeIs(3));
    EXPECT_THAT(gone.warnings, ElementsAre(HasSubstr("connection lost; trying again")));
}

TEST(Session, TellsLossInsteadOfRepeatingWhenAsked) {
    FakeServer server([](const Asked&) -> Result<http::Reply> {
        return fail(Errc::overloaded, "connection lost");
    });
    Session session = server.session();
    ASSERT_FALSE(session.get(page_url, Session::Lost::tell));
    EXPECT_TRUE(session.lost());
    EXPECT_THAT(server.asked, SizeIs(1));
}

TEST(Session, DoesNotRetryWhatWillNotGetBetter) {
    for (const Errc code :
         {Errc::not_found, Errc::unauthorized, Errc::too_large, Errc::malformed}) {
        FakeServer server([&](const Asked&) -> Result<http::Reply> { return fail(code, "no"); });
        Session session = server.session();
        const Result<http::Reply> reply = session.get(page_url);
        ASSERT_FALSE(reply);
        // A wrong certificate is not a wrong password.
        EXPECT_EQ(reply.error().code, code == Errc::not_found ? Errc::overloaded : Errc::corrupt);
        EXPECT_THAT(server.asked, SizeIs(1));
        EXPECT_THAT(server.pauses_ms, IsEmpty());
    }
}

TEST(Session, HonoursRetryAfterWithinBounds) {
    std::string field = "7";
    int left = 1;
    FakeServer server([&](const Asked&) {
        return left-- > 0 ? answer(429, "", {{"Retry-After", field}}) : answer(200, "{}");
    });
    Session session = server.session();
    ASSERT_TRUE(session.get(page_url));
    EXPECT_THAT(server.pauses_ms, ElementsAre(7'000));
    field = "0";
    left = 1;
    ASSERT_TRUE(session.get(page_url));
    EXPECT_EQ(server.pauses_ms.back(), limits::client_backoff_ms);
    field = "99999999999";
    left = 1;
    const Result<http::Reply> reply = session.get(page_url);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::overloaded);
    EXPECT_THAT(server.pauses_ms, SizeIs(2));
    EXPECT_EQ(session.asked_to_wait_ms(), INT64_C(2147483647000))
        << "for who comes back by himself";
    left = 0;
    ASSERT_TRUE(session.get(page_url));
    EXPECT_FALSE(session.asked_to_wait_ms());
}

TEST(RetryAfter, ReadsSecondsAndDates) {
    // RFC 9110, 5.6.7: the example is 784111777 seconds after the epoch.
    const Micros now{784'111'770'000'000};
    EXPECT_EQ(retry_after_ms("120", now), 120'000);
    EXPECT_EQ(retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", now), 7'000);
    EXPECT_EQ(retry_after_ms("Sun, 06 Nov 1994 08:49:20 GMT", now), 0);
    for (const std::string_view bad :
         {"",
          "-1",
          "soon",
          "1.5",
          "Sun, 06 Now 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 CET",
          "Sun, 36 Nov 1994 08:49:37 GMT"}) {
        EXPECT_EQ(retry_after_ms(bad, now), std::nullopt) << bad;
    }
}

TEST(Session, JudgesMediaTypes) {
    std::string type;
    FakeServer server([&](const Asked&) { return answer(200, "{}", {{"Content-Type", type}}); });
    Session session = server.session();
    for (const std::string_view good :
         {"application/taxii+json;version=2.1",
          "application/taxii+json; version=2.1; charset=utf-8",
          "Application/TAXII+json",
          "application/json",
          "application/stix+json;version=2.1"}) {
        type = good;
        EXPECT_TRUE(session.get(page_url)) << good;
    }
    EXPECT_THAT(server.warnings, SizeIs(2));
    for (const std::string_view bad :
         {"text/html",
          "application/taxii+json;version=2.0",
          "application/vnd.oasis.taxii+json; version=2.0",
          "image/png"}) {
        type = bad;
        const Result<http::Reply> reply = session.get(page_url);
        ASSERT_FALSE(reply) << bad;
        EXPECT_EQ(reply.error().code, Errc::corrupt);
    }
}

TEST(Session, ErrorsSayWhatTheServerSaid) {
    int status = 0;
    FakeServer server([&](const Asked&) { return answer(status, R"({"title":"no\u202e way"})"); });
    Session session = server.session();
    for (const auto& [code, errc] :
         {std::pair(400, Errc::unprocessable),
          std::pair(401, Errc::unauthorized),
          std::pair(403, Errc::forbidden),
          std::pair(404, Errc::not_found),
          std::pair(406, Errc::corrupt),
          std::pair(413, Errc::too_large),
          std::pair(422, Errc::unprocessable),
          std::pair(500, Errc::corrupt),
          std::pair(304, Errc::corrupt),
          std::pair(0, Errc::corrupt)}) {
        status = code;
        const Result<http::Reply> reply = session.get(page_url);
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().code, errc) << code;
        EXPECT_THAT(reply.error().detail, HasSubstr("no\\u{202e} way"));
    }
}

TEST(Session, EndsWithItsBudgets) {
    FakeServer server([](const Asked&) { return answer(200, std::string(1'000, ' ')); });
    Session small = server.session({.bytes_max = 2'500});
    EXPECT_TRUE(small.get(page_url));
    EXPECT_TRUE(small.get(page_url));
    EXPECT_EQ(small.get(page_url).error().code, Errc::overloaded);
    EXPECT_EQ(small.bytes_received(), 3'000U);

    Session brief = server.session({.ms_max = 10'000});
    EXPECT_TRUE(brief.get(page_url));
    server.clock.advance(10'001'000);
    EXPECT_EQ(brief.get(page_url).error().code, Errc::overloaded);
}

TEST(Session, StopsWhenTheUserWants) {
    FakeServer server([&](const Asked&) {
        server.stop = true;
        return answer(503, "");
    });
    Session session = server.session();
    EXPECT_EQ(session.get(page_url).error().code, Errc::conflict);
    EXPECT_THAT(server.asked, SizeIs(1));
    EXPECT_THAT(server.pauses_ms, IsEmpty());
}

TEST(CheckAccess, KeepsSecretsOffOpenNetworks) {
    const Credentials secret{Credentials::Kind::basic, "u", "p"};
    const auto at = [&](std::string scheme, std::string host) {
        const http::Origin origin{std::move(scheme), std::move(host), 80};
        return Access{.allowed = {origin}, .trusted = {origin}, .credentials = secret};
    };
    EXPECT_TRUE(check_access(at("https", "peer.example"), false));
    EXPECT_TRUE(check_access(at("http", "localhost"), false));
    EXPECT_TRUE(check_access(at("http", "127.0.0.1"), false));
    EXPECT_TRUE(check_access(at("http", "::1"), false));
    EXPECT_TRUE(check_access(at("http", "peer.example"), true));
    EXPECT_FALSE(check_access(at("http", "peer.example"), false));
    EXPECT_FALSE(check_access(at("http", "127.evil.example"), false));
    EXPECT_FALSE(check_access(at("http", "127.0.0.1.example"), false));
    Access open = at("http", "peer.example");
    open.credentials = {};
    EXPECT_TRUE(check_access(open, false));
}

TEST(CheckAccess, RefusesWhatWouldBreakTheHeader) {
    Access access{
        .allowed = {}, .trusted = {}, .credentials = {Credentials::Kind::basic, "a:b", "p"}};
    EXPECT_FALSE(check_access(access, false));
    access.credentials = {Credentials::Kind::bearer, "", "a\r\nX-Other: 1"};
    EXPECT_FALSE(check_access(access, false));
}

}  // namespace
}  // namespace entente::taxii::client
