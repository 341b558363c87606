// The client against our server and against servers that lie, stall and never end.
#include "http/client.h"

#include "base/limits.h"
#include "http/internal/test_peer.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <atomic>

namespace entente::http {
namespace {

using test::Peer;
using test::ScriptedServer;
using test::TestHandler;

ClientOptions quick() {
    ClientOptions options;
    options.connect_timeout_ms = 10'000;
    options.read_timeout_ms = 10'000;
    options.reply_bytes_max = 10'000;
    return options;
}

std::unique_ptr<Client> client_of(std::uint16_t port, const ClientOptions& options = quick()) {
    return Client::make({"http", "127.0.0.1", port}, options);
}

/// Reads one request head and sends `reply`.
std::function<void(Peer&, int)> replies(const std::string& reply) {
    return [reply](Peer& peer, int) {
        peer.read_until("\r\n\r\n");
        peer.send(reply);
        peer.shutdown_write();
        peer.read_to_end();
    };
}

Result<Reply> get_from(
    const std::function<void(Peer&, int)>& script, const ClientOptions& options = quick()
) {
    const ScriptedServer server(script);
    const auto client = client_of(server.port(), options);
    return client->send("GET", "/x", {}, {});
}

Errc code_of(const Result<Reply>& result) {
    EXPECT_FALSE(result) << "status " << result->status << " body of " << result->body.size();
    return result ? Errc::corrupt : result.error().code;
}

TEST(Client, SendsAWholeRequest) {
    std::string seen;
    {
        const ScriptedServer server([&](Peer& peer, int) {
            seen = peer.read_until("\r\n\r\n");
            seen += peer.read_exactly(5);
            peer.send("HTTP/1.1 202 Fine\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nok");
        });
        const auto client = client_of(server.port());
        Headers headers;
        headers.add("Accept", "application/taxii+json;version=2.1");
        headers.add("Authorization", "Bearer x");
        const auto reply = client->send("POST", "/a/b/?c=d", headers, "hello");
        ASSERT_TRUE(reply) << reply.error().detail;
        EXPECT_EQ(reply->status, 202);
        EXPECT_EQ(reply->headers.find("x-one"), "1");
        EXPECT_EQ(reply->body, "ok");
    }
    EXPECT_EQ(seen.substr(0, seen.find("\r\n")), "POST /a/b/?c=d HTTP/1.1");
    EXPECT_NE(seen.find("\r\nHost: 127.0.0.1:"), std::string::npos);
    EXPECT_NE(seen.find("\r\nUser-Agent: entente\r\n"), std::string::npos);
    EXPECT_NE(seen.find("\r\nAuthorization: Bearer x\r\n"), std::string::npos);
    EXPECT_NE(seen.find("\r\nContent-Length: 5\r\n"), std::string::npos);
    EXPECT_TRUE(seen.ends_with("\r\n\r\nhello"));
}

TEST(Client, KeepsTheConnection) {
    std::atomic<int> connections = 0;
    const ScriptedServer server([&](Peer& peer, int) {
        ++connections;
        while (!peer.read_until("\r\n\r\n").empty()) {
            peer.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n0\r\nT: "
                "1\r\n\r\n"
            );
        }
    });
    const auto client = client_of(server.port());
    for (int i = 0; i < 20; ++i) {
        const auto reply = client->send("GET", "/", {}, {});
        ASSERT_TRUE(reply) << reply.error().detail;
        EXPECT_EQ(reply->body, "ok");
        EXPECT_FALSE(reply->headers.find("T")) << "trailers are no headers";
    }
    EXPECT_EQ(connections, 1);
}

TEST(Client, RepeatsOnceOnAStaleConnection) {
    // The first connection ends on the second request, without any answer: it was stale.
    std::vector<std::string> seen;
    const ScriptedServer server([&](Peer& peer, int connection) {
        for (int i = 0;; ++i) {
            const std::string head = peer.read_until("\r\n\r\n");
            if (head.empty() || (connection == 0 && i == 1)) return;
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(connection));
        }
    });
    const auto client = client_of(server.port());
    EXPECT_EQ(client->send("GET", "/", {}, {})->body, "0");
    const auto second = client->send("GET", "/", {}, {});
    ASSERT_TRUE(second) << second.error().detail;
    EXPECT_EQ(second->body, "1");
}

