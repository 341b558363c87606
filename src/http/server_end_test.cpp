// The server when it is started and ended.
#include "http/internal/test_server.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <thread>

namespace entente::http {
namespace {

using test::get;
using test::hundred_kilobytes;
using test::Peer;
using test::post;
using test::RawReply;
using test::ServerTest;
using test::status_of;
using test::TestHandler;

TEST_F(ServerTest, StopLetsARunningRequestEnd) {
    std::promise<Respond> asked;
    handler_.on_handle = [&](const Head&, const std::string&, const Respond& respond) {
        asked.set_value(respond);
    };
    Peer idle = connect();
    Peer busy = connect();
    idle.send(get("/none", ""));
    const Respond idle_respond = asked.get_future().get();
    idle_respond(TestHandler::ok());
    EXPECT_EQ(idle.read_reply().status(), 200);
    asked = {};
    busy.send(get("/"));
    const Respond respond = asked.get_future().get();
    std::thread stopper([&] { server_->stop(20'000); });
    EXPECT_EQ(idle.read_to_end(), "") << "an idle connection ends at once";
    respond(TestHandler::ok());
    const RawReply reply = busy.read_reply();
    EXPECT_EQ(reply.status(), 200);
    EXPECT_TRUE(reply.has("Connection: close\r\n"));
    EXPECT_EQ(busy.read_to_end(), "");
    stopper.join();
}

TEST_F(ServerTest, CutsOffTheRequestThatIsPickedAndNoOther) {
    const auto picked = std::make_shared<int>(1);
    handler_.on_admit = [&](const Head& head) {
        Admission admission = TestHandler::admission();
        admission.context = head.path == "/picked" ? picked : std::make_shared<int>(2);
        return admission;
    };
    std::promise<Respond> first;
    std::promise<Respond> second;
    handler_.on_handle = [&](const Head& head, const std::string&, const Respond& respond) {
        (head.path == "/picked" ? first : second).set_value(respond);
    };
    Peer other = connect();
    other.send(get("/other"));
    const Respond respond = second.get_future().get();
    Peer idle = connect();  // has no request, so nothing that could be picked
    Peer peer = connect();
    peer.send(get("/picked"));
    const Respond never = first.get_future().get();
    server_->cut_off([&](const void* context) { return context == picked.get(); });
    EXPECT_EQ(peer.read_to_end(), "");
    respond(TestHandler::ok());
    EXPECT_EQ(other.read_reply().status(), 200);
    handler_.on_handle = [](const Head&, const std::string&, const Respond& ok) {
        ok(TestHandler::ok());
    };
    idle.send(get("/"));
    EXPECT_EQ(idle.read_reply().status(), 200);
}

TEST_F(ServerTest, StopDoesNotWaitForEver) {
    std::promise<Respond> asked;
    handler_.on_handle = [&](const Head&, const std::string&, const Respond& respond) {
        asked.set_value(respond);
    };
    Peer peer = connect();
    peer.send(get("/"));
    const Respond respond = asked.get_future().get();
    server_->stop(10);
    EXPECT_EQ(peer.read_to_end(), "");
    server_.reset();
    respond(TestHandler::ok());  // too late, and harmless
}

TEST_F(ServerTest, StopUnderLoad) {
    handler_.on_admit = [](const Head&) { return TestHandler::admission(1U << 20U); };
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.body = Outgoing(hundred_kilobytes);
        respond(std::move(response));
    };
    (void)connect();
    std::vector<std::thread> clients;
    std::array<int, 6> last{};  // the status of each one's last reply; 0 = cut off
    std::promise<void> running;
    for (std::size_t c = 0; c < last.size(); ++c) {
        clients.emplace_back([&, c] {
            Peer peer = Peer::connect(server_->port());
            last[c] = 200;
            for (int i = 0; last[c] == 200; ++i) {
                const std::string request = c % 2 == 0 ? get("/", "Accept-Encoding: gzip\r\n")
                                                       : post(std::string(100'000, 'x'));
                last[c] = peer.send(request) ? peer.read_reply().status() : 0;
                if (c == 0 && i == 20) running.set_value();
            }
        });
    }
    running.get_future().wait();
    server_->stop(1);
    // Every client comes to its end: the connections are closed, whatever they were doing, and
    // nobody was told of an error that was none.
    for (std::thread& client : clients)
        client.join();
    for (const int status : last)
        EXPECT_EQ(status, 0);
}

TEST_F(ServerTest, AnAdmissionAfterTheEndIsHarmless) {
    // A password check may outlive the server.
    class Slow final : public Handler {
      public:
        void admit(std::shared_ptr<const Head>, std::function<void(Admission)> then) override {
            asked.set_value(std::move(then));
        }

        void handle(std::shared_ptr<const Head>, std::string, std::shared_ptr<void>, Respond)
            override {
            ADD_FAILURE();
        }

        std::promise<std::function<void(Admission)>> asked;
    } slow;

    auto made = Server::listen(options_, slow);
    ASSERT_TRUE(made);
    (*made)->start();
    Peer peer = Peer::connect((*made)->port());
    peer.send(get("/"));
    std::function<void(Admission)> then = slow.asked.get_future().get();
    (*made)->stop(0);
    made->reset();
    EXPECT_EQ(peer.read_to_end(), "");
    then(TestHandler::admission());
    then = nullptr;
}

TEST_F(ServerTest, StopEndsEveryKindOfWait) {
    Peer idle = connect();
    Peer in_head = connect();
    Peer in_body = connect();
    in_head.send("GET / HT");
    in_body.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
    );
    EXPECT_EQ(in_body.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    server_->stop(0);
    EXPECT_EQ(idle.read_to_end(), "");
    EXPECT_EQ(in_head.read_to_end(), "");
    EXPECT_EQ(in_body.read_to_end(), "");
}

TEST_F(ServerTest, ListenSaysWhatIsWrong) {
    (void)connect();
    ServerOptions taken = options_;
    taken.port = server_->port();
    const auto conflict = Server::listen(taken, handler_);
    ASSERT_FALSE(conflict);
    EXPECT_EQ(conflict.error().code, Errc::conflict);
    for (const char* address : {"example.org", "1.2.3", "", "[::1", "192.0.2.1"}) {
        ServerOptions wrong = options_;
        wrong.address = address;
        const auto result = Server::listen(wrong, handler_);
        ASSERT_FALSE(result) << address;
        EXPECT_EQ(result.error().code, Errc::invalid_argument);
    }
}

TEST_F(ServerTest, NeverStartedMayGoAway) {
    auto made = Server::listen(options_, handler_);
    ASSERT_TRUE(made);
    EXPECT_NE((*made)->port(), 0);
}

TEST_F(ServerTest, AddressesOfBothFamilies) {
    options_.address = "[::1]";
    auto made = Server::listen(options_, handler_);
    if (!made) GTEST_SKIP() << "no IPv6 here: " << made.error().detail;
    (*made)->start();
    EXPECT_NE((*made)->port(), 0);
    options_.address = "localhost";
    EXPECT_EQ(status_of(talk(get("/"))), 200);
}

TEST_F(ServerTest, ManyClientsAtOnce) {
    echo();
    (void)connect();
    std::vector<std::thread> clients;
    std::vector<int> good(8, 0);
    for (std::size_t c = 0; c < good.size(); ++c) {
        clients.emplace_back([&, c] {
            Peer peer = Peer::connect(server_->port());
            for (int i = 0; i < 200; ++i) {
                peer.send(i % 3 == 0 ? post(std::string(500, 'x')) : get("/"));
                if (peer.read_reply().status() == 200) ++good[c];
            }
        });
    }
    for (std::thread& client : clients)
        client.join();
    for (const int count : good)
        EXPECT_EQ(count, 200);
}

}  // namespace
}  // namespace entente::http
