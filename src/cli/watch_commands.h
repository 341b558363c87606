#pragma once
// `entente watch`: what the serving node looks for in the events that sensors send it. For the
// operator of the machine.
#include "cli/context.h"

#include <string>
#include <vector>

namespace entente::cli {

struct WatchSetOptions {
    Common common;
    std::string user;
    std::vector<std::string> collections;  // empty = all that the user may read
    std::vector<std::string> fields;       // files that extend the field map
    bool subdomains = false;
};

/// Sets the watch, in place of one that is set. Exit: ok. Fails: not_found (user, collection,
/// file), forbidden (the user may not read the collection, or is of a partner), too_large, and
/// malformed (fields).
[[nodiscard]] Result<Exit> watch_set(const WatchSetOptions& options, Context& context);

/// The watch as it is set, and which indicators are muted. Exit: ok; findings (none is set).
[[nodiscard]] Result<Exit> watch_show(const Common& options, Context& context);

/// Nothing is looked for any more. Fails: not_found.
[[nodiscard]] Result<Exit> watch_remove(const Common& options, Context& context);

}  // namespace entente::cli
