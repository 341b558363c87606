#pragma once
// TLS contexts by OpenSSL: TLS 1.2 with ECDHE and AEAD, TLS 1.3, nothing else (TAXII 2.1, 8.2.2;
// T33).
#include "base/result.h"
#include "http/client.h"
#include "http/server.h"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace entente::http {

// Shared: a connection keeps the context that it began with when the files are read again.
using TlsContext = std::shared_ptr<SSL_CTX>;

/// Fails: invalid_argument with the file and OpenSSL's reason.
[[nodiscard]] Result<TlsContext> make_server_tls(const TlsFiles& files);
/// Looks at the client CA alone. Fails: as make_server_tls.
[[nodiscard]] Result<void> check_client_ca(const TlsFiles& files);
/// Fails: invalid_argument with the file and OpenSSL's reason.
[[nodiscard]] Result<TlsContext> make_client_tls(const ClientOptions& options);

/// Makes `ssl` demand a certificate for `host`, a DNS name or an IP address (RFC 9110, 4.3.4), and
/// name it to the server. False when OpenSSL refuses the name.
[[nodiscard]] bool expect_host(SSL* ssl, const std::string& host);

/// The newest reason of OpenSSL's error queue in words; the queue is empty afterwards.
[[nodiscard]] std::string openssl_reason();

}  // namespace entente::http
