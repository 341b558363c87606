#pragma once
// `entente import`, `entente export`, `entente check` and `entente quarantine`: objects in and out
// of a directory by its operator.
#include "cli/context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace entente::cli {

struct ImportOptions {
    Common common;
    std::vector<std::string> files;  // "-" = standard input
    std::string collection;
    std::string as_user;          // empty = the operator
    std::string format = "stix";  // stix | medallion
    std::string config;           // medallion: its configuration file with the users
};

/// Publishes the objects of the files as a user of this node, in batches, each durable before the
/// next. Exit: ok; refused (some objects were not taken); interrupted (after a batch).
[[nodiscard]] Result<Exit> import_stix(const ImportOptions& options, Context& context);
/// Takes medallion's roots, collections, users and objects with their dates, all or nothing.
[[nodiscard]] Result<Exit> import_medallion(const ImportOptions& options, Context& context);

struct ExportOptions {
    Common common;
    std::string for_user;
    std::string collection;
    std::string out;             // empty or "-" = standard output
    std::string form = "lines";  // lines | bundle
    std::vector<std::string> match_id;
    std::vector<std::string> match_type;
    std::vector<std::string> match_spec_version;
    std::string match_version = "last";  // last | first | all | a date
    std::string added_after;
};

/// Writes what the user may have, by the same decision as the server. Exit: ok; findings (nothing
/// to write); interrupted.
[[nodiscard]] Result<Exit> export_objects(const ExportOptions& options, Context& context);

/// Verifies the whole store. Exit: ok; findings.
[[nodiscard]] Result<Exit> check(const Common& options, Context& context);

struct QuarantineOptions {
    Common common;
    std::vector<std::uint64_t> numbers;  // show, accept, refuse
    bool all = false;                    // list: those decided on too
};

[[nodiscard]] Result<Exit> quarantine_list(const QuarantineOptions& options, Context& context);
[[nodiscard]] Result<Exit> quarantine_show(const QuarantineOptions& options, Context& context);
[[nodiscard]] Result<Exit> quarantine_accept(const QuarantineOptions& options, Context& context);
[[nodiscard]] Result<Exit> quarantine_refuse(const QuarantineOptions& options, Context& context);

}  // namespace entente::cli
