#pragma once
// Where sensors send events and where hits are read, beside TAXII and by the same logins.
#include "http/http.h"
#include "taxii/service.h"
#include "watch/matcher.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace entente::watch {

/// POST /entente/events/: events of any known format; answers how many there were and hit. For
/// sensors, publishers and admins of the own party.
/// GET /entente/hits/: hits as they come, as server-sent events (HTML Living Standard, 9.2), from
/// `Last-Event-ID` on where that is given. For the own party's admins and the watch's own user.
/// Everything else goes to `inner`. Threads: safe. What it is given outlives it, and the matcher's
/// last request.
class Door final : public http::Handler {
  public:
    Door(http::Handler& inner, taxii::Service& service) : inner_(inner), service_(service) {}

    /// From now on events are judged by it; null = by nobody any more.
    void open(Matcher* matcher);

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
    struct Place;

    [[nodiscard]] http::Admission admitted(const http::Head& head, const exchange::Caller& caller);
    void take_events(
        const http::Head& head,
        std::string body,
        const exchange::Caller& caller,
        http::Respond respond
    );
    void tell_hits(const http::Head& head, const exchange::Caller& caller, http::Respond respond);
    [[nodiscard]] Matcher* matcher() const;

    http::Handler& inner_;
    taxii::Service& service_;
    mutable std::mutex mutex_;  // guards what follows
    Matcher* matcher_ = nullptr;
    std::size_t readers_ = 0;  // streams that are open
};

}  // namespace entente::watch
