#include "taxii/client/session.h"

#include "base/escape.h"
#include "base/hash.h"
#include "taxii/client/resources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace entente::taxii::client {
namespace {

constexpr std::size_t url_shown_bytes_max = 300;

std::string shown(const http::Url& url) {
    return printable(http::to_string(url), url_shown_bytes_max);
}

std::string authorization(const Credentials& credentials) {
    switch (credentials.kind) {
        case Credentials::Kind::none:
            return {};
        case Credentials::Kind::basic:
            return "Basic " + to_base64(credentials.user + ":" + credentials.secret);
        case Credentials::Kind::bearer:
            return "Bearer " + credentials.secret;
        case Credentials::Kind::token:
            return "Token " + credentials.secret;
    }
    return {};
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

/// A status that says "again, later".
bool is_busy(int status) {
    return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 307 || status == 308;
}

bool is_taxii(const http::MediaRange& type) {
    return type.type == "application" && type.subtype == "taxii+json";
}

}  // namespace

bool is_loopback(std::string_view host) noexcept {
    if (host == "localhost" || host == "::1") return true;
    // Only as an address: 127.example.com is a name that anyone can register.
    return host.starts_with("127.") &&
           host.find_first_not_of("0123456789.") == std::string_view::npos &&
           std::ranges::count(host, '.') == 3;
}

std::optional<std::int64_t> retry_after_ms(std::string_view field, Micros now) {
    std::int64_t seconds = 0;
    const char* const end = field.data() + field.size();
    const auto [stop, error] = std::from_chars(field.data(), end, seconds);
    if (error == std::errc() && stop == end) {
        if (seconds < 0) return std::nullopt;
        return std::min<std::int64_t>(seconds, INT32_MAX) * 1'000;
    }
    // RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT"; the two obsolete forms are not worth their
    // code.
    constexpr std::array<std::string_view, 12> months = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (field.size() != 29 || field.substr(25) != " GMT") return std::nullopt;
    const auto month = std::ranges::find(months, field.substr(8, 3));
    if (month == months.end()) return std::nullopt;
    const Result<Micros> at = parse_client_time(fmt::format(
        "{}-{:02}-{}T{}Z",
        field.substr(12, 4),
        month - months.begin() + 1,
        field.substr(5, 2),
        field.substr(17, 8)
    ));
    if (!at) return std::nullopt;
    return std::max<std::int64_t>((*at - now) / 1'000, 0);
}

Result<void> check_access(const Access& access, bool plain_http) {
    const Credentials& credentials = access.credentials;
    if (credentials.kind == Credentials::Kind::none) return {};
    if (has_control(credentials.user) || has_control(credentials.secret)) {
        return fail(
            Errc::invalid_argument, "the user name or the secret holds a control character"
        );
    }
    if (credentials.user.find(':') != std::string::npos) {
        return fail(Errc::invalid_argument, "a user name with a colon cannot be sent (RFC 7617)");
    }
    for (const http::Origin& origin : access.trusted) {
        if (origin.scheme == "https" || plain_http || is_loopback(origin.host)) continue;
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "credentials would travel unprotected to http://{}; use https://, or say "
                "--plain-http",
                printable(origin.host)
            )
        );
    }
    return {};
}

Error error_of(const http::Reply& reply, std::string_view method, const http::Url& url) {
    const auto code = [&] {
        switch (reply.status) {
            case 400:
            case 422:
                return Errc::unprocessable;
            case 401:
                return Errc::unauthorized;
            case 403:
                return Errc::forbidden;
            case 404:
            case 410:
                return Errc::not_found;
            case 413:
                return Errc::too_large;
            default:
                return is_busy(reply.status) ? Errc::overloaded : Errc::corrupt;
        }
    };
    std::string text = fmt::format("{} {} answered {}", method, shown(url), reply.status);
    const std::string words = error_words(reply.body);
    if (!words.empty()) text += ": " + words;
    if (reply.status == 401) text += " (are the user name and the password or token right?)";
    if (reply.status == 406) text += " (it does not speak TAXII 2.1)";
    return Error{code(), std::move(text)};
}

Session::Session(World& world, Access access, const Budget& budget)
    : world_(world),
      access_(std::move(access)),
      budget_(budget),
      authorization_(authorization(access_.credentials)),
      started_us_(world.clock.monotonic_us()) {}

bool Session::may_reach(const http::Origin& origin) const noexcept {
    return std::ranges::find(access_.allowed, origin) != access_.allowed.end();
}

void Session::warn_once(std::string_view text) {
    constexpr std::size_t warnings_max = 100;
    if (warned_.size() < warnings_max && warned_.emplace(text).second) world_.warn(text);
}

