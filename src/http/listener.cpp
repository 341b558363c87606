// The server as a whole: sockets that listen, threads, the way it ends. server.cpp serves each
// connection.
#include "base/assert.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/random.h"
#include "http/internal/core.h"
#include "http/server.h"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <exception>
#include <sys/resource.h>
#include <thread>

namespace entente::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Loop::Loop() {
    std::array<std::uint8_t, 8> bytes{};
    system_random().fill(bytes);
    for (const std::uint8_t byte : bytes)
        id_state = id_state << 8U | byte;
}

std::string Loop::next_request_id() {
    id_state += 0x9e3779b97f4a7c15U;  // SplitMix64
    std::uint64_t mixed = id_state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    mixed ^= mixed >> 31U;
    std::string out(16, '0');
    for (char& c : out) {
        c = "0123456789abcdef"[mixed & 15U];
        mixed >>= 4U;
    }
    return out;
}

namespace {

template <class T>
T value_or_limit(T given, T limit) {
    return given > 0 ? given : limit;
}

std::size_t worker_count(unsigned given) {
    constexpr unsigned workers_min = 4;
    return given > 0 ? given : std::max(workers_min, 2 * std::thread::hardware_concurrency());
}

std::size_t loop_count(unsigned given) {
    return given > 0 ? given : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Core::Core(const ServerOptions& options, Handler& handler_)
    : handler(handler_),
      server_name(options.server_name),
      timeouts{
          value_or_limit(options.header_timeout_ms, limits::header_timeout_ms),
          value_or_limit(options.idle_timeout_ms, limits::idle_timeout_ms),
          value_or_limit(options.write_timeout_ms, limits::write_timeout_ms)},
      connections_max(value_or_limit(options.connections_max, limits::connections_max)),
      on_request(options.on_request),
      on_answer(options.on_answer),
      budget(value_or_limit<std::uint64_t>(
          options.bodies_in_flight_bytes_max, limits::bodies_in_flight_bytes_max
      )),
      backlog(std::make_shared<Backlog>(
          value_or_limit(options.requests_waiting_max, limits::requests_waiting_max),
          value_or_limit(options.request_wait_ms_max, limits::request_wait_ms_max)
      )),
      workers(std::make_shared<asio::thread_pool>(worker_count(options.worker_threads))) {}

bool Core::enter() {
    const std::lock_guard lock(mutex);
    if (connections >= connections_max) return false;
    ++connections;
    return true;
}

void Core::leave() {
    const std::lock_guard lock(mutex);
    if (--connections == 0) all_left.notify_all();
}

void Core::tell(const Access& access) const {
    log_access(access);
    if (!on_answer) return;
    const Head* const head = access.head;
    on_answer(
        {.method = head != nullptr ? std::string_view(head->method) : std::string_view(),
         .path = head != nullptr ? std::string_view(head->path) : std::string_view(),
         .status = access.status,
         .address = access.address,
         .body_bytes = access.body_bytes,
         .spent = access.spent}
    );
}

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
constexpr std::chrono::milliseconds accept_pause{50};

std::string text_of(const tcp::endpoint& endpoint) {
    const asio::ip::address address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    }
    return address.to_string();
}

Result<tcp::endpoint> endpoint_of(const ServerOptions& options) {
    std::string text = options.address;
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        text = text.substr(1, text.size() - 2);
    }
    if (text == "localhost") text = "127.0.0.1";
    error_code ec;
    const asio::ip::address address = asio::ip::make_address(text, ec);
    if (ec) {
        return fail(
            Errc::invalid_argument,
            printable(options.address, 100) + " is not an IP address to listen on"
        );
    }
    return tcp::endpoint(address, options.port);
}

