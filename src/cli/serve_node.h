#pragma once
// The parts of a serving node, and what it does beside answering.
#include "cli/feed_keep.h"
#include "cli/login_watch.h"
#include "cli/node_dir.h"
#include "cli/serve_ops.h"
#include "cli/serve_settings.h"
#include "exchange/ageing.h"
#include "exchange/clock_doubt.h"
#include "exchange/exchange.h"
#include "exchange/login.h"
#include "http/server.h"
#include "ops/rate_limits.h"
#include "ops/service.h"
#include "peer/courier.h"
#include "taxii/service.h"
#include "watch/door.h"
#include "watch/matcher.h"

#include <functional>
#include <memory>

namespace entente::cli {

/// The running parts, in the order in which they need each other. Threads: all calls from one.
class ServingNode {
  public:
    /// All outlive it.
    ServingNode(const NodeDir& directory, const ServeSettings& settings, const Context& context);

    [[nodiscard]] http::Handler& handler() noexcept { return door_; }

    [[nodiscard]] Watch& watch() noexcept { return watch_; }

    /// As long as it lives, answers to logins that end are cut off. It ends before this and
    /// `server`.
    [[nodiscard]] std::unique_ptr<LoginWatch> watch_logins(http::Server& server);

    /// What a server asks about each request, before any work is spent on it.
    [[nodiscard]] std::function<http::FirstLook(const http::Head&)> on_request();
    /// What it tells of each answer.
    [[nodiscard]] std::function<void(const http::Answer&)> on_answer();

    /// What takes over the settings that count from the next request on; calling it cannot fail.
    /// Throws StorageError.
    [[nodiscard]] std::function<void()> change(const ServeSettings& settings);

    /// Puts the clock in doubt when it cannot be right; `entente clock accept` ends that.
    void look_at_clock();

    /// Partners are told what waits for them from now on.
    void tell_partners(const NodeDir& directory, Random& random);

    /// No partner is told anything any more.
    void stop_telling() { courier_.reset(); }

    /// The node's feeds are kept current from now on.
    void keep_feeds();

    /// No feed is written any more.
    void leave_feeds() { feeds_.reset(); }

    /// Events of sensors are judged from now on, by what the node's watch looks for.
    void judge_events(Random& random);

    /// No event is judged any more. REQUIRES: nobody is served any more.
    void leave_events();

    /// What is done now and then. A full disk ends nothing: it is tried again.
    void keep_house();

    /// Lets what waits end: password checks, then commits. Their answers still need the service.
    void stop();

  private:
    [[nodiscard]] taxii::Presentation presentation(const ServeOptions& options) const;
    void flush();
    void send_sightings();

    store::Store& store_;
    const Clock& clock_;
    ops::RateLimits rates_;
    exchange::StateCache states_;
    std::unique_ptr<exchange::Writer> writer_;
    exchange::Exchange exchange_;
    std::unique_ptr<exchange::Login> login_;
    taxii::Service service_;
    watch::Door sensors_;
    Watch watch_;
    ops::HealthDoor door_;
    exchange::ClockWatch clock_watch_{clock_};
    std::int64_t flushed_us_ = clock_.monotonic_us();
    std::unique_ptr<peer::Courier> courier_;
    std::unique_ptr<FeedKeeper> feeds_;
    std::unique_ptr<watch::Matcher> matcher_;
    std::int64_t purged_us_;
    std::int64_t sighted_us_ = 0;
    exchange::Ageing ageing_;
};

}  // namespace entente::cli
