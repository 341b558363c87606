#pragma once
// What `serve` tells the operator's machines: a listener of its own for health and metrics, and the
// two health paths on the main one.
#include "base/result.h"
#include "exchange/exchange.h"
#include "exchange/state_cache.h"
#include "http/server.h"
#include "ops/metrics.h"
#include "ops/rate_limits.h"
#include "ops/service.h"
#include "store/store.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace entente::cli {

/// Counts answers and knows whether the node is ready. Threads: safe. What it is given outlives
/// it.
class Watch {
  public:
    Watch(
        store::Store& store,
        exchange::StateCache& states,
        const exchange::Exchange& exchange,
        ops::RateLimits& rates,
        std::string directory
    );

    [[nodiscard]] ops::NotReady not_ready();
    [[nodiscard]] std::function<void(const http::Answer&)> on_answer();
    /// The main listener, whose load is shown from now on. It outlives this, or `no_server` is
    /// called.
    void watch(http::Server& server);
    void no_server();
    /// Why requests cannot be served well from now on; nothing = they can again.
    void trouble(std::optional<std::string> why);
    [[nodiscard]] std::string metrics();

  private:
    [[nodiscard]] std::vector<ops::Reading> readings();

    store::Store& store_;
    exchange::StateCache& states_;
    const exchange::Exchange& exchange_;
    ops::RateLimits& rates_;
    std::string directory_;
    ops::Metrics metrics_;
    std::mutex mutex_;  // guards what follows
    http::Server* server_ = nullptr;
    std::optional<std::string> trouble_;
};

/// A listener on this machine only (`--ops-listen`); it outlives nothing that it was given. Fails
/// as http::Server::listen, and invalid_argument for an address that others can reach.
class OpsListener {
  public:
    [[nodiscard]] static Result<std::unique_ptr<OpsListener>> open(
        const std::string& address, Watch& watch
    );
    [[nodiscard]] std::string url() const;

  private:
    OpsListener(Watch& watch) : service_(watch.not_ready(), [&watch] { return watch.metrics(); }) {}

    ops::OpsService service_;
    std::string address_;
    std::unique_ptr<http::Server> server_;  // after what it serves
};

}  // namespace entente::cli
