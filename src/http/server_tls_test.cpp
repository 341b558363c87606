// The server under TLS, against OpenSSL clients with chosen versions and suites (TAXII 2.1, 8.2.2;
// T33).
#include "http/internal/test_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

namespace entente::http {
namespace {

using test::Peer;
using test::RawReply;
using test::TestHandler;

class TlsServerTest : public test::ServerTest {
  protected:
    TlsServerTest() {
        options_.io_threads = 1;
        options_.worker_threads = 2;
        options_.tls = TlsFiles{dir_.file("cert.pem"), dir_.file("key.pem")};
        EXPECT_TRUE(write_self_signed(*options_.tls, {"localhost", "127.0.0.1"}));
    }

    Peer connect_tls() {
        Peer peer = connect();
        EXPECT_TRUE(peer.start_tls(TLS1_2_VERSION, TLS1_3_VERSION));
        return peer;
    }

    test::TempDir dir_;
};

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// More than what is compressed on the connection's own thread.
constexpr char large_text[] =
#define TEN(x) x x x x x x x x x x
    "[" TEN(TEN(TEN(
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\n"
    ))) "1]";

TEST_F(TlsServerTest, SpeaksTls12AndTls13) {
    std::atomic<bool> tls{false};  // written by a worker
    handler_.on_admit = [&](const Head& head) {
        tls = head.tls;
        return TestHandler::admission();
    };
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Peer peer = connect();
        ASSERT_TRUE(peer.start_tls(version, version));
        for (int i = 0; i < 3; ++i) {
            peer.send(get);
            const RawReply reply = peer.read_reply();
            EXPECT_EQ(reply.status(), 200);
            EXPECT_EQ(reply.body, "{}");
        }
        EXPECT_TRUE(tls);
    }
}

TEST_F(TlsServerTest, RefusesOldVersionsAndWeakSuites) {
    EXPECT_FALSE(connect().start_tls(TLS1_VERSION, TLS1_1_VERSION));
    for (const char* suites :
         {"AES128-GCM-SHA256",
          "ECDHE-ECDSA-AES128-SHA256",
          "ECDHE-ECDSA-AES256-SHA",
          "DHE-RSA-AES128-GCM-SHA256"}) {
        SCOPED_TRACE(suites);
        EXPECT_FALSE(connect().start_tls(TLS1_2_VERSION, TLS1_2_VERSION, suites));
    }
    EXPECT_TRUE(connect().start_tls(TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256")
    );
    EXPECT_TRUE(connect().start_tls(TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305")
    );
}

TEST_F(TlsServerTest, NeitherRenegotiatesNorTakesEarlyData) {
    Peer old = connect();
    ASSERT_TRUE(old.start_tls(TLS1_2_VERSION, TLS1_2_VERSION));
    ASSERT_EQ(SSL_renegotiate(old.ssl()), 1);
    EXPECT_NE(SSL_do_handshake(old.ssl()), 1);

    Peer peer = connect_tls();
    peer.send(get);
    EXPECT_EQ(peer.read_reply().status(), 200);  // the ticket has come with it
    SSL_SESSION* const session = SSL_get1_session(peer.ssl());
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(SSL_SESSION_get_max_early_data(session), 0U);
    SSL_SESSION_free(session);
}

TEST_F(TlsServerTest, PlainRequestsOnTheTlsPortEndQuietly) {
    Peer peer = connect();
    peer.send(get);
    const std::string reply = peer.read_to_end();
    EXPECT_EQ(reply.find("HTTP/"), std::string::npos);
    Peer good = connect_tls();
    good.send(get);
    EXPECT_EQ(good.read_reply().status(), 200);
}

TEST_F(TlsServerTest, ASilentHandshakeEnds) {
    options_.header_timeout_ms = 50;
    EXPECT_EQ(connect().read_to_end(), "");
}

TEST_F(TlsServerTest, ProtocolsAreNegotiated) {
    const auto negotiate = [&](const std::string& offered) {
        Peer peer = connect();
        return peer.start_tls_offering(offered);
    };
    EXPECT_EQ(negotiate(std::string("\x02h2\x08http/1.1")), "http/1.1");
    EXPECT_EQ(negotiate(std::string("\x02h2")), "<refused>");
}

TEST_F(TlsServerTest, LargeBodiesPassBothWays) {
    std::mutex mutex;  // guards seen
    std::string seen;
    handler_.on_admit = [](const Head&) { return TestHandler::admission(10U << 20U); };
    handler_.on_handle = [&](const Head&, std::string body, const Respond& respond) {
        if (!body.empty()) {
            const std::lock_guard lock(mutex);
            seen = std::move(body);
        }
        Response response = TestHandler::ok();
        response.body = Outgoing(large_text);
        respond(std::move(response));
    };
    Peer peer = connect_tls();
    const std::string body(5U << 20U, 'x');
    peer.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
    );
    peer.send(body);
    const RawReply plain = peer.read_reply();
    EXPECT_TRUE(plain.body == large_text);
    {
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(seen == body);
    }
    peer.send("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
    EXPECT_TRUE(test::zlib_gunzip(peer.read_reply().body) == large_text);
}

TEST_F(TlsServerTest, ARefusalArrivesAlthoughTheClientSendsOn) {
    Peer peer = connect_tls();
    const std::string body(4U << 20U, 'x');
    peer.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
    );
    EXPECT_TRUE(peer.send(body));
    EXPECT_EQ(peer.read_reply().status(), 413);
}

TEST_F(TlsServerTest, EndsWithACleanGoodbye) {
    Peer peer = connect_tls();
    peer.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(peer.read_reply().status(), 200);
    EXPECT_EQ(peer.read_to_end(), "");
    EXPECT_NE(SSL_get_shutdown(peer.ssl()) & SSL_RECEIVED_SHUTDOWN, 0)
        << "close_notify, not only the end of TCP";
}

TEST_F(TlsServerTest, ResetsInEveryStateHurtNobody) {
    for (int i = 0; i < 30; ++i) {
        Peer peer = connect();
        if (i % 3 > 0) {
            ASSERT_TRUE(peer.start_tls(TLS1_2_VERSION, TLS1_3_VERSION));
        }
        if (i % 3 > 1) peer.send(get);
        peer.reset();
    }
    Peer peer = connect_tls();
    peer.send(get);
    EXPECT_EQ(peer.read_reply().status(), 200);
}

std::string fingerprint_of(Peer& peer) {
    X509* const certificate = SSL_get1_peer_certificate(peer.ssl());
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &size);
    X509_free(certificate);
    return {reinterpret_cast<char*>(digest.data()), size};
}

TEST_F(TlsServerTest, ReloadServesNewConnectionsOnly) {
    Peer before = connect_tls();
    const std::string old_fingerprint = fingerprint_of(before);
    ASSERT_TRUE(write_self_signed(*options_.tls, {"localhost"}));
    ASSERT_TRUE(server_->reload_tls(*options_.tls));
    Peer after = connect_tls();
    EXPECT_NE(fingerprint_of(after), old_fingerprint);
    before.send(get);
    EXPECT_EQ(before.read_reply().status(), 200);

    // A broken file changes nothing.
    std::ofstream(options_.tls->private_key) << "not a key";
    const auto failed = server_->reload_tls(*options_.tls);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::invalid_argument);
    EXPECT_NE(failed.error().detail.find("key.pem"), std::string::npos);
    Peer still = connect_tls();
    still.send(get);
    EXPECT_EQ(still.read_reply().status(), 200);
}

