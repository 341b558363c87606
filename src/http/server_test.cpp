// The server against peers that speak, bend and break HTTP byte by byte.
#include "http/server.h"

#include "base/limits.h"
#include "http/internal/test_peer.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <random>
#include <set>

namespace entente::http {
namespace {

using test::Peer;
using test::RawReply;
using test::TestHandler;

class ServerTest : public testing::Test {
  protected:
    ServerTest() {
        options_.port = 0;
        options_.io_threads = 2;
        options_.worker_threads = 4;
    }

    Peer connect() {
        if (!server_) {
            auto made = Server::listen(options_, handler_);
            EXPECT_TRUE(made) << made.error().detail;
            server_ = std::move(*made);
            server_->start();
        }
        return Peer::connect(server_->port());
    }

    /// Sends `request` on a connection of its own and returns all that comes back until the end.
    std::string talk(std::string_view request, bool half_close = true) {
        Peer peer = connect();
        peer.send(request);
        if (half_close) peer.shutdown_write();
        return peer.read_to_end();
    }

    /// Echoes each body, to see what the handler saw.
    void echo() {
        handler_.on_handle = [this](const Head&, const std::string& body, const Respond& respond) {
            {
                const std::lock_guard lock(mutex_);
                bodies_.push_back(body);
            }
            respond(TestHandler::ok());
        };
    }

    std::vector<std::string> bodies() {
        const std::lock_guard lock(mutex_);
        return bodies_;
    }

    TestHandler handler_;
    ServerOptions options_;
    std::unique_ptr<Server> server_;
    std::mutex mutex_;  // guards bodies_
    std::vector<std::string> bodies_;
};

int status_of(const std::string& reply) {
    return RawReply{reply, {}}.status();
}

std::string get(std::string_view target, std::string_view more = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n";
}

std::string post(std::string_view body, std::string_view more = "") {
    return "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + std::string(more) + "\r\n" + std::string(body);
}

constexpr std::string_view chunked_head =
    "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

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

// ---- Requests that are refused

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

// ---- gzip

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

constexpr char large_text[] =
#define TEN(x) x x x x x x x x x x
    "[" TEN(TEN("\"0123456789abcdef\",")) "1]";

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

constexpr char hundred_kilobytes[] = TEN(TEN(TEN(TEN("0123456789")))) "!";

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

// ---- Handlers that fail

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

// ---- Time and numbers

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

// ---- Ending

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
