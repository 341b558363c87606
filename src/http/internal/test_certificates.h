#pragma once
// For tests: certificates as any CA would make them.
#include "base/assert.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <string>

namespace entente::http::test {

struct CertificateWish {
    std::string subject = "x";
    std::string extensions{};  // of subjectAltName, as in OpenSSL's configuration; empty = none
    bool authority = false;
    long from_s = -3'600;  // from now
    long until_s = 3'600;
    const char* purpose = "clientAuth";
};

/// A key with its certificate.
class Issued {
  public:
    /// Signed by `issuer`, or by itself.
    explicit Issued(const CertificateWish& wish, const Issued* issuer = nullptr)
        : Issued(EVP_EC_gen("P-256"), wish, issuer) {}

    Issued(const Issued&) = delete;
    Issued& operator=(const Issued&) = delete;

    ~Issued() {
        X509_free(certificate_);
        EVP_PKEY_free(key_);
    }

    /// Another certificate for the same key.
    [[nodiscard]] Issued again(const CertificateWish& wish, const Issued* issuer) const {
        EVP_PKEY_up_ref(key_);
        return Issued(key_, wish, issuer);
    }

    [[nodiscard]] X509* certificate() const noexcept { return certificate_; }

    [[nodiscard]] EVP_PKEY* key() const noexcept { return key_; }

    void write(const std::string& file, const char* mode = "we") const {
        std::FILE* const out = std::fopen(file.c_str(), mode);
        ENTENTE_ASSERT(out != nullptr && PEM_write_X509(out, certificate_) == 1);
        ENTENTE_ASSERT(std::fclose(out) == 0);
    }

  private:
    Issued(EVP_PKEY* key, const CertificateWish& wish, const Issued* issuer)
        : key_(key),
          certificate_(X509_new()) {
        static long serial = 1;
        X509_set_version(certificate_, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_), ++serial);
        X509_gmtime_adj(X509_getm_notBefore(certificate_), wish.from_s);
        X509_gmtime_adj(X509_getm_notAfter(certificate_), wish.until_s);
        X509_NAME* const subject = X509_get_subject_name(certificate_);
        const auto* const text = reinterpret_cast<const unsigned char*>(wish.subject.c_str());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
        const X509* const above = issuer != nullptr ? issuer->certificate_ : certificate_;
        X509_set_issuer_name(certificate_, X509_get_subject_name(above));
        X509_set_pubkey(certificate_, key_);
        add(NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
        if (!wish.authority) add(NID_ext_key_usage, wish.purpose);
        if (!wish.extensions.empty()) add(NID_subject_alt_name, wish.extensions.c_str());
        const Issued& signer = issuer != nullptr ? *issuer : *this;
        ENTENTE_ASSERT(X509_sign(certificate_, signer.key_, EVP_sha256()) > 0);
    }

    void add(int kind, const char* value) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, certificate_, certificate_, nullptr, nullptr, 0);
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
        ENTENTE_ASSERT(extension != nullptr);
        X509_add_ext(certificate_, extension, -1);
        X509_EXTENSION_free(extension);
    }

    EVP_PKEY* key_;
    X509* certificate_;
};

}  // namespace entente::http::test
