#pragma once
// What the connections of a server share, and the threads that they live on.
#include "http/internal/backlog.h"
#include "http/internal/budget.h"
#include "http/internal/reply.h"
#include "http/internal/slot.h"
#include "http/internal/tls.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_set>

namespace entente::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>,
    Executor>;

/// An open connection, as its loop sees it. All calls on the loop's thread only; none throws.
class Connection {
  public:
    virtual ~Connection() = default;
    /// Ends the connection when its present request has its reply.
    virtual void drain() = 0;
    /// Ends the connection now.
    virtual void abort() = 0;
    /// Ends the connection now; what was handed to the socket and is not sent yet is dropped.
    virtual void cut_off() = 0;
    /// What the present request was admitted with; null when there is none.
    [[nodiscard]] virtual const void* context() const = 0;
    /// Its deadline has passed.
    virtual void expire() = 0;
};

/// One thread with its event loop, which is the strand of every connection on it. Everything but
/// `context` belongs to that thread.
struct Loop {
    Loop();
    /// 16 hex digits, unique but not to be taken for a secret.
    [[nodiscard]] std::string next_request_id();

    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<Executor> work = boost::asio::make_work_guard(context);
    std::unordered_set<Connection*> connections;
    bool draining = false;  // no new connections
    // Shared: between the loops. Never null.
    std::shared_ptr<const std::vector<IpNetwork>> trusted;
    DateText date;
    std::array<char, 64U << 10U> dropped;  // where bytes go that nobody will look at
    std::uint64_t id_state = 0;
};

struct Timeouts {
    std::int64_t header_ms;
    std::int64_t idle_ms;
    std::int64_t write_ms;
};

struct Core {
    Core(const ServerOptions& options, Handler& handler_);
    /// Counts a connection in; false when there are too many. Threads: safe.
    [[nodiscard]] bool enter();
    void leave();
    /// The log and whoever counts learn of an answer.
    void tell(const Access& access) const;

    Handler& handler;
    const std::string server_name;
    const Timeouts timeouts;
    const std::size_t connections_max;
    const std::function<FirstLook(const Head&)> on_request;
    const std::function<void(const Answer&)> on_answer;
    Budget budget;
    // Shared with the workers' jobs, for the same reason as they are.
    const std::shared_ptr<Backlog> backlog;
    // Jobs and admissions know it weakly: an admission may come back after the server has gone, and a
    // job that never ran must not keep the pool that it waits in.
    const std::shared_ptr<boost::asio::thread_pool> workers;

    std::mutex mutex;  // guards what follows
    TlsContext tls;
    std::size_t connections = 0;
    std::condition_variable all_left;
};

struct Accepted {
    Socket socket;
    std::string address;  // of the peer
};

/// Serves a connection that `core.enter()` has counted, until it ends and is counted out. To be
/// called on the loop's thread.
void start_connection(Core& core, Loop& loop, Accepted accepted);

}  // namespace entente::http
