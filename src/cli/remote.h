#pragma once
// What `push` and `pull` share: how to reach a TAXII 2.1 server that is not ours, with which
// secrets, and what the user sees meanwhile. Plain values; the parser of the command line fills
// them.
#include <cstdint>
#include <string>
#include <vector>

namespace entente::cli {

/// The options that `push` and `pull` have in common. Empty text = not given.
struct RemoteOptions {
    /// A collection (…/collections/{id}/ or …/collections/{id}/objects/), an API root, a server, or
    /// a bare domain name that is looked up as `_taxii2._tcp` (TAXII 2.1, 8.2.1).
    std::string url;
    std::string root;        // --root: its last path segment, title or URL
    std::string collection;  // --collection: id, alias or title

    // Secrets never stand on the command line: environment ENTENTE_USER, ENTENTE_PASSWORD,
    // ENTENTE_TOKEN, or files.
    std::string user;                     // --user
    std::string password_file;            // --password-file; "-" = standard input
    std::string token_file;               // --token-file; "-" = standard input
    std::string token_scheme = "Bearer";  // --token-scheme Bearer|Token

    std::vector<std::string> allow_origins;    // --allow-origin URL: API roots may lie there too
    std::vector<std::string> credentials_for;  // --credentials-for URL: and may see the credentials
    bool plain_http =
        false;  // --plain-http: credentials may travel without TLS beyond this machine

    std::string ca_file;                // --ca-file
    std::string client_certificate;     // --client-cert
    std::string client_key;             // --client-key
    bool insecure_skip_verify = false;  // --insecure
    std::int64_t timeout_s = 120;       // --timeout: for one answer
    int retries = -1;                   // --retries; -1 = limits::client_retries_max
};

}  // namespace entente::cli
