#pragma once
// The eleven endpoints of TAXII 2.1 (sections 4 and 5), one of our own (3.1 leaves further ones to
// the server), and the paths that name them. Pure.
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace entente::taxii {

enum class Endpoint : std::uint8_t {
    discovery,    // /taxii2/
    api_root,     // /{root}/
    status,       // /{root}/status/{id}/
    collections,  // /{root}/collections/
    collection,   // /{root}/collections/{collection}/
    manifest,     // …/manifest/
    objects,      // …/objects/
    object,       // …/objects/{id}/
    versions,     // …/objects/{id}/versions/
    allowed,      // /{root}/collections/{collection}/allowed/: an extension, docs/allowed.md
};

/// What a path names, percent-decoded. Whether a root or collection of that name exists is not
/// looked at.
struct Route {
    Endpoint endpoint = Endpoint::discovery;
    std::string root;
    std::string collection;  // id or alias
    std::string id;          // of the status or of the object
};

/// Reads a path as it was sent: with or without the last slash, with doubled slashes anywhere
/// (TAXII clients build both), each segment decoded by itself, so that an encoded slash never
/// divides. Dot segments mean nothing. Fails: invalid_argument when a segment cannot be decoded;
/// not_found when no endpoint has this shape.
[[nodiscard]] Result<Route> find_route(std::string_view path);

/// The value of `Allow` (RFC 9110, 10.2.1), for example "GET, HEAD, POST".
[[nodiscard]] std::string_view allowed_methods(Endpoint endpoint) noexcept;

/// True when the endpoint answers `method`; methods are case-sensitive (RFC 9110, 9.1).
[[nodiscard]] bool allows(Endpoint endpoint, std::string_view method) noexcept;

}  // namespace entente::taxii
