#pragma once
// The options by which commands reach a server that is not ours.
#include "cli/command_line.h"
#include "cli/remote.h"

namespace entente::cli {

/// All of `RemoteOptions` but the address.
void remote_options(OptionSet& a, RemoteOptions& o);

}  // namespace entente::cli
