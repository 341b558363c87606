#pragma once
// The certificate of the other side of a TLS connection.
#include "http/client_certificate.h"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace entente::http {

/// Nothing when the peer showed none. REQUIRES: the handshake has ended well. Shared: by the
/// requests of one connection.
[[nodiscard]] std::shared_ptr<const ClientCertificate> peer_certificate(SSL* ssl);

/// Why a handshake that failed did so, if it was for the peer's certificate; else empty.
[[nodiscard]] std::string refused_certificate(const SSL* ssl);

}  // namespace entente::http
