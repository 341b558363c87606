// What the server knows of clients by the certificates that they show.
#include "http/client_certificate.h"

#include "base/hash.h"
#include "base/limits.h"
#include "http/internal/test_certificates.h"
#include "http/internal/test_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <sys/stat.h>

namespace entente::http {
namespace {

using test::CertificateWish;
using test::Issued;
using test::Peer;
using test::TestHandler;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Of a key, by another way than the one that is tested.
std::string digest_of(const Issued& issued) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(issued.key(), &der);
    std::string out =
        to_hex(sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}));
    OPENSSL_free(der);
    return out;
}

class ClientCertificateTest : public test::ServerTest {
  protected:
    ClientCertificateTest() {
        options_.io_threads = 1;
        options_.worker_threads = 1;
        options_.tls = TlsFiles{dir_.file("cert.pem"), dir_.file("key.pem")};
        EXPECT_TRUE(write_self_signed(*options_.tls, {"localhost"}));
        options_.tls->client_ca = dir_.file("ca.pem");
        ca_.write(options_.tls->client_ca);
        handler_.on_admit = [this](const Head& head) {
            const std::lock_guard lock(mutex_);
            seen_ = head.certificate;
            return TestHandler::admission();
        };
    }

    /// The status of a request with this certificate; 0 = TLS was refused.
    int ask(const Issued& shown, const Issued* above = nullptr) {
        Peer peer = connect();
        X509* const beside = above != nullptr ? above->certificate() : nullptr;
        if (!peer.start_tls_as(shown.certificate(), shown.key(), beside)) return 0;
        peer.send(get);
        return peer.read_reply().status();
    }

    int ask_without() {
        Peer peer = connect();
        if (!peer.start_tls(TLS1_2_VERSION, TLS1_3_VERSION)) return 0;
        peer.send(get);
        return peer.read_reply().status();
    }

    /// Of the last request.
    std::shared_ptr<const ClientCertificate> seen() {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

    test::TempDir dir_;
    const Issued ca_{{.subject = "South CA", .authority = true}};
    std::shared_ptr<const ClientCertificate> seen_;  // under mutex_
};

TEST_F(ClientCertificateTest, IsKnownToEveryRequestOfItsConnection) {
    const Issued client({.extensions = "DNS:SIEM.South.example,email:siem@south.example"}, &ca_);
    Peer peer = connect();
    ASSERT_TRUE(peer.start_tls_as(client.certificate(), client.key()));
    for (int i = 0; i < 2; ++i) {
        peer.send(get);
        ASSERT_EQ(peer.read_reply().status(), 200);
        const auto known = seen();
        ASSERT_NE(known, nullptr);
        EXPECT_EQ(known->key_sha256, digest_of(client));
        EXPECT_THAT(known->names, ElementsAre("siem.south.example", "siem@south.example"));
        EXPECT_THAT(known->authorities, ElementsAre(digest_of(ca_)));
        const auto left_s = known->not_after.count / micros_per_second - ::time(nullptr);
        EXPECT_GT(left_s, 3'500);
        EXPECT_LE(left_s, 3'600);
    }
    EXPECT_EQ(ask_without(), 200);
    EXPECT_EQ(seen(), nullptr) << "another connection";
}

TEST_F(ClientCertificateTest, OneThatIsNotVerifiedGetsNoFurtherThanTls) {
    const Issued other_ca({.subject = "South CA", .authority = true});
    EXPECT_EQ(ask(Issued({.extensions = "DNS:a"}, &other_ca)), 0) << "a CA of the same name";
    EXPECT_EQ(ask(Issued({.until_s = -60}, &ca_)), 0) << "expired";
    EXPECT_EQ(ask(Issued({.from_s = 600}, &ca_)), 0) << "not yet valid";
    EXPECT_EQ(ask(Issued({.purpose = "serverAuth"}, &ca_)), 0) << "for servers";
    EXPECT_EQ(ask(Issued({}, nullptr)), 0) << "signed by itself";
    const Issued client({}, &ca_);
    EXPECT_EQ(ask(Issued({.extensions = "DNS:a"}, &client), &client), 0) << "signed by no CA";
    EXPECT_EQ(seen(), nullptr);
    EXPECT_EQ(ask(client), 200);
}

TEST_F(ClientCertificateTest, WithoutOneTlsEndsWhereOneIsRequired) {
    options_.tls->client_must_have_certificate = true;
    EXPECT_EQ(ask_without(), 0);
    EXPECT_EQ(ask(Issued({}, &ca_)), 200);
}

TEST_F(ClientCertificateTest, IsNotAskedForWithoutAClientCa) {
    options_.tls->client_ca.clear();
    EXPECT_EQ(ask(Issued({}, &ca_)), 200);
    EXPECT_EQ(seen(), nullptr);
}

TEST_F(ClientCertificateTest, TheChainThatWasVerifiedIsToldAndNotTheOneThatWasSent) {
    const Issued below({.subject = "South sub-CA", .authority = true}, &ca_);
    const Issued stranger({.subject = "North CA", .authority = true});
    EXPECT_EQ(ask(Issued({}, &below), &below), 200);
    EXPECT_THAT(seen()->authorities, ElementsAre(digest_of(below), digest_of(ca_)));
    EXPECT_EQ(ask(Issued({}, &ca_), &stranger), 200);
    EXPECT_THAT(seen()->authorities, ElementsAre(digest_of(ca_)));
}

TEST_F(ClientCertificateTest, ARenewedCaAndARenewedCertificateAreTheSameByTheirKeys) {
    const Issued client({}, &ca_);
    ASSERT_EQ(ask(client), 200);
    const auto before = seen();
    const Issued renewed = ca_.again({.subject = "South CA", .authority = true}, nullptr);
    renewed.write(options_.tls->client_ca);
    ASSERT_TRUE(server_->reload_tls(*options_.tls));
    ASSERT_EQ(ask(client.again({}, &renewed)), 200);
    EXPECT_EQ(seen()->key_sha256, before->key_sha256);
    EXPECT_EQ(seen()->authorities, before->authorities);
}

TEST_F(ClientCertificateTest, ACertificateInTheFileCountsByItself) {
    const Issued alone({.extensions = "DNS:siem.south.example"});
    alone.write(options_.tls->client_ca, "ae");
    EXPECT_EQ(ask(alone), 200);
    EXPECT_EQ(seen()->key_sha256, digest_of(alone));
    EXPECT_THAT(seen()->authorities, IsEmpty()) << "nobody vouches for its names";
    EXPECT_EQ(ask(Issued({}, &ca_)), 200);
    EXPECT_EQ(ask(Issued({}, &alone), &alone), 0) << "it is no CA";
}

TEST_F(ClientCertificateTest, NamesThatCouldBeTakenForOthersDoNotCount) {
    const Issued client(
        {.extensions =
             "DNS:a@b.example,DNS:urn:x,DNS:with space,IP:192.0.2.1,otherName:1.2.3;UTF8:x,"
             "URI:spiffe://south/siem,DNS:" +
             std::string(limits::client_name_bytes_max + 1, 'a') + ",DNS:last"},
        &ca_
    );
    ASSERT_EQ(ask(client), 200);
    EXPECT_THAT(seen()->names, ElementsAre("spiffe://south/siem", "last"));
    std::string many;
    for (int i = 0; i < 500; ++i)
        many += (i == 0 ? "DNS:n" : ",DNS:n") + std::to_string(i);
    ASSERT_EQ(ask(Issued({.extensions = many}, &ca_)), 200);
    EXPECT_EQ(seen()->names.size(), limits::client_names_max);
}

TEST_F(ClientCertificateTest, AProxysOwnIsNotThatOfItsClients) {
    options_.trusted_proxies = {parse_network("127.0.0.0/8").value()};
    EXPECT_EQ(ask(Issued({}, &ca_)), 200);
    EXPECT_EQ(seen(), nullptr);
    server_->trust({});
    // The list is taken over soon: a request on a new connection sees it.
    EXPECT_EQ(ask(Issued({}, &ca_)), 200);
    EXPECT_NE(seen(), nullptr);
}

TEST_F(ClientCertificateTest, NoSessionIsResumedSoEachConnectionIsVerified) {
    const Issued client({}, &ca_);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Peer first = connect();
        ASSERT_TRUE(first.start_tls_as(client.certificate(), client.key(), nullptr, version));
        first.send(get);
        EXPECT_EQ(first.read_reply().status(), 200);
        EXPECT_EQ(SSL_version(first.ssl()), version);
        EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get0_session(first.ssl())), 0) << version;
    }
}

