#include "http/internal/calls.h"

#include "base/log.h"
#include "base/result.h"
#include "http/internal/reply.h"

#include <boost/asio/dispatch.hpp>

#include <exception>
#include <mutex>

namespace entente::http {
namespace {

/// The reply to a request whose handler threw. The reason goes to the log only (TAXII 2.1, security
/// considerations; T31).
Response failure(const Head& head, const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const StorageError& error) {
        log::error("request failed", {{"request_id", head.request_id}, {"reason", error.what()}});
        return own_reply(error.kind() == StorageError::Kind::corrupt ? 500 : 503);
    } catch (const std::exception& error) {
        log::error("request failed", {{"request_id", head.request_id}, {"reason", error.what()}});
    } catch (...) {
        log::error("request failed", {{"request_id", head.request_id}, {"reason", "unknown"}});
    }
    return own_reply(500);
}

/// Delivers once, at the latest when the last copy of the callback that holds it is gone. Threads:
/// safe.
class Promise {
  public:
    explicit Promise(Debt debt) : debt_(std::move(debt)) {}

    Promise(const Promise&) = delete;
    Promise& operator=(const Promise&) = delete;

    ~Promise() {
        if (!claim()) return;
        if (debt_.slot->deliver({{}, own_reply(500)})) {
            log::error("handler gave no reply", {{"request_id", debt_.head->request_id}});
        }
    }

    /// True for the first of all that want to answer.
    [[nodiscard]] bool claim() {
        const std::lock_guard lock(mutex_);
        return !std::exchange(claimed_, true);
    }

    void answer(Response response) {
        if (claim()) {
            debt_.slot->deliver({{}, std::move(response)});
        } else {
            log::error("handler replied twice", {{"request_id", debt_.head->request_id}});
        }
    }

    void fail(const std::exception_ptr& thrown) {
        Response response = failure(*debt_.head, thrown);
        if (claim()) debt_.slot->deliver({{}, std::move(response)});
    }

    [[nodiscard]] const Debt& debt() const noexcept { return debt_; }

  private:
    std::mutex mutex_;  // guards claimed_
    bool claimed_ = false;
    const Debt debt_;
};

}  // namespace

Response reply_or_failure(const Head& head, const std::function<Response()>& make) {
    try {
        return make();
    } catch (...) {
        return failure(head, std::current_exception());
    }
}

std::optional<Response> call_at_once(Handler& handler, const Head& head) {
    try {
        return handler.at_once(head);
    } catch (const std::exception& error) {
        log::error(
            "no answer at once", {{"request_id", head.request_id}, {"reason", error.what()}}
        );
        return std::nullopt;
    }
}

void call_handle(const Debt& debt, std::string body, std::shared_ptr<void> context) {
    // Shared: the handler may copy its callback, and the catch below needs it too.
    const auto promise = std::make_shared<Promise>(debt);
    debt.slot->admitted_with(context);
    try {
        debt.handler->handle(
            debt.head,
            std::move(body),
            std::move(context),
            [promise](Response response) { promise->answer(std::move(response)); }
        );
    } catch (...) {
        promise->fail(std::current_exception());
    }
}

void call_admit(
    const Debt& debt, const std::weak_ptr<boost::asio::thread_pool>& workers, bool has_body
) {
    const auto promise = std::make_shared<Promise>(debt);
    const auto then = [promise, workers, has_body](Admission admission) {
        if (!promise->claim()) {
            log::error(
                "handler admitted twice", {{"request_id", promise->debt().head->request_id}}
            );
            return;
        }
        const Debt owed = promise->debt();
        if (admission.refuse) {
            owed.slot->deliver({{}, std::move(admission.refuse)});
        } else if (has_body) {
            owed.slot->deliver({std::move(admission), {}});
        } else {
            auto handle = [owed, context = std::move(admission.context)] {
                call_handle(owed, {}, context);
            };
            // At once when this is a worker; not at all when the server has gone.
            if (const auto pool = workers.lock()) boost::asio::dispatch(*pool, std::move(handle));
        }
    };
    try {
        debt.handler->admit(debt.head, then);
    } catch (...) {
        promise->fail(std::current_exception());
    }
}

}  // namespace entente::http
