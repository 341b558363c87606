#include "taxii/client/push.h"

#include "base/limits.h"
#include "taxii/client/fake_server.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace entente::taxii::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string object(std::size_t n, std::string_view type = "indicator") {
    return fmt::format(
        R"({{"type":"{}","id":"{}--{:08}-0000-4000-8000-000000000000"}})", type, type, n
    );
}

std::vector<std::string> ids_of(const std::string& body) {
    std::vector<std::string> ids;
    const boost::json::value value = boost::json::parse(body);
    for (const boost::json::value& item : value.at("objects").as_array()) {
        if (!item.as_object().contains("id")) continue;
        ids.emplace_back(item.at("id").as_string().data(), item.at("id").as_string().size());
    }
    return ids;
}

std::string status_of(
    std::size_t total, std::size_t failures = 0, std::size_t pending = 0, std::string_view more = ""
) {
    return fmt::format(
        R"({{"id":"s1","status":"{}","total_count":{},"success_count":{},"failure_count":{},"pending_count":{}{}}})",
        pending == 0 ? "complete" : "pending",
        total,
        total - failures - pending,
        failures,
        pending,
        more
    );
}

/// A server that takes objects, with the manners of real ones.
struct Peer {
    std::function<Result<http::Reply>(const Asked&, const std::vector<std::string>&)> on_post = {};
    std::function<Result<http::Reply>(const Asked&)> on_status = {};
    std::vector<std::string> taken = {};
    std::vector<std::size_t> sizes = {};  // of the requests
    FakeServer server{[this](const Asked& asked) -> Result<http::Reply> {
        if (asked.method == "GET") return on_status(asked);
        const std::vector<std::string> ids = ids_of(asked.body);
        sizes.push_back(ids.size());
        if (on_post) return on_post(asked, ids);
        return take(ids);
    }};

    http::Reply take(const std::vector<std::string>& ids) {
        taken.insert(taken.end(), ids.begin(), ids.end());
        return answer(202, status_of(ids.size()));
    }
};

/// A push with what it told.
struct Pushed {
    PushReport report;
    std::optional<Error> error = {};
    std::vector<RefusedObject> refused = {};
    std::vector<PushedBatch> recorded = {};
};

Pushed push(
    Peer& peer, const std::vector<std::string>& objects, PushPlan plan = {}, Budget budget = {}
) {
    Pushed run;
    Session session = peer.server.session(budget);
    Place place;
    place.root = {{"https", "peer.example", 443}, "/exchange/"};
    place.collection.id = "107";
    plan.refused = [&run](const RefusedObject& o) { run.refused.push_back(o); };
    plan.record = [&run](const PushedBatch& b) { run.recorded.push_back(b); };
    Pusher pusher(session, place, std::move(plan));
    Result<void> result;
    for (const std::string& o : objects) {
        result = pusher.add(o);
        if (!result) break;
    }
    if (result) result = pusher.finish();
    if (!result) run.error = result.error();
    run.report = pusher.report();
    return run;
}

std::vector<std::string> many(std::size_t count) {
    std::vector<std::string> objects;
    for (std::size_t i = 0; i < count; ++i)
        objects.push_back(object(i));
    return objects;
}

TEST(Push, SendsEnvelopesOfTheBatchSize) {
    Peer peer;
    const Pushed run = push(peer, many(25), {.batch = 10});
    EXPECT_FALSE(run.error);
    EXPECT_THAT(peer.sizes, ElementsAre(10, 10, 5));
    EXPECT_EQ(run.report.accepted, 25U);
    const Asked& asked = peer.server.asked.front();
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.url.target, "/exchange/collections/107/objects/");
    EXPECT_EQ(asked.headers.find("content-type"), "application/taxii+json;version=2.1");
    EXPECT_THAT(asked.body, ::testing::StartsWith(R"({"objects":[{"type":"indicator")"));
}

TEST(Push, SendsNothingForNothing) {
    Peer peer;
    EXPECT_FALSE(push(peer, {}).error);
    EXPECT_THAT(peer.server.asked, IsEmpty());
}

