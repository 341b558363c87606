#include "taxii/service.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/log.h"
#include "taxii/internal/kept_answers.h"
#include "taxii/negotiate.h"
#include "taxii/query.h"
#include "taxii/route.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace entente::taxii {

namespace {

using exchange::Caller;
using exchange::State;

struct Look {};  // a resource that the directory or a status row gives

/// The body of a POST, with the room for it.
struct Publish {
    exchange::Intake::Place place;
};

/// A request that may be served: who asks, for what. The pointers live as long as the caller's
/// state.
struct Admitted : LoggedIn {
    Route route;
    const store::ApiRoot* root = nullptr;           // not for discovery
    const store::Collection* collection = nullptr;  // from Endpoint::collection on
    std::variant<Look, exchange::ReadRequest, Publish, exchange::DeleteRequest> request;
};

http::Response failed(const Error& error, const std::string& request_id) {
    if (status_of(error.code) >= 500) {
        // Nothing is wrong with a request that is to come again: whoever refuses it counts it.
        const bool later = error.code == Errc::overloaded;
        log::write(
            later ? log::Level::debug : log::Level::error,
            later ? "request refused for now" : "request failed",
            {{"request", request_id},
             {"code", errc_name(error.code)},
             {"detail", printable(error.detail)}}
        );
    }
    return problem(error, request_id);
}

http::Response failed(const StorageError& error, const std::string& request_id) {
    log::error("request failed", {{"request", request_id}, {"detail", printable(error.what())}});
    return problem(error, request_id);
}

bool below_collection(Endpoint endpoint) {
    switch (endpoint) {
        case Endpoint::discovery:
        case Endpoint::api_root:
        case Endpoint::status:
        case Endpoint::collections:
            return false;
        case Endpoint::collection:
        case Endpoint::manifest:
        case Endpoint::objects:
        case Endpoint::object:
        case Endpoint::versions:
        case Endpoint::allowed:
            return true;
    }
    return false;
}

/// About a collection, and nothing of what it holds.
bool tells_of_collection(Endpoint endpoint) {
    return endpoint == Endpoint::collection || endpoint == Endpoint::allowed;
}

/// TAXII 2.1, 5.3 to 5.8 (T37-T39). A caller without the right learns that the collection is there
/// only if it has another.
Result<void> may(const std::string& method, Endpoint endpoint, const State::Rights& rights) {
    if (!rights.any()) return fail(Errc::not_found, "no right");
    if (method == "DELETE") {
        // The standard's own matrix: a right to list does not count here.
        if (!rights.read && !rights.write) return fail(Errc::not_found, "no right");
        if (rights.read && rights.write) return {};
        return fail(
            Errc::forbidden,
            "deleting asks for the right to read and the right to write this collection"
        );
    }
    if (method == "POST") {
        if (rights.write) return {};
        return fail(Errc::forbidden, "you may not write to this collection");
    }
    if (rights.read || tells_of_collection(endpoint)) return {};
    return fail(Errc::forbidden, "you may not read this collection");
}

/// Fills in root and collection of the route as far as the caller has rights on them. Fails:
/// not_found, forbidden.
Result<void> permit(Admitted& admitted, const std::string& method) {
    const Route& route = admitted.route;
    if (route.endpoint == Endpoint::discovery) return {};
    const State& state = *admitted.caller.state;
    admitted.root = state.root(route.root);
    if (admitted.root == nullptr) return fail(Errc::not_found, "no such API root");
    if (!below_collection(route.endpoint)) {
        if (sees_root(admitted.caller, admitted.root->no)) return {};
        return fail(Errc::not_found, "no right in this API root");
    }
    admitted.collection = state.collection(admitted.root->no, route.collection);
    if (admitted.collection == nullptr) return fail(Errc::not_found, "no such collection");
    return may(
        method, route.endpoint, state.rights(admitted.caller.row(), admitted.collection->no)
    );
}

Result<void> read_request_into(Admitted& admitted, const http::Head& head) {
    const Endpoint endpoint = admitted.route.endpoint;
    if (head.method == "DELETE") {
        ENTENTE_TRY(admitted.request, delete_request(admitted.route, head.query));
        return {};
    }
    if (head.method == "POST") admitted.request.emplace<Publish>();
    const bool reads_content = below_collection(endpoint) && !tells_of_collection(endpoint);
    if (head.method == "POST" || !reads_content) return check_query(head.query);
    ENTENTE_TRY(admitted.request, read_request(admitted.route, head.query));
    return {};
}

Error too_large(std::uint64_t bytes_max) {
    return Error{
        Errc::too_large,
        "the body exceeds this API root's max_content_length of " + std::to_string(bytes_max) +
            " bytes; send it in parts"};
}

Result<void> check_body_headers(const http::Head& head, std::uint64_t bytes_max) {
    ENTENTE_CHECK(check_content_type(head.headers));
    ENTENTE_CHECK(check_content_encoding(head.headers));
    if (head.content_length.value_or(0) > bytes_max) {
        return tl::unexpected<Error>(too_large(bytes_max));
    }
    return {};
}

http::Admission refusal(http::Response response) {
    http::Admission admission;
    admission.refuse = std::move(response);
    return admission;
}

/// About how many bytes of objects the body has.
std::uint64_t expected_bytes(const http::Head& head, std::uint64_t bytes_max) {
    constexpr std::uint64_t unknown = 64U << 10U;  // with chunks; as most requests have
    constexpr std::uint64_t unpacked = 8;          // times of a compressed one
    const std::uint64_t sent = head.content_length.value_or(unknown);
    const bool packed = head.headers.count("Content-Encoding") > 0;
    return std::min(packed && sent <= bytes_max ? sent * unpacked : sent, bytes_max);
}

http::Admission admission_of(
    const http::Head& head, const Caller& caller, exchange::Exchange& exchange
) {
    const std::string& request_id = head.request_id;
    const auto refuse = [&](const Error& error) { return refusal(problem(error, request_id)); };
    auto route = find_route(head.path);
    if (!route) return refuse(route.error());
    if (!allows(route->endpoint, head.method)) {
        return refusal(method_not_allowed(route->endpoint, request_id));
    }
    if (const auto ok = check_accept(head.headers, route->endpoint); !ok) return refuse(ok.error());
    auto admitted = std::make_shared<Admitted>();
    admitted->caller = caller;
    admitted->route = std::move(*route);
    if (const auto ok = permit(*admitted, head.method); !ok) return refuse(ok.error());
    if (const auto ok = read_request_into(*admitted, head); !ok) return refuse(ok.error());
    std::uint64_t bytes_max = limits::ignored_body_bytes_max;
    if (auto* const publish = std::get_if<Publish>(&admitted->request)) {
        bytes_max = admitted->root->max_content_length;
        if (const auto ok = check_body_headers(head, bytes_max); !ok) return refuse(ok.error());
        auto place = exchange.room_to_publish(caller, expected_bytes(head, bytes_max));
        if (!place) return refuse(Error{Errc::overloaded, {}});
        publish->place = std::move(*place);
    }
    http::Admission admission;
    admission.body_bytes_max = bytes_max;
    admission.context = std::shared_ptr<LoggedIn>(std::move(admitted));
    admission.too_large = [request_id, bytes_max] {
        return problem(too_large(bytes_max), request_id);
    };
    admission.bad_body = [request_id](std::string_view why) {
        return problem(Error{Errc::malformed, "body: " + printable(why)}, request_id);
    };
    return admission;
}

http::Response resource(
    exchange::Exchange& exchange,
    const Presentation& node,
    const Admitted& admitted,
    const std::string& request_id
) {
    switch (admitted.route.endpoint) {
        case Endpoint::discovery:
            return answer(discovery_body(node, admitted.caller));
        case Endpoint::api_root:
            return answer(api_root_body(*admitted.root));
        case Endpoint::collections:
            return answer(collections_body(admitted.caller, admitted.root->no));
        case Endpoint::collection:
            return answer(collection_body(admitted.caller, *admitted.collection));
        case Endpoint::allowed:
            return answer_plainly(allowed_body(admitted.caller, *admitted.collection));
        case Endpoint::status: {
            auto found = exchange.status(admitted.caller, admitted.root->no, admitted.route.id);
            if (!found) return failed(found.error(), request_id);
            return answer(std::move(*found));
        }
        case Endpoint::manifest:
        case Endpoint::objects:
        case Endpoint::object:
        case Endpoint::versions:
            break;
    }
    ENTENTE_ASSERT(false && "an endpoint that is only looked at");
    return failed(Error{Errc::corrupt, {}}, request_id);
}

using ReadAnswer = std::function<http::Response(Result<exchange::Page>)>;

void serve(
    exchange::Exchange& exchange,
    const Presentation& node,
    Admitted& admitted,
    std::string body,
    const std::string& request_id,
    ReadAnswer read_answer,
    http::Respond respond
) {
    const Caller& caller = admitted.caller;
    if (std::holds_alternative<Look>(admitted.request)) {
        respond(resource(exchange, node, admitted, request_id));
        return;
    }
    const store::CollectionNo collection = admitted.collection->no;
    if (const auto* wanted = std::get_if<exchange::ReadRequest>(&admitted.request)) {
        auto then = [respond, answer_of = std::move(read_answer)](Result<exchange::Page> got) {
            respond(answer_of(std::move(got)));
        };
        exchange.read(caller, collection, *wanted, std::move(then));
        return;
    }
    if (const auto* doomed = std::get_if<exchange::DeleteRequest>(&admitted.request)) {
        exchange
            .remove(caller, collection, *doomed, [respond, request_id](Result<std::size_t> got) {
                // TAXII 2.1, 5.7: nothing matched is an error (T99).
                if (got && *got == 0) got = fail(Errc::not_found, "nothing matched");
                respond(got ? deleted() : failed(got.error(), request_id));
            });
        return;
    }
    exchange.publish(
        caller,
        collection,
        std::move(body),
        [respond, request_id](Result<exchange::PublishReport> got) {
            respond(got ? accepted(*got) : failed(got.error(), request_id));
        },
        std::move(std::get<Publish>(admitted.request).place)
    );
}

}  // namespace

