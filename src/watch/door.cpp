#include "watch/door.h"

#include "agreement/release.h"
#include "base/escape.h"
#include "base/limits.h"
#include "exchange/hits.h"
#include "taxii/negotiate.h"
#include "taxii/resources.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace entente::watch {
namespace {

namespace json = boost::json;

constexpr std::string_view events_path = "/entente/events/";
constexpr std::string_view hits_path = "/entente/hits/";

bool ours(std::string_view path) {
    return path == events_path || path == hits_path;
}

/// Told to logins of the own party alone: what a sensor sent and what became of it, and hits, of
/// which every word was read for the watch's user.
Outgoing told(std::string text) {
    return agreement::Released::own_words(agreement::OwnWords::administration, std::move(text))
        .out();
}

http::Admission refusal(http::Response response) {
    http::Admission admission;
    admission.refuse = std::move(response);
    return admission;
}

http::Response only(std::string_view method, const std::string& request_id) {
    http::Response response = taxii::problem(
        Error{Errc::invalid_argument, fmt::format("here {} alone is understood", method)},
        request_id
    );
    response.status = 405;
    response.headers.emplace_back("Allow", std::string(method));
    return response;
}

/// Whether the login may read hits of a watch that is read as `watched`.
bool may_read(const exchange::State& state, store::UserNo no, store::UserNo watched) {
    const store::User* user = state.user(no);
    if (user == nullptr || user->disabled || user->party != state.own_party().no) return false;
    if (state.stops.of(*user) != nullptr) return false;
    return user->role == store::Role::admin || no == watched;
}

json::object seen_json(const Seen& seen) {
    json::object out{
        {"events", seen.events},
        {"hits", seen.hits},
        {"muted", seen.muted},
        {"unreadable", seen.unreadable},
        {"cut", seen.cut}};
    if (seen.left_out > 0) out["left_out"] = seen.left_out;
    json::array errors;
    for (const auto& [line, error] : seen.errors)
        errors.push_back(json::object{{"line", line}, {"error", error}});
    if (!errors.empty()) out["errors"] = std::move(errors);
    return out;
}

/// Server-sent events of one reader. Threads: one call of `next` at a time, as http does it.
class HitStream final : public http::BodyStream, public std::enable_shared_from_this<HitStream> {
  public:
    /// `leave` is called when nobody reads any more.
    HitStream(
        Matcher& matcher, store::UserNo reader, std::uint64_t after, std::function<void()> leave
    )
        : matcher_(matcher),
          reader_(reader),
          after_(after),
          leave_(std::move(leave)) {}

    HitStream(const HitStream&) = delete;
    HitStream& operator=(const HitStream&) = delete;

    ~HitStream() override { leave_(); }

    void next(std::function<void(std::optional<Outgoing>)> then) override {
        if (std::exchange(begins_, false)) {
            // So that a reader knows that it is heard. A connection that breaks is made anew soon.
            then(told("retry: 1000\n: hits follow\n\n"));
            return;
        }
        auto take = [self = shared_from_this(),
                     then = std::move(then)](std::optional<Ring::Batch> batch) {
            then(batch ? self->text_of(*batch) : std::nullopt);
        };
        matcher_.ring().next(after_, matcher_.around().clock.monotonic_us(), std::move(take));
    }

  private:
    /// Nothing: who reads may no longer.
    std::optional<Outgoing> text_of(const Ring::Batch& batch) {
        try {
            const auto live = matcher_.live();
            const auto snapshot = matcher_.around().store.snapshot();
            const auto state = matcher_.around().states.get(*snapshot);
            const store::UserNo watched = live ? live->settings.user : store::UserNo{};
            if (!may_read(*state, reader_, watched)) return std::nullopt;
        } catch (const std::exception&) {
            return std::nullopt;  // it comes again, and asks for what it does not have
        }
        after_ = batch.last;
        std::string text;
        if (batch.lost) text += ": some hits are gone\n\n";
        for (const auto& [number, hit] : batch.hits)
            text += fmt::format("id: {}\ndata: {}\n\n", matcher_.ring().name(number), hit);
        if (text.empty()) text = ": nothing hit\n\n";
        return told(std::move(text));
    }

    Matcher& matcher_;
    const store::UserNo reader_;
    std::uint64_t after_;
    const std::function<void()> leave_;
    bool begins_ = true;
};

}  // namespace

/// What a request was admitted for.
struct Door::Place : taxii::LoggedIn {
    bool events = false;
};

void Door::open(Matcher* matcher) {
    const std::lock_guard lock(mutex_);
    matcher_ = matcher;
}

Matcher* Door::matcher() const {
    const std::lock_guard lock(mutex_);
    return matcher_;
}

