#pragma once
// What is known of a client by the certificate that it showed.
#include "base/result.h"
#include "base/time.h"

#include <string>
#include <string_view>
#include <vector>

namespace entente::http {

/// A certificate that was verified against the server's client CAs when the connection began.
struct ClientCertificate {
    std::string key_sha256;          // of its SubjectPublicKeyInfo (RFC 5280, 4.1), in hex
    std::vector<std::string> names;  // of subjectAltName, as `certificate_name` writes them
    /// key_sha256 of the certificates above it, as far as they were needed to verify it. Of the
    /// key: a CA that is renewed stays the same one.
    std::vector<std::string> authorities;
    Micros not_after;
};

/// The first certificate of a PEM file.
struct CertificateFile {
    std::string key_sha256;
    bool authority = false;  // it may sign others
};

/// Fails: invalid_argument with the file and the reason.
[[nodiscard]] Result<CertificateFile> read_certificate_file(const std::string& file);

/// A name as it is compared: DNS names in lower case; e-mail addresses (with an @) and URIs (with a
/// colon) as they stand. Fails: invalid_argument for other than printable ASCII of 1 to
/// limits::client_name_bytes_max bytes.
[[nodiscard]] Result<std::string> certificate_name(std::string_view text);

}  // namespace entente::http