Result<void> Session::check() const {
    if (world_.stopping()) return fail(Errc::conflict, "stopped");
    if (bytes_ > budget_.bytes_max) {
        return fail(
            Errc::overloaded,
            fmt::format("the answers exceed the limit of {} bytes", budget_.bytes_max)
        );
    }
    if ((world_.clock.monotonic_us() - started_us_) / 1'000 > budget_.ms_max) {
        return fail(
            Errc::overloaded,
            fmt::format("the time limit of {} seconds is over", budget_.ms_max / 1'000)
        );
    }
    return {};
}

Result<void> Session::wait(std::int64_t ms) {
    ENTENTE_CHECK(check());
    world_.pause(ms);
    return check();
}

Result<void> Session::back_off(int attempt) {
    const std::int64_t most = std::min(
        limits::client_backoff_ms << std::clamp(attempt, 0, 20), limits::client_backoff_ms_max
    );
    std::array<std::uint8_t, 2> dice{};
    world_.random.fill(dice);
    const std::int64_t share = dice[0] * 256 + dice[1];
    return wait(most / 2 + most / 2 * share / 65'535);
}

http::Client& Session::client(const http::Origin& origin) {
    std::unique_ptr<http::Client>& slot = clients_[{origin.scheme, origin.host, origin.port}];
    if (!slot) slot = world_.connect(origin);
    return *slot;
}

Result<http::Reply> Session::send_once(const Request& request) {
    ENTENTE_CHECK(check());
    const http::Origin& origin = request.url.origin;
    if (!may_reach(origin)) {
        return fail(
            Errc::forbidden,
            fmt::format(
                "{} is not on the server that you named; allow it with --allow-origin",
                shown(request.url)
            )
        );
    }
    if (request.url.target.size() > limits::request_target_bytes_max) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "the URL has {} bytes; at most {} are sent",
                request.url.target.size(),
                limits::request_target_bytes_max
            )
        );
    }
    http::Headers headers;
    headers.add("Accept", std::string(media_type));
    if (request.method == "POST") headers.add("Content-Type", std::string(media_type));
    const bool trusted = std::ranges::find(access_.trusted, origin) != access_.trusted.end();
    if (trusted && !authorization_.empty()) headers.add("Authorization", authorization_);
    ++requests_;
    Result<http::Reply> reply =
        client(origin).send(request.method, request.url.target, headers, request.body);
    if (reply) {
        bytes_ += reply->body.size();
        ENTENTE_CHECK(check());
        return reply;
    }
    // A code means here what it does to the run: the network is `overloaded`, a server that cannot
    // be trusted is `corrupt`.
    const Errc code = reply.error().code;
    lost_ = code == Errc::overloaded;
    return fail(
        lost_ || code == Errc::not_found ? Errc::overloaded : Errc::corrupt,
        fmt::format("{} {}: {}", request.method, shown(request.url), reply.error().detail)
    );
}

Result<void> Session::pause_as_told(const http::Reply& reply, const Request& request, int attempt) {
    const auto asked = asked_ms_;
    if (!asked) return back_off(attempt);
    if (*asked > limits::client_retry_after_ms_max) {
        return fail(
            Errc::overloaded,
            fmt::format(
                "{} answered {} and asks to come back in {} seconds; at most {} are waited",
                shown(request.url),
                reply.status,
                *asked / 1'000,
                limits::client_retry_after_ms_max / 1'000
            )
        );
    }
    // Never at once, whatever the server says.
    return wait(std::max(*asked, limits::client_backoff_ms));
}

Result<http::Reply> Session::send(const Request& request) {
    for (int attempt = 0;; ++attempt) {
        lost_ = false;
        asked_ms_.reset();
        Result<http::Reply> reply = send_once(request);
        if (reply && is_busy(reply->status)) {
            const auto field = reply->headers.find("Retry-After");
            if (field) asked_ms_ = retry_after_ms(*field, world_.clock.now());
        }
        if (reply && !is_busy(reply->status)) return reply;
        if (!reply && (!lost_ || request.when_lost == Lost::tell)) return reply;
        if (attempt >= budget_.retries_max) {
            if (!reply) return reply;
            return tl::unexpected<Error>(error_of(*reply, request.method, request.url));
        }
        warn_once(fmt::format(
            "{}; trying again",
            reply ? error_of(*reply, request.method, request.url).detail : reply.error().detail
        ));
        ENTENTE_CHECK(reply ? pause_as_told(*reply, request, attempt) : back_off(attempt));
    }
}

Result<void> Session::check_type(const http::Reply& reply, const http::Url& url) {
    const auto field = reply.headers.find("Content-Type");
    const std::vector<http::MediaRange> types = http::parse_accept(field.value_or(""));
    if (types.empty()) {
        warn_once("the server's answers have no Content-Type; they are read as TAXII");
        return {};
    }
    const http::MediaRange& type = types.front();
    if (is_taxii(type)) {
        const auto version = type.parameter("version");
        if (!version || *version == "2.1") return {};
    } else if (type.type == "application" && (type.subtype == "json" || type.subtype == "stix+json")) {
        warn_once(fmt::format(
            "the server's answers are {}, not application/taxii+json", printable(*field, 100)
        ));
        return {};
    }
    return fail(
        Errc::corrupt,
        fmt::format(
            "GET {} answered with {}, which is not TAXII 2.1", shown(url), printable(*field, 100)
        )
    );
}

Result<http::Reply> Session::get(const http::Url& url, Lost when_lost) {
    Request request{.method = "GET", .url = url, .body = {}, .when_lost = when_lost};
    for (int hops = 0;; ++hops) {
        ENTENTE_TRY(http::Reply reply, send(request));
        if (!is_redirect(reply.status)) {
            if (reply.status != 200 && reply.status != 206) {
                return tl::unexpected<Error>(error_of(reply, "GET", request.url));
            }
            ENTENTE_CHECK(check_type(reply, request.url));
            return reply;
        }
        const auto location = reply.headers.find("Location");
        const Result<http::Url> next = http::resolve_url(request.url, location.value_or(""));
        if (!location || !next) {
            return fail(
                Errc::corrupt,
                fmt::format(
                    "GET {} answered {} without a usable Location", shown(request.url), reply.status
                )
            );
        }
        if (next->origin != url.origin) {
            return fail(
                Errc::corrupt,
                fmt::format(
                    "GET {} leads away to {}, which is not followed",
                    shown(request.url),
                    shown(*next)
                )
            );
        }
        if (hops == limits::client_redirects_max) {
            return fail(
                Errc::corrupt, fmt::format("GET {} leads from redirect to redirect", shown(url))
            );
        }
        request.url = *next;
    }
}

Result<http::Reply> Session::post(const http::Url& url, std::string_view body) {
    return send({.method = "POST", .url = url, .body = body});
}

}  // namespace entente::taxii::client
