#pragma once
// `entente pull URL`: reads a collection of any TAXII 2.1 server into a file, standard output or a
// collection of a node.
#include "cli/context.h"
#include "cli/remote.h"

#include <cstdint>
#include <string>
#include <vector>

namespace entente::cli {

struct PullOptions {
    Common common;
    RemoteOptions remote;

    // Where the objects go. Either `out`, or `common.data` with `into` and `as_user`.
    std::string out;  // --out FILE: one object a line, appended when a state file says where the
                      // last run ended; "" or "-" = standard output
    // common.data: --data DIR of a node
    std::string into;     // --into COLLECTION: id or alias, or ROOT/COLLECTION
    std::string as_user;  // --as USER: publishes as this user, so its party is the party of origin

    // Filters (TAXII 2.1, 3.4); lists are what the user gave, one value each.
    std::string added_after;                 // --added-after
    std::vector<std::string> match_id;       // --match-id
    std::vector<std::string> match_type;     // --match-type
    std::vector<std::string> match_version;  // --match-version
    std::vector<std::string> spec_version;   // --spec-version
    std::uint64_t limit = 0;                 // --limit: objects a page; 0 = the server's choice

    std::string state_file;        // --state; default with --data: DIR/pull/…, else none
    std::uint64_t pages_max = 0;   // --max-pages; 0 = limits::pull_pages_max
    std::uint64_t bytes_max = 0;   // --max-bytes of answers; 0 = limits::pull_bytes_max
    std::int64_t seconds_max = 0;  // --max-time; 0 = limits::pull_seconds_max
    std::int64_t follow_s = 0;     // --follow SECONDS: pull again so long after each end; 0 = once
};

/// Runs the command; a stop signal ends it after the request under way. Exit: ok, refused (some
/// objects were not taken), state (not found, forbidden, wrong credentials), broken (network, the
/// server's answers make no sense, a limit was reached), interrupted. Fails: as Exit says for the
/// code. Throws StorageError.
[[nodiscard]] Result<Exit> run_pull(const PullOptions& options, Context& context);

}  // namespace entente::cli
