#pragma once
// The calls into the handler, made on worker threads, with every way in which a handler can fail
// turned into a reply.
#include "http/internal/slot.h"

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace entente::http {

/// The reply that one call of the handler owes.
struct Debt {
    Handler* handler = nullptr;
    std::shared_ptr<const Head> head;
    std::shared_ptr<Slot> slot;
};

/// What `at_once` says. Nothing when it throws: then the request goes the long way.
[[nodiscard]] std::optional<Response> call_at_once(Handler& handler, const Head& head);

/// Asks `admit`. A refusal, and for a request without a body what `handle` answers, is delivered as
/// a response; otherwise the admission is delivered. Runs on a worker; throws nothing.
void call_admit(
    const Debt& debt, const std::weak_ptr<boost::asio::thread_pool>& workers, bool has_body
);

/// Calls `handle` and delivers its response. Runs on a worker; throws nothing.
void call_handle(const Debt& debt, std::string body, std::shared_ptr<void> context);

/// The reply `make` gives; a constant 500 when it throws.
[[nodiscard]] Response reply_or_failure(const Head& head, const std::function<Response()>& make);

}  // namespace entente::http
