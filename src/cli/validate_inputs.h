#pragma once
// From the words of a command line to the files to read: files, folders, patterns, standard input.
#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace entente::cli {

struct ValidateInput {
    std::string path;         // "-" = standard input
    std::uint64_t bytes = 0;  // as they lie there; 0 = unknown
    std::string problem;      // why it cannot be read; empty if nothing is known against it
};

/// The files that `words` name, in their order; those of a folder or pattern by name. A folder
/// stands for all *.json, *.jsonl, *.stix and *.stix2 in it and in the folders below (links to
/// folders are not followed), these with .gz, .zst or .xz too. A word that names nothing is taken
/// as a pattern (`feeds/*.json`) if it has one of * ? [ in it. What cannot be read stands there
/// with its problem. Fails invalid_argument: `-` twice, more than limits::validate_files_max files.
[[nodiscard]] Result<std::vector<ValidateInput>> find_inputs(const std::vector<std::string>& words);

/// True for a name that `find_inputs` takes from a folder.
[[nodiscard]] bool is_stix_name(const std::string& name);

}  // namespace entente::cli