TEST_F(ClientCertificateTest, AFileWithoutACaIsRefusedAndChangesNothing) {
    const Issued client({}, &ca_);
    EXPECT_EQ(ask(client), 200);
    for (const char* text : {"", "hello\n"}) {
        TlsFiles broken = *options_.tls;
        broken.client_ca = dir_.file("broken.pem");
        std::ofstream(broken.client_ca) << text;
        const auto reloaded = server_->reload_tls(broken);
        ASSERT_FALSE(reloaded);
        EXPECT_THAT(reloaded.error().detail, HasSubstr("broken.pem"));
        EXPECT_EQ(check_tls_files(broken).error().code, Errc::invalid_argument);
        broken.certificate_chain.clear();
        EXPECT_EQ(check_tls_files(broken).error().code, Errc::invalid_argument);
    }
    EXPECT_EQ(ask(client), 200);
}

TEST_F(ClientCertificateTest, AFilesKeyIsReadAsAConnectionsKeyIs) {
    const Issued client({}, &ca_);
    client.write(dir_.file("client.pem"));
    const auto read = read_certificate_file(dir_.file("client.pem"));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->key_sha256, digest_of(client));
    EXPECT_FALSE(read->authority);
    EXPECT_TRUE(read_certificate_file(options_.tls->client_ca)->authority);
    const auto none = read_certificate_file(dir_.file("none.pem"));
    EXPECT_THAT(none.error().detail, HasSubstr("none.pem: No such file"));
    const auto key = read_certificate_file(options_.tls->private_key);
    EXPECT_THAT(key.error().detail, HasSubstr("expected a PEM file"));
}

TEST(CertificateName, IsWrittenAsItIsCompared) {
    EXPECT_EQ(certificate_name("SIEM.South.Example"), "siem.south.example");
    EXPECT_EQ(certificate_name("Siem@South.example"), "Siem@South.example");
    EXPECT_EQ(certificate_name("spiffe://South/siem"), "spiffe://South/siem");
    for (const std::string& text :
         {std::string(),
          std::string("a b"),
          std::string("a\0b", 3),
          std::string("\xc3\xa9"),
          std::string(limits::client_name_bytes_max + 1, 'a')}) {
        EXPECT_FALSE(certificate_name(text)) << text;
    }
}

}  // namespace
}  // namespace entente::http
