#pragma once
// Health, readiness and metrics over HTTP.
#include "http/http.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace entente::ops {

/// Why requests cannot be served well now; nothing = they can. Threads: safe.
using NotReady = std::function<std::optional<std::string>()>;

/// For a listener that only the operator's machines reach: /healthz, /readyz with the reason,
/// /metrics. Threads: safe.
class OpsService final : public http::Handler {
  public:
    OpsService(NotReady not_ready, std::function<std::string()> metrics)
        : not_ready_(std::move(not_ready)),
          metrics_(std::move(metrics)) {}

    void admit(std::shared_ptr<const http::Head> head, std::function<void(http::Admission)> then)
        override;
    void handle(
        std::shared_ptr<const http::Head> head,
        std::string body,
        std::shared_ptr<void> context,
        http::Respond respond
    ) override;

  private:
    NotReady not_ready_;
    std::function<std::string()> metrics_;
};

/// Answers /healthz and /readyz by 200 or 503 and one word, without a login, and gives everything
/// else on. Threads: safe.
class HealthDoor final : public http::Handler {
  public:
    HealthDoor(http::Handler& inner, NotReady not_ready)
        : inner_(inner),
          not_ready_(std::move(not_ready)) {}

    [[nodiscard]] std::optional<http::Response> at_once(const http::Head& head) override {
        return inner_.at_once(head);
    }

    void admit(std::shared_ptr<const http::Head> head, std::function<void(http::Admission)> then)
        override;
    void handle(
        std::shared_ptr<const http::Head> head,
        std::string body,
        std::shared_ptr<void> context,
        http::Respond respond
    ) override;

  private:
    http::Handler& inner_;
    NotReady not_ready_;
};

}  // namespace entente::ops
