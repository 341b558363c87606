#pragma once
// The server: Asio coroutines, Beast, TLS 1.2 and 1.3 by OpenSSL, gzip by ISA-L, limits from
// base/limits.h.
#include "base/ip.h"
#include "base/result.h"
#include "http/http.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::http {

struct TlsFiles {
    std::string certificate_chain;  // PEM file
    std::string private_key;        // PEM file
    /// PEM file of the CAs whose clients' certificates count, or of such certificates themselves;
    /// empty = no client is asked for one. What else is shown ends the handshake.
    std::string client_ca{};
    bool client_must_have_certificate = false;  // one that shows none gets no further
};

/// One answer that was written, or that the other side did not wait for.
struct Answer {
    std::string_view method;  // empty when the head could not be read
    std::string_view path;    // as sent, without the query
    int status = 0;
    std::string_view address;  // the client's IP address in text
    std::uint64_t body_bytes = 0;
    std::chrono::nanoseconds spent{};  // from the first byte of the request to the last written
};

/// What a server holds at the moment.
struct Load {
    std::size_t connections = 0;
    std::uint64_t body_bytes = 0;  // of larger bodies, in both directions
    std::size_t waiting = 0;       // requests, for a worker
    std::uint64_t refused = 0;     // since the start: they waited too long, or too many did
};

/// What is thought of a request before any work is spent on it.
struct FirstLook {
    std::optional<Response> answer;  // to be given at once
    bool urgent = false;             // it is not refused because many wait
};

struct ServerOptions {
    std::string address = "127.0.0.1";  // or "::1", "0.0.0.0", "[::]"
    std::uint16_t port = 7443;          // 0 = any
    std::optional<TlsFiles> tls;        // nothing = plain HTTP
    unsigned io_threads = 0;            // 0 = one per core
    unsigned worker_threads = 0;        // 0 = twice the cores, at least 4
    std::string server_name = "entente";
    /// Peers whose X-Forwarded-For is believed (http/forwarded.h).
    std::vector<IpNetwork> trusted_proxies;
    /// Asked about each request whose head could be read, on the network threads: must not wait.
    /// Empty = all requests are served.
    std::function<FirstLook(const Head&)> on_request;
    /// Told of each answer, on the network threads: must not wait. Empty = nobody.
    std::function<void(const Answer&)> on_answer;
    // For tests; 0 = the value of limits.h.
    std::int64_t header_timeout_ms = 0;
    std::int64_t idle_timeout_ms = 0;
    std::int64_t write_timeout_ms = 0;
    std::size_t connections_max = 0;
    std::uint64_t bodies_in_flight_bytes_max = 0;
    std::size_t requests_waiting_max = 0;
    std::int64_t request_wait_ms_max = 0;
};

/// 1. Each connection lives on its own strand; handlers run on the worker pool; a response goes
/// back to the strand.
/// 2. No buffer grows with what a client sends beyond the limits; every read and write has a time
/// limit.
class Server {
  public:
    /// Binds and listens; serves once `start` is called. Fails: invalid_argument (address,
    /// certificate or key cannot be used, with OpenSSL's reason), conflict (address in use).
    /// `handler` must outlive the server; its callbacks may be called, without effect, even later.
    [[nodiscard]] static Result<std::unique_ptr<Server>> listen(
        const ServerOptions& options, Handler& handler
    );
    virtual ~Server() = default;
    /// Starts the threads. Also, for the whole process: ignores SIGPIPE and raises the soft limit
    /// of open files.
    virtual void start() = 0;
    [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
    /// Stops accepting, lets running requests end for at most `wait_ms`, then closes everything.
    /// Threads: safe, once.
    virtual void stop(std::int64_t wait_ms) = 0;
    /// Cuts off, without sending what waits to be sent, every connection whose present request was
    /// admitted with a context (`Admission::context`) of which `which` says true. `which` is called
    /// on the server's own threads, soon; it must neither block nor throw. Threads: safe.
    virtual void cut_off(std::function<bool(const void* context)> which) = 0;
    /// Reads these TLS files from now on; running connections keep what they began with. Without
    /// effect on a server without TLS. Fails as `listen`, and nothing is changed then.
    [[nodiscard]] virtual Result<void> reload_tls(const TlsFiles& files) = 0;
    /// Whose X-Forwarded-For is believed, soon: requests under way may be judged by the old list.
    /// Threads: safe.
    virtual void trust(std::vector<IpNetwork> proxies) = 0;
    /// Threads: safe.
    [[nodiscard]] virtual Load load() = 0;
};

/// Fails as Server::listen when these files cannot be used. A certificate and key that are yet to
/// be made are left empty.
[[nodiscard]] Result<void> check_tls_files(const TlsFiles& files);

/// Writes a self-signed certificate (P-256, 397 days, the given DNS names and IP addresses) and key
/// (mode 0600). Returns the SHA-256 fingerprint of the certificate in hex.
[[nodiscard]] Result<std::string> write_self_signed(
    const TlsFiles& files, const std::vector<std::string>& names
);

}  // namespace entente::http
