#include "ops/rate_limits.h"

#include "base/assert.h"
#include "base/limits.h"
#include "base/random.h"

#include <algorithm>

namespace entente::ops {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

std::int64_t cost_ns(const RateTable::Rate& rate, std::uint64_t requests) {
    return static_cast<std::int64_t>(requests * ns_per_second / rate.per_second);
}

std::int64_t burst_ns(const RateTable::Rate& rate) {
    return static_cast<std::int64_t>(rate.burst_s) * ns_per_second;
}

/// The table's key of an address, unless that has no limit.
std::optional<std::string> limited_key(std::string_view address) {
    const auto parsed = parse_ip(address);
    if (!parsed) return std::string(address);
    if (is_loopback(*parsed)) return std::nullopt;
    return client_key(*parsed);
}

RateTable::Rate with_burst(std::uint64_t per_second) {
    return {.per_second = per_second, .burst_s = limits::rate_burst_s};
}

}  // namespace

RateTable::RateTable(std::size_t keys_max) : sets_((keys_max + places - 1) / places) {
    ENTENTE_ASSERT(keys_max > 0);
    system_random().fill(secret_);
}

RateTable::Bucket& RateTable::bucket_of(Set& set, std::uint64_t key) {
    Bucket* least = &set.front();
    for (Bucket& bucket : set) {
        if (bucket.key == key) return bucket;
        if (bucket.paid_ns < least->paid_ns) least = &bucket;
    }
    *least = {.key = key, .paid_ns = 0};
    return *least;
}

template <class Do>
auto RateTable::with_bucket(std::string_view key, const Do& work) {
    const auto hash = table_hash(secret_, key);
    const std::size_t at = hash[0] % sets_.size();
    const std::lock_guard lock(mutexes_.at(at % locks));
    return work(bucket_of(sets_[at], hash[1] | 1U));
}

std::optional<std::int64_t> RateTable::ask(std::string_view key, Rate rate, std::int64_t now_us) {
    const std::int64_t now = now_us * 1'000;
    return with_bucket(key, [&](Bucket& bucket) -> std::optional<std::int64_t> {
        const std::int64_t then = std::max(bucket.paid_ns, now) + cost_ns(rate, 1);
        const std::int64_t too_early = then - now - burst_ns(rate);
        if (too_early > 0) return (too_early + ns_per_second - 1) / ns_per_second;
        bucket.paid_ns = then;
        return std::nullopt;
    });
}

void RateTable::charge(
    std::string_view key, Rate rate, std::int64_t now_us, std::uint64_t requests
) {
    const std::int64_t now = now_us * 1'000;
    with_bucket(key, [&](Bucket& bucket) {
        const std::int64_t then = std::max(bucket.paid_ns, now) + cost_ns(rate, requests);
        bucket.paid_ns = std::max(bucket.paid_ns, std::min(then, now + 2 * burst_ns(rate)));
    });
}

RateLimits::RateLimits(Rates rates, const Clock& clock)
    : clock_(clock),
      addresses_(limits::rate_addresses_max),
      users_(limits::rate_users_max),
      rates_(rates) {}

void RateLimits::change(Rates rates) {
    const std::lock_guard lock(mutex_);
    rates_ = rates;
}

Rates RateLimits::rates() {
    const std::lock_guard lock(mutex_);
    return rates_;
}

std::optional<std::int64_t> RateLimits::address_waits(std::string_view address) {
    const std::uint64_t rate = rates().address;
    if (rate == 0) return std::nullopt;
    const auto key = limited_key(address);
    if (!key) return std::nullopt;
    const auto wait = addresses_.ask(*key, with_burst(rate), clock_.monotonic_us());
    if (wait) {
        const std::lock_guard lock(mutex_);
        ++refused_.by_address;
    }
    return wait;
}

std::optional<std::int64_t> RateLimits::user_waits(std::uint32_t user) {
    const std::uint64_t rate = rates().user;
    if (rate == 0) return std::nullopt;
    const auto wait = users_.ask(std::to_string(user), with_burst(rate), clock_.monotonic_us());
    if (wait) {
        const std::lock_guard lock(mutex_);
        ++refused_.by_user;
    }
    return wait;
}

void RateLimits::login_refused(std::string_view address) {
    const std::uint64_t rate = rates().address;
    if (rate == 0) return;
    const auto key = limited_key(address);
    if (!key) return;
    // The request itself has been counted.
    addresses_.charge(
        *key, with_burst(rate), clock_.monotonic_us(), limits::rate_failed_login_cost - 1
    );
}

RateLimits::Refused RateLimits::refused() {
    const std::lock_guard lock(mutex_);
    return refused_;
}

}  // namespace entente::ops
