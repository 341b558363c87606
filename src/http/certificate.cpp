// A self-signed certificate for a first try (`--tls-self-signed`).
#include "base/escape.h"
#include "base/hash.h"
#include "http/internal/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::http {
namespace {

constexpr long valid_days = 397;  // what browsers accept at most
constexpr long clock_slack_s = 3'600;
constexpr std::size_t names_max = 100;

template <auto F>
struct Calls {
    template <class P>
    void operator()(P* p) const noexcept {
        (void)F(p);
    }
};

using KeyPair = std::unique_ptr<EVP_PKEY, Calls<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Calls<X509_free>>;
using Bio = std::unique_ptr<BIO, Calls<BIO_free>>;

tl::unexpected<Error> failed(std::string_view what) {
    return fail(Errc::invalid_argument, std::string(what) + ": " + openssl_reason());
}

bool is_ip_address(const std::string& name) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

/// "DNS:a,IP:127.0.0.1" as OpenSSL's configuration language wants it; that language is why the
/// names are checked.
Result<std::string> alternative_names(const std::vector<std::string>& names) {
    if (names.empty() || names.size() > names_max) {
        return fail(Errc::invalid_argument, "a certificate needs 1 to 100 names");
    }
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*";
    std::string out;
    for (const std::string& name : names) {
        const bool address = is_ip_address(name);
        const bool valid = address || (!name.empty() && name.size() <= 253 &&
                                       name.find_first_not_of(allowed) == std::string::npos);
        if (!valid) {
            return fail(
                Errc::invalid_argument,
                printable(name, 100) + " is neither a DNS name nor an IP address"
            );
        }
        if (!out.empty()) out += ',';
        out += (address ? "IP:" : "DNS:") + name;
    }
    return out;
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Calls<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())
    );
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7fU) | 0x40U);  // positive, never short
    const std::unique_ptr<BIGNUM, Calls<BN_free>> number(
        BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)
    );
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

Result<Certificate> make_certificate(EVP_PKEY* key, const std::vector<std::string>& names) {
    ENTENTE_TRY(const std::string alternatives, alternative_names(names));
    Certificate made(X509_new());
    X509* const certificate = made.get();
    constexpr std::size_t common_name_bytes_max = 64;
    const std::string common_name =
        names.front().size() <= common_name_bytes_max ? names.front() : "entente";
    X509_NAME* const subject = certificate ? X509_get_subject_name(certificate) : nullptr;
    const bool built =
        certificate && X509_set_version(certificate, X509_VERSION_3) == 1 &&
        set_serial(certificate) &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), -clock_slack_s) &&
        X509_gmtime_adj(X509_getm_notAfter(certificate), valid_days * 86'400 - clock_slack_s) &&
        X509_NAME_add_entry_by_txt(
            subject,
            "CN",
            MBSTRING_UTF8,
            reinterpret_cast<const unsigned char*>(common_name.c_str()),
            -1,
            -1,
            0
        ) == 1 &&
        X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
        add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
        add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
        add_extension(certificate, NID_subject_key_identifier, "hash") &&
        add_extension(certificate, NID_subject_alt_name, alternatives) &&
        X509_sign(certificate, key, EVP_sha256()) > 0;
    if (!built) return failed("cannot make a certificate");
    return made;
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// Puts a whole file in place or none: nobody sees half a key, and the mode is right from the first
/// byte.
Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
    const std::string fresh = path + ".new";
    ::unlink(fresh.c_str());
    const int file =
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    const bool written =
        file >= 0 && ::fchmod(file, mode) == 0 && write_all(file, text) && ::fsync(file) == 0;
    const bool closed = file < 0 || ::close(file) == 0;
    if (!written || !closed || std::rename(fresh.c_str(), path.c_str()) != 0) {
        const std::string reason = std::generic_category().message(errno);
        if (file >= 0) ::unlink(fresh.c_str());
        return fail(Errc::invalid_argument, "cannot write " + printable(path) + ": " + reason);
    }
    return {};
}

}  // namespace

Result<std::string> write_self_signed(
    const TlsFiles& files, const std::vector<std::string>& names
) {
    const KeyPair key(EVP_EC_gen("P-256"));
    if (!key) return failed("cannot make a key");
    ENTENTE_TRY(const Certificate certificate, make_certificate(key.get(), names));
    const Bio key_text(BIO_new(BIO_s_mem()));
    const Bio certificate_text(BIO_new(BIO_s_mem()));
    const bool encoded = key_text && certificate_text &&
                         PEM_write_bio_PKCS8PrivateKey(
                             key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr
                         ) == 1 &&
                         PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1;
    if (!encoded) return failed("cannot encode a certificate");
    std::array<std::uint8_t, 32> fingerprint{};
    unsigned length = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), fingerprint.data(), &length) != 1 ||
        length != fingerprint.size()) {
        return failed("cannot hash a certificate");
    }
    ENTENTE_CHECK(write_file(files.private_key, text_of(key_text.get()), 0600));
    ENTENTE_CHECK(write_file(files.certificate_chain, text_of(certificate_text.get()), 0644));
    return to_hex(fingerprint);
}

}  // namespace entente::http
