#include "cli/serve_node.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/find.h"
#include "cli/peer_files.h"
#include "exchange/hits.h"
#include "exchange/sightings.h"
#include "taxii/resources.h"

#include <fmt/format.h>

namespace entente::cli {
namespace {

constexpr std::int64_t flush_interval_us = 5 * micros_per_second;
constexpr std::int64_t purge_interval_us = 3600 * micros_per_second;

exchange::Settings exchange_settings(const NodeDir& directory, const ServeOptions& options) {
    exchange::Settings settings = directory.settings();
    settings.delete_newest_only = options.delete_newest_only;
    return settings;
}

}  // namespace

ServingNode::ServingNode(
    const NodeDir& directory, const ServeSettings& settings, const Context& context
)
    : store_(directory.store()),
      clock_(context.clock),
      rates_(settings.rates, clock_),
      writer_(exchange::make_group_writer(store_)),
      exchange_(
          {store_, *writer_, states_, context.clock, context.random},
          exchange_settings(directory, settings.options)
      ),
      login_(
          std::make_unique<exchange::Login>(states_, store_, context.clock, directory.keys().token)
      ),
      service_(
          exchange_,
          *login_,
          {.node = presentation(settings.options),
           .key_header = settings.options.key_header,
           .caller_waits = [this](store::UserNo user
                           ) { return rates_.user_waits(agreement::raw(user)); }}
      ),
      sensors_(service_, service_),
      watch_(store_, states_, exchange_, rates_, directory.path()),
      door_(sensors_, watch_.not_ready()),
      purged_us_(-purge_interval_us) {}

std::unique_ptr<LoginWatch> ServingNode::watch_logins(http::Server& server) {
    return std::make_unique<LoginWatch>(store_, states_, service_, server);
}

std::function<http::FirstLook(const http::Head&)> ServingNode::on_request() {
    return [this](const http::Head& head) {
        // Who asks whether the node lives asks for no work, and must not take a busy one for dead.
        http::FirstLook first;
        first.urgent = head.path == "/healthz" || head.path == "/readyz";
        if (const auto wait = rates_.address_waits(head.address)) {
            first.answer = taxii::too_many_requests(*wait, head.request_id);
        }
        return first;
    };
}

std::function<void(const http::Answer&)> ServingNode::on_answer() {
    return [this, count = watch_.on_answer()](const http::Answer& answer) {
        count(answer);
        if (answer.status == 401) rates_.login_refused(answer.address);
    };
}

std::function<void()> ServingNode::change(const ServeSettings& settings) {
    return [this, rates = settings.rates, shown = presentation(settings.options)] {
        rates_.change(rates);
        service_.present(shown);
    };
}

void ServingNode::look_at_clock() {
    try {
        auto why = clock_watch_.jumped();
        const auto snapshot = store_.snapshot();
        const auto state = states_.get(*snapshot);
        if (state->clock_doubt) return;
        if (!why) {
            why = exchange::behind_dates(*snapshot, state->directory.collections, clock_.now());
        }
        if (!why) return;
        writer_->run([&](store::Transaction& tx) { exchange::doubt_clock(tx, clock_.now(), *why); }
        );
        log::error(
            "the clock is in doubt: partners under agreements get 503 until `entente clock "
            "accept`",
            {{"why", *why}}
        );
    } catch (const StorageError& error) {
        log::warning("cannot look at the clock now", {{"why", error.what()}});
    }
}

void ServingNode::tell_partners(const NodeDir& directory, Random& random) {
    peer::Surroundings around = surroundings(directory, clock_, random);
    around.write = [this](const std::function<void(store::Transaction&)>& work) {
        writer_->run(work);
    };
    courier_ = std::make_unique<peer::Courier>(std::move(around));
}

void ServingNode::keep_feeds() {
    feeds_ = std::make_unique<FeedKeeper>(FeedSurroundings{
        .store = store_,
        .states = states_,
        .clock = clock_,
        .write = [this](const std::function<void(store::Transaction&)>& work) {
            writer_->run(work);
        }});
}

void ServingNode::send_sightings() {
    if (clock_.monotonic_us() - sighted_us_ < limits::sightings_look_ms * 1'000) return;
    sighted_us_ = clock_.monotonic_us();
    try {
        exchange::look_at_sightings(store_, states_, *writer_, clock_);
    } catch (const StorageError& error) {
        log::warning("cannot send sightings now", {{"why", error.what()}});
    }
}

void ServingNode::judge_events(Random& random) {
    watch::Around around{
        .store = store_,
        .states = states_,
        .clock = clock_,
        .write = [this](const std::function<void(store::Transaction&)>& work) {
            writer_->run(work);
        }};
    random.fill(around.key);
    const auto record = [this](const watch::Found& found) {
        std::vector<exchange::SeenHit> seen;
        for (const watch::Hit& hit : found.hits) {
            seen.push_back(
                {.collection = hit.collection,
                 .seq = hit.seq,
                 .indicator = hit.indicator,
                 .path = hit.path,
                 .value = hit.value,
                 .at = hit.at,
                 .event = hit.event,
                 .own = hit.own,
                 .warned = hit.warned,
                 .stopped = hit.stopped}
            );
        }
        writer_->run([&](store::Transaction& tx) {
            (void)exchange::record_hits(tx, clock_, found.state, seen);
            if (found.muted) exchange::put_muted_hits(tx, *found.muted);
        });
    };
    matcher_ = std::make_unique<watch::Matcher>(
        std::move(around), fmt::format("{:x}", clock_.now().count), record
    );
    sensors_.open(matcher_.get());
}

void ServingNode::leave_events() {
    sensors_.open(nullptr);
    matcher_.reset();
}

void ServingNode::keep_house() {
    send_sightings();
    if (clock_.monotonic_us() - flushed_us_ < flush_interval_us) return;
    flush();
}

void ServingNode::flush() {
    flushed_us_ = clock_.monotonic_us();
    try {
        exchange_.flush();
        exchange_.look_at_agreements();
        exchange::let_age(ageing_, store_, states_, *writer_, clock_);
        watch_.trouble(std::nullopt);
        if (clock_.monotonic_us() - purged_us_ < purge_interval_us) return;
        const Micros now = clock_.now();
        writer_->run([now](store::Transaction& tx) {
            tx.purge_statuses(now + -limits::status_kept_us);
            tx.purge_outbox(now + -limits::outbox_kept_us);
            (void)tx.erase_done_sightings(now + -limits::sightings_kept_us, limits::sightings_max);
        });
        purged_us_ = clock_.monotonic_us();
    } catch (const StorageError& error) {
        log::warning("cannot write records now", {{"why", error.what()}});
        watch_.trouble(fmt::format("cannot write: {}", printable(error.what(), 200)));
    }
}

void ServingNode::stop() {
    flush();
    login_.reset();
    writer_.reset();
}

taxii::Presentation ServingNode::presentation(const ServeOptions& options) const {
    taxii::Presentation made;
    made.title = options.title;
    if (made.title.empty()) made.title = own_party(store_.snapshot()->directory()).name;
    made.description = options.description;
    made.contact = options.contact;
    made.public_url = options.public_url;
    return made;
}

}  // namespace entente::cli
