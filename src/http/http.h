#pragma once
// HTTP messages as the rest of the program sees them. Beast and OpenSSL appear only in server.cpp
// and client.cpp.
#include "base/outgoing.h"
#include "http/client_certificate.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::http {

/// Header fields in order of arrival; names compare case-insensitively.
class Headers {
  public:
    void add(std::string name, std::string value) {
        fields_.emplace_back(std::move(name), std::move(value));
    }

    /// The first field of that name; nothing if absent.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
    /// All fields of that name joined by ", " (RFC 9110, 5.3).
    [[nodiscard]] std::optional<std::string> joined(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;

    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const noexcept {
        return fields_;
    }

  private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// The request line and headers.
struct Head {
    std::string method;  // as sent: "GET"
    std::string path;    // before '?', still percent-encoded
    std::string query;   // after '?', still percent-encoded; empty if none
    Headers headers;
    std::string address;  // the client's IP address in text; a trusted proxy's is not it
    bool tls = false;
    // Null = none was shown, or by a trusted proxy. Shared: by the requests of a connection.
    std::shared_ptr<const ClientCertificate> certificate{};
    std::string request_id;  // 16 hex digits made by the server; error bodies and logs repeat it
    std::optional<std::uint64_t> content_length;
};

/// A body that is told piece by piece, when there is something to say.
class BodyStream {
  public:
    virtual ~BodyStream() = default;
    /// Asks for the next piece, once the one before is written; from the network threads, so it
    /// must not wait. `then` is called exactly once, from any thread, now or later: with bytes, or
    /// with nothing at the end. It may have no effect any more.
    virtual void next(std::function<void(std::optional<Outgoing>)> then) = 0;
};

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>>
        headers;  // Content-Length, Date, Connection are the server's own
    Outgoing body;
    bool close = false;  // end the connection afterwards
    /// In place of `body`, when set: sent as it comes, until it ends, the other side does not take
    /// it in time, or the server stops. Shared: with who is asked for the next piece.
    std::shared_ptr<BodyStream> stream{};
};

using Respond = std::function<void(Response)>;  // call exactly once, from any thread

/// What a handler decided on seeing the head, before any byte of the body is read (so before `100
/// Continue`).
struct Admission {
    std::optional<Response> refuse;       // answer this and do not read the body
    std::uint64_t body_bytes_max = 0;     // larger bodies (decoded ones too) get `too_large`
    std::shared_ptr<void> context;        // handed to `handle`
    std::function<Response()> too_large;  // the 413 to send
    std::function<Response(std::string_view why)>
        bad_body;  // the 400 to send for broken encodings or chunks
};

/// What serves requests. Methods but `at_once` are called on the server's worker threads and may
/// block on the disk.
class Handler {
  public:
    virtual ~Handler() = default;

    /// An answer that is there already, for a request without a body; nothing = `admit` is asked,
    /// as always. Called on the network threads: it neither waits for anything nor works for long.
    [[nodiscard]] virtual std::optional<Response> at_once(const Head& /*head*/) {
        return std::nullopt;
    }

    virtual void admit(std::shared_ptr<const Head> head, std::function<void(Admission)> then) = 0;
    /// `body` is complete and already freed of chunking and gzip.
    virtual void handle(
        std::shared_ptr<const Head> head,
        std::string body,
        std::shared_ptr<void> context,
        Respond respond
    ) = 0;
};

/// Percent-decoding. With `plus_is_space`, '+' becomes a space (query strings). Nothing when a % is
/// not followed by two hex digits or the result holds a NUL.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
[[nodiscard]] std::string percent_encode(std::string_view text);
/// Name-value pairs of a query string, decoded, in order. Nothing when any is not decodable.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(
    std::string_view query
);

/// One media range of an Accept header, or a media type (RFC 9110, 12.5.1). Type, subtype and
/// parameter names lower case.
struct MediaRange {
    std::string type;
    std::string subtype;
    std::vector<std::pair<std::string, std::string>> parameters;  // without q
    double q = 1.0;
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const noexcept;
};

/// Reads a list; ranges that cannot be read are left out. Quoted values and odd white space are
/// understood.
[[nodiscard]] std::vector<MediaRange> parse_accept(std::string_view text);

/// The Authorization header split: scheme in lower case and the rest.
struct Authorization {
    std::string scheme;
    std::string value;
};

[[nodiscard]] std::optional<Authorization> parse_authorization(std::string_view text);

}  // namespace entente::http
