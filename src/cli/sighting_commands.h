#pragma once
// `entente sightings …`: what this node's sensors saw of partners' indicators, and whether they are
// told; `entente agreement report`. For the operator of the machine.
#include "cli/context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace entente::cli {

struct SightingsOptions {
    Common common;
    std::vector<std::uint64_t> numbers;  // show, approve, decline
    bool all = false;       // list: those that wait for nothing too; approve: every one
    std::string agreement;  // empty = any
    std::string person;     // who decides; empty = the login name on this machine
};

/// What waits for a person or for its time, or with --all everything. Exit: ok; findings (nothing).
[[nodiscard]] Result<Exit> sightings_list(const SightingsOptions& options, Context& context);
/// The object that would go out, word for word, and why it does not yet. Fails not_found.
[[nodiscard]] Result<Exit> sightings_show(const SightingsOptions& options, Context& context);
/// Approves and sends what may go out at once, also of what was held before. Exit: ok; findings
/// (nothing waits). Fails:
/// not_found; conflict (decided on already, or one that never goes out); then none is.
[[nodiscard]] Result<Exit> sightings_approve(const SightingsOptions& options, Context& context);
/// Fails as `sightings_approve`.
[[nodiscard]] Result<Exit> sightings_decline(const SightingsOptions& options, Context& context);

struct AgreementReportOptions {
    Common common;
    std::string id;
    std::string report;                 // off, review, auto; empty = as it is
    std::optional<std::string> budget;  // sightings in a day
};

/// Sets, or shows, what is told of hits on what came under an agreement. Fails: not_found,
/// conflict, invalid_argument.
[[nodiscard]] Result<Exit> agreement_report(
    const AgreementReportOptions& options, Context& context
);

}  // namespace entente::cli
