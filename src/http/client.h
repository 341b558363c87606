#pragma once
// A client that a hostile server cannot hurt: one request at a time over a kept connection, every
// answer bounded in bytes and time, no redirect followed by itself, certificates verified.
#include "base/result.h"
#include "http/http.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::http {

/// scheme://host:port, the unit that credentials are bound to (RFC 6454).
struct Origin {
    std::string scheme;  // "https" | "http"
    std::string host;    // lower case, no brackets
    std::uint16_t port = 443;
    friend bool operator==(const Origin&, const Origin&) = default;
};

struct Url {
    Origin origin;
    std::string target;  // path and query, starts with '/'
};

/// Absolute http(s) URLs only; user info is refused (secrets do not belong in URLs). Fails:
/// invalid_argument.
[[nodiscard]] Result<Url> parse_url(std::string_view text);
/// RFC 3986 resolution of a reference against a base. Fails: invalid_argument.
[[nodiscard]] Result<Url> resolve_url(const Url& base, std::string_view reference);
[[nodiscard]] std::string to_string(const Url& url);

struct ClientOptions {
    std::string ca_file;                // PEM; empty = the system's
    bool insecure_skip_verify = false;  // for a first try only
    std::string client_certificate;     // PEM files for mTLS; empty = none
    std::string client_key;
    std::int64_t connect_timeout_ms = 15'000;
    std::int64_t read_timeout_ms = 120'000;  // for one whole answer
    std::uint64_t reply_bytes_max = 0;       // 0 = limits::reply_bytes_max; decoded bytes count
    std::string user_agent = "entente";
    /// Asked a few times a second while waiting: true ends the request with `overloaded`. Looking
    /// up a name is not ended. Nothing = never asked.
    std::function<bool()> stopping{};
};

struct Reply {
    int status = 0;
    Headers headers;
    std::string body;  // decoded
};

/// Hosts and ports that a DNS SRV record names, best first, for example of
/// "_taxii2._tcp.example.org" (TAXII 2.1, 3.9; T8, T103). Blocks for at most a few seconds for each
/// DNS server of the system. What comes back is unauthenticated: it says where to connect, the
/// certificate must still name the domain that the user meant. Fails: invalid_argument, not_found,
/// overloaded (no DNS server answered), malformed. Threads: safe.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::uint16_t>>> lookup_srv(
    std::string_view service_and_domain
);

/// Threads: one at a time.
class Client {
  public:
    [[nodiscard]] static std::unique_ptr<Client> make(
        const Origin& origin, const ClientOptions& options
    );
    virtual ~Client() = default;
    /// Sends one request and reads the answer, over a kept connection if the server kept it (a
    /// request on a stale one is repeated once when nothing of an answer came). Fails: not_found
    /// (no such host), overloaded (connect or read timed out, connection lost: worth trying again),
    /// unauthorized (TLS verification), too_large, malformed.
    [[nodiscard]] virtual Result<Reply> send(
        std::string_view method,
        std::string_view target,
        const Headers& headers,
        std::string_view body
    ) = 0;
};

}  // namespace entente::http