/// Every connection needs a file descriptor; the usual soft limit of 1,024 is below
/// connections_max.
void raise_descriptor_limit(std::size_t connections) {
    constexpr rlim_t others = 1'024;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t wanted = std::min<rlim_t>(connections + others, limit.rlim_max);
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void run_loop(Loop& loop) {
    while (true) {
        try {
            loop.context.run();
            return;
        } catch (const std::exception& error) {
            log::error("event loop", {{"reason", error.what()}});
        }
    }
}

class ServerImpl final : public Server {
  public:
    ServerImpl(const ServerOptions& options, Handler& handler)
        : has_tls_(options.tls.has_value()),
          core_(options, handler) {
        const std::size_t count = loop_count(options.io_threads);
        const auto trusted =
            std::make_shared<const std::vector<IpNetwork>>(options.trusted_proxies);
        for (std::size_t i = 0; i < count; ++i) {
            loops_.push_back(std::make_unique<Loop>());
            loops_.back()->trusted = trusted;
        }
        acceptor_.emplace(loops_.front()->context);
        pause_.emplace(loops_.front()->context);
    }

    ServerImpl(const ServerImpl&) = delete;
    ServerImpl& operator=(const ServerImpl&) = delete;

    ~ServerImpl() override { ServerImpl::stop(0); }

    Result<void> open(const ServerOptions& options);
    void start() override;

    [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }

    void stop(std::int64_t wait_ms) override;
    void cut_off(std::function<bool(const void* context)> which) override;
    Result<void> reload_tls(const TlsFiles& files) override;
    void trust(std::vector<IpNetwork> proxies) override;
    Load load() override;

  private:
    void accept_next();
    void on_accept(Loop& loop, error_code ec, Socket socket);
    void turn_away(Socket socket);
    void close_acceptor();
    void for_each_connection(void (Connection::*call)());

    const bool has_tls_;
    Core core_;
    std::vector<std::unique_ptr<Loop>> loops_;  // after core_: their connections refer to it
    std::uint16_t port_ = 0;

    // The first loop's thread owns these.
    std::optional<Acceptor> acceptor_;
    std::optional<Timer> pause_;
    std::size_t next_loop_ = 0;
    bool ending_ = false;
    DateText date_;
    std::chrono::steady_clock::time_point warned_;

    std::mutex mutex_;  // guards what follows
    std::vector<std::thread> threads_;
    bool stopped_ = false;
};

Result<void> ServerImpl::open(const ServerOptions& options) {
    ENTENTE_TRY(const tcp::endpoint endpoint, endpoint_of(options));
    if (options.tls) ENTENTE_CHECK(reload_tls(*options.tls));
    error_code ec;
    error_code ignored;
    acceptor_->open(endpoint.protocol(), ec);
    if (!ec) acceptor_->set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && endpoint.protocol() == tcp::v6()) {
        acceptor_->set_option(asio::ip::v6_only(false), ignored);
    }
    if (!ec) acceptor_->bind(endpoint, ec);
    if (!ec) acceptor_->listen(asio::socket_base::max_listen_connections, ec);
    if (!ec) port_ = acceptor_->local_endpoint(ec).port();
    if (!ec) return {};
    const bool taken = ec == asio::error::address_in_use;
    return fail(
        taken ? Errc::conflict : Errc::invalid_argument,
        "cannot listen on " + printable(options.address, 100) + " port " +
            std::to_string(options.port) + ": " + ec.message()
    );
}

Result<void> ServerImpl::reload_tls(const TlsFiles& files) {
    if (!has_tls_) return {};
    ENTENTE_TRY(TlsContext fresh, make_server_tls(files));
    const std::lock_guard lock(core_.mutex);
    core_.tls = std::move(fresh);
    return {};
}

void ServerImpl::trust(std::vector<IpNetwork> proxies) {
    const auto fresh = std::make_shared<const std::vector<IpNetwork>>(std::move(proxies));
    for (const auto& loop : loops_)
        asio::post(loop->context, [&loop = *loop, fresh] { loop.trusted = fresh; });
}

Load ServerImpl::load() {
    const std::uint64_t body_bytes = core_.budget.used();
    const Backlog::Counts counts = core_.backlog->counts();
    const std::lock_guard lock(core_.mutex);
    return {
        .connections = core_.connections,
        .body_bytes = body_bytes,
        .waiting = counts.waiting,
        .refused = counts.refused};
}

void ServerImpl::start() {
    const std::lock_guard lock(mutex_);
    ENTENTE_ASSERT(threads_.empty() && !stopped_);
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit(core_.connections_max);
    asio::post(loops_.front()->context, [this] { accept_next(); });
    for (const auto& loop : loops_)
        threads_.emplace_back(run_loop, std::ref(*loop));
}

void ServerImpl::accept_next() {
    if (ending_) return;
    Loop& loop = *loops_[next_loop_++ % loops_.size()];
    acceptor_->async_accept(loop.context, [this, &loop](error_code ec, Socket socket) {
        on_accept(loop, ec, std::move(socket));
    });
}

