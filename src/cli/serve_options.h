#pragma once
// What `entente serve` is told, on the command line and in its file of settings.
#include "base/limits.h"
#include "cli/context.h"

#include <cstdint>
#include <string>
#include <vector>

namespace entente::cli {

struct ServeOptions {
    Common common;
    std::string config;  // a file of settings; empty = none
    bool check = false;  // look at the settings only
    /// Names, with dashes, of the options that the command line gave: these win over the file.
    std::vector<std::string> given;

    std::string listen = "127.0.0.1:7443";
    std::string tls_cert;
    std::string tls_key;
    bool tls_self_signed = false;
    std::vector<std::string>
        tls_names;          // of a self-signed certificate, beside those of this machine
    std::string client_ca;  // empty = no client is asked for a certificate
    bool require_client_cert = false;
    bool plain_http = false;
    std::vector<std::string> trusted_proxies;                   // addresses and networks
    std::uint64_t rate_address = limits::rate_address_default;  // requests a second; 0 = no limit
    std::uint64_t rate_user = limits::rate_user_default;
    std::string ops_listen;  // of health and metrics; empty = nowhere
    std::string public_url;
    std::string title;  // empty = the own party's name
    std::string description;
    std::string contact;
    std::string key_header;
    bool delete_newest_only = false;
    bool log_json = false;
    std::string log_level = "info";
    unsigned io_threads = 0;      // 0 = one per core
    unsigned worker_threads = 0;  // 0 = twice the cores
};

/// Declares every setting to `a`, which reads a command line, a file, or whatever has the calls of
/// OptionSet. `--data` is declared by whoever needs it, for every command has it.
template <class Set>
void declare_settings(Set& a, ServeOptions& o) {
    a.option("--listen", o.listen, "Address and port; port 0 takes a free one");
    a.option("--tls-cert", o.tls_cert, "PEM file: certificate and chain");
    a.option("--tls-key", o.tls_key, "PEM file: private key");
    a.flag("--tls-self-signed", o.tls_self_signed, "Make a certificate in DIR/tls: a first try");
    a.repeated("--tls-name", o.tls_names, "A further name in the self-signed certificate");
    a.option(
        "--client-ca",
        o.client_ca,
        "PEM file: CAs of clients that log in by certificate (bound with `token add`)"
    );
    a.flag(
        "--require-client-cert",
        o.require_client_cert,
        "Whoever shows no certificate of --client-ca gets no further than TLS"
    );
    a.flag("--plain-http", o.plain_http, "No TLS on any address: a proxy in front speaks it");
    a.repeated(
        "--trusted-proxy",
        o.trusted_proxies,
        "Address or network of a proxy whose X-Forwarded-For is believed"
    );
    a.option("--rate-address", o.rate_address, "Requests a second of one address; 0 = any number");
    a.option("--rate-user", o.rate_user, "Requests a second of one user; 0 = any number");
    a.option(
        "--ops-listen",
        o.ops_listen,
        "Address of this machine for /healthz, /readyz and /metrics, such as 127.0.0.1:9464"
    );
    a.option("--public-url", o.public_url, "https://HOST[:PORT] that clients use, for discovery");
    a.option("--title", o.title, "Title in discovery (default: your party's name)");
    a.option("--description", o.description, "Description in discovery");
    a.option("--contact", o.contact, "Contact in discovery");
    a.option("--key-header", o.key_header, "A header that may bring a token");
    a.flag(
        "--delete-newest-only",
        o.delete_newest_only,
        "DELETE of an object without match[version] deletes its newest version only"
    );
    a.flag("--log-json", o.log_json, "Log lines as JSON");
    a.option("--log-level", o.log_level, "debug, info, warning or error");
    a.option("--io-threads", o.io_threads, "Network threads (default: one per core)");
    a.option("--workers", o.worker_threads, "Worker threads (default: two per core)");
}

}  // namespace entente::cli
