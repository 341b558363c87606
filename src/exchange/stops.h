#pragma once
// Who is stopped: whose logins, tokens and grants have no effect until a person starts them again.
// Kept as one setting of the store, so that stopping costs the same however much they may see, and
// rights, views and dates stay as they are: who is started again goes on where it was.
#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace entente::exchange {

/// When it was stopped, by whom, and why.
struct Stop {
    Micros at;
    std::string person;
    std::string reason;
    friend bool operator==(const Stop&, const Stop&) = default;
};

struct Stops {
    std::optional<Stop> all;  // everyone, the own party's users too
    std::map<store::PartyNo, Stop> parties;
    std::map<store::UserNo, Stop> users;

    /// What stops the user: itself, its party, or everyone.
    [[nodiscard]] const Stop* of(const store::User& user) const noexcept;
    /// What stops the party whole.
    [[nodiscard]] const Stop* of(store::PartyNo party) const noexcept;
    [[nodiscard]] bool empty() const noexcept;
    friend bool operator==(const Stops&, const Stops&) = default;
};

/// The stops of a snapshot. What cannot be read stops everyone.
[[nodiscard]] Stops stops_of(store::Snapshot& snapshot);

/// Replaces them; acts on every request that begins after the commit, also of other processes.
/// Fails: conflict, when there are more than limits::stops_max.
[[nodiscard]] Result<void> put_stops(store::Transaction& tx, const Stops& stops);

/// Makes every process look again at what it knows of the directory and of the settings that belong
/// to a State.
void move_generation(store::Transaction& tx);

}  // namespace entente::exchange
