#pragma once
// `entente stix …`: looking into objects without a node. Each takes one file (bundle, envelope,
// list, object or JSON lines, plain or packed) or standard input, and goes through its objects.
#include "cli/context.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

struct StixOptions {
    Common common;
    std::string file;  // "-" = standard input
};

struct CanonicalOptions {
    Common common;
    std::string file;
    bool digest = false;
    bool whole = false;
};

struct RedactOptions {
    Common common;
    std::string file;
    std::string ceiling;             // a TLP level; empty = only what `hide` names goes
    std::vector<std::string> hide;   // ids of marking-definitions
    std::vector<std::string> strip;  // classes of personal data, or "all"
    std::string as;                  // identity--UUID
    std::string id;                  // of the derived object; empty = random
};

/// Compares the id of each cyber-observable with the one that STIX derives. Exit: ok; findings
/// (one differs, or should not be derived at all).
[[nodiscard]] Result<Exit> stix_id(const StixOptions& options, Context& context);
/// Prints the RFC 8785 form of each object, or of the whole text.
[[nodiscard]] Result<Exit> stix_canonical(const CanonicalOptions& options, Context& context);
/// Prints which markings cover each object and its parts.
[[nodiscard]] Result<Exit> stix_markings(const StixOptions& options, Context& context);
/// Prints what a reader may see of the objects: as they are, derived, or not at all. Exit: ok;
/// findings (something is withheld).
[[nodiscard]] Result<Exit> stix_redact(const RedactOptions& options, Context& context);

/// Calls `take` for every object of the file with its place ("byte 17"). Fails: as decode_file and
/// stix::Cutter, with the file's name, and with what `take` says.
[[nodiscard]] Result<void> each_object(
    const std::string& file,
    const std::function<Result<void>(std::string_view object, const std::string& place)>& take
);

/// The level's name for a TLP marking, else the id.
[[nodiscard]] std::string marking_name(const std::string& id);

}  // namespace entente::cli
