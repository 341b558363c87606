#pragma once
// Requests to a TAXII 2.1 server that nobody vouches for: retried with patience, bounded in bytes
// and time, credentials for the origins that the operator named and no others.
#include "base/limits.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "http/client.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace entente::taxii::client {

/// The one media type (TAXII 2.1, 1.6.8), spelled as servers that compare texts want it.
inline constexpr std::string_view media_type = "application/taxii+json;version=2.1";

/// What the client needs from the machine; tests give fakes. All outlive the Session.
struct World {
    std::function<std::unique_ptr<http::Client>(const http::Origin&)> connect;
    const Clock& clock;
    Random& random;  // jitter
    std::function<void(std::int64_t ms)>
        pause;                       // waits so long, or less when the user wants to stop
    std::function<bool()> stopping;  // the user wants to stop
    std::function<void(std::string_view)>
        warn;  // a remark for the user; from strangers, already printable
};

struct Credentials {
    enum class Kind : std::uint8_t { none, basic, bearer, token } kind = Kind::none;
    std::string user;    // basic only
    std::string secret;  // password or token
};

/// Whom the session may speak to, and who may see the credentials.
struct Access {
    std::vector<http::Origin> allowed;
    std::vector<http::Origin> trusted;  // a part of `allowed`
    Credentials credentials;
};

/// Fails invalid_argument: credentials that HTTP cannot carry (a colon in a user name, control
/// characters; RFC 7617, 2), or that would travel without TLS to another machine although
/// `plain_http` is false.
[[nodiscard]] Result<void> check_access(const Access& access, bool plain_http);

/// How long and how much.
struct Budget {
    int retries_max = limits::client_retries_max;            // of one request
    std::uint64_t bytes_max = limits::pull_bytes_max;        // of answers
    std::int64_t ms_max = limits::pull_seconds_max * 1'000;  // from the Session's making
};

/// Errors of all methods: unauthorized, forbidden, not_found as the server says, or forbidden for
/// an origin that is not allowed; unprocessable (the server refuses the request: 400, 422),
/// too_large (413); overloaded (the network failed, the server is busy, all retries are spent, or
/// the budget is); corrupt (the server answers nonsense, or its certificate is wrong); conflict
/// when the user wants to stop. Threads: one at a time.
class Session {
  public:
    Session(World& world, Access access, const Budget& budget);

    /// What to do when the connection is lost after the request was sent.
    enum class Lost : std::uint8_t {
        repeat,
        tell,  // fail with `lost()` set: the server may think that it has answered
    };
    /// An answer of 200 (or 206) with a body in a media type that TAXII allows. Redirects within
    /// the origin are followed, limits::client_redirects_max of them.
    [[nodiscard]] Result<http::Reply> get(const http::Url& url, Lost when_lost = Lost::repeat);
    /// Any answer that is not to be tried again. Sent again after loss: TAXII servers take objects
    /// twice (TAXII 2.1, 5.5).
    [[nodiscard]] Result<http::Reply> post(const http::Url& url, std::string_view body);

    /// The last failure of `get` was a lost connection.
    [[nodiscard]] bool lost() const noexcept { return lost_; }

    /// What the last busy answer asked to wait (Retry-After), whether or not it was waited for.
    [[nodiscard]] std::optional<std::int64_t> asked_to_wait_ms() const noexcept {
        return asked_ms_;
    }

    /// Waits before the `attempt`-th retry (from 0): doubling, with jitter. Fails when the user
    /// wants to stop or time is up.
    [[nodiscard]] Result<void> back_off(int attempt);
    [[nodiscard]] Result<void> wait(std::int64_t ms);
    /// Fails when the user wants to stop or the budget is spent.
    [[nodiscard]] Result<void> check() const;

    [[nodiscard]] bool may_reach(const http::Origin& origin) const noexcept;
    /// Says `text` once, however often it comes.
    void warn_once(std::string_view text);

    [[nodiscard]] World& world() noexcept { return world_; }

    [[nodiscard]] const Budget& budget() const noexcept { return budget_; }

    [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }

    [[nodiscard]] std::uint64_t bytes_received() const noexcept { return bytes_; }

  private:
    struct Request {
        std::string_view method;
        http::Url url;
        std::string_view body;
        Lost when_lost = Lost::repeat;
    };

    [[nodiscard]] Result<http::Reply> send(const Request& request);
    [[nodiscard]] Result<http::Reply> send_once(const Request& request);
    [[nodiscard]] Result<void> pause_as_told(
        const http::Reply& reply, const Request& request, int attempt
    );
    [[nodiscard]] Result<void> check_type(const http::Reply& reply, const http::Url& url);
    [[nodiscard]] http::Client& client(const http::Origin& origin);

    World& world_;
    Access access_;
    Budget budget_;
    std::string authorization_;
    std::int64_t started_us_;
    std::map<std::tuple<std::string, std::string, std::uint16_t>, std::unique_ptr<http::Client>>
        clients_;
    std::set<std::string, std::less<>> warned_;
    std::uint64_t bytes_ = 0;
    std::uint64_t requests_ = 0;
    bool lost_ = false;
    std::optional<std::int64_t> asked_ms_;
};

/// The error that an answer other than success means, in words: "GET https://… answered 403:
/// Forbidden: …".
[[nodiscard]] Error error_of(
    const http::Reply& reply, std::string_view method, const http::Url& url
);

/// "localhost", 127.0.0.0/8 or ::1.
[[nodiscard]] bool is_loopback(std::string_view host) noexcept;

/// The milliseconds that a Retry-After field asks for (RFC 9110, 10.2.3): seconds or a date.
/// Nothing when it is neither.
[[nodiscard]] std::optional<std::int64_t> retry_after_ms(std::string_view field, Micros now);

}  // namespace entente::taxii::client
