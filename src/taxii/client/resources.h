#pragma once
// The small resources of TAXII 2.1 as a client reads them: discovery, API root, collections,
// status, error. Read leniently where real servers err, but never beyond the limits. Pure. All
// texts come from a stranger: show them through `printable` only.
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::taxii::client {

/// TAXII 2.1, 4.1.1.
struct Discovery {
    std::string title;
    std::string default_root;            // empty = none; one of `api_roots` (T5)
    std::vector<std::string> api_roots;  // as written: absolute or relative
};

/// TAXII 2.1, 4.2.1.
struct ApiRoot {
    std::string title;
    std::vector<std::string> versions;
    std::uint64_t max_content_length = 0;  // 0 = the server says nothing of use
};

/// TAXII 2.1, 5.2.1.
struct Collection {
    std::string id;  // any text that can stand in a path: some servers have no UUIDs
    std::string title;
    std::string alias;             // empty = none
    std::optional<bool> can_read;  // nothing = the server does not say
    std::optional<bool> can_write;
};

/// What `read_document` found: the servers that are asked for one thing answer with another.
struct Document {
    std::optional<Discovery> discovery;
    std::optional<ApiRoot> root;
    std::optional<Collection> collection;
};

/// One object that a server did not take.
struct Failure {
    std::string id;
    std::string version;
    std::string message;
};

/// TAXII 2.1, 4.3.1. Counts are as the server says; whether they add up is for the caller to judge.
struct Status {
    std::string id;
    bool complete = false;
    std::uint64_t total = 0;
    std::uint64_t successes = 0;
    std::uint64_t failures = 0;
    std::uint64_t pendings = 0;
    std::vector<Failure> failed;  // at most limits::push_failures_kept_max

    [[nodiscard]] bool adds_up() const noexcept {
        return total <= UINT32_MAX && successes <= total && failures <= total - successes &&
               pendings == total - successes - failures;
    }
};

// All fail with corrupt, naming the property: no JSON object, a required property missing, a wrong
// type, over limits::client_resource_bytes_max.
[[nodiscard]] Result<Document> read_document(std::string_view body);
[[nodiscard]] Result<Discovery> read_discovery(std::string_view body);
[[nodiscard]] Result<ApiRoot> read_root(std::string_view body);
[[nodiscard]] Result<Collection> read_collection(std::string_view body);
[[nodiscard]] Result<std::vector<Collection>> read_collections(std::string_view body);
[[nodiscard]] Result<Status> read_status(std::string_view body);

/// Title and description of an error resource (TAXII 2.1, 3.6.1), ready to show; empty when the
/// body is none.
[[nodiscard]] std::string error_words(std::string_view body);

}  // namespace entente::taxii::client
