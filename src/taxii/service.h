#pragma once
// The TAXII 2.1 server: an http::Handler over the use cases of an exchange. It knows the protocol
// and nothing else.
#include "exchange/exchange.h"
#include "exchange/login.h"
#include "http/http.h"
#include "taxii/resources.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace entente::taxii {

class KeptAnswers;

struct ServiceOptions {
    Presentation node;
    std::string
        key_header;  // a header that may bring a token instead of Authorization; empty = none
    /// After how many seconds a caller may ask again; nothing = it is served now. Asked once a
    /// request, when it is known who calls. Empty = nobody waits.
    std::function<std::optional<std::int64_t>(store::UserNo)> caller_waits = {};
};

/// Who is admitted after a login, here or by what is served beside it: of these the context of an
/// admission is made (`http::Admission::context` points to one).
struct LoggedIn {
    exchange::Caller caller;
};

/// Checks in one order, so that nobody learns what comes after the first thing that fails:
/// credentials, path and method, Accept, rights, query, Content-Type, size (all before a byte of
/// the body is read), then JSON and envelope (T27). Threads: safe. The exchange and the login
/// outlive it; it outlives every request that it took, those that wait for a password check or a
/// commit included.
class Service final : public http::Handler {
  public:
    Service(exchange::Exchange& exchange, exchange::Login& login, ServiceOptions options);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    ~Service() override;

    /// A poll that found nothing finds nothing again, as long as nothing is committed that concerns
    /// it: neither in the collection, nor in the directory and what it decides.
    [[nodiscard]] std::optional<http::Response> at_once(const http::Head& head) override;
    void admit(std::shared_ptr<const http::Head> head, std::function<void(http::Admission)> then)
        override;
    void handle(
        std::shared_ptr<const http::Head> head,
        std::string body,
        std::shared_ptr<void> context,
        http::Respond respond
    ) override;

    /// Who calls, by what the request shows, or the answer to give instead (401, 429, 5xx): for
    /// what is served beside TAXII to the same logins. `then` is called as `admit` calls it.
    using Known = std::function<void(tl::expected<exchange::Caller, http::Response>)>;
    void log_in(const std::shared_ptr<const http::Head>& head, Known then);

    /// What discovery says from now on. REQUIRES: the title is not empty. Threads: safe.
    void present(Presentation node);

    /// Whether the login that a request was admitted with no longer counts at `state`: its answer
    /// must not go on. REQUIRES: `context` points to a `LoggedIn`. Threads: safe; touches no
    /// store.
    [[nodiscard]] bool login_ended(const void* context, const exchange::State& state) const;

  private:
    [[nodiscard]] std::optional<exchange::Credentials> credentials(const http::Head& head) const;
    [[nodiscard]] http::Response read_answer(const http::Head& head, Result<exchange::Page> got);

    exchange::Exchange& exchange_;
    exchange::Login& login_;
    const std::string key_header_;
    const std::function<std::optional<std::int64_t>(store::UserNo)> caller_waits_;
    const std::unique_ptr<KeptAnswers> kept_;
    std::mutex mutex_;  // guards node_
    // Shared: requests that began before it changed go on with it.
    std::shared_ptr<const Presentation> node_;
};

}  // namespace entente::taxii
