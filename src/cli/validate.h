#pragma once
// `entente validate`: STIX of any size and origin checked against the standard.
#include "cli/context.h"

#include <cstdint>
#include <string>
#include <vector>

namespace entente::cli {

struct ValidateOptions {
    Common common;
    std::vector<std::string> files;  // files, folders, patterns; "-" = standard input
    bool each_line = false;
    bool strict = false;
    bool enforce_refs = false;
    std::vector<std::string> ignore;
    std::string spec;  // 2.0 | 2.1; empty = as the objects say
    std::uint64_t examples = 3;
};

/// Exit: `sound_exit`, made of ok, unsound and unreadable; interrupted.
[[nodiscard]] Result<Exit> validate(const ValidateOptions& options, Context& context);

/// 0, 2 (not sound), 16 (something is unreadable), 18 (both): the codes of the reference checker.
[[nodiscard]] Exit validate_exit(bool sound, bool readable) noexcept;

}  // namespace entente::cli
