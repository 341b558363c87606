// The server against requests that are refused, and bodies up to what is accepted.
#include "http/internal/test_server.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <random>

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

TEST_F(ServerTest, MalformedRequestsAreRefusedAndTheConnectionEnds) {
    const std::string long_target =
        "GET /" + std::string(40'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string long_field = get("/", "X: " + std::string(60'000, 'a') + "\r\n");
    std::string many_fields;
    for (int i = 0; i < 300; ++i)
        many_fields += "X: y\r\n";

    struct Case {
        std::string request;
        int status;
    };

    const Case cases[] = {
        {"garbage\r\n\r\n", 400},
        {"GET /\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},  // no Host
        {get("/", "Host: b\r\n"), 400},
        {"GET / HTTP/1.1\nHost: a\n\n", 400},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 505},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
        {"GET / http/1.1\r\nHost: a\r\n\r\n", 505},
        {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {get("/", "X : y\r\n"), 400},
        {get("/", "X\r\n"), 400},
        {get("/", ": y\r\n"), 400},
        {get("/", "X: a\x01z\r\n"), 400},
        {get("/", "X: a\r\n b\r\n"), 400},
        {get("/", "Content-Length: 1\r\nContent-Length: 1\r\n"), 400},
        {get("/", "Content-Length: 1, 1\r\n"), 400},
        {get("/", "Content-Length: +1\r\n"), 400},
        {get("/", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        {get("/", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        {get("/", "Transfer-Encoding: gzip, chunked\r\n"), 501},
        {get("/", "Transfer-Encoding : chunked\r\n"), 400},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {get("/", "Expect: tea\r\n"), 417},
        {long_target, 414},
        {std::string(50'000, 'a'), 414},
        {long_field, 431},
        {get("/", many_fields), 431},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.request.substr(0, 120));
        handler_.on_admit = [](const Head&) -> Admission {
            ADD_FAILURE() << "the handler must not see it";
            return TestHandler::admission();
        };
        Peer peer = connect();
        // What follows must not be taken for a request: it may be a smuggled one.
        peer.send(c.request + get("/smuggled"));
        const RawReply reply = peer.read_reply();
        EXPECT_EQ(reply.status(), c.status);
        EXPECT_TRUE(reply.has("Connection: close\r\n"));
        EXPECT_TRUE(reply.has("Content-Type: application/taxii+json;version=2.1\r\n"));
        EXPECT_NE(
            reply.body.find("\"http_status\":\"" + std::to_string(c.status) + "\""),
            std::string::npos
        );
        EXPECT_EQ(peer.read_some(), "") << "nothing after the refusal";
    }
}

TEST_F(ServerTest, BrokenBodiesGetTheHandlersAnswer) {
    const std::string cases[] = {
        std::string(chunked_head) + "x\r\nabc\r\n0\r\n\r\n",
        std::string(chunked_head) + "-1\r\n",
        std::string(chunked_head) + "3\r\nabcd\r\n0\r\n\r\n",
        std::string(chunked_head) + "3 \nabc\r\n0\r\n\r\n",
        std::string(chunked_head) + "\r\nabc",
        std::string(chunked_head) + "ffffffffffffffffff\r\nabc",
        std::string(chunked_head) + "1;" + std::string(100'000, 'x'),
        std::string(chunked_head) + "0\r\nX Y: z\r\n\r\n",
        std::string(chunked_head) + "0\r\nContent-Length: 3\r\n\r\n",
        std::string(chunked_head) + "5\r\nabc",                          // cut off
        std::string(chunked_head) + "3\r\nabc\r\n",                      // no last chunk
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",  // wrong Content-Length
    };
    for (const std::string& request : cases) {
        SCOPED_TRACE(request.substr(0, 160));
        const std::string reply = talk(request);
        EXPECT_EQ(status_of(reply), 400);
        EXPECT_NE(reply.find("from the handler"), std::string::npos);
        EXPECT_NE(reply.find("Connection: close"), std::string::npos);
    }
    EXPECT_TRUE(bodies().empty());
}

TEST_F(ServerTest, BodiesUpToTheLimitAreAccepted) {
    echo();
    const std::string exact(1'000, 'x');
    EXPECT_EQ(status_of(talk(post(exact))), 200);
    EXPECT_EQ(
        status_of(talk(std::string(chunked_head) + "3e8\r\n" + exact + "\r\n0\r\n\r\n")), 200
    );
    EXPECT_EQ(bodies(), (std::vector<std::string>{exact, exact}));
    const std::string by_length = talk(post(exact + "x"));
    EXPECT_EQ(status_of(by_length), 413);
    EXPECT_NE(by_length.find("from the handler"), std::string::npos);
    EXPECT_EQ(
        status_of(talk(std::string(chunked_head) + "3e9\r\n" + exact + "x\r\n0\r\n\r\n")), 413
    );
    EXPECT_EQ(bodies().size(), 2U);
}

TEST_F(ServerTest, ARefusalArrivesAlthoughTheClientSendsOn) {
    Peer peer = connect();
    const std::string large(8U << 20U, 'x');
    EXPECT_TRUE(peer.send(post(large)))
        << "the server reads on, so that the answer is not lost to a reset";
    const RawReply reply = peer.read_reply();
    EXPECT_EQ(reply.status(), 413);
    EXPECT_TRUE(reply.has("Connection: close\r\n"));
}

TEST_F(ServerTest, ALargeBodyArrivesWhole) {
    echo();
    handler_.on_admit = [](const Head&) { return TestHandler::admission(64U << 20U); };
    std::mt19937 random(1);
    std::string body(20U << 20U, '\0');
    for (char& c : body)
        c = static_cast<char>(random());
    Peer peer = connect();
    peer.send(post(body));
    EXPECT_EQ(peer.read_reply().status(), 200);
    std::string chunks(chunked_head);
    for (std::size_t at = 0; at < body.size(); at += 1U << 20U) {
        chunks += "100000\r\n" + body.substr(at, 1U << 20U) + "\r\n";
    }
    peer.send(chunks + "0\r\n\r\n");
    EXPECT_EQ(peer.read_reply().status(), 200);
    const auto seen = bodies();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_TRUE(seen[0] == body);
    EXPECT_TRUE(seen[1] == body);
}

TEST_F(ServerTest, ExpectIsAnsweredAfterAdmission) {
    echo();
    Peer peer = connect();
    peer.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("abc");
    EXPECT_EQ(peer.read_reply().status(), 200);
    EXPECT_EQ(bodies(), std::vector<std::string>{"abc"});
    // A client that does not wait gets no interim answer.
    peer.send(post("def", "Expect: 100-continue\r\n"));
    EXPECT_EQ(peer.read_reply().status(), 200);
}

TEST_F(ServerTest, ExpectIsRefusedBeforeTheBody) {
    handler_.on_admit = [](const Head&) {
        Admission admission = TestHandler::admission();
        admission.refuse = TestHandler::error(401);
        return admission;
    };
    handler_.on_handle = [](const Head&, const std::string&, const Respond&) { ADD_FAILURE(); };
    Peer peer = connect();
    peer.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    const RawReply reply = peer.read_reply();
    EXPECT_EQ(reply.status(), 401);
    EXPECT_TRUE(reply.has("Connection: close\r\n"));
    peer.shutdown_write();
    EXPECT_EQ(peer.read_to_end(), "");
    // Too large by its Content-Length: no 100 either.
    handler_.on_admit = [](const Head&) { return TestHandler::admission(); };
    Peer other = connect();
    other.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n"
    );
    EXPECT_EQ(other.read_reply().status(), 413);
}

TEST_F(ServerTest, ARefusalWithoutBodyKeepsTheConnection) {
    handler_.on_admit = [](const Head&) {
        Admission admission = TestHandler::admission();
        admission.refuse = TestHandler::error(404);
        return admission;
    };
    Peer peer = connect();
    peer.send(get("/") + get("/"));
    EXPECT_EQ(peer.read_reply().status(), 404);
    EXPECT_EQ(peer.read_reply().status(), 404);
}

}  // namespace
}  // namespace entente::http
