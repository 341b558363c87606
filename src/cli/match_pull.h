#pragma once
// Indicators for `entente match` from a collection of a TAXII 2.1 server.
#include "cli/context.h"
#include "cli/match_indicators.h"
#include "cli/remote.h"

#include <string>

namespace entente::cli {

/// Whether what was said of `--indicators` is a URL, not a file.
[[nodiscard]] bool is_indicator_url(const std::string& text) noexcept;

/// Takes the indicators, and the identities that name who made them, of the collection that `way`
/// leads to, each in its last version. All of them or a failure: half a collection would look like
/// no hits. Ends early when the user wants to stop. Fails: as Remote, locate and pull;
/// forbidden (it may not be read).
[[nodiscard]] Result<void> pull_indicators(
    const RemoteOptions& way, IndicatorFiles& indicators, Progress& progress, Context& context
);

}  // namespace entente::cli
