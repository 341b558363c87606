#pragma once
// Sending what waits for one partner.
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "store/store.h"
#include "taxii/client/session.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace entente::peer {

/// What a delivery needs of the node. All outlive it; all may be used from several threads at once.
struct Surroundings {
    store::Store& store;
    const Clock& clock;
    Random& random;
    /// One transaction, durable on return. Throws StorageError.
    std::function<void(const std::function<void(store::Transaction&)>&)> write;
    /// What the file that `Peer::secret` names holds.
    std::function<Result<taxii::client::Credentials>(const std::string& secret)> credentials;
    /// The node stops: what is under way is left and tried again later.
    std::function<bool()> stopping;
    /// A remark from the way there, already printable.
    std::function<void(const std::string& party, std::string_view text)> warn;
};

struct Sent {
    std::string party;  // its name, once something was tried
    std::size_t delivered = 0;
    std::size_t failed = 0;
    std::string error;  // the last one, for people; no secret
};

enum class Due : std::uint8_t {
    only,  // what has come due
    all,   // everything that waits
};

/// Sends what waits for `party`, in its order, over one connection, and marks what came of each. A
/// server that cannot be reached or lets nobody in ends it, and everything is tried again later;
/// what it refuses does not hold the rest. Blocks for limits::peer_delivery_ms_max and one answer
/// at most after the first thing. Throws StorageError.
[[nodiscard]] Sent deliver(const Surroundings& node, store::PartyNo party, Due due);

/// Whether a row's time has come. One that lies farther ahead than any wait was set by a clock that
/// was wrong.
[[nodiscard]] bool is_due(Micros due, Micros now) noexcept;

/// How long to wait after `tries` failures: doubling from limits::peer_backoff_ms_min to
/// limits::peer_backoff_ms_max, between half of that and all of it. What the server asked for
/// counts when it is more, up to a day.
[[nodiscard]] std::int64_t backoff_ms(
    std::uint32_t tries, std::optional<std::int64_t> asked_ms, Random& random
);

}  // namespace entente::peer
