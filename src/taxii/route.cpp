#include "taxii/route.h"

#include "http/http.h"

#include <vector>

namespace entente::taxii {
namespace {

// The longest known path has six segments; one more is enough to know that a path is none of ours.
constexpr std::size_t segments_max = 7;

Result<std::vector<std::string>> segments_of(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty() && segments.size() < segments_max) {
        const std::size_t slash = path.find('/');
        const std::string_view raw = path.substr(0, slash);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
        if (raw.empty()) continue;
        auto decoded = http::percent_decode(raw, false);
        if (!decoded) {
            return fail(
                Errc::invalid_argument,
                "path: cannot be percent-decoded; each % must be followed by two hexadecimal "
                "digits other than 00"
            );
        }
        segments.push_back(std::move(*decoded));
    }
    return segments;
}

}  // namespace

Result<Route> find_route(std::string_view path) {
    ENTENTE_TRY(std::vector<std::string> at, segments_of(path));
    const auto none = [] { return fail(Errc::not_found, "no endpoint has this path"); };
    if (at.empty() || path.front() != '/') return none();
    if (at[0] == "taxii2") {
        // TAXII 2.1, 4.1: discovery has this one path; no API root may be below it.
        if (at.size() != 1) return none();
        return Route{.endpoint = Endpoint::discovery, .root = {}, .collection = {}, .id = {}};
    }
    Route route{.endpoint = Endpoint::api_root, .root = at[0], .collection = {}, .id = {}};
    if (at.size() == 1) return route;
    if (at[1] == "status") {
        if (at.size() != 3) return none();
        route.endpoint = Endpoint::status;
        route.id = at[2];
        return route;
    }
    if (at[1] != "collections" || at.size() > 6) return none();
    route.endpoint = Endpoint::collections;
    if (at.size() == 2) return route;
    route.endpoint = Endpoint::collection;
    route.collection = at[2];
    if (at.size() == 3) return route;
    if (at[3] == "manifest" && at.size() == 4) {
        route.endpoint = Endpoint::manifest;
        return route;
    }
    if (at[3] == "allowed" && at.size() == 4) {
        route.endpoint = Endpoint::allowed;
        return route;
    }
    if (at[3] != "objects") return none();
    route.endpoint = Endpoint::objects;
    if (at.size() == 4) return route;
    route.endpoint = Endpoint::object;
    route.id = at[4];
    if (at.size() == 5) return route;
    if (at[5] != "versions") return none();
    route.endpoint = Endpoint::versions;
    return route;
}

std::string_view allowed_methods(Endpoint endpoint) noexcept {
    switch (endpoint) {
        case Endpoint::discovery:
        case Endpoint::api_root:
        case Endpoint::status:
        case Endpoint::collections:
        case Endpoint::collection:
        case Endpoint::manifest:
        case Endpoint::versions:
        case Endpoint::allowed:
            return "GET, HEAD";
        case Endpoint::objects:
            return "GET, HEAD, POST";
        case Endpoint::object:
            return "GET, HEAD, DELETE";
    }
    return "GET, HEAD";
}

bool allows(Endpoint endpoint, std::string_view method) noexcept {
    if (method == "GET" || method == "HEAD") return true;
    if (method == "POST") return endpoint == Endpoint::objects;
    if (method == "DELETE") return endpoint == Endpoint::object;
    return false;
}

}  // namespace entente::taxii
