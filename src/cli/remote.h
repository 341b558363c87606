#pragma once
// What `push` and `pull` share: how to reach a TAXII 2.1 server that is not ours, with which
// secrets, and what the user sees meanwhile. Plain values; the parser of the command line fills
// them.
#include "taxii/client/way.h"

#include <string>

namespace entente::cli {

/// The options that `push` and `pull` have in common. Empty text = not given.
struct RemoteOptions : taxii::client::Way {
    // Secrets never stand on the command line: environment ENTENTE_USER, ENTENTE_PASSWORD,
    // ENTENTE_TOKEN, or files.
    std::string user;                     // --user
    std::string password_file;            // --password-file; "-" = standard input
    std::string token_file;               // --token-file; "-" = standard input
    std::string token_scheme = "Bearer";  // --token-scheme Bearer|Token

    int retries = -1;  // --retries; -1 = limits::client_retries_max
};

}  // namespace entente::cli
