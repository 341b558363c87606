#pragma once
// `entente feed`, `entente own-assets`, `entente warning-list`: what sensors look for by
// themselves, and what must not be blocked. For the operator of the machine.
#include "cli/context.h"

#include <cstdint>
#include <string>
#include <vector>

namespace entente::cli {

struct FeedAddOptions {
    Common common;
    std::string name;
    std::string for_user;
    std::vector<std::string> collections;  // empty = all that the user may read
    std::string purpose;                   // look | hunt | block
    std::string format;
    std::vector<std::string> kinds;
    std::vector<std::string> allowed;
    std::string folder;
    std::string suffixes;
    std::string reason;  // of --allow
    std::uint64_t sid_first = 0;
    bool observables = false;
};

/// Sets a feed up, after it was written for the first time. Exit: ok. Fails: not_found (user,
/// collection, folder), conflict (the name or the folder is taken), forbidden (the user may not
/// read, the folder cannot be written), invalid_argument.
[[nodiscard]] Result<Exit> feed_add(const FeedAddOptions& options, Context& context);

/// Exit: ok; findings (there is none).
[[nodiscard]] Result<Exit> feed_list(const Common& options, Context& context);

struct FeedNameOptions {
    Common common;
    std::string name;
    bool files = false;  // remove: its files too
};

/// One feed as it is set up, and what was in it when it was written last. Fails: not_found.
[[nodiscard]] Result<Exit> feed_show(const FeedNameOptions& options, Context& context);
/// Fails: not_found; of the files as `remove_feed_files`.
[[nodiscard]] Result<Exit> feed_remove(const FeedNameOptions& options, Context& context);

struct FeedWriteOptions {
    Common common;
    std::vector<std::string> names;  // empty = all
    bool watch = false;
};

/// Writes feeds as they are now; with `watch` again whenever something changes. Exit: ok; findings
/// (nothing is in any of them); interrupted. Fails: not_found (no such feed, none at all), and as
/// the first feed that fails, after all were tried.
[[nodiscard]] Result<Exit> feed_write(const FeedWriteOptions& options, Context& context);

struct OwnAssetsOptions {
    Common common;
    std::vector<std::string> assets;
    std::string file;  // add: one a line; "-" = standard input
};

/// Fails: invalid_argument, conflict (limits::own_assets_max), not_found (the file; remove: one of
/// them is none). All or none.
[[nodiscard]] Result<Exit> own_assets_add(const OwnAssetsOptions& options, Context& context);
[[nodiscard]] Result<Exit> own_assets_remove(const OwnAssetsOptions& options, Context& context);
/// Exit: ok; findings (there is none).
[[nodiscard]] Result<Exit> own_assets_list(const Common& options, Context& context);

struct WarningListOptions {
    Common common;
    std::vector<std::string> files;  // add
    std::string action = "inform";   // inform | stop
    std::string name;                // remove
};

/// Keeps lists in the form of MISP's, each in place of the one of its name; all or none. Fails:
/// malformed, unprocessable, too_large, not_found, conflict.
[[nodiscard]] Result<Exit> warning_list_add(const WarningListOptions& options, Context& context);
/// Fails: not_found.
[[nodiscard]] Result<Exit> warning_list_remove(const WarningListOptions& options, Context& context);
/// Exit: ok; findings (there is none).
[[nodiscard]] Result<Exit> warning_list_list(const Common& options, Context& context);

}  // namespace entente::cli
