#pragma once
// What is kept and what goes: `purge` removes objects for good, `hold` keeps them whatever happens,
// `collection set --keep …` lets them leave by themselves.
#include "cli/context.h"
#include "store/store.h"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace entente::cli {

/// As text, how long and how much a collection keeps.
struct KeepOptions {
    std::optional<std::string> keep;         // a duration, or "forever"
    std::optional<std::string> bytes_max;    // a size, or "none"
    std::optional<std::string> objects_max;  // a number, or "none"
    std::optional<std::string> when_full;    // refuse, drop-oldest

    [[nodiscard]] bool any() const { return keep || bytes_max || objects_max || when_full; }
};

/// Fails: invalid_argument.
[[nodiscard]] Result<void> apply_keeping(const KeepOptions& options, store::Collection& row);
/// How long and how much, as members of `shown`.
void add_keeping(boost::json::object& shown, const store::Collection& row);
void show_keeping(
    const Context& context, const store::Collection& row, const store::Snapshot::Head& head
);

struct PurgeOptions {
    Common common;
    std::string id;
    std::string from;        // a party, or identity--…: who published, or made, it
    std::string older_than;  // a duration, date or time
    std::string collection;
    std::string person;
    std::string reason;
    bool dry_run = false;
    bool allow_again = false;
    bool no_compact = false;
};

/// Removes objects for good: versions, redacted copies, quarantined ones, with their bytes in the
/// database's files. An act says who and why; a tombstone keeps them out. Exit: ok; findings
/// (nothing fits, or some of it is held and stays); broken (bytes are left in the files). Fails:
/// invalid_argument (nothing chosen, no reason), not_found, conflict.
[[nodiscard]] Result<Exit> purge(const PurgeOptions& options, Context& context);

struct HoldOptions {
    Common common;
    std::string id;
    std::string party;
    std::string collection;
    std::string person;
    std::string reason;
    std::string number;  // remove, show
    std::string out;     // show: writes what is kept, an object a line
};

/// Fails: invalid_argument (nothing chosen, no reason), not_found, conflict (there is such a hold,
/// or there are limits::holds_max).
[[nodiscard]] Result<Exit> hold_add(const HoldOptions& options, Context& context);
/// Exit: ok; findings (no holds).
[[nodiscard]] Result<Exit> hold_list(const Common& options, Context& context);
/// What was removed and is kept by the hold, and with `out` its bytes, in a new file. Fails:
/// not_found, conflict (the file is there).
[[nodiscard]] Result<Exit> hold_show(const HoldOptions& options, Context& context);
/// Ends it; what only it kept is gone for good. Fails: not_found, invalid_argument.
[[nodiscard]] Result<Exit> hold_remove(const HoldOptions& options, Context& context);

/// Fails invalid_argument when the id is that of a redacted copy, with the id of what it was made
/// of: to be told to `verb` that.
[[nodiscard]] Result<void> check_no_copy(
    store::Snapshot& snapshot, const std::string& id, std::string_view verb
);

/// In the transaction that removes something for good: its bytes may lie in the database's files
/// until `forget_bytes` has done its work, whichever command calls it.
void bytes_are_left(store::Transaction& tx);
/// Whether they may.
[[nodiscard]] bool are_bytes_left(store::Snapshot& snapshot);

/// Takes what was removed out of the database's files, not only out of its tables: writes it anew
/// unless `compact` is false, and cuts its log. False: that could not be done, or a running process
/// keeps a part of the log.
[[nodiscard]] bool forget_bytes(
    store::Store& store, const std::string& database, bool compact, Context& context
);

}  // namespace entente::cli
