// The server with bodies and replies that are compressed.
#include "http/internal/test_server.h"
#include "http/server.h"

#include <gtest/gtest.h>

namespace entente::http {
namespace {

using test::chunked_head;
using test::get;
using test::large_text;
using test::Peer;
using test::post;
using test::RawReply;
using test::ServerTest;
using test::status_of;
using test::TestHandler;

TEST_F(ServerTest, GzipBodiesAreDecoded) {
    echo();
    const std::string body(900, 'x');
    const std::string packed = test::zlib_gzip(body);
    EXPECT_EQ(status_of(talk(post(packed, "Content-Encoding: gzip\r\n"))), 200);
    EXPECT_EQ(status_of(talk(post(packed, "Content-Encoding: X-GZIP\r\n"))), 200);
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", packed.size());
    std::string chunks(chunked_head);
    chunks.insert(chunks.size() - 2, "Content-Encoding: gzip\r\n");
    EXPECT_EQ(status_of(talk(chunks + size + packed + "\r\n0\r\n\r\n")), 200);
    // Others are the handler's business.
    EXPECT_EQ(status_of(talk(post("as it is", "Content-Encoding: br\r\n"))), 200);
    EXPECT_EQ(bodies(), (std::vector<std::string>{body, body, body, "as it is"}));
}

TEST_F(ServerTest, GzipLimitsCountDecodedBytes) {
    const auto packed = [](std::size_t size) {
        return post(test::zlib_gzip(std::string(size, 'x')), "Content-Encoding: gzip\r\n");
    };
    EXPECT_EQ(status_of(talk(packed(1'000))), 200);
    EXPECT_EQ(status_of(talk(packed(1'001))), 413);
    EXPECT_EQ(status_of(talk(packed(50'000'000))), 413);
}

TEST_F(ServerTest, BrokenGzipIsABadBody) {
    const std::string packed = test::zlib_gzip(std::string(500, 'x'));
    std::string wrong = packed;
    wrong[wrong.size() - 6] ^= 1;
    for (const std::string& body :
         {std::string("{}"),
          packed.substr(0, packed.size() - 1),
          packed.substr(0, 5),
          packed + "x",
          wrong}) {
        const std::string reply = talk(post(body, "Content-Encoding: gzip\r\n"));
        EXPECT_EQ(status_of(reply), 400);
        EXPECT_NE(reply.find("from the handler"), std::string::npos);
    }
}

TEST_F(ServerTest, LargeRepliesAreCompressedOnDemand) {
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.body = Outgoing(large_text);
        respond(std::move(response));
    };
    Peer peer = connect();
    peer.send(get("/", "Accept-Encoding: gzip, deflate\r\n"));
    const RawReply packed = peer.read_reply();
    EXPECT_TRUE(packed.has("Content-Encoding: gzip\r\n"));
    EXPECT_TRUE(packed.has("Vary: Accept-Encoding\r\n"));
    EXPECT_LT(packed.body.size(), 500U);
    EXPECT_EQ(test::zlib_gunzip(packed.body), large_text);
    for (const std::string_view accept :
         {"", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: br\r\n"}) {
        peer.send(get("/", accept));
        const RawReply plain = peer.read_reply();
        EXPECT_FALSE(plain.has("Content-Encoding:"));
        EXPECT_TRUE(plain.has("Vary: Accept-Encoding\r\n"));
        EXPECT_EQ(plain.body, large_text);
    }
    peer.send("HEAD / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
    const RawReply head = peer.read_reply(true);
    EXPECT_TRUE(head.has("Content-Length: " + std::to_string(packed.body.size()) + "\r\n"));
}

TEST_F(ServerTest, AnEncodedReplyIsLeftAlone) {
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.headers.emplace_back("content-encoding", "zstd");
        response.body = Outgoing(large_text);
        respond(std::move(response));
    };
    Peer peer = connect();
    peer.send(get("/", "Accept-Encoding: gzip\r\n"));
    const RawReply reply = peer.read_reply();
    EXPECT_EQ(reply.body, large_text);
    EXPECT_FALSE(reply.has("Content-Encoding: gzip"));
}

}  // namespace
}  // namespace entente::http
