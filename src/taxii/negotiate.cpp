#include "taxii/negotiate.h"

#include "base/escape.h"

#include <algorithm>
#include <optional>

namespace entente::taxii {
namespace {

constexpr std::size_t shown_bytes_max = 200;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t";
    const std::size_t from = text.find_first_not_of(blank);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(blank) - from + 1);
}

std::string quoted(std::string_view text) {
    return '"' + printable(text, shown_bytes_max) + '"';
}

bool of_our_version(const http::MediaRange& range) {
    return range.parameter("version").value_or("2.1") == "2.1";
}

/// STIX content lies below a collection; nothing else may be asked for as STIX.
bool carries_stix(Endpoint endpoint) {
    switch (endpoint) {
        case Endpoint::discovery:
        case Endpoint::api_root:
        case Endpoint::status:
        case Endpoint::collections:
        case Endpoint::collection:
        case Endpoint::allowed:
            return false;
        case Endpoint::manifest:
        case Endpoint::objects:
        case Endpoint::object:
        case Endpoint::versions:
            return true;
    }
    return false;
}

/// How closely a range names what we send; nothing when it does not (RFC 9110, 12.5.1: the most
/// specific one counts).
std::optional<int> closeness(const http::MediaRange& range, Endpoint endpoint) {
    if (range.type == "*" && range.subtype == "*") return 0;
    if (range.type != "application") return std::nullopt;
    if (range.subtype == "*") return 1;
    if (!of_our_version(range)) return std::nullopt;
    // Not our type to the letter, but what the client reads with it is what we send.
    if (range.subtype == "json") return 2;
    if (range.subtype == "stix+json" && carries_stix(endpoint)) return 2;
    if (range.subtype != "taxii+json") return std::nullopt;
    return range.parameter("version") ? 4 : 3;
}

}  // namespace

Result<void> check_accept(const http::Headers& headers, Endpoint endpoint) {
    const std::optional<std::string> accept = headers.joined("Accept");
    if (!accept || trimmed(*accept).empty()) return {};
    int closest = -1;
    double q = 0;
    for (const http::MediaRange& range : http::parse_accept(*accept)) {
        const std::optional<int> close = closeness(range, endpoint);
        if (!close || *close < closest) continue;
        q = *close == closest ? std::max(q, range.q) : range.q;
        closest = *close;
    }
    if (q > 0) return {};
    return fail(
        Errc::not_acceptable,
        "this server answers in TAXII 2.1 only and the Accept header " + quoted(*accept) +
            " does not allow it; send \"Accept: application/taxii+json;version=2.1\""
    );
}

Result<void> check_content_type(const http::Headers& headers) {
    const auto refuse = [](const std::string& why) {
        return fail(
            Errc::unsupported_media_type,
            why + "; send \"Content-Type: application/taxii+json;version=2.1\""
        );
    };
    const std::optional<std::string> sent = headers.joined("Content-Type");
    if (!sent || trimmed(*sent).empty()) return refuse("the Content-Type header is missing");
    const std::vector<http::MediaRange> types = http::parse_accept(*sent);
    const bool one = types.size() == 1 && headers.count("Content-Type") == 1;
    const bool known = one && types[0].type == "application" &&
                       (types[0].subtype == "taxii+json" || types[0].subtype == "json" ||
                        types[0].subtype == "stix+json");
    if (!known)
        return refuse("the Content-Type " + quoted(*sent) + " is not one that is read here");
    if (!of_our_version(types[0])) {
        return refuse(
            "the Content-Type " + quoted(*sent) + " names a version that is not spoken here"
        );
    }
    return {};
}

Result<void> check_content_encoding(const http::Headers& headers) {
    const std::optional<std::string> sent = headers.joined("Content-Encoding");
    if (!sent) return {};
    std::string name(trimmed(*sent));
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    // RFC 9110, 8.4.1.3: x-gzip means gzip.
    if (name.empty() || name == "identity" || name == "gzip" || name == "x-gzip") return {};
    return fail(
        Errc::unsupported_media_type,
        "the Content-Encoding " + quoted(*sent) + " is not read here; send gzip or none"
    );
}

}  // namespace entente::taxii
