#include "ops/service.h"

#include "agreement/release.h"

#include <utility>

namespace entente::ops {
namespace {

http::Response words(int status, Outgoing body, std::string type = "text/plain; charset=utf-8") {
    return {
        .status = status,
        .headers =
            {{"Content-Type", std::move(type)},
             {"Cache-Control", "no-store"},
             {"X-Content-Type-Options", "nosniff"}},
        .body = std::move(body)};
}

/// A text for the own party's operators.
Outgoing told(std::string text) {
    return agreement::Released::own_words(agreement::OwnWords::administration, std::move(text))
        .out();
}

bool reads(const http::Head& head) {
    return head.method == "GET" || head.method == "HEAD";
}

http::Response only_reading() {
    http::Response response = words(405, Outgoing("GET and HEAD only\n"));
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
}

void answer(const std::function<void(http::Admission)>& then, http::Response response) {
    http::Admission admission;
    admission.refuse = std::move(response);
    then(std::move(admission));
}

}  // namespace

void OpsService::admit(
    std::shared_ptr<const http::Head> head, std::function<void(http::Admission)> then
) {
    if (!reads(*head)) return answer(then, only_reading());
    if (head->path == "/healthz") return answer(then, words(200, Outgoing("alive\n")));
    if (head->path == "/readyz") {
        if (const auto why = not_ready_()) return answer(then, words(503, told(*why + "\n")));
        return answer(then, words(200, Outgoing("ready\n")));
    }
    if (head->path == "/metrics") {
        return answer(
            then, words(200, told(metrics_()), "text/plain; version=0.0.4; charset=utf-8")
        );
    }
    answer(then, words(404, Outgoing("here are /healthz, /readyz and /metrics\n")));
}

void OpsService::handle(
    std::shared_ptr<const http::Head> /*head*/,
    std::string /*body*/,
    std::shared_ptr<void> /*context*/,
    http::Respond respond
) {
    respond(words(404, Outgoing("here are /healthz, /readyz and /metrics\n")));
}

void HealthDoor::admit(
    std::shared_ptr<const http::Head> head, std::function<void(http::Admission)> then
) {
    const bool health = head->path == "/healthz";
    if (!health && head->path != "/readyz") return inner_.admit(std::move(head), std::move(then));
    if (!reads(*head)) return answer(then, only_reading());
    if (!health && not_ready_()) return answer(then, words(503, Outgoing("not ready\n")));
    answer(then, health ? words(200, Outgoing("alive\n")) : words(200, Outgoing("ready\n")));
}

void HealthDoor::handle(
    std::shared_ptr<const http::Head> head,
    std::string body,
    std::shared_ptr<void> context,
    http::Respond respond
) {
    inner_.handle(std::move(head), std::move(body), std::move(context), std::move(respond));
}

}  // namespace entente::ops
