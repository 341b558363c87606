#pragma once
// `entente push FILE… URL`: sends STIX objects to a collection of any TAXII 2.1 server.
#include "cli/context.h"
#include "cli/remote.h"

#include <cstdint>
#include <string>
#include <vector>

namespace entente::cli {

struct PushOptions {
    Common common;
    RemoteOptions remote;
    std::vector<std::string>
        files;  // bundles, envelopes, lists, JSON lines; .gz .zst .xz; "-" = standard input
    std::uint64_t batch = 1'000;       // --batch: objects in one request
    std::uint64_t body_bytes_max = 0;  // --max-bytes: of one request; 0 = what the API root says
    std::string state_file;  // --state: remembers what was acknowledged, so that a re-run goes on
                             // from there
    std::int64_t status_wait_s = 300;  // --wait: for a pending status; 0 = do not wait
};

/// Runs the command; a stop signal ends it after the request under way. Exit: ok, refused (some
/// objects were not taken), state (not found, forbidden, wrong credentials), broken (network, the
/// server's answers make no sense, a limit was reached), interrupted. Fails: as Exit says for the
/// code. Throws StorageError.
[[nodiscard]] Result<Exit> run_push(const PushOptions& options, Context& context);

}  // namespace entente::cli