Service::Service(exchange::Exchange& exchange, exchange::Login& login, ServiceOptions options)
    : exchange_(exchange),
      login_(login),
      key_header_(std::move(options.key_header)),
      caller_waits_(std::move(options.caller_waits)),
      kept_(std::make_unique<KeptAnswers>()) {
    present(std::move(options.node));
}

Service::~Service() = default;

void Service::present(Presentation node) {
    ENTENTE_ASSERT(!node.title.empty());
    auto fresh = std::make_shared<const Presentation>(std::move(node));
    const std::lock_guard lock(mutex_);
    node_.swap(fresh);
}

namespace {

bool brings_credentials(const http::Head& head, std::string_view key_header) {
    return head.headers.count("Authorization") > 0 ||
           (!key_header.empty() && head.headers.count(key_header) > 0);
}

exchange::ShownCertificate shown(const http::ClientCertificate& certificate) {
    return {
        .key_sha256 = certificate.key_sha256,
        .names = certificate.names,
        .authorities = certificate.authorities,
        .not_after = certificate.not_after};
}

}  // namespace

/// Basic (RFC 7617), Bearer (RFC 6750) and Token, whatever the case of the scheme, or the
/// configured header. Two Authorization headers are none: which one counts must not be a guess.
std::optional<exchange::Credentials> Service::credentials(const http::Head& head) const {
    const auto made = [&](std::string_view user, std::string_view secret) {
        return exchange::Credentials{std::string(user), std::string(secret), head.address};
    };
    const auto header = head.headers.find("Authorization");
    if (!header) {
        if (key_header_.empty() || head.headers.count(key_header_) != 1) {
            return std::nullopt;
        }
        const std::string_view key = *head.headers.find(key_header_);
        if (key.empty()) return std::nullopt;
        return made({}, key);
    }
    const auto sent = http::parse_authorization(*header);
    if (!sent || sent->value.empty() || head.headers.count("Authorization") != 1)
        return std::nullopt;
    if (sent->scheme == "bearer" || sent->scheme == "token") return made({}, sent->value);
    if (sent->scheme != "basic") return std::nullopt;
    const auto pair = from_base64(sent->value);
    if (!pair) return std::nullopt;
    const std::size_t colon = pair->find(':');
    if (colon == std::string::npos) return std::nullopt;
    const std::string_view text = *pair;
    return made(text.substr(0, colon), text.substr(colon + 1));
}