void Door::admit(
    std::shared_ptr<const http::Head> head, std::function<void(http::Admission)> then
) {
    if (!ours(head->path)) return inner_.admit(std::move(head), std::move(then));
    service_.log_in(
        head,
        [this, head, then = std::move(then)](tl::expected<exchange::Caller, http::Response> caller
        ) { then(caller ? admitted(*head, *caller) : refusal(std::move(caller.error()))); }
    );
}

http::Admission Door::admitted(const http::Head& head, const exchange::Caller& caller) {
    const auto refuse = [&](Errc code, std::string why) {
        return refusal(taxii::problem(Error{code, std::move(why)}, head.request_id));
    };
    auto place = std::make_shared<Place>();
    place->caller = caller;
    place->events = head.path == events_path;
    const exchange::State& state = *caller.state;
    // A partner learns nothing of what is here.
    if (caller.row().party != state.own_party().no)
        return refuse(Errc::not_found, "not the own party");
    http::Admission admission;
    if (place->events) {
        if (head.method != "POST") return refusal(only("POST", head.request_id));
        if (!exchange::may_post_events(state, caller.row()))
            return refuse(Errc::forbidden, "events are taken from sensors, publishers and admins");
        if (const auto ok = taxii::check_content_encoding(head.headers); !ok)
            return refusal(taxii::problem(ok.error(), head.request_id));
        admission.body_bytes_max = limits::watch_body_bytes_max;
        admission.too_large = [request_id = head.request_id] {
            return taxii::problem(
                Error{
                    Errc::too_large,
                    fmt::format(
                        "more than {} bytes of events; send them in parts",
                        limits::watch_body_bytes_max
                    )},
                request_id
            );
        };
        if (head.content_length.value_or(0) > limits::watch_body_bytes_max)
            return refusal(admission.too_large());
        admission.bad_body = [request_id = head.request_id](std::string_view why) {
            return taxii::problem(Error{Errc::malformed, "body: " + printable(why)}, request_id);
        };
    } else {
        if (head.method != "GET") return refusal(only("GET", head.request_id));
        Matcher* const now = matcher();
        const auto live = now != nullptr ? now->live() : nullptr;
        const store::UserNo watched = live ? live->settings.user : store::UserNo{};
        if (!may_read(state, caller.user, watched))
            return refuse(Errc::forbidden, "hits are read by admins and the watch's own user");
        admission.body_bytes_max = limits::ignored_body_bytes_max;
    }
    admission.context = std::shared_ptr<taxii::LoggedIn>(std::move(place));
    return admission;
}

void Door::handle(
    std::shared_ptr<const http::Head> head,
    std::string body,
    std::shared_ptr<void> context,
    http::Respond respond
) {
    if (!ours(head->path))
        return inner_.handle(
            std::move(head), std::move(body), std::move(context), std::move(respond)
        );
    const auto place = std::static_pointer_cast<const Place>(
        std::static_pointer_cast<const taxii::LoggedIn>(context)
    );
    if (place->events) {
        take_events(*head, std::move(body), place->caller, std::move(respond));
    } else {
        tell_hits(*head, place->caller, std::move(respond));
    }
}

void Door::take_events(
    const http::Head& head, std::string body, const exchange::Caller& caller, http::Respond respond
) {
    auto answer = [respond = std::move(respond), request_id = head.request_id](Result<Seen> seen) {
        if (!seen) return respond(taxii::problem(seen.error(), request_id));
        http::Response response;
        response.headers = {{"Content-Type", "application/json"}};
        response.body = told(json::serialize(seen_json(*seen)) + '\n');
        respond(std::move(response));
    };
    Matcher* const now = matcher();
    if (now == nullptr) return answer(fail(Errc::overloaded, "the node is starting or stopping"));
    now->post({caller.user, caller.row().name}, std::move(body), std::move(answer));
}

void Door::tell_hits(
    const http::Head& head, const exchange::Caller& caller, http::Respond respond
) {
    const auto refuse = [&](std::string why) {
        respond(taxii::problem(Error{Errc::overloaded, std::move(why)}, head.request_id));
    };
    Matcher* const now = matcher();
    if (now == nullptr) return refuse("the node is starting or stopping");
    {
        const std::lock_guard lock(mutex_);
        if (readers_ >= limits::watch_readers_max) return refuse("too many read the hits already");
        ++readers_;
    }
    auto leave = [this] {
        const std::lock_guard lock(mutex_);
        --readers_;
    };
    // Without a place to begin at, what comes from now on.
    std::uint64_t after = now->ring().last();
    if (const auto name = head.headers.find("Last-Event-ID"))
        after = now->ring().number(*name).value_or(after);
    http::Response response;
    response.headers = {{"Content-Type", "text/event-stream"}};
    response.stream = std::make_shared<HitStream>(*now, caller.user, after, std::move(leave));
    respond(std::move(response));
}

}  // namespace entente::watch
