#include "taxii/client/way.h"

#include "base/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace entente::taxii::client {
namespace {

/// Origins that the operator wrote, as URLs.
Result<std::vector<http::Origin>> read_origins(const std::vector<std::string>& texts) {
    std::vector<http::Origin> origins;
    for (const std::string& text : texts) {
        ENTENTE_TRY(http::Url url, http::parse_url(text));
        origins.push_back(std::move(url.origin));
    }
    return origins;
}

Result<std::vector<Service>> look_up(std::string_view name) {
    const auto found = http::lookup_srv(name);
    std::vector<Service> services;
    if (!found) {
        if (found.error().code == Errc::not_found) return services;
        return tl::unexpected<Error>(found.error());
    }
    for (const auto& [host, port] : *found)
        services.push_back({.host = host, .port = port});
    return services;
}

void add_missing(std::vector<http::Origin>& to, const std::vector<http::Origin>& from) {
    for (const http::Origin& origin : from) {
        if (std::ranges::find(to, origin) == to.end()) to.push_back(origin);
    }
}

}  // namespace

Result<Route> find_route(const Way& way, Credentials credentials) {
    constexpr std::int64_t timeout_s_max = 24LL * 3600;
    if (way.timeout_s < 1 || way.timeout_s > timeout_s_max) {
        return fail(Errc::invalid_argument, fmt::format("--timeout is 1 to {}", timeout_s_max));
    }
    Route route;
    ENTENTE_TRY(route.address, read_address(way.url, look_up));
    ENTENTE_TRY(const std::vector<http::Origin> allowed, read_origins(way.allow_origins));
    ENTENTE_TRY(const std::vector<http::Origin> trusted, read_origins(way.credentials_for));
    const http::Origin& named = route.address.url.origin;
    Access& access = route.access;
    if (!route.address.foreign) {
        access.allowed = access.trusted = {named};
    } else if (std::ranges::find(allowed, named) == allowed.end()) {
        return fail(
            Errc::forbidden,
            fmt::format(
                "the DNS says that {} is served by {}:{}, which is outside of the domain; if that "
                "is right, say --allow-origin https://{}:{} (and --credentials-for, if it may see "
                "them)",
                printable(way.url),
                printable(named.host),
                named.port,
                printable(named.host),
                named.port
            )
        );
    }
    add_missing(access.allowed, allowed);
    add_missing(access.allowed, trusted);
    add_missing(access.trusted, trusted);
    access.credentials = std::move(credentials);
    ENTENTE_CHECK(check_access(access, way.plain_http));
    return route;
}

std::unique_ptr<http::Client> make_client(
    const Way& way, const Access& access, const http::Origin& origin, std::function<bool()> stopping
) {
    http::ClientOptions options;
    options.ca_file = way.ca_file;
    options.insecure_skip_verify = way.insecure_skip_verify;
    options.read_timeout_ms = way.timeout_s * 1'000;
    options.stopping = std::move(stopping);
    // A client certificate names us as a password does.
    if (std::ranges::find(access.trusted, origin) != access.trusted.end()) {
        options.client_certificate = way.client_certificate;
        options.client_key = way.client_key;
    }
    return http::Client::make(origin, options);
}

}  // namespace entente::taxii::client
