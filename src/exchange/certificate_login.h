#pragma once
// Client certificates as credentials: what a binding says, and what a request brings.
#include "base/time.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace entente::exchange {

/// Which certificates a credential stands for, in store::Token::binding as text: those of one key,
/// whoever signed them, or those with one name that a CA or one below it has signed.
struct CertificateBinding {
    std::string key_sha256;  // of the certificate's key (its SubjectPublicKeyInfo), or of the CA's
    std::string name{};      // of subjectAltName; empty = the key is the certificate's own

    [[nodiscard]] std::string text() const;
    /// Nothing for texts that `text` does not make.
    [[nodiscard]] static std::optional<CertificateBinding> read(std::string_view text);
    friend bool operator==(const CertificateBinding&, const CertificateBinding&) = default;
};

/// What TLS has verified of the certificate that a client showed. Lives as long as what it views.
struct ShownCertificate {
    std::string_view key_sha256;               // in hex
    std::span<const std::string> names;        // of subjectAltName
    std::span<const std::string> authorities;  // key_sha256 of the CAs that it was verified by
    Micros not_after;
};

}  // namespace entente::exchange
