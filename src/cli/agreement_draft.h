#pragma once
// `entente agreement new` and `amend`: documents that nobody has signed yet.
#include "cli/context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace entente::cli {

struct AgreementNewOptions {
    Common common;
    std::string form;                  // a template's name; empty = ask on the terminal
    std::vector<std::string> parties;  // [PID=]NAME of the node, or [PID=]FILE of a card
    std::string title;
    std::vector<std::string> types;
    std::string max_marking = "TLP:AMBER";
    std::vector<std::string> named;
    std::vector<std::string> keep;
    std::uint64_t delay_hours = 0;
    std::vector<std::string> onward;
    std::uint64_t sightings_days = 0;  // 0 = none are owed
    std::string from;                  // empty = now
    std::string until = "365d";
    std::uint64_t notice_days = 0;
    std::string from_grants;  // a party of the node: its grants on `collection` as terms
    std::string collection;
    std::string out;  // a new file; empty = standard output
};

/// Writes version 1 of an agreement.
[[nodiscard]] Result<Exit> agreement_new(const AgreementNewOptions& options, Context& context);

struct AgreementAmendOptions {
    Common common;
    std::string subject;   // an agreement of the node, or a pack
    std::string set_from;  // a document with the new terms; empty = as they are
    std::string out;
};

/// Writes the version after the newest one that all signed, and tells what changes.
[[nodiscard]] Result<Exit> agreement_amend(const AgreementAmendOptions& options, Context& context);

}  // namespace entente::cli
