#pragma once
// What one reader is allowed of one collection: for that reader itself, so nothing here says
// whether there is anything. Only what its own agreements say, never those of others.
#include "exchange/caller.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace entente::exchange {

/// One way by which entries may reach the reader. An empty list of conditions means any.
struct AllowedWay {
    std::string agreement{};  // empty = a grant
    std::string flow{};       // its fid
    stix::Tlp ceiling = stix::Tlp::clear;
    std::vector<std::string> types{};
    std::vector<std::string> words{};  // one must match: "type:malware", "label:phishing"
    std::vector<std::string> pattern_paths{};
    std::vector<std::string> exclude_labels{};
    std::optional<std::uint8_t> min_confidence{};
    std::optional<std::uint32_t> not_older_days{};
    std::vector<std::string> stripped{};  // classes of personal data that are cut out, by name
    std::uint32_t delay_hours = 0;
    std::optional<Micros> until{};  // when the agreement ends
};

struct Allowed {
    bool read = false;
    bool write = false;
    std::vector<AllowedWay> ways{};        // grants first, then agreements by id
    std::vector<std::string> suspended{};  // agreements that give nothing for the moment
};

[[nodiscard]] Allowed allowed_to(
    const State& state, const store::User& user, const store::Collection& collection
);

}  // namespace entente::exchange
