// Requests with a body that are refused for now, by their head: the answer can be read while the
// body is still being sent, and the connection goes on where that is sound.
#include "base/limits.h"
#include "http/internal/test_server.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <string>

namespace entente::http {
namespace {

using test::chunked_head;
using test::get;
using test::Peer;
using test::post;
using test::RawReply;
using test::ServerTest;
using test::TestHandler;

class LaterTest : public ServerTest {
  protected:
    LaterTest() {
        echo();
        // "Ask: 503" is refused with it, by its head.
        handler_.on_admit = [](const Head& head) {
            Admission admission = TestHandler::admission(1U << 20U);
            if (const auto status = head.headers.find("Ask")) {
                admission.refuse = TestHandler::error(std::stoi(std::string(*status)));
            }
            return admission;
        };
    }

    static std::string head(std::uint64_t content_length, const std::string& more) {
        return "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(content_length) +
               "\r\n" + more + "\r\n";
    }

    // What a server would answer that took the body for requests.
    const std::string body_ = get("/smuggled") + std::string(200'000, '\n') + get("/smuggled");
};

TEST_F(LaterTest, TheBodyIsDroppedAndTheConnectionGoesOn) {
    for (const char* const status : {"503", "429"}) {
        Peer peer = connect();
        peer.send(post(body_, "Ask: " + std::string(status) + "\r\n") + post("whole") + get("/"));
        const RawReply refused = peer.read_reply();
        EXPECT_EQ(std::to_string(refused.status()), status);
        EXPECT_FALSE(refused.has("Connection: close"));
        EXPECT_EQ(peer.read_reply().body, "{}");
        EXPECT_EQ(peer.read_reply().body, "{}");
        peer.shutdown_write();
        EXPECT_EQ(peer.read_to_end(), "");
    }
    EXPECT_EQ(bodies(), (std::vector<std::string>{"whole", "", "whole", ""}));
}

TEST_F(LaterTest, TheAnswerIsThereBeforeTheBodyIsSent) {
    Peer peer = connect();
    peer.send(head(body_.size(), "Ask: 503\r\n") + body_.substr(0, 1'000));
    EXPECT_EQ(peer.read_reply().status(), 503);
    EXPECT_TRUE(peer.send(body_.substr(1'000)));
    peer.send(post(body_));
    EXPECT_EQ(peer.read_reply().status(), 200);
    EXPECT_EQ(bodies(), std::vector<std::string>{body_});
}

TEST_F(LaterTest, WhoExpectsContinueIsRefusedInsteadAndTheConnectionEnds) {
    Peer peer = connect();
    peer.send(head(10, "Ask: 503\r\nExpect: 100-continue\r\n"));
    const RawReply refused = peer.read_reply();
    EXPECT_EQ(refused.status(), 503) << "and no 100 before it";
    EXPECT_TRUE(refused.has("Connection: close\r\n"));
    // Whether what comes now is the body or a request, it is not answered.
    EXPECT_TRUE(peer.send(get("/")));
    peer.shutdown_write();
    EXPECT_EQ(peer.read_to_end(), "");
    EXPECT_TRUE(bodies().empty());
}

TEST_F(LaterTest, ALongBodyOrOneOfUnknownLengthEndsTheConnectionAndTheAnswerArrives) {
    const std::uint64_t longer = limits::refused_body_bytes_max + 1;
    const std::string whole(longer, 'x');
    std::string chunked(chunked_head);
    chunked.insert(chunked.size() - 2, "Ask: 503\r\n");
    for (const std::string& request :
         {head(longer, "Ask: 503\r\n") + whole, chunked + "186a0\r\n" + whole.substr(0, 100'000)}) {
        Peer peer = connect();
        EXPECT_TRUE(peer.send(request));
        const RawReply refused = peer.read_reply();
        EXPECT_EQ(refused.status(), 503);
        EXPECT_TRUE(refused.has("Connection: close\r\n"));
        peer.shutdown_write();
        EXPECT_EQ(peer.read_to_end(), "");
    }
    Peer peer = connect();
    peer.send(head(limits::refused_body_bytes_max, "Ask: 503\r\n"));
    EXPECT_FALSE(peer.read_reply().has("Connection: close"));
    EXPECT_TRUE(peer.send(whole.substr(1)));
    peer.send(get("/"));
    EXPECT_EQ(peer.read_reply().status(), 200);
}

TEST_F(LaterTest, WhatIsRefusedForGoodEndsTheConnection) {
    for (const char* const status : {"401", "403", "415", "500"}) {
        Peer peer = connect();
        peer.send(post(body_, "Ask: " + std::string(status) + "\r\n"));
        EXPECT_TRUE(peer.read_reply().has("Connection: close\r\n")) << status;
    }
}

TEST_F(LaterTest, ABodyThatDoesNotComeEndsTheConnection) {
    options_.header_timeout_ms = 50;
    Peer peer = connect();
    peer.send(head(100, "Ask: 503\r\n") + "abc");
    EXPECT_EQ(peer.read_reply().status(), 503);
    EXPECT_EQ(peer.read_to_end(), "");
    Peer other = connect();
    other.send(head(100, "Ask: 503\r\n") + "abc");
    other.shutdown_write();
    EXPECT_EQ(other.read_reply().status(), 503);
    EXPECT_EQ(other.read_to_end(), "") << "nothing is said of a body that breaks off";
}

TEST_F(LaterTest, UnderTlsTheBodyIsDroppedToo) {
    const test::TempDir dir;
    options_.tls = TlsFiles{dir.file("cert.pem"), dir.file("key.pem")};
    ASSERT_TRUE(write_self_signed(*options_.tls, {"localhost"}));
    Peer peer = connect();
    ASSERT_TRUE(peer.start_tls(TLS1_2_VERSION, TLS1_3_VERSION));
    for (int i = 0; i < 2; ++i) {
        peer.send(head(body_.size(), "Ask: 503\r\n") + body_.substr(0, 1'000));
        EXPECT_EQ(peer.read_reply().status(), 503);
        EXPECT_TRUE(peer.send(body_.substr(1'000)));
        peer.send(post(body_));
        EXPECT_EQ(peer.read_reply().status(), 200);
    }
    EXPECT_EQ(bodies(), (std::vector<std::string>{body_, body_}));
}

}  // namespace
}  // namespace entente::http
