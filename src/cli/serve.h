#pragma once
// `entente serve`: the TAXII 2.1 server of one directory.
#include "cli/context.h"

#include <string>
#include <vector>

namespace entente::cli {

struct ServeOptions {
    Common common;
    std::string listen = "127.0.0.1:7443";
    std::string tls_cert;
    std::string tls_key;
    bool tls_self_signed = false;
    std::vector<std::string>
        tls_names;  // of a self-signed certificate, beside those of this machine
    bool plain_http = false;
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

/// Serves until SIGINT or SIGTERM, then lets running requests end and returns ok. SIGHUP reads the
/// certificate again.
[[nodiscard]] Result<Exit> serve(const ServeOptions& options, Context& context);

}  // namespace entente::cli
