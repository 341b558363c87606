#include "http/internal/tls.h"

#include "base/escape.h"
#include "base/limits.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace entente::http {
namespace {

// RFC 7540, appendix A lists the suites to refuse; these are what it leaves that is worth having.
constexpr const char* tls12_suites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// A key with a passphrase would make OpenSSL ask on the terminal; a server cannot wait for that.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
    return -1;
}

TlsContext fresh_context(const SSL_METHOD* method) {
    ERR_clear_error();
    TlsContext context(SSL_CTX_new(method), SSL_CTX_free);
    if (!context) return context;
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(
        context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_SINGLE_ECDH_USE
    );
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cipher_list(context.get(), tls12_suites);
    SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
    return context;
}

tl::unexpected<Error> cannot_use(std::string_view what, const std::string& file) {
    // The first reason of the chain says what is wrong, the last only who noticed.
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    ERR_clear_error();
    return fail(
        Errc::invalid_argument,
        "cannot use the " + std::string(what) + " " + printable(file) + ": " +
            (reason != nullptr ? reason : "no reason given") + "; expected a PEM file"
    );
}

Result<void> check_readable(std::string_view what, const std::string& file) {
    if (::access(file.c_str(), R_OK) == 0) return {};
    return fail(
        Errc::invalid_argument,
        "cannot read the " + std::string(what) + " " + printable(file) + ": " + std::strerror(errno)
    );
}

Result<void> use_certificate(SSL_CTX* context, const std::string& chain, const std::string& key) {
    ENTENTE_CHECK(check_readable("certificate", chain));
    ENTENTE_CHECK(check_readable("private key", key));
    if (SSL_CTX_use_certificate_chain_file(context, chain.c_str()) != 1) {
        return cannot_use("certificate", chain);
    }
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return cannot_use("private key", key);
    }
    if (SSL_CTX_check_private_key(context) != 1) return cannot_use("private key", key);
    return {};
}

// RFC 7301: HTTP/1.1 is what we speak; a client that names protocols without it gets the alert that
// says so.
int select_protocol(
    SSL* /*ssl*/,
    const unsigned char** out,
    unsigned char* out_length,
    const unsigned char* in,
    unsigned in_length,
    void* /*context*/
) {
    static constexpr std::array<unsigned char, 9> ours{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* selected = nullptr;
    const int result =
        SSL_select_next_proto(&selected, out_length, ours.data(), ours.size(), in, in_length);
    if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
}

bool is_ip_address(const std::string& host) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

/// Which signers are believed, and shown to clients, so that they know which certificate to show.
Result<void> ask_for_certificates(SSL_CTX* context, const TlsFiles& files) {
    ENTENTE_CHECK(check_readable("client CA", files.client_ca));
    if (SSL_CTX_load_verify_file(context, files.client_ca.c_str()) != 1) {
        return cannot_use("client CA", files.client_ca);
    }
    STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(files.client_ca.c_str());
    if (names == nullptr) return cannot_use("client CA", files.client_ca);
    SSL_CTX_set_client_CA_list(context, names);
    // What the operator put into the file is believed, be it a root or not.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_verify_depth(context, limits::client_chain_max);
    const int must = files.client_must_have_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | must, nullptr);
    // A session that is resumed is not verified again: it would outlive its CA.
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return {};
}

}  // namespace

std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "no reason given";
    if (const char* reason = ERR_reason_error_string(code)) return reason;
    return "error " + std::to_string(code);
}

Result<TlsContext> make_server_tls(const TlsFiles& files) {
    TlsContext context = fresh_context(TLS_server_method());
    if (!context) return cannot_use("certificate", files.certificate_chain);
    // Without a session cache only tickets resume a session, so clients cannot fill our memory.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_early_data(context.get(), 0);  // T33: no 0-RTT
    SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
    ENTENTE_CHECK(use_certificate(context.get(), files.certificate_chain, files.private_key));
    if (!files.client_ca.empty()) ENTENTE_CHECK(ask_for_certificates(context.get(), files));
    return context;
}

Result<void> check_client_ca(const TlsFiles& files) {
    const TlsContext context = fresh_context(TLS_server_method());
    if (!context) return cannot_use("client CA", files.client_ca);
    return ask_for_certificates(context.get(), files);
}

Result<TlsContext> make_client_tls(const ClientOptions& options) {
    TlsContext context = fresh_context(TLS_client_method());
    if (!context) return cannot_use("certificates", options.ca_file);
    if (options.ca_file.empty()) {
        if (SSL_CTX_set_default_verify_paths(context.get()) != 1) {
            return cannot_use("certificates", "of the system");
        }
    } else {
        ENTENTE_CHECK(check_readable("CA file", options.ca_file));
        if (SSL_CTX_load_verify_file(context.get(), options.ca_file.c_str()) != 1)
            return cannot_use("CA file", options.ca_file);
    }
    SSL_CTX_set_verify(
        context.get(), options.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr
    );
    if (!options.client_certificate.empty()) {
        const std::string& key =
            options.client_key.empty() ? options.client_certificate : options.client_key;
        ENTENTE_CHECK(use_certificate(context.get(), options.client_certificate, key));
    }
    return context;
}

bool expect_host(SSL* ssl, const std::string& host) {
    if (is_ip_address(host)) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace entente::http
