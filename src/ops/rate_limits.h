#pragma once
// How many requests a second an address or a user may send.
#include "base/ip.h"
#include "base/table_hash.h"
#include "base/time.h"

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace entente::ops {

/// A bucket of tokens for each key (the generic cell rate algorithm, ITU-T I.371: one number for
/// each), in a table of fixed size that strangers may fill: keys are found by a keyed hash, and
/// where a new one needs a place, the one that owes least loses it. Constant time. Threads: safe.
class RateTable {
  public:
    struct Rate {
        std::uint64_t per_second = 1;  // not 0
        std::uint64_t burst_s = 1;     // so many seconds' requests may come at once
    };

    explicit RateTable(std::size_t keys_max);

    /// Counts one request; or, where there are too many, the whole seconds (at least 1) after which
    /// one would be taken.
    [[nodiscard]] std::optional<std::int64_t> ask(
        std::string_view key, Rate rate, std::int64_t now_us
    );
    /// Counts `requests` without asking; at most twice the burst is ever owed.
    void charge(std::string_view key, Rate rate, std::int64_t now_us, std::uint64_t requests);

  private:
    static constexpr std::size_t places = 8;  // where one key may stand
    static constexpr std::size_t locks = 64;

    struct Bucket {
        std::uint64_t key = 0;     // hash; 0 = none
        std::int64_t paid_ns = 0;  // when nothing is owed any more
    };

    using Set = std::array<Bucket, places>;
    /// REQUIRES: the set's lock is held.
    [[nodiscard]] static Bucket& bucket_of(Set& set, std::uint64_t key);
    template <class Do>
    auto with_bucket(std::string_view key, const Do& work);

    TableKey secret_{};
    std::array<std::mutex, locks> mutexes_;  // each guards the sets of one remainder
    std::vector<Set> sets_;
};

struct Rates {
    std::uint64_t address = 0;  // requests a second; 0 = no limit
    std::uint64_t user = 0;
};

/// The limits of a server. Addresses of this machine have none: behind a proxy that is not told of,
/// all clients would share one. Threads: safe.
class RateLimits {
  public:
    /// The clock outlives it.
    RateLimits(Rates rates, const Clock& clock);
    void change(Rates rates);

    /// After how many seconds the request may come again; nothing = it may be served now.
    [[nodiscard]] std::optional<std::int64_t> address_waits(std::string_view address);
    [[nodiscard]] std::optional<std::int64_t> user_waits(std::uint32_t user);
    /// A login of that address was refused: it counts as many requests.
    void login_refused(std::string_view address);

    struct Refused {
        std::uint64_t by_address = 0;
        std::uint64_t by_user = 0;
    };

    [[nodiscard]] Refused refused();

  private:
    [[nodiscard]] Rates rates();

    const Clock& clock_;
    RateTable addresses_;
    RateTable users_;
    std::mutex mutex_;  // guards what follows
    Rates rates_;
    Refused refused_;
};

}  // namespace entente::ops