TEST_F(TlsServerTest, WrongFilesAreRefusedWithAReason) {
    const auto listen = [&](const TlsFiles& files) {
        ServerOptions options = options_;
        options.tls = files;
        const auto result = Server::listen(options, handler_);
        EXPECT_FALSE(result);
        return result ? Error{} : result.error();
    };
    const TlsFiles other{dir_.file("other.pem"), dir_.file("other-key.pem")};
    ASSERT_TRUE(write_self_signed(other, {"localhost"}));
    EXPECT_EQ(
        listen({dir_.file("none.pem"), options_.tls->private_key}).code, Errc::invalid_argument
    );
    EXPECT_EQ(
        listen({options_.tls->certificate_chain, dir_.file("none.pem")}).code,
        Errc::invalid_argument
    );
    EXPECT_NE(
        listen({options_.tls->certificate_chain, other.private_key}).detail.find("mismatch"),
        std::string::npos
    );
}

TEST_F(TlsServerTest, OverTheLimitTheConnectionJustEnds) {
    options_.connections_max = 1;
    Peer first = connect_tls();
    first.send(get);
    EXPECT_EQ(first.read_reply().status(), 200);
    EXPECT_EQ(connect().read_to_end(), "");
}

TEST_F(TlsServerTest, StopEndsHandshakesAndConnections) {
    Peer silent = connect();
    Peer open = connect_tls();
    const auto start = std::chrono::steady_clock::now();
    server_->stop(10'000);
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_EQ(open.read_to_end(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5))
        << "nothing to wait for";
}

}  // namespace
}  // namespace entente::http
