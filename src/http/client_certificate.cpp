#include "http/client_certificate.h"

#include "base/escape.h"
#include "base/hash.h"
#include "base/limits.h"
#include "http/internal/peer_certificate.h"
#include "http/internal/tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <memory>
#include <system_error>

namespace entente::http {
namespace {

template <auto F>
struct Calls {
    template <class P>
    void operator()(P* p) const noexcept {
        (void)F(p);
    }
};

using Certificate = std::unique_ptr<X509, Calls<X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Calls<GENERAL_NAMES_free>>;
using File = std::unique_ptr<std::FILE, Calls<std::fclose>>;

/// Of the SubjectPublicKeyInfo in DER, in hex; empty when there is none.
std::string key_digest(const X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size <= 0) return {};
    const std::string_view bytes(
        reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)
    );
    std::string out = to_hex(sha256(bytes));
    OPENSSL_free(der);
    return out;
}

/// A text belongs to one kind only, so that no name of one can be taken for a name of another.
int kind_of(std::string_view text) {
    if (text.find(':') != std::string_view::npos) return GEN_URI;
    return text.find('@') != std::string_view::npos ? GEN_EMAIL : GEN_DNS;
}

/// Empty for what counts as no name.
std::string name_text(const GENERAL_NAME& name) {
    int kind = 0;
    const void* const value = GENERAL_NAME_get0_value(&name, &kind);
    if (kind != GEN_DNS && kind != GEN_EMAIL && kind != GEN_URI) return {};
    const auto* const string = static_cast<const ASN1_STRING*>(value);
    const std::string_view text(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
        static_cast<std::size_t>(ASN1_STRING_length(string))
    );
    return kind_of(text) == kind ? certificate_name(text).value_or("") : std::string();
}

/// An encrypted file is refused: nobody is asked for a passphrase.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*nothing*/) {
    return -1;
}

std::vector<std::string> names_of(const X509* certificate) {
    std::vector<std::string> texts;
    const Names names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)
    ));
    const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
    for (int i = 0; i < count && texts.size() < limits::client_names_max; ++i) {
        std::string text = name_text(*sk_GENERAL_NAME_value(names.get(), i));
        if (!text.empty()) texts.push_back(std::move(text));
    }
    return texts;
}

Micros end_of(const X509* certificate) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return Micros{0};
    return Micros{static_cast<std::int64_t>(::timegm(&parts)) * micros_per_second};
}

}  // namespace

std::shared_ptr<const ClientCertificate> peer_certificate(SSL* ssl) {
    const X509* const certificate = SSL_get0_peer_certificate(ssl);
    if (certificate == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return nullptr;
    auto known = std::make_shared<ClientCertificate>();
    known->key_sha256 = key_digest(certificate);
    known->names = names_of(certificate);
    known->not_after = end_of(certificate);
    // The chain that was built, and not the one that the client sent.
    const STACK_OF(X509)* const chain = SSL_get0_verified_chain(ssl);
    const int count = chain == nullptr ? 0 : sk_X509_num(chain);
    for (int i = 1; i < count; ++i)  // bounded by limits::client_chain_max
        known->authorities.push_back(key_digest(sk_X509_value(chain, i)));
    return known;
}

std::string refused_certificate(const SSL* ssl) {
    const long why = SSL_get_verify_result(ssl);
    return why == X509_V_OK ? std::string() : X509_verify_cert_error_string(why);
}

Result<CertificateFile> read_certificate_file(const std::string& file) {
    const File opened(std::fopen(file.c_str(), "re"));
    if (!opened) {
        return fail(
            Errc::invalid_argument,
            "cannot open the certificate " + printable(file) + ": " +
                std::generic_category().message(errno)
        );
    }
    const Certificate certificate(PEM_read_X509(opened.get(), nullptr, no_passphrase, nullptr));
    if (!certificate) {
        return fail(
            Errc::invalid_argument,
            "cannot read a certificate from " + printable(file) + ": " + openssl_reason() +
                "; expected a PEM file"
        );
    }
    return CertificateFile{
        .key_sha256 = key_digest(certificate.get()),
        .authority = X509_check_ca(certificate.get()) != 0};
}

Result<std::string> certificate_name(std::string_view text) {
    const auto plain = [](char c) { return c > ' ' && c < '\x7f'; };
    if (text.empty() || text.size() > limits::client_name_bytes_max ||
        !std::ranges::all_of(text, plain)) {
        return fail(
            Errc::invalid_argument,
            "'" + printable(text, 80) + "' is no name of a certificate; expected a DNS name, an " +
                "e-mail address or a URI of up to " +
                std::to_string(limits::client_name_bytes_max) + " bytes in plain ASCII"
        );
    }
    std::string name(text);
    if (kind_of(text) == GEN_DNS) {
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    }
    return name;
}

}  // namespace entente::http
