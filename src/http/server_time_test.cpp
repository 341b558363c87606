// The server against peers that are slow, many, or send garbage.
#include "http/internal/test_server.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <random>

namespace entente::http {
namespace {

using test::chunked_head;
using test::get;
using test::hundred_kilobytes;
using test::large_text;
using test::Peer;
using test::post;
using test::RawReply;
using test::ServerTest;
using test::status_of;
using test::TestHandler;

TEST_F(ServerTest, ASlowHeadEnds) {
    options_.header_timeout_ms = 50;
    Peer peer = connect();
    peer.send("GET / HTTP/1.1\r\nHost: ");
    const RawReply reply = peer.read_reply();
    EXPECT_EQ(reply.status(), 408);
    Peer silent = connect();
    EXPECT_EQ(silent.read_to_end(), "") << "who said nothing is told nothing";
}

TEST_F(ServerTest, ASlowHeadEndsOnAKeptConnectionToo) {
    options_.header_timeout_ms = 50;
    Peer peer = connect();
    peer.send(get("/"));
    EXPECT_EQ(peer.read_reply().status(), 200);
    peer.send("GET");
    EXPECT_EQ(peer.read_reply().status(), 408);
}

TEST_F(ServerTest, AnIdleConnectionEnds) {
    options_.idle_timeout_ms = 50;
    Peer peer = connect();
    peer.send(get("/"));
    EXPECT_EQ(peer.read_reply().status(), 200);
    EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(ServerTest, ASlowBodyEnds) {
    options_.header_timeout_ms = 50;
    Peer peer = connect();
    peer.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
    EXPECT_EQ(peer.read_reply().status(), 408);
}

TEST_F(ServerTest, AReaderThatStallsIsDropped) {
    options_.write_timeout_ms = 100;
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.body = Outgoing(large_text);
        respond(std::move(response));
    };
    Peer peer = connect();
    // Many requests in one go, no reading: the replies fill both kernels' buffers, then the server
    // waits for room, and gives up.
    std::string requests;
    for (int i = 0; i < 20'000; ++i)
        requests += get("/");
    peer.send(requests);
    EXPECT_TRUE(peer.wait_for_end());
    server_->stop(10'000);
}

TEST_F(ServerTest, TooManyConnectionsAreTurnedAway) {
    options_.connections_max = 2;
    Peer first = connect();
    Peer second = connect();
    first.send(get("/"));
    second.send(get("/"));
    EXPECT_EQ(first.read_reply().status(), 200);
    EXPECT_EQ(second.read_reply().status(), 200);
    Peer third = connect();
    const RawReply reply = third.read_reply();
    EXPECT_EQ(reply.status(), 503);
    EXPECT_TRUE(reply.has("Retry-After: "));
    EXPECT_EQ(third.read_to_end(), "");
    first.send(get("/", "Connection: close\r\n"));
    EXPECT_EQ(first.read_reply().status(), 200);
    first.read_to_end();
    // The place is free again, at the latest when the server has noticed.
    int status = 503;
    for (int i = 0; i < 10'000 && status == 503; ++i) {
        Peer next = connect();
        next.send(get("/"));
        status = next.read_reply().status();
    }
    EXPECT_EQ(status, 200);
}

TEST_F(ServerTest, AllBodiesTogetherAreBounded) {
    echo();
    options_.bodies_in_flight_bytes_max = 100'000;
    handler_.on_admit = [](const Head&) { return TestHandler::admission(10U << 20U); };
    const std::string over = talk(post(std::string(200'000, 'x')));
    EXPECT_EQ(status_of(over), 503);
    EXPECT_NE(over.find("Retry-After: "), std::string::npos);
    const std::string bomb = test::zlib_gzip(std::string(5'000'000, 'x'));
    EXPECT_EQ(status_of(talk(post(bomb, "Content-Encoding: gzip\r\n"))), 503);
    EXPECT_TRUE(bodies().empty());
    // What was taken has been given back.
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(status_of(talk(post(std::string(90'000, 'x')))), 200);
    // Replies count too.
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.body = Outgoing(hundred_kilobytes);
        respond(std::move(response));
    };
    Peer peer = connect();
    for (int i = 0; i < 3; ++i) {
        peer.send(get("/"));
        EXPECT_EQ(peer.read_reply().status(), 503);
    }
}

TEST_F(ServerTest, HalfClosedClientsGetTheirAnswer) {
    EXPECT_EQ(status_of(talk(get("/"))), 200);
    EXPECT_EQ(status_of(talk(get("/") + "GET")), 200);
    EXPECT_EQ(status_of(talk("GET / HT")), 400);
    EXPECT_EQ(talk(""), "");
}

TEST_F(ServerTest, ResetsAndGarbageHurtNobody) {
    std::minstd_rand random(3);
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.body = Outgoing(large_text);
        respond(std::move(response));
    };
    for (int i = 0; i < 200; ++i) {
        Peer peer = connect();
        std::string bytes = i % 2 == 0 ? get("/") + get("/") + post("abc") : std::string(200, '\0');
        for (int flips = i % 7; flips > 0; --flips)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        if (i % 2 == 1) {
            for (char& c : bytes)
                c = static_cast<char>(random());
        }
        peer.send(bytes.substr(0, random() % bytes.size()));
        if (i % 3 == 0) peer.reset();
    }
    EXPECT_EQ(status_of(talk(get("/"))), 200);
}

TEST_F(ServerTest, MutatedChunksNeverCrash) {
    handler_.on_admit = [](const Head&) { return TestHandler::admission(100'000); };
    std::minstd_rand random(11);
    const std::string good = std::string(chunked_head) +
                             "5;a=b;c=\"d\"\r\nhello\r\nA\r\n0123456789\r\n0;e\r\nX: y\r\n\r\n";
    for (int i = 0; i < 500; ++i) {
        std::string bytes = good;
        for (auto flips = 1 + random() % 3; flips > 0; --flips) {
            const std::size_t at =
                chunked_head.size() + random() % (bytes.size() - chunked_head.size());
            const std::string_view interesting = "\r\n;=\"0fF \t:x\xff";
            bytes[at] = interesting[random() % interesting.size()];
        }
        const int status = status_of(talk(bytes));
        EXPECT_TRUE(status == 200 || status == 400 || status == 413) << status << "\n" << bytes;
    }
}

}  // namespace
}  // namespace entente::http
