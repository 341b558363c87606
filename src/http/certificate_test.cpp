#include "base/hash.h"
#include "http/internal/test_peer.h"
#include "http/server.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

namespace entente::http {
namespace {

using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

X509Ptr load(const std::string& file) {
    std::FILE* const stream = std::fopen(file.c_str(), "r");
    X509* const certificate =
        stream == nullptr ? nullptr : PEM_read_X509(stream, nullptr, nullptr, nullptr);
    if (stream != nullptr) std::fclose(stream);
    return {certificate, X509_free};
}

TEST(SelfSigned, IsWhatItSays) {
    const test::TempDir dir;
    const TlsFiles files{dir.file("cert.pem"), dir.file("key.pem")};
    const auto fingerprint = write_self_signed(files, {"north.example", "127.0.0.1", "::1"});
    ASSERT_TRUE(fingerprint) << fingerprint.error().detail;
    const X509Ptr certificate = load(files.certificate_chain);
    ASSERT_NE(certificate, nullptr);
    EXPECT_EQ(X509_check_host(certificate.get(), "north.example", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(certificate.get(), "south.example", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), "::1", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.2", 0), 0);
    EXPECT_EQ(X509_check_ca(certificate.get()), 0) << "it must not be able to sign others";
    EXPECT_EQ(X509_verify(certificate.get(), X509_get0_pubkey(certificate.get())), 1);

    int days = 0;
    int seconds = 0;
    ASN1_TIME_diff(
        &days,
        &seconds,
        X509_get0_notBefore(certificate.get()),
        X509_get0_notAfter(certificate.get())
    );
    EXPECT_EQ(days, 397);
    EXPECT_LT(X509_cmp_current_time(X509_get0_notBefore(certificate.get())), 0);

    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    const std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    EXPECT_EQ(*fingerprint, to_hex(sha256(bytes)));

    struct stat status {};

    ASSERT_EQ(::stat(files.private_key.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(SelfSigned, EachIsAnother) {
    const test::TempDir dir;
    const TlsFiles files{dir.file("cert.pem"), dir.file("key.pem")};
    const auto first = write_self_signed(files, {"a.example"});
    const auto second = write_self_signed(files, {"a.example"});
    ASSERT_TRUE(first && second);
    EXPECT_NE(*first, *second);
}

TEST(SelfSigned, RefusesNamesThatWouldBecomeConfiguration) {
    const test::TempDir dir;
    const TlsFiles files{dir.file("cert.pem"), dir.file("key.pem")};
    for (const std::string& name :
         {std::string(),
          std::string("a,CA:TRUE"),
          std::string("a b"),
          std::string("a\nb"),
          std::string("a;b"),
          std::string(300, 'a'),
          std::string("a\0b", 3)}) {
        EXPECT_FALSE(write_self_signed(files, {name}));
    }
    EXPECT_FALSE(write_self_signed(files, {}));
    EXPECT_FALSE(std::filesystem::exists(files.private_key));
}

TEST(SelfSigned, SaysWhichFileCannotBeWritten) {
    const test::TempDir dir;
    const auto result = write_self_signed({dir.file("no/cert.pem"), dir.file("no/key.pem")}, {"a"});
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().detail.find("key.pem"), std::string::npos);
}

}  // namespace
}  // namespace entente::http
