// The server with handlers that fail, answer late, twice or not at all.
#include "http/internal/test_server.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

namespace entente::http {
namespace {

using test::get;
using test::Peer;
using test::post;
using test::RawReply;
using test::ServerTest;
using test::status_of;
using test::TestHandler;

TEST_F(ServerTest, ExceptionsBecomeRepliesWithoutDetail) {
    struct Case {
        std::function<void()> thrower;
        int status;
    };

    const Case cases[] = {
        {[] { throw std::runtime_error("secret detail"); }, 500},
        {[] { throw StorageError(StorageError::Kind::full, "secret detail"); }, 503},
        {[] { throw StorageError(StorageError::Kind::io, "secret detail"); }, 503},
        {[] { throw StorageError(StorageError::Kind::busy, "secret detail"); }, 503},
        {[] { throw StorageError(StorageError::Kind::corrupt, "secret detail"); }, 500},
        {[] { throw 7; }, 500},
    };
    for (const Case& c : cases) {
        for (const bool in_admit : {true, false}) {
            TestHandler fresh;
            handler_.on_admit = fresh.on_admit;
            handler_.on_handle = fresh.on_handle;
            if (in_admit) {
                handler_.on_admit = [&](const Head&) {
                    c.thrower();
                    return TestHandler::admission();
                };
            } else {
                handler_.on_handle = [&](const Head&, const std::string&, const Respond&) {
                    c.thrower();
                };
            }
            for (const std::string& request : {get("/"), post("abc")}) {
                const std::string reply = talk(request);
                EXPECT_EQ(status_of(reply), c.status);
                EXPECT_EQ(reply.find("secret"), std::string::npos);
                EXPECT_EQ(reply.find("Retry-After:") != std::string::npos, c.status == 503);
            }
        }
    }
}

TEST_F(ServerTest, AnAdmissionMayComeFromAnotherThread) {
    // Password checks run elsewhere; what follows must still run on a worker.
    class Slow final : public Handler {
      public:
        ~Slow() override {
            for (std::thread& thread : threads)
                thread.join();
        }

        void admit(std::shared_ptr<const Head> head, std::function<void(Admission)> then) override {
            const std::lock_guard lock(mutex);
            threads.emplace_back([this, head, then] {
                {
                    const std::lock_guard inner(mutex);
                    others.insert(std::this_thread::get_id());
                }
                Admission admission = TestHandler::admission();
                admission.context = std::make_shared<std::string>(head->path);
                then(std::move(admission));
            });
        }

        void handle(
            std::shared_ptr<const Head> head,
            std::string /*body*/,
            std::shared_ptr<void> context,
            Respond respond
        ) override {
            const std::lock_guard lock(mutex);
            const bool good = !others.contains(std::this_thread::get_id()) &&
                              *std::static_pointer_cast<std::string>(context) == head->path;
            respond(good ? TestHandler::ok() : TestHandler::error(500));
        }

        std::mutex mutex;  // guards the rest
        std::vector<std::thread> threads;
        std::set<std::thread::id> others;
    } slow;

    auto made = Server::listen(options_, slow);
    ASSERT_TRUE(made);
    (*made)->start();
    Peer peer = Peer::connect((*made)->port());
    for (const std::string& request : {get("/a"), post("abc"), get("/b")}) {
        peer.send(request);
        EXPECT_EQ(peer.read_reply().status(), 200);
    }
}

TEST_F(ServerTest, AnAnswerThatIsThereAlreadyAsksNoWorker) {
    std::atomic<int> admitted = 0;
    handler_.on_admit = [&](const Head&) {
        ++admitted;
        return TestHandler::admission();
    };
    handler_.on_at_once = [](const Head& head) -> std::optional<Response> {
        if (head.path == "/throws") throw std::runtime_error("a fault");
        if (head.path != "/known") return std::nullopt;
        Response response = TestHandler::ok();
        response.body = Outgoing("{\"known\":true}");
        return response;
    };
    Peer peer = connect();
    peer.send(get("/known") + get("/known") + get("/other") + get("/throws"));
    EXPECT_EQ(peer.read_reply().body, "{\"known\":true}");
    EXPECT_EQ(peer.read_reply().body, "{\"known\":true}");
    EXPECT_EQ(peer.read_reply().body, "{}");
    EXPECT_EQ(peer.read_reply().body, "{}") << "one that throws is asked as any other";
    EXPECT_EQ(admitted, 2);
    peer.send("POST /known HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
    EXPECT_EQ(peer.read_reply().body, "{}") << "a body is for the handler";
    EXPECT_EQ(admitted, 3);
}

TEST_F(ServerTest, AReplyMayEndTheConnection) {
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.close = true;
        respond(std::move(response));
    };
    Peer peer = connect();
    peer.send(get("/") + get("/"));
    EXPECT_TRUE(peer.read_reply().has("Connection: close\r\n"));
    EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(ServerTest, AForgottenReplyIsA500) {
    handler_.on_handle = [](const Head&, const std::string&, const Respond&) {};
    EXPECT_EQ(status_of(talk(get("/"))), 500);
    EXPECT_EQ(status_of(talk(post("abc"))), 500);
}

TEST_F(ServerTest, OnlyTheFirstReplyCounts) {
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        respond(TestHandler::ok());
        respond(TestHandler::error(404));
        throw std::runtime_error("and then this");
    };
    Peer peer = connect();
    for (int i = 0; i < 20; ++i) {
        peer.send(get("/"));
        ASSERT_EQ(peer.read_reply().status(), 200);
    }
}

TEST_F(ServerTest, HeadersOfAHandlerCannotBecomeOthers) {
    struct Case {
        std::string name, value;
    };

    const Case cases[] = {
        {"X-A", "b\r\nX-Injected: 1"},
        {"X-A", "b\nc"},
        {"X-A", std::string("b\0c", 3)},
        {"X-A\r\nX-Injected", "1"},
        {"X A", "b"},
        {"", "b"},
    };
    for (const Case& c : cases) {
        handler_.on_handle = [&](const Head&, const std::string&, const Respond& respond) {
            Response response = TestHandler::ok();
            response.headers.emplace_back(c.name, c.value);
            respond(std::move(response));
        };
        const std::string reply = talk(get("/"));
        EXPECT_EQ(status_of(reply), 500);
        EXPECT_EQ(reply.find("Injected"), std::string::npos);
    }
}

TEST_F(ServerTest, ConnectionFieldsOfAHandlerAreIgnored) {
    handler_.on_handle = [](const Head&, const std::string&, const Respond& respond) {
        Response response = TestHandler::ok();
        response.headers.emplace_back("content-length", "100");
        response.headers.emplace_back("Transfer-Encoding", "chunked");
        response.headers.emplace_back("Cache-Control", "private");
        respond(std::move(response));
    };
    Peer peer = connect();
    peer.send(get("/"));
    const RawReply reply = peer.read_reply();
    EXPECT_EQ(reply.body, "{}");
    EXPECT_FALSE(reply.has("Transfer-Encoding"));
    EXPECT_FALSE(reply.has("content-length: 100"));
    EXPECT_TRUE(reply.has("Cache-Control: private\r\n"));
    EXPECT_FALSE(reply.has("Cache-Control: no-store"));
}

TEST_F(ServerTest, RepliesMayComeFromAnyThreadAndLate) {
    std::promise<Respond> asked;
    handler_.on_handle = [&](const Head&, const std::string&, const Respond& respond) {
        asked.set_value(respond);
    };
    Peer peer = connect();
    peer.send(get("/"));
    std::thread([respond = asked.get_future().get()] { respond(TestHandler::error(404)); }).join();
    EXPECT_EQ(peer.read_reply().status(), 404);
}

}  // namespace
}  // namespace entente::http
