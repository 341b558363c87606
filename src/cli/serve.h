#pragma once
// `entente serve`: the TAXII 2.1 server of one directory.
#include "cli/serve_options.h"

namespace entente::cli {

/// Serves until SIGINT or SIGTERM, then lets running requests end and returns ok. SIGHUP reads the
/// file of settings and the certificate again. With `check` nothing is served: ok when the settings
/// are sound.
[[nodiscard]] Result<Exit> serve(const ServeOptions& options, Context& context);

}  // namespace entente::cli
