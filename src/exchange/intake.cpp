#include "exchange/intake.h"

#include "base/assert.h"
#include "base/limits.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace entente::exchange {
namespace {

/// Of any request, as if it were bytes: what each one costs beside its objects.
constexpr std::size_t cost_of_any = 2'048;
/// Let in while nothing is known of the pace.
constexpr std::size_t unmeasured_max = 4 * limits::write_patience_requests;
constexpr std::int64_t period_us = limits::write_arriving_ms * 1'000;
constexpr double wait_us_max = static_cast<double>(limits::write_wait_ms_max) * 1'000;

std::size_t cost_of(std::uint64_t bytes) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(bytes, limits::content_length_max)) +
           cost_of_any;
}

/// How long work takes, by what was done while several requests waited: then nothing but the work
/// itself was waited for, and commits are shared as they are under load. With few it would look
/// slower than it is.
class Pace {
  public:
    /// To be called at each change of `waiting`, with what it was until now.
    void pass(std::int64_t now_us, std::size_t waiting) {
        if (waiting > 0) {
            const std::int64_t us = now_us - last_us_;
            busy_us_ += us;
            waited_us_ += static_cast<double>(us) * static_cast<double>(waiting);
        }
        last_us_ = now_us;
    }

    /// REQUIRES: `pass` was called for this moment.
    void done(std::size_t cost) {
        cost_ += static_cast<double>(cost);
        if (busy_us_ < measure_us) return;
        const auto busy = static_cast<double>(busy_us_);
        if (waited_us_ >= several * busy) {
            const double measured = busy / cost_;
            us_per_cost_ = known() ? (us_per_cost_ + measured) / 2 : measured;
            known_us_ = last_us_;
        }
        busy_us_ = 0;
        waited_us_ = cost_ = 0;
    }

    [[nodiscard]] bool known() const {
        return us_per_cost_ > 0 && last_us_ - known_us_ < forgotten_us;
    }

    /// 0 when nothing is known.
    [[nodiscard]] double us_for(std::size_t cost) const {
        return known() ? static_cast<double>(cost) * us_per_cost_ : 0;
    }

  private:
    static constexpr std::int64_t measure_us = 200'000;  // several groups of the writer
    static constexpr std::int64_t forgotten_us = 10'000'000;
    static constexpr double several = 8;  // requests that waited at a time, on average

    std::int64_t last_us_ = 0;
    std::int64_t busy_us_ = 0;  // in which any waited, since the last measure
    double waited_us_ = 0;      // by all of them together
    double cost_ = 0;           // done in that time
    double us_per_cost_ = 0;
    std::int64_t known_us_ = 0;
};

struct Amount {
    std::size_t requests = 0;
    std::size_t cost = 0;

    void add(std::size_t cost_of_one) {
        ++requests;
        cost += cost_of_one;
    }

    void remove(std::size_t cost_of_one) {
        ENTENTE_ASSERT(requests > 0 && cost >= cost_of_one);
        --requests;
        cost -= cost_of_one;
    }
};

}  // namespace

struct Intake::Inside {
    explicit Inside(const Clock& c) : clock(c) {}

    // REQUIRES of all: mutex is held.
    void look_at_clock() {
        const std::int64_t now_us = clock.monotonic_us();
        pace.pass(now_us, waiting.requests);
        const std::int64_t at = now_us / period_us;
        if (at == period) return;
        coming_before = at == period + 1 ? coming : Amount{};
        coming = {};
        period = at;
    }

    [[nodiscard]] Amount under_way() const {
        return {
            coming.requests + coming_before.requests + waiting.requests,
            coming.cost + coming_before.cost + waiting.cost};
    }

    [[nodiscard]] bool has_room(store::UserNo user) const {
        const Amount all = under_way();
        if (all.requests < limits::write_patience_requests) return true;
        const bool first = !users.contains(user);
        if (!pace.known()) return all.requests < unmeasured_max * (first ? 2 : 1);
        if (pace.us_for(all.cost) <= wait_us_max) return true;
        return first && pace.us_for(waiting.cost) <= 2 * wait_us_max;
    }

    void remove_coming(std::size_t cost, std::int64_t since) {
        if (since == period) {
            coming.remove(cost);
        } else if (since + 1 == period) {
            coming_before.remove(cost);
        }
    }

    void leave(store::UserNo user) {
        const auto at = users.find(user);
        ENTENTE_ASSERT(at != users.end());
        if (--at->second == 0) users.erase(at);
    }

    const Clock& clock;
    mutable std::mutex mutex;  // guards what follows
    Pace pace;
    std::int64_t period = 0;
    Amount coming;         // let in during this period, body not complete
    Amount coming_before;  // during the one before
    Amount waiting;        // body complete
    std::unordered_map<store::UserNo, std::size_t> users;  // with how many under way
    std::uint64_t refused = 0;
    std::uint64_t told = 0;  // of them
};

Intake::Intake(const Clock& clock) : inside_(std::make_shared<Inside>(clock)) {}

std::optional<Intake::Place> Intake::enter(store::UserNo user, std::uint64_t bytes) {
    Inside& in = *inside_;
    const std::lock_guard lock(in.mutex);
    in.look_at_clock();
    if (!in.has_room(user)) {
        ++in.refused;
        return std::nullopt;
    }
    ++in.users[user];
    Place place;
    place.intake_ = inside_;
    place.user_ = user;
    place.cost_ = cost_of(bytes);
    place.period_ = in.period;
    in.coming.add(place.cost_);
    return place;
}

void Intake::refused_late() {
    const std::lock_guard lock(inside_->mutex);
    ++inside_->refused;
}

Intake::Counts Intake::counts() const {
    Inside& in = *inside_;
    const std::lock_guard lock(in.mutex);
    in.look_at_clock();
    const Amount all = in.under_way();
    return {all.requests, in.pace.us_for(all.cost) / 1'000, in.refused};
}

std::uint64_t Intake::take_refused() {
    const std::lock_guard lock(inside_->mutex);
    return inside_->refused - std::exchange(inside_->told, inside_->refused);
}

Intake::Place::Place(Place&& other) noexcept
    : intake_(std::move(other.intake_)),
      user_(other.user_),
      cost_(other.cost_),
      period_(other.period_),
      arrived_(other.arrived_) {}

Intake::Place& Intake::Place::operator=(Place&& other) noexcept {
    if (this == &other) return *this;
    give_up();
    intake_ = std::move(other.intake_);
    user_ = other.user_;
    cost_ = other.cost_;
    period_ = other.period_;
    arrived_ = other.arrived_;
    return *this;
}

void Intake::Place::arrived(std::uint64_t bytes) {
    if (!intake_) return;
    ENTENTE_ASSERT(!arrived_);
    const std::lock_guard lock(intake_->mutex);
    intake_->look_at_clock();
    intake_->remove_coming(cost_, period_);
    arrived_ = true;
    cost_ = cost_of(bytes);
    intake_->waiting.add(cost_);
}

void Intake::Place::end() {
    if (!intake_) return;
    ENTENTE_ASSERT(arrived_);
    {
        const std::lock_guard lock(intake_->mutex);
        intake_->look_at_clock();
        intake_->pace.done(cost_);
    }
    give_up();
}

void Intake::Place::give_up() {
    if (!intake_) return;
    {
        const std::lock_guard lock(intake_->mutex);
        intake_->look_at_clock();
        if (arrived_) {
            intake_->waiting.remove(cost_);
        } else {
            intake_->remove_coming(cost_, period_);
        }
        intake_->leave(user_);
    }
    intake_.reset();
}

}  // namespace entente::exchange
