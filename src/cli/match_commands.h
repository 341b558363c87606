#pragma once
// `entente match`: events against indicators, without a node.
#include "cli/context.h"
#include "cli/remote.h"

#include <string>
#include <vector>

namespace entente::cli {

struct MatchCommandOptions {
    Common common;
    std::vector<std::string> events;      // files; "-" = standard input
    std::vector<std::string> indicators;  // files, at most one URL of TAXII 2.1
    std::vector<std::string> fields;      // files that extend the field map
    RemoteOptions remote;                 // how the URL is reached; its `url` is not used
    std::string format = "auto";
    bool history = false;
    bool strict = false;
    bool subdomains = false;
    bool follow = false;
    bool print_fields = false;
};

/// Tells each hit on a line. Exit: ok (a hit), findings (none), refused (nothing of the events
/// could be read, nothing to look for).
[[nodiscard]] Result<Exit> match_events(const MatchCommandOptions& options, Context& context);

}  // namespace entente::cli
