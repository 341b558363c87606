#include "watch/door.h"

#include "base/limits.h"
#include "watch/testing/sensors.h"

#include <gtest/gtest.h>

namespace entente::watch {
namespace {

using store::UserNo;
using taxii::testing::Answer;
using testing::dns;
using testing::named;

class DoorTest : public testing::Sensors {
  protected:
    DoorTest() {
        probe = h.user("probe", h.own(), store::Role::sensor);
        admin = h.user("boss", h.own(), store::Role::admin);
        partner = h.user("south-node", h.party("South"));
        h.grant(partner, c, {});
    }

    Answer post(UserNo user, const std::string& body) {
        return server.send(
            {.method = "POST",
             .target = "/entente/events/",
             .token = server.token(user),
             .headers = {{"Content-Type", "application/x-ndjson"}},
             .body = body}
        );
    }

    Answer listen(UserNo user, const std::string& from = "") {
        taxii::testing::Fields headers{{"Accept", "text/event-stream"}};
        if (!from.empty()) headers.emplace_back("Last-Event-ID", from);
        return server.send(
            {.target = "/entente/hits/", .token = server.token(user), .headers = headers}
        );
    }

    /// The next piece of the stream; "end" where it ends.
    std::string piece(http::BodyStream& stream) {
        std::promise<std::string> got;
        stream.next([&](std::optional<Outgoing> bytes) {
            got.set_value(bytes ? std::string(bytes->bytes()) : "end");
        });
        return got.get_future().get();
    }

    UserNo probe{};
    UserNo admin{};
    UserNo partner{};
};

TEST_F(DoorTest, EventsAreTakenFromOwnSendersAndAnswered) {
    publish({named(1, "one.example")});
    start();
    const Answer answer = post(probe, dns("one.example") + "{no\n" + dns("two.example"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
    const auto said = answer.object();
    EXPECT_EQ(said.at("events"), 2);
    EXPECT_EQ(said.at("hits"), 1);
    EXPECT_EQ(said.at("unreadable"), 1);
    EXPECT_EQ(said.at("cut"), 0);
    EXPECT_EQ(said.at("errors").as_array().at(0).as_object().at("line"), 2);
    ASSERT_EQ(hits().size(), 1U);
    EXPECT_EQ(hits()[0].sensor, "probe");
    EXPECT_EQ(post(publisher, dns("one.example")).status, 200);
    EXPECT_EQ(server.get("/api/collections/", server.token(probe)).status, 404) << "and no more";
    EXPECT_EQ(post(reader, dns("one.example")).status, 403);
    EXPECT_EQ(post(partner, dns("one.example")).status, 404) << "a partner learns nothing";
    EXPECT_EQ(
        server.send({.method = "POST", .target = "/entente/events/", .body = "x"}).status, 401
    );
    EXPECT_EQ(server.get("/entente/events/", server.token(publisher)).status, 405);
    const Answer large = post(publisher, std::string(limits::watch_body_bytes_max + 1, 'x'));
    EXPECT_EQ(large.status, 413);
    EXPECT_FALSE(large.body_was_read);
    EXPECT_EQ(server.get("/api/", server.token(publisher)).status, 200) << "TAXII as before";
    stop();
    EXPECT_EQ(post(publisher, dns("one.example")).status, 503);
}

TEST_F(DoorTest, HitsAreHeardByThoseWhoMayInOrder) {
    publish({named(1, "one.example")});
    start();
    ASSERT_EQ(post(publisher, dns("one.example")).status, 200);
    EXPECT_EQ(listen(publisher).status, 403);
    EXPECT_EQ(listen(partner).status, 404);
    const Answer begun = listen(admin);
    ASSERT_EQ(begun.status, 200);
    EXPECT_EQ(begun.header("Content-Type"), "text/event-stream");
    auto stream = server.stream;
    ASSERT_NE(stream, nullptr);
    EXPECT_NE(piece(*stream).find("retry: "), std::string::npos);
    ASSERT_EQ(post(publisher, dns("one.example") + dns("one.example")).status, 200);
    const std::string told = piece(*stream);
    EXPECT_TRUE(told.starts_with("id: run-2\ndata: {\"input\":\"publisher\",\"line\":1,")) << told;
    EXPECT_NE(told.find("\n\nid: run-3\ndata: {"), std::string::npos);
    EXPECT_TRUE(told.ends_with("}\n\n"));

    ASSERT_EQ(listen(reader, "run-2").status, 200) << "the watch's own user";
    stream = server.stream;
    (void)piece(*stream);
    EXPECT_TRUE(piece(*stream).starts_with("id: run-3\n"));
    ASSERT_EQ(listen(reader, "before-99").status, 200);
    stream = server.stream;
    (void)piece(*stream);
    EXPECT_TRUE(piece(*stream).starts_with("id: run-1\n")) << "another run: all that is kept";
}

TEST_F(DoorTest, ARightThatEndsEndsTheStreamAndSoDoesTheNode) {
    publish({named(1, "one.example")});
    start();
    ASSERT_EQ(listen(admin).status, 200);
    const auto stream = server.stream;
    (void)piece(*stream);
    server.store.write([&](store::Transaction& tx) {
        for (store::User row : tx.directory().users) {
            if (row.no != admin) continue;
            row.role = store::Role::reader;
            tx.put(row);
        }
    });
    ASSERT_EQ(post(publisher, dns("one.example")).status, 200);
    EXPECT_EQ(piece(*stream), "end");

    ASSERT_EQ(listen(reader).status, 200);
    const auto other = server.stream;
    (void)piece(*other);
    std::promise<bool> ended;
    other->next([&](std::optional<Outgoing> bytes) { ended.set_value(!bytes); });
    matcher->stop();
    EXPECT_TRUE(ended.get_future().get());
}

TEST_F(DoorTest, OnlySoManyListenAtOnce) {
    start();
    std::vector<std::shared_ptr<http::BodyStream>> streams;
    for (std::size_t i = 0; i < limits::watch_readers_max; ++i) {
        ASSERT_EQ(listen(admin).status, 200);
        streams.push_back(server.stream);
    }
    server.stream.reset();
    EXPECT_EQ(listen(admin).status, 503);
    streams.clear();
    EXPECT_EQ(listen(admin).status, 200);
    server.stream.reset();
}

}  // namespace
}  // namespace entente::watch
