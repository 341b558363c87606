// The server's first look at a request, what it does with more than it can do, and whose request it
// takes one for.
#include "http/internal/test_server.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace entente::http {
namespace {

using test::get;
using test::Peer;
using test::post;
using test::RawReply;
using test::ServerTest;
using test::TestHandler;

Response too_many() {
    return {.status = 429, .headers = {{"Retry-After", "7"}}, .body = Outgoing("later")};
}

TEST_F(ServerTest, AFirstLookMayAnswerAndNoWorkIsSpent) {
    std::atomic<int> admitted{0};
    handler_.on_admit = [&](const Head&) {
        ++admitted;
        return TestHandler::admission();
    };
    options_.on_request = [](const Head& head) {
        FirstLook first;
        if (head.path == "/often") first.answer = too_many();
        return first;
    };
    std::atomic<int> answered{0};
    options_.on_answer = [&](const Answer& answer) {
        if (answer.status == 429 && answer.address == "127.0.0.1") ++answered;
    };
    Peer peer = connect();
    peer.send(get("/often"));
    const RawReply refused = peer.read_reply();
    EXPECT_EQ(refused.status(), 429);
    EXPECT_NE(refused.head.find("Retry-After: 7"), std::string::npos);
    EXPECT_EQ(admitted, 0);
    peer.send(get("/"));
    EXPECT_EQ(peer.read_reply().status(), 200) << "the connection goes on";
    EXPECT_EQ(admitted, 1);
    EXPECT_EQ(answered, 1);
}

/// One worker, which the first request keeps until it is let go.
class BusyServerTest : public ServerTest {
  protected:
    BusyServerTest() {
        options_.worker_threads = 1;
        handler_.on_handle = [this](const Head& head, const std::string&, const Respond& respond) {
            if (head.path == "/slow") {
                busy_.set_value();
                go_on_.get_future().wait();
            }
            respond(TestHandler::ok());
        };
        options_.on_request = [](const Head& head) {
            return FirstLook{.answer = {}, .urgent = head.path == "/urgent"};
        };
    }

    /// Returns when the worker is busy.
    Peer keep_busy() {
        Peer slow = connect();
        slow.send(get("/slow"));
        busy_.get_future().wait();
        return slow;
    }

    void wait_for_waiting(std::size_t count) {
        while (server_->load().waiting != count)
            std::this_thread::yield();
    }

    std::promise<void> busy_;
    std::promise<void> go_on_;
};

TEST_F(BusyServerTest, RefusesWhatWouldWaitBehindTooMany) {
    options_.requests_waiting_max = 2;
    Peer slow = keep_busy();
    Peer first = connect();
    first.send(get("/"));
    Peer second = connect();
    second.send(post("abc"));
    wait_for_waiting(2);
    Peer third = connect();
    third.send(get("/"));
    const RawReply refused = third.read_reply();
    EXPECT_EQ(refused.status(), 503);
    EXPECT_NE(refused.head.find("Retry-After: "), std::string::npos);
    EXPECT_EQ(server_->load().refused, 1U);
    Peer urgent = connect();
    urgent.send(get("/urgent"));
    go_on_.set_value();
    for (Peer* const peer : {&slow, &first, &second, &urgent})
        EXPECT_EQ(peer->read_reply().status(), 200);
    third.send(get("/"));
    EXPECT_EQ(third.read_reply().status(), 200) << "the connection goes on";
    EXPECT_EQ(server_->load().waiting, 0U);
}

TEST_F(BusyServerTest, RefusesWhatHasWaitedTooLong) {
    options_.request_wait_ms_max = 100;  // a busy machine may take some before the worker begins
    Peer slow = keep_busy();
    Peer late = connect();
    late.send(get("/"));
    Peer urgent = connect();
    urgent.send(get("/urgent"));
    wait_for_waiting(1);
    const auto enough = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
    while (std::chrono::steady_clock::now() < enough)
        std::this_thread::yield();
    go_on_.set_value();
    EXPECT_EQ(slow.read_reply().status(), 200) << "what is begun is ended";
    EXPECT_EQ(late.read_reply().status(), 503);
    EXPECT_EQ(urgent.read_reply().status(), 200);
    EXPECT_EQ(server_->load().refused, 1U);
}

TEST_F(ServerTest, OnlyATrustedProxyTellsWhoseRequestItIs) {
    std::mutex mutex;
    std::string seen;
    handler_.on_admit = [&](const Head& head) {
        const std::lock_guard lock(mutex);
        seen = head.address;
        return TestHandler::admission();
    };
    const auto client = [&] {
        Peer peer = connect();
        peer.send(get("/", "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n"));
        EXPECT_EQ(peer.read_reply().status(), 200);
        const std::lock_guard lock(mutex);
        return seen;
    };
    EXPECT_EQ(client(), "127.0.0.1");
    server_->trust({parse_network("127.0.0.1").value()});
    EXPECT_EQ(client(), "198.51.100.7");
    server_->trust({parse_network("192.0.2.0/24").value()});
    EXPECT_EQ(client(), "127.0.0.1");
}

}  // namespace
}  // namespace entente::http
