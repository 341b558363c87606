#pragma once
// `entente simulate`: what an agreement would let cross, before anybody signs it.
#include "cli/context.h"

#include <string>
#include <vector>

namespace entente::cli {

struct SimulateOptions {
    Common common;
    std::string agreement;             // as `read_subject` takes it
    std::string own;                   // which of its parties is this node's; empty = as is known
    std::string pid;                   // only this recipient
    std::string user;                  // only this user, who may be named in it
    std::string collection;            // empty = those that it gives from, or all
    std::vector<std::string> against;  // STIX files instead of what is stored
};

/// Tells for each recipient what would cross, by type and marking, what not and why, and what it
/// would newly get or lose. Changes nothing. Exit: ok; findings (nothing would cross). Fails
/// not_found: no such user, collection; and as `read_subject`, `exchange::Simulation::make` and
/// `exchange::TrialCollection`.
[[nodiscard]] Result<Exit> simulate(const SimulateOptions& options, Context& context);

}  // namespace entente::cli