void ServerImpl::on_accept(Loop& loop, error_code ec, Socket socket) {
    if (ending_) return;
    if (ec == asio::error::no_descriptors || ec == asio::error::no_memory ||
        ec == asio::error::no_buffer_space) {
        // The waiting client stays in the queue; trying again at once would only burn the
        // processor.
        log::warning("cannot accept", {{"reason", ec.message()}});
        pause_->expires_after(accept_pause);
        pause_->async_wait([this](error_code) { accept_next(); });
        return;
    }
    if (!ec) {
        const tcp::endpoint peer = socket.remote_endpoint(ec);
        if (!ec) socket.set_option(tcp::no_delay(true), ec);
        if (!ec && core_.enter()) {
            auto begin = [this, &loop, accepted = Accepted{std::move(socket), text_of(peer)}](
                         ) mutable { start_connection(core_, loop, std::move(accepted)); };
            asio::post(loop.context, std::move(begin));
        } else if (!ec) {
            turn_away(std::move(socket));
        }
    }
    accept_next();
}

/// 503 without reading or waiting. Under TLS there is no way to say it, so the connection just
/// ends.
void ServerImpl::turn_away(Socket socket) {
    // One line a second is enough to know; more would let anyone fill the log.
    const auto now = std::chrono::steady_clock::now();
    if (now - warned_ > std::chrono::seconds(1)) {
        warned_ = now;
        log::warning("too many connections", {{"limit", std::to_string(core_.connections_max)}});
    }
    if (has_tls_) return;
    const Response response = own_reply(503);
    const std::string_view body = response.body.bytes();
    WireForm form;
    form.content_length = body.size();
    form.persistence = Persistence::close;
    const auto head = reply_head(response, form, core_.server_name, date_.now());
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.send(
        std::array{asio::buffer(*head), asio::buffer(body.data(), body.size())}, 0, ignored
    );
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void ServerImpl::close_acceptor() {
    asio::post(loops_.front()->context, [this] {
        ending_ = true;
        error_code ignored;
        acceptor_->close(ignored);
        pause_->cancel();
    });
}

void ServerImpl::for_each_connection(void (Connection::*call)()) {
    for (const auto& loop : loops_) {
        asio::post(loop->context, [&loop = *loop, call] {
            loop.draining = true;
            for (Connection* connection : loop.connections)
                (connection->*call)();
        });
    }
}

void ServerImpl::cut_off(std::function<bool(const void* context)> which) {
    // Shared: each loop asks it, in its own time.
    const auto asked = std::make_shared<const std::function<bool(const void*)>>(std::move(which));
    for (const auto& loop : loops_) {
        asio::post(loop->context, [&loop = *loop, asked] {
            for (Connection* connection : loop.connections) {
                const void* const context = connection->context();
                if (context != nullptr && (*asked)(context)) connection->cut_off();
            }
        });
    }
}

void ServerImpl::stop(std::int64_t wait_ms) {
    const std::lock_guard stopping(mutex_);
    if (std::exchange(stopped_, true)) return;
    close_acceptor();
    if (!threads_.empty()) {
        for_each_connection(&Connection::drain);
        std::unique_lock lock(core_.mutex);
        const auto none = [this] { return core_.connections == 0; };
        core_.all_left.wait_for(lock, std::chrono::milliseconds(wait_ms), none);
        lock.unlock();
        for_each_connection(&Connection::abort);
        lock.lock();
        core_.all_left.wait(lock, none);  // every wait of a connection has just been cut short
    }
    core_.workers->stop();
    core_.workers->join();
    for (const auto& loop : loops_)
        loop->work.reset();
    for (std::thread& thread : threads_)
        thread.join();
}

}  // namespace

Result<void> check_tls_files(const TlsFiles& files) {
    if (files.certificate_chain.empty() && !files.client_ca.empty()) return check_client_ca(files);
    ENTENTE_CHECK(make_server_tls(files));
    return {};
}

Result<std::unique_ptr<Server>> Server::listen(const ServerOptions& options, Handler& handler) {
    auto server = std::make_unique<ServerImpl>(options, handler);
    ENTENTE_CHECK(server->open(options));
    return server;
}

}  // namespace entente::http
