#pragma once
// Ends answers that are still being sent when their login ends: a token revoked, a user disabled or
// removed, a stop. New requests need no watching, for each is judged by the state that it reads.
#include "exchange/state_cache.h"
#include "http/server.h"
#include "store/store.h"
#include "taxii/service.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace entente::cli {

/// Looks every limits::stop_seen_ms whether the directory has changed, in this process or another,
/// on a thread of its own. All that it is given outlives it.
class LoginWatch {
  public:
    LoginWatch(
        store::Store& store,
        exchange::StateCache& states,
        const taxii::Service& service,
        http::Server& server
    );
    LoginWatch(const LoginWatch&) = delete;
    LoginWatch& operator=(const LoginWatch&) = delete;
    ~LoginWatch();

  private:
    void run();
    void look();

    store::Store& store_;
    exchange::StateCache& states_;
    const taxii::Service& service_;
    http::Server& server_;
    std::uint64_t seen_ = 0;  // the thread's alone

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace entente::cli
