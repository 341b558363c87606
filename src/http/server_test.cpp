// The server against peers that speak HTTP: what it reads and answers.
#include "http/server.h"

#include "http/internal/test_server.h"

#include <gtest/gtest.h>

namespace entente::http {
namespace {

using test::chunked_head;
using test::get;
using test::Peer;
using test::post;
using test::RawReply;
using test::ServerTest;
using test::status_of;
using test::TestHandler;

TEST_F(ServerTest, AnswersWithItsOwnFields) {
    Peer peer = connect();
    peer.send(get("/"));
    const RawReply reply = peer.read_reply();
    EXPECT_EQ(reply.status(), 200);
    EXPECT_EQ(reply.body, "{}");
    EXPECT_TRUE(reply.has("Content-Length: 2\r\n"));
    EXPECT_TRUE(reply.has("Cache-Control: no-store\r\n"));
    EXPECT_TRUE(reply.has("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_TRUE(reply.has("Server: entente\r\n"));
    EXPECT_TRUE(reply.has("Content-Type: application/taxii+json;version=2.1\r\n"));
    EXPECT_TRUE(reply.has("Date: "));
    EXPECT_FALSE(reply.has("Connection:"));
    EXPECT_FALSE(reply.has("Vary:"));
}

TEST_F(ServerTest, TheHandlerSeesTheRequest) {
    Head seen;
    handler_.on_admit = [&](const Head& head) {
        seen = head;
        return TestHandler::admission();
    };
    EXPECT_EQ(status_of(talk(get("/a%20b/?x=1&y", "X-One: 1\r\nx-one:\t2 \r\n"))), 200);
    EXPECT_EQ(seen.method, "GET");
    EXPECT_EQ(seen.path, "/a%20b/");
    EXPECT_EQ(seen.query, "x=1&y");
    EXPECT_EQ(seen.headers.joined("X-ONE"), "1, 2");
    EXPECT_EQ(seen.address, "127.0.0.1");
    EXPECT_FALSE(seen.tls);
    EXPECT_EQ(seen.request_id.size(), 16U);
    EXPECT_FALSE(seen.content_length);
    const std::string first_id = seen.request_id;
    EXPECT_EQ(status_of(talk(post("abc"))), 200);
    EXPECT_EQ(seen.content_length, 3U);
    EXPECT_NE(seen.request_id, first_id);
}

TEST_F(ServerTest, KeepsTheConnection) {
    Peer peer = connect();
    for (int i = 0; i < 100; ++i) {
        peer.send(i % 2 == 0 ? get("/") : post("abc"));
        ASSERT_EQ(peer.read_reply().status(), 200) << i;
    }
    peer.send(get("/", "Connection: close\r\n"));
    const RawReply last = peer.read_reply();
    EXPECT_TRUE(last.has("Connection: close\r\n"));
    EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(ServerTest, OldClientsAreServed) {
    Peer peer = connect();
    peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(peer.read_reply().has("Connection: keep-alive\r\n"));
    peer.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(peer.read_reply().has("Connection: close\r\n"));
    EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
    echo();
    std::string requests;
    for (int i = 0; i < 50; ++i) {
        requests += post("body " + std::to_string(i));
        requests += std::string(chunked_head) + "3\r\nabc\r\n0\r\n\r\n";
    }
    Peer peer = connect();
    peer.send(requests);
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(peer.read_reply().status(), 200) << i;
    const auto seen = bodies();
    ASSERT_EQ(seen.size(), 100U);
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(seen[2 * i], "body " + std::to_string(i));
        EXPECT_EQ(seen[2 * i + 1], "abc");
    }
}

TEST_F(ServerTest, ArrivesByteByByte) {
    echo();
    Peer peer = connect();
    const std::string request =
        std::string(chunked_head) + "2;x=\"y\"\r\nab\r\n1\r\nc\r\n0\r\nX-Trailer: 1\r\n\r\n";
    for (const char c : request)
        peer.send({&c, 1});
    EXPECT_EQ(peer.read_reply().status(), 200);
    EXPECT_EQ(bodies(), std::vector<std::string>{"abc"});
}

TEST_F(ServerTest, TrailersAreNoHeaders) {
    std::size_t fields = 0;
    handler_.on_handle = [&](const Head& head, const std::string&, const Respond& respond) {
        fields = head.headers.fields().size();
        respond(TestHandler::ok());
    };
    EXPECT_EQ(
        status_of(talk(std::string(chunked_head) + "0\r\nAuthorization: Basic eA==\r\n\r\n")), 200
    );
    EXPECT_EQ(fields, 2U);
}

TEST_F(ServerTest, EmptyLinesBeforeARequestAreOverlooked) {
    Peer peer = connect();
    peer.send("\r\n" + get("/"));
    EXPECT_EQ(peer.read_reply().status(), 200);
    peer.send("\r\n\r\n" + get("/"));
    EXPECT_EQ(peer.read_reply().status(), 200);
    peer.send("\r\n\r\n\r\n" + get("/"));
    EXPECT_EQ(peer.read_reply().status(), 400);
}

TEST_F(ServerTest, HeadGetsTheLengthWithoutTheBody) {
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.body = Outgoing("{\"title\":\"twenty\"}  ");
        respond(std::move(response));
    };
    Peer peer = connect();
    peer.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"));
    const RawReply head = peer.read_reply(true);
    EXPECT_TRUE(head.has("Content-Length: 20\r\n"));
    const RawReply next = peer.read_reply();
    EXPECT_EQ(next.status(), 200);
    EXPECT_EQ(next.body.size(), 20U);
}

TEST_F(ServerTest, SomeStatusesHaveNoBody) {
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.status = 204;
        respond(std::move(response));
    };
    Peer peer = connect();
    peer.send(get("/") + get("/"));
    for (int i = 0; i < 2; ++i) {
        const RawReply reply = peer.read_reply();
        EXPECT_EQ(reply.status(), 204);
        EXPECT_FALSE(reply.has("Content-Length"));
    }
}

}  // namespace
}  // namespace entente::http