http::Response Service::read_answer(const http::Head& head, Result<exchange::Page> got) {
    if (!got) return failed(got.error(), head.request_id);
    const std::optional<exchange::NothingNew> nothing = got->nothing;
    http::Response response = page(std::move(*got));
    if (nothing) {
        if (const auto key = kept_->key_of(head)) kept_->put(*key, {*nothing, response.body});
    }
    return response;
}

std::optional<http::Response> Service::at_once(const http::Head& head) {
    const auto key = kept_->key_of(head);
    if (!key) return std::nullopt;
    const auto kept = kept_->find(*key);
    if (!kept || !exchange_.still_nothing(kept->nothing)) return std::nullopt;
    if (caller_waits_) {
        if (const auto wait = caller_waits_(kept->nothing.user))
            return too_many_requests(*wait, head.request_id);
    }
    exchange_.note_nothing(kept->nothing);
    return page_again(kept->body);
}

void Service::admit(
    std::shared_ptr<const http::Head> head, std::function<void(http::Admission)> then
) {
    log_in(head, [this, head, then = std::move(then)](tl::expected<Caller, http::Response> caller) {
        then(caller ? admission_of(*head, *caller, exchange_) : refusal(std::move(caller.error())));
    });
}

void Service::log_in(const std::shared_ptr<const http::Head>& head, Known then) {
    const Error stranger{Errc::unauthorized, {}};
    const auto refuse = [](http::Response response) { return tl::unexpected(std::move(response)); };
    const auto given = credentials(*head);
    // What a request says itself goes before what its connection began with, be it right or wrong.
    const bool by_certificate = head->certificate && !brings_credentials(*head, key_header_);
    if (!given && !by_certificate) {
        then(refuse(problem(stranger, head->request_id)));
        return;
    }
    auto known = [head, then, stranger, refuse, &caller_waits = caller_waits_](Result<Caller> caller
                 ) {
        if (caller) {
            const auto wait = caller_waits ? caller_waits(caller->user) : std::nullopt;
            if (wait) return then(refuse(too_many_requests(*wait, head->request_id)));
            then(std::move(*caller));
        } else if (caller.error().code == Errc::overloaded) {
            then(refuse(failed(caller.error(), head->request_id)));
        } else {
            then(refuse(problem(stranger, head->request_id)));
        }
    };
    try {
        if (given) {
            login_.check(*given, std::move(known));
        } else {
            known(login_.by_certificate(shown(*head->certificate)));
        }
    } catch (const StorageError& error) {
        then(refuse(failed(error, head->request_id)));
    }
}

bool Service::login_ended(const void* context, const exchange::State& state) const {
    return !exchange_.valid(state, static_cast<const LoggedIn*>(context)->caller);
}

void Service::handle(
    std::shared_ptr<const http::Head> head,
    std::string body,
    std::shared_ptr<void> context,
    http::Respond respond
) {
    ENTENTE_ASSERT(context != nullptr);
    const auto admitted =
        std::static_pointer_cast<Admitted>(std::static_pointer_cast<LoggedIn>(context));
    std::shared_ptr<const Presentation> node;
    {
        const std::lock_guard lock(mutex_);
        node = node_;
    }
    try {
        auto read_answer = [this, head](Result<exchange::Page> got) {
            return this->read_answer(*head, std::move(got));
        };
        serve(
            exchange_,
            *node,
            *admitted,
            std::move(body),
            head->request_id,
            std::move(read_answer),
            respond
        );
    } catch (const StorageError& error) {
        respond(failed(error, head->request_id));
    }
}

}  // namespace entente::taxii