TEST(Client, DoesNotRepeatWhenSomethingOfAnAnswerCame) {
    std::atomic<int> requests = 0;
    const ScriptedServer server([&](Peer& peer, int) {
        for (int i = 0; !peer.read_until("\r\n\r\n").empty(); ++i) {
            ++requests;
            if (i == 1) {
                peer.send("HTTP/1.1 200 OK\r\nContent-Le");
                return;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    const auto client = client_of(server.port());
    EXPECT_TRUE(client->send("GET", "/", {}, {}));
    EXPECT_EQ(code_of(client->send("GET", "/", {}, {})), Errc::overloaded);
    EXPECT_EQ(requests, 2);
}

TEST(Client, DoesNotRepeatOnAFreshConnection) {
    std::atomic<int> connections = 0;
    const ScriptedServer server([&](Peer& peer, int) {
        ++connections;
        peer.read_until("\r\n\r\n");
    });
    const auto client = client_of(server.port());
    EXPECT_EQ(code_of(client->send("GET", "/", {}, {})), Errc::overloaded);
    EXPECT_EQ(connections, 1);
}

TEST(Client, AnUnaskedReplyIsNeverTakenForTheNext) {
    const ScriptedServer server([&](Peer& peer, int connection) {
        peer.read_until("\r\n\r\n");
        const std::string one = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
        peer.send(one + (connection == 0 ? "good" : "next") + one + "evil");
        peer.read_until("\r\n\r\n");
    });
    const auto client = client_of(server.port());
    EXPECT_EQ(client->send("GET", "/", {}, {})->body, "good");
    EXPECT_EQ(client->send("GET", "/", {}, {})->body, "next");
}

TEST(Client, BodiesWithoutLengthEndWithTheConnection) {
    const auto reply = get_from(replies("HTTP/1.1 200 OK\r\n\r\nuntil the end"));
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->body, "until the end");
}

TEST(Client, HeadAndBodilessStatusesHaveNoBody) {
    const ScriptedServer server([](Peer& peer, int) {
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Encoding: gzip\r\n\r\n");
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 204 No Content\r\n\r\n");
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    });
    const auto client = client_of(server.port());
    for (const int status : {200, 204, 304}) {
        const auto reply = client->send(status == 200 ? "HEAD" : "GET", "/", {}, {});
        ASSERT_TRUE(reply) << reply.error().detail;
        EXPECT_EQ(reply->status, status);
        EXPECT_EQ(reply->body, "");
    }
}

TEST(Client, InterimRepliesAreSkippedUpToALimit) {
    const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    const auto reply =
        get_from(replies(interim + interim + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->status, 200);
    EXPECT_FALSE(reply->headers.find("Link"));
    std::string endless;
    for (int i = 0; i < 100; ++i)
        endless += interim;
    EXPECT_EQ(code_of(get_from(replies(endless))), Errc::malformed);
}

TEST(Client, RedirectsAreGivenBack) {
    std::atomic<int> requests = 0;
    const auto reply = get_from([&](Peer& peer, int) {
        while (!peer.read_until("\r\n\r\n").empty()) {
            ++requests;
            peer.send(
                "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: "
                "0\r\n\r\n"
            );
        }
    });
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->status, 302);
    EXPECT_EQ(reply->headers.find("Location"), "http://169.254.169.254/");
    EXPECT_EQ(requests, 1);
}

TEST(Client, GzipRepliesAreDecoded) {
    const std::string packed = test::zlib_gzip("hello");
    const auto reply = get_from(replies(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
        std::to_string(packed.size()) + "\r\n\r\n" + packed
    ));
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->body, "hello");
}

TEST(Client, BoundsAreExact) {
    const auto of_size = [](std::size_t size) {
        return replies(
            "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
            std::string(size, 'x')
        );
    };
    const auto exact = get_from(of_size(10'000));
    ASSERT_TRUE(exact) << exact.error().detail;
    EXPECT_EQ(exact->body.size(), 10'000U);
    EXPECT_EQ(code_of(get_from(of_size(10'001))), Errc::too_large);
}

/// Sends `head`, then `piece` until the client has gone.
std::function<void(Peer&, int)> endless(const std::string& head, const std::string& piece) {
    return [=](Peer& peer, int) {
        peer.read_until("\r\n\r\n");
        peer.send(head);
        while (peer.send(piece)) {
        }
    };
}

TEST(Client, EndlessRepliesAreCutOff) {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string kilobyte(1'024, 'x');
    EXPECT_EQ(code_of(get_from(endless(ok, "X: " + kilobyte + "\r\n"))), Errc::too_large);
    EXPECT_EQ(code_of(get_from(endless(ok, "X: y\r\n"))), Errc::too_large);
    EXPECT_EQ(code_of(get_from(endless(ok + "X: ", kilobyte))), Errc::too_large);
    EXPECT_EQ(code_of(get_from(endless(ok + "\r\n", kilobyte))), Errc::too_large);
    EXPECT_EQ(
        code_of(get_from(endless(ok + "Content-Length: 99999999999\r\n\r\n", kilobyte))),
        Errc::too_large
    );
    const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(code_of(get_from(endless(chunked, "400\r\n" + kilobyte + "\r\n"))), Errc::too_large);
    EXPECT_EQ(code_of(get_from(endless(chunked + "1;", kilobyte))), Errc::too_large);
    EXPECT_EQ(
        code_of(get_from(endless(chunked, "1;x=" + kilobyte + "\r\na\r\n"))), Errc::too_large
    );
    EXPECT_EQ(
        code_of(get_from(endless(chunked + "0\r\n", "T: " + kilobyte + "\r\n"))), Errc::too_large
    );
    const Errc noise = code_of(get_from(endless("", kilobyte)));
    EXPECT_TRUE(noise == Errc::malformed || noise == Errc::too_large);
}

TEST(Client, GzipBombsStopAtTheLimit) {
    const std::string bomb = test::zlib_gzip(std::string(50U << 20U, '\0'));
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n";
    EXPECT_EQ(
        code_of(get_from(
            replies(head + "Content-Length: " + std::to_string(bomb.size()) + "\r\n\r\n" + bomb)
        )),
        Errc::too_large
    );
}

TEST(Client, BrokenRepliesAreMalformed) {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    const std::string packed = test::zlib_gzip("hello");
    for (const std::string& reply :
         {std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
          std::string("HTTP/3.0 200 OK\r\n\r\n"),
          std::string("HTTP/1.1 abc OK\r\n\r\n"),
          std::string("HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n"),
          std::string("HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n"),
          std::string("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
          ok + "X Y: z\r\n\r\n",
          ok + "Content-Length: -1\r\n\r\n",
          ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
          chunked + "x\r\n",
          chunked + "2\r\nabc\r\n0\r\n\r\n",
          chunked + "fffffffffffffffff\r\n",
          ok + "Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
          ok + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
          ok + "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(packed.size() - 1) +
              "\r\n\r\n" + packed.substr(0, packed.size() - 1)}) {
        SCOPED_TRACE(reply.substr(0, 100));
        EXPECT_EQ(code_of(get_from(replies(reply))), Errc::malformed);
    }
}

TEST(Client, ClosingInTheMiddleIsAnError) {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    for (const std::string& reply :
         {std::string(),
          std::string("HTTP/1.1 2"),
          ok + "Content-Length: 10\r\n\r\nabc",
          ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
          ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"}) {
        SCOPED_TRACE(reply);
        EXPECT_EQ(code_of(get_from(replies(reply))), Errc::overloaded);
    }
}

TEST(Client, ASlowServerIsGivenUp) {
    ClientOptions options = quick();
    options.read_timeout_ms = 50;
    const auto waits = [](Peer& peer, int) { peer.read_to_end(); };
    EXPECT_EQ(code_of(get_from(waits, options)), Errc::overloaded);
    // Dripping does not help: the limit is for the whole answer.
    options.reply_bytes_max = 1U << 30U;
    const auto drips = endless("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", "x");
    EXPECT_EQ(code_of(get_from(drips, options)), Errc::overloaded);
}

TEST(Client, AProgramThatStopsIsNotKeptWaiting) {
    const auto waits = [](Peer& peer, int) { peer.wait_for_end(); };
    int asked = 0;
    ClientOptions options = quick();
    options.stopping = [&asked] { return ++asked == 5; };
    EXPECT_EQ(code_of(get_from(waits, options)), Errc::overloaded);
    EXPECT_EQ(asked, 5);
}

TEST(Client, AnEarlyRefusalOfALargeBodyIsRead) {
    const ScriptedServer server([](Peer& peer, int) {
        peer.read_until("\r\n\r\n");
        peer.send(
            "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        );
        peer.wait_for_end();  // and never reads the rest
    });
    const auto client = client_of(server.port());
    const auto reply = client->send("POST", "/", {}, std::string(30U << 20U, 'x'));
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->status, 413);
}

TEST(Client, SaysWhyThereIsNoConnection) {
    std::uint16_t port = 0;
    {
        const ScriptedServer gone([](Peer&, int) {});
        port = gone.port();
    }
    EXPECT_EQ(code_of(client_of(port)->send("GET", "/", {}, {})), Errc::overloaded);
}

TEST(Client, NothingOfACallerBreaksOutOfItsLine) {
    const ScriptedServer server([](Peer& peer, int) {
        while (!peer.read_until("\r\n\r\n").empty())
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    const auto client = client_of(server.port());
    const auto refused =
        [&](std::string_view method, std::string_view target, const char* name, const char* value) {
            Headers headers;
            if (name != nullptr) headers.add(name, value);
            const auto reply = client->send(method, target, headers, {});
            return !reply && reply.error().code == Errc::invalid_argument &&
                   reply.error().detail.find("secret") == std::string::npos;
        };
    EXPECT_TRUE(refused("GET /", "/", nullptr, nullptr));
    EXPECT_TRUE(refused("", "/", nullptr, nullptr));
    EXPECT_TRUE(refused("GET", "x", nullptr, nullptr));
    EXPECT_TRUE(refused("GET", "/a b", nullptr, nullptr));
    EXPECT_TRUE(refused("GET", "/\r\nX: y", nullptr, nullptr));
    EXPECT_TRUE(refused("GET", "/", "Authorization", "secret\r\nX: y"));
    EXPECT_TRUE(refused("GET", "/", "X\r\nY", "z"));
    EXPECT_TRUE(refused("GET", "/", "Content-Length", "5"));
    EXPECT_TRUE(refused("GET", "/", "Host", "other"));
    EXPECT_FALSE(refused("GET", "/", "X", "y"));
}

// ---- Our server and TLS

class ClientTlsTest : public testing::Test {
  protected:
    ClientTlsTest() : files_{dir_.file("cert.pem"), dir_.file("key.pem")} {
        EXPECT_TRUE(write_self_signed(files_, {"localhost", "127.0.0.1"}));
    }

    void start() {
        ServerOptions options;
        options.port = 0;
        options.io_threads = 1;
        options.worker_threads = 2;
        options.tls = files_;
        auto made = Server::listen(options, handler_);
        ASSERT_TRUE(made) << made.error().detail;
        server_ = std::move(*made);
        server_->start();
    }

    std::unique_ptr<Client> client(const std::string& host, bool trusted = true) {
        ClientOptions options = quick();
        options.reply_bytes_max = 100U << 20U;
        if (trusted) options.ca_file = files_.certificate_chain;
        return Client::make({"https", host, server_->port()}, options);
    }

    test::TempDir dir_;
    TlsFiles files_;
    TestHandler handler_;
    std::unique_ptr<Server> server_;
};

constexpr char large_text[] =
#define TEN(x) x x x x x x x x x x
    "[" TEN(TEN(TEN("\"0123456789abcdef0123456789abcdef0123456789abcdef\",\n"))) "1]";

TEST_F(ClientTlsTest, TalksToOurServer) {
    std::size_t received = 0;
    handler_.on_admit = [](const Head&) { return TestHandler::admission(50U << 20U); };
    handler_.on_handle = [&](const Head&, const std::string& body, const Respond& respond) {
        received = body.size();
        Response response = TestHandler::ok();
        response.body = Outgoing(large_text);
        respond(std::move(response));
    };
    start();
    for (const char* host : {"localhost", "127.0.0.1"}) {
        const auto https = client(host);
        for (const std::size_t size : {0U, 10U, 100'000U, 10'000'000U}) {
            const auto reply = https->send("POST", "/", {}, std::string(size, 'x'));
            ASSERT_TRUE(reply) << reply.error().detail;
            EXPECT_EQ(reply->status, 200);
            EXPECT_TRUE(reply->body == large_text);
            EXPECT_EQ(received, size);
        }
    }
}

TEST_F(ClientTlsTest, AWrongNameIsRefused) {
    ASSERT_TRUE(write_self_signed(files_, {"other.example", "127.0.0.2"}));
    start();
    for (const char* host : {"localhost", "127.0.0.1"}) {
        const auto reply = client(host)->send("GET", "/", {}, {});
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().code, Errc::unauthorized);
        EXPECT_NE(reply.error().detail.find("mismatch"), std::string::npos) << reply.error().detail;
    }
}

TEST_F(ClientTlsTest, AnUnknownSignerIsRefused) {
    start();
    const auto reply = client("localhost", false)->send("GET", "/", {}, {});
    EXPECT_EQ(code_of(reply), Errc::unauthorized);
    ClientOptions options = quick();
    options.insecure_skip_verify = true;
    EXPECT_TRUE(
        Client::make({"https", "localhost", server_->port()}, options)->send("GET", "/", {}, {})
    );
}

TEST_F(ClientTlsTest, NothingIsSentBeforeTheCertificateIsChecked) {
    ASSERT_TRUE(write_self_signed(files_, {"other.example"}));
    std::string leaked = "nothing yet";
    {
        const ScriptedServer server([&](Peer& peer, int) {
            leaked = peer.accept_tls(files_) ? peer.read_some() : "";
        });
        ClientOptions options = quick();
        options.ca_file = files_.certificate_chain;
        Headers headers;
        headers.add("Authorization", "Basic secret");
        const auto reply = Client::make({"https", "localhost", server.port()}, options)
                               ->send("GET", "/", headers, {});
        EXPECT_EQ(code_of(reply), Errc::unauthorized);
    }
    EXPECT_EQ(leaked, "");
}

TEST_F(ClientTlsTest, ACutConnectionDoesNotEndABody) {
    // Without close_notify anyone on the way could have cut it.
    const ScriptedServer server([&](Peer& peer, int) {
        if (!peer.accept_tls(files_)) return;
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\n\r\nonly a part");
    });
    ClientOptions options = quick();
    options.ca_file = files_.certificate_chain;
    const auto reply =
        Client::make({"https", "localhost", server.port()}, options)->send("GET", "/", {}, {});
    EXPECT_EQ(code_of(reply), Errc::overloaded);
}

TEST_F(ClientTlsTest, NoTlsOnTheOtherSideIsAnError) {
    const ScriptedServer server([](Peer& peer, int) {
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const auto reply =
        Client::make({"https", "127.0.0.1", server.port()}, quick())->send("GET", "/", {}, {});
    EXPECT_FALSE(reply);
}

TEST_F(ClientTlsTest, AClientCertificateIsPresented) {
    const TlsFiles own{dir_.file("client.pem"), dir_.file("client-key.pem")};
    ASSERT_TRUE(write_self_signed(own, {"client.example"}));
    std::atomic<bool> presented = false;
    const ScriptedServer server([&](Peer& peer, int) {
        if (!peer.accept_tls(files_, true)) return;
        X509* const certificate = SSL_get1_peer_certificate(peer.ssl());
        presented = certificate != nullptr;
        X509_free(certificate);
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        peer.read_to_end();
    });
    ClientOptions options = quick();
    options.ca_file = files_.certificate_chain;
    options.client_certificate = own.certificate_chain;
    options.client_key = own.private_key;
    const auto reply =
        Client::make({"https", "localhost", server.port()}, options)->send("GET", "/", {}, {});
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_TRUE(presented);
}

TEST_F(ClientTlsTest, WrongFilesAreReportedWhenSending) {
    ClientOptions options = quick();
    options.ca_file = dir_.file("none.pem");
    EXPECT_EQ(
        code_of(Client::make({"https", "localhost", 1}, options)->send("GET", "/", {}, {})),
        Errc::invalid_argument
    );
    options.ca_file = files_.certificate_chain;
    options.client_certificate = dir_.file("none.pem");
    EXPECT_EQ(
        code_of(Client::make({"https", "localhost", 1}, options)->send("GET", "/", {}, {})),
        Errc::invalid_argument
    );
}

TEST_F(ClientTlsTest, AServerThatStoppedIsNoticed) {
    start();
    const auto https = client("localhost");
    EXPECT_TRUE(https->send("GET", "/", {}, {}));
    server_->stop(0);
    EXPECT_EQ(code_of(https->send("GET", "/", {}, {})), Errc::overloaded);
}

}  // namespace
}  // namespace entente::http
