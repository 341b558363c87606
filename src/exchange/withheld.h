#pragma once
// What one user does not get of a collection, and why: for the own party's roles, never for the
// user itself.
#include "exchange/caller.h"
#include "store/store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace entente::exchange {

struct WithheldGroup {
    agreement::Reason reason{};
    std::string marking;  // the marking that decided, if one did
    std::string type;
    std::string way;  // that decided, `agreement::Way::name`: of several the one that came furthest
    std::string agreement;  // of which agreement it is; empty of grants
    std::uint64_t count = 0;
    std::uint64_t derived =
        0;  // of these: another entry, made of it with parts hidden, is released
    std::vector<std::string> examples;  // ids, at most three
};

/// What one way releases.
struct ReleasedGroup {
    std::string way;
    std::string agreement;
    std::uint64_t count = 0;
    std::uint64_t later = 0;  // of these: a delay is not over
};

struct ReleaseReport {
    std::uint64_t released = 0;  // entries (versions) that the user gets, those made of others too
    std::uint64_t derived = 0;   // of these: made of others
    std::uint64_t later = 0;     // of `released`: their delay is not over
    std::vector<ReleasedGroup> ways;      // by name
    std::vector<WithheldGroup> withheld;  // most first
};

struct Moment {
    Micros at;
    bool is_now = true;  // what was served before a delay began is served
};

/// Decides every entry of the collection for the user, by the decision that every exit asks, at a
/// moment. Cost: all its entries.
[[nodiscard]] ReleaseReport report_release(
    store::Snapshot& snapshot,
    const State& state,
    const store::User& user,
    const store::Collection& collection,
    const Moment& moment
);

}  // namespace entente::exchange