TEST(Push, KeepsBodiesBelowTheLimitOfTheRoot) {
    Peer peer;
    const std::size_t limit = body_bytes_for(1'000);
    EXPECT_LT(limit, 1'000U);
    const Pushed run = push(peer, many(50), {.body_bytes_max = limit});
    EXPECT_FALSE(run.error);
    EXPECT_THAT(peer.taken, SizeIs(50));
    std::size_t largest = 0;
    for (const Asked& asked : peer.server.asked)
        largest = std::max(largest, asked.body.size());
    EXPECT_LE(largest, limit);
    EXPECT_GT(largest, limit - object(0).size() - 1);
}

TEST(Push, BodyLimitsOfAbsurdRootsAreOfUse) {
    EXPECT_EQ(body_bytes_for(0), limits::push_body_bytes_default);
    EXPECT_EQ(body_bytes_for(1), 1U);
    EXPECT_EQ(body_bytes_for(INT64_MAX), limits::push_body_bytes_max);
    Peer peer;  // a root that says 1: each object goes alone, and the server decides
    EXPECT_FALSE(push(peer, many(3), {.body_bytes_max = 1}).error);
    EXPECT_THAT(peer.sizes, ElementsAre(1, 1, 1));
}

TEST(Push, SendsWhatIsNamedBeforeWhatNamesItAsFarAsTheBufferReaches) {
    const std::vector<std::string> objects = {
        object(1, "report"),
        object(2, "relationship"),
        object(3, "marking-definition"),
        object(4),
        object(5, "marking-definition"),
        object(6, "observed-data"),
        "{}",
        object(7)};
    Peer peer;
    peer.on_post = [&](const Asked& asked, const auto&) -> Result<http::Reply> {
        peer.taken.push_back(asked.body);
        return answer(202, status_of(1));
    };
    EXPECT_FALSE(push(peer, objects, {.batch = 1}).error);
    EXPECT_THAT(
        peer.taken,
        ElementsAre(
            HasSubstr("00000003"),
            HasSubstr("00000005"),
            HasSubstr("00000004"),
            HasSubstr("[{}]"),
            HasSubstr("00000007"),
            HasSubstr("00000006"),
            HasSubstr("00000002"),
            HasSubstr("00000001")
        )
    );
    peer.taken.clear();
    EXPECT_FALSE(push(peer, objects, {.batch = 1, .buffer_bytes_max = 1}).error);
    EXPECT_THAT(peer.taken, SizeIs(8));
    EXPECT_THAT(peer.taken[1], HasSubstr("00000002"));
}

TEST(Push, HalvesWhatIsTooLargeAndRemembersIt) {
    Peer peer;
    peer.on_post = [&](const Asked& asked,
                       const std::vector<std::string>& ids) -> Result<http::Reply> {
        return asked.body.size() > 500 ? answer(413, "") : peer.take(ids);
    };
    const Pushed run = push(peer, many(64), {.batch = 16});
    EXPECT_FALSE(run.error);
    EXPECT_EQ(run.report.accepted, 64U);
    std::vector<std::string> sent = peer.taken;
    EXPECT_TRUE(std::ranges::is_sorted(sent));
    EXPECT_THAT(sent, SizeIs(64));
    // Only the first batch is tried at full size.
    EXPECT_EQ(std::ranges::count(peer.sizes, 16U), 1);
}

TEST(Push, OneObjectThatIsTooLargeLosesNoOther) {
    Peer peer;
    peer.on_post = [&](const Asked& asked,
                       const std::vector<std::string>& ids) -> Result<http::Reply> {
        return asked.body.find("big") != std::string::npos ? answer(413, R"({"title":"too big"})")
                                                           : peer.take(ids);
    };
    std::vector<std::string> objects = many(9);
    objects.insert(objects.begin() + 4, R"({"id":"big--1"})");
    const Pushed run = push(peer, objects);
    EXPECT_FALSE(run.error);
    EXPECT_EQ(run.report.accepted, 9U);
    EXPECT_EQ(run.report.refused, 1U);
    ASSERT_THAT(run.refused, SizeIs(1));
    EXPECT_EQ(run.refused[0].id, "big--1");
    EXPECT_EQ(run.refused[0].message, "too big");
}

TEST(Push, BadObjectsLoseNoOthersWhereServersRefuseTheWhole) {
    for (const int status : {400, 422, 500}) {
        SCOPED_TRACE(status);
        Peer peer;
        peer.on_post = [&](const Asked& asked,
                           const std::vector<std::string>& ids) -> Result<http::Reply> {
            return asked.body.find("\"bad--") != std::string::npos ? answer(status, "")
                                                                   : peer.take(ids);
        };
        std::vector<std::string> objects = many(100);
        for (const std::size_t at : {0U, 17U, 18U, 99U})
            objects[at] = fmt::format(R"({{"id":"bad--{}"}})", at);
        const Pushed run = push(peer, objects);
        EXPECT_FALSE(run.error);
        EXPECT_EQ(run.report.accepted, 96U);
        EXPECT_EQ(run.report.refused, 4U);
        EXPECT_THAT(peer.taken, SizeIs(96));
        EXPECT_LT(peer.sizes.size(), 60U);
        ASSERT_THAT(run.refused, SizeIs(4));
        EXPECT_EQ(run.refused[1].id, "bad--17");
        ASSERT_THAT(run.recorded, SizeIs(1));
        EXPECT_FALSE(run.recorded[0].complete);
    }
}

TEST(Push, GivesUpWhereEverythingIsRefused) {
    for (const auto& [status, code] :
         {std::pair(422, Errc::unprocessable), std::pair(500, Errc::corrupt)}) {
        Peer peer;
        peer.on_post = [status = status](const Asked&, const auto&) -> Result<http::Reply> {
            return answer(status, R"({"title":"never"})");
        };
        const Pushed run = push(peer, many(5'000), {.batch = 1'000});
        ASSERT_TRUE(run.error);
        EXPECT_EQ(run.error->code, code);
        EXPECT_THAT(run.error->detail, HasSubstr("never"));
        EXPECT_LE(
            run.report.refused, static_cast<std::uint64_t>(limits::push_refused_in_a_row_max)
        );
        EXPECT_LT(peer.sizes.size(), 200U);
    }
}

TEST(Push, GivesUpWhereAServerFallsOverEverythingAfterSomeTime) {
    Peer peer;
    peer.on_post = [&](const Asked&, const std::vector<std::string>& ids) -> Result<http::Reply> {
        return peer.taken.size() < 10 ? peer.take(ids) : answer(500, "");
    };
    const Pushed run = push(peer, many(5'000), {.batch = 10});
    ASSERT_TRUE(run.error);
    EXPECT_LT(peer.sizes.size(), 200U);
}

TEST(Push, StopsAtOnceWhereItMayNotWrite) {
    for (const auto& [status, code] :
         {std::pair(401, Errc::unauthorized),
          std::pair(403, Errc::forbidden),
          std::pair(404, Errc::not_found),
          std::pair(415, Errc::corrupt),
          std::pair(308, Errc::corrupt),
          std::pair(304, Errc::corrupt)}) {
        Peer peer;
        peer.on_post = [status = status](const Asked&, const auto&) -> Result<http::Reply> {
            return answer(status, "", {{"Location", "/else/"}});
        };
        const Pushed run = push(peer, many(50), {.batch = 10});
        ASSERT_TRUE(run.error);
        EXPECT_EQ(run.error->code, code);
        EXPECT_THAT(peer.sizes, ElementsAre(10));
        EXPECT_THAT(run.recorded, IsEmpty());
    }
}

TEST(Push, ReportsFailuresOfTheStatus) {
    Peer peer;
    peer.on_post = [](const Asked&, const std::vector<std::string>& ids) -> Result<http::Reply> {
        return answer(
            202,
            status_of(
                ids.size(),
                2,
                0,
                R"(,"failures":[{"id":"a","version":"v","message":"m"},{"id":"b","version":"w"}])"
            )
        );
    };
    const Pushed run = push(peer, many(5));
    EXPECT_FALSE(run.error);
    EXPECT_EQ(run.report.accepted, 3U);
    EXPECT_EQ(run.report.refused, 2U);
    ASSERT_THAT(run.refused, SizeIs(2));
    EXPECT_EQ(run.refused[0].version, "v");
    EXPECT_EQ(run.refused[0].message, "m");
}

TEST(Push, PollsAPendingStatusUntilItIsComplete) {
    Peer peer;
    int left = 5;
    peer.on_post = [](const Asked&, const std::vector<std::string>& ids) -> Result<http::Reply> {
        return answer(202, status_of(ids.size(), 0, ids.size()));
    };
    peer.on_status = [&](const Asked& asked) -> Result<http::Reply> {
        EXPECT_EQ(asked.url.target, "/exchange/status/s1/");
        return answer(200, --left > 0 ? status_of(3, 0, 3) : status_of(3, 1));
    };
    const Pushed run = push(peer, many(3));
    EXPECT_FALSE(run.error);
    EXPECT_EQ(run.report.accepted, 2U);
    EXPECT_EQ(run.report.refused, 1U);
    EXPECT_THAT(peer.server.asked, SizeIs(6));
    EXPECT_THAT(peer.server.pauses_ms, ElementsAre(250, 500, 1'000, 2'000, 4'000));
}

TEST(Push, AStatusThatNeverCompletesEndsThePush) {
    Peer peer;
    peer.on_post = [](const Asked&, const std::vector<std::string>& ids) -> Result<http::Reply> {
        return answer(202, status_of(ids.size(), 0, ids.size()));
    };
    peer.on_status = [](const Asked&) -> Result<http::Reply> {
        return answer(200, status_of(3, 0, 3));
    };
    const Pushed run = push(peer, many(3), {.status_wait_ms = 60'000});
    ASSERT_TRUE(run.error);
    EXPECT_EQ(run.error->code, Errc::corrupt);
    EXPECT_EQ(run.report.pending, 3U);
    EXPECT_THAT(run.recorded, IsEmpty());
    std::int64_t waited = 0;
    for (const std::int64_t ms : peer.server.pauses_ms)
        waited += ms;
    EXPECT_LE(waited, 60'000);
    EXPECT_LT(peer.server.asked.size(), 20U);
}

TEST(Push, DoesNotWaitWhenToldSo) {
    Peer peer;
    peer.on_post = [](const Asked&, const std::vector<std::string>& ids) -> Result<http::Reply> {
        return answer(202, status_of(ids.size(), 0, ids.size()));
    };
    const Pushed run = push(peer, many(3), {.status_wait_ms = 0});
    EXPECT_FALSE(run.error);
    EXPECT_EQ(run.report.pending, 3U);
    EXPECT_THAT(run.recorded, ElementsAre(::testing::Field(&PushedBatch::complete, false)));
    EXPECT_THAT(peer.server.asked, SizeIs(1));
}

TEST(Push, StatusesOfHostileServersAreNotBelieved) {
    for (const std::string& body :
         {status_of(
              3, 0, 0, R"(,"failures":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"},{"id":"e"}])"
          ),
          std::string(
              R"({"id":"s","status":"complete","total_count":9007199254740991,"success_count":9007199254740991})"
          ),
          std::string(R"({"id":"s","status":"complete","failure_count":9007199254740991})"),
          std::string(R"({"id":"s","status":"complete"})")}) {
        SCOPED_TRACE(body);
        Peer peer;
        peer.on_post = [&](const Asked&, const auto&) -> Result<http::Reply> {
            return answer(202, std::string(body));
        };
        const Pushed run = push(peer, many(3));
        EXPECT_FALSE(run.error);
        EXPECT_EQ(run.report.accepted + run.report.refused, 3U);
        EXPECT_LE(run.refused.size(), 3U);
        EXPECT_THAT(peer.server.warnings, SizeIs(1));
    }
    for (const std::string_view body :
         {"", "{}", "<html>", "[1]", R"({"id":7,"status":"complete"})"}) {
        SCOPED_TRACE(body);
        Peer peer;
        peer.on_post = [&](const Asked&, const auto&) -> Result<http::Reply> {
            return answer(202, std::string(body));
        };
        const Pushed run = push(peer, many(3));
        EXPECT_FALSE(run.error);
        EXPECT_EQ(run.report.unconfirmed, 3U);
        EXPECT_FALSE(run.recorded.at(0).complete);
    }
    Peer peer;  // an id that would lead elsewhere is not followed
    peer.on_post = [](const Asked&, const auto&) -> Result<http::Reply> {
        return answer(202, R"({"id":"..","status":"pending","total_count":3,"pending_count":3})");
    };
    const Pushed run = push(peer, many(3));
    EXPECT_TRUE(run.error);
    EXPECT_THAT(peer.server.asked, SizeIs(1));
}

TEST(Push, SendsAgainAfterBusyAnswersAndLostConnections) {
    Peer peer;
    int n = 0;
    peer.on_post = [&](const Asked&, const std::vector<std::string>& ids) -> Result<http::Reply> {
        switch (n++) {
            case 0:
                return answer(503, "");
            case 1:
                return fail(Errc::overloaded, "connection lost");
            case 2:
                return answer(429, "", {{"Retry-After", "3"}});
            default:
                return peer.take(ids);
        }
    };
    const Pushed run = push(peer, many(3));
    EXPECT_FALSE(run.error);
    EXPECT_EQ(run.report.accepted, 3U);
    EXPECT_THAT(peer.server.pauses_ms, SizeIs(3));
    EXPECT_EQ(peer.server.pauses_ms[2], 3'000);
}

TEST(Push, SendsNothingTwiceAfterAKill) {
    const std::vector<std::string> objects = many(47);
    for (int kill = 0; kill < 12; ++kill) {
        SCOPED_TRACE(kill);
        Peer peer;
        int left = kill;
        peer.on_post = [&](const Asked& asked,
                           const std::vector<std::string>& ids) -> Result<http::Reply> {
            // Large bodies are refused, so that batches are split before the kill.
            if (asked.body.size() > 600) return answer(413, "");
            if (left-- == 0) return fail(Errc::corrupt, "killed");
            return peer.take(ids);
        };
        Pushed first = push(peer, objects, {.batch = 10});
        const Pushed second = push(peer, objects, {.batch = 10, .earlier = first.recorded});
        EXPECT_FALSE(second.error);
        EXPECT_EQ(second.report.accepted + second.report.skipped, 47U);
        const std::set<std::string> distinct(peer.taken.begin(), peer.taken.end());
        EXPECT_EQ(distinct.size(), 47U);
        // Only the batch that was under way may be sent twice.
        EXPECT_LE(peer.taken.size(), 47U + 10U);
        first.recorded.insert(first.recorded.end(), second.recorded.begin(), second.recorded.end());
        const std::size_t requests = peer.server.asked.size();
        EXPECT_EQ(
            push(peer, objects, {.batch = 10, .earlier = first.recorded}).report.skipped, 47U
        );
        EXPECT_EQ(peer.server.asked.size(), requests);
    }
}

TEST(Push, SendsAgainWhatWasNotTakenWhole) {
    Peer peer;
    const std::vector<std::string> objects = many(30);
    bool balk = true;
    peer.on_post = [&](const Asked& asked,
                       const std::vector<std::string>& ids) -> Result<http::Reply> {
        if (balk && asked.body.find("00000015") != std::string::npos) return answer(422, "");
        return peer.take(ids);
    };
    const Pushed first = push(peer, objects, {.batch = 10});
    EXPECT_EQ(first.report.refused, 1U);
    balk = false;
    const Pushed second = push(peer, objects, {.batch = 10, .earlier = first.recorded});
    EXPECT_EQ(second.report.skipped, 20U);
    EXPECT_EQ(second.report.accepted, 10U);
    ASSERT_THAT(second.recorded, SizeIs(1));
    EXPECT_EQ(second.recorded[0].digest, first.recorded[1].digest);
    EXPECT_TRUE(second.recorded[0].complete);
}

TEST(Push, NoticesAnotherInput) {
    Peer peer;
    std::vector<std::string> objects = many(30);
    const Pushed first = push(peer, objects, {.batch = 10});
    objects[3] = object(1'000);
    const Pushed second = push(peer, objects, {.batch = 10, .earlier = first.recorded});
    EXPECT_FALSE(second.error);
    EXPECT_EQ(second.report.skipped, 20U);
    EXPECT_EQ(second.report.accepted, 10U);
    EXPECT_THAT(peer.server.warnings, SizeIs(1));
    EXPECT_THAT(peer.taken, ::testing::Contains(HasSubstr("00001000")));
}

TEST(Push, StopsBetweenRequestsWhenTheUserWants) {
    Peer peer;
    peer.on_post = [&](const Asked&, const std::vector<std::string>& ids) -> Result<http::Reply> {
        http::Reply reply = peer.take(ids);
        peer.server.stop = peer.sizes.size() == 2;
        return reply;
    };
    const Pushed run = push(peer, many(50), {.batch = 10});
    ASSERT_TRUE(run.error);
    EXPECT_EQ(run.error->code, Errc::conflict);
    EXPECT_THAT(peer.sizes, SizeIs(2));
}

TEST(BatchLine, RoundTrips) {
    const PushedBatch batch{.digest = std::string(64, 'a'), .objects = 1'000, .complete = true};
    const std::string line = batch_line(batch);
    ASSERT_TRUE(line.ends_with('\n'));
    const Result<PushedBatch> back =
        read_batch_line(std::string_view(line).substr(0, line.size() - 1));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->digest, batch.digest);
    EXPECT_EQ(back->objects, 1'000U);
    EXPECT_TRUE(back->complete);
    const std::string hex(64, 'a');
    for (const std::string& bad :
         {std::string(),
          hex,
          hex + " 1",
          hex + " 0 complete",
          hex + " -1 complete",
          hex + " 1 compl",
          hex + " 99999999 complete",
          std::string(64, 'x') + " 1 complete",
          std::string("aa 1 complete"),
          hex + "  complete"}) {
        EXPECT_FALSE(read_batch_line(bad)) << bad;
    }
}

}  // namespace
}  // namespace entente::taxii::client
