#pragma once
// A node as one file, made while it is served, and made into a node again.
#include "cli/context.h"

#include <string>

namespace entente::cli {

struct BackupOptions {
    Common common;
    std::string out;  // a file, or a directory that gets one with the time in its name
    bool passphrase = false;
    std::string passphrase_file;  // "-" = standard input; implies `passphrase`
};

/// Writes one consistent state of the node: database, keys, peers, self-signed certificate. The
/// file is there whole and read again, or not at all. Exit: ok; interrupted. Fails: conflict
/// (something is there already), not_found, forbidden, too_large (files that no node has). Throws
/// StorageError.
[[nodiscard]] Result<Exit> backup(const BackupOptions& options, Context& context);

struct RestoreOptions {
    Common common;
    std::string file;
    std::string passphrase_file;
    bool replace = false;
};

/// Makes a node of a backup, in a directory that is empty or not there (or, with `replace`, in
/// place of the node that is there, which is put aside). The whole file is read and checked before
/// anything is written, and the database before it takes its place. Opens a new epoch of cursors.
/// Exit: ok; interrupted. Fails: malformed, corrupt, unauthorized (passphrase), conflict (of a
/// newer program; a node is there; in use), and as `NodeDir::claim`.
[[nodiscard]] Result<Exit> restore(const RestoreOptions& options, Context& context);

}  // namespace entente::cli
