#pragma once
// The bytes of a reply's head, and the few replies that the server gives by itself.
#include "http/http.h"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace entente::http {

/// A TAXII error (TAXII 2.1, 3.6) with a constant text. REQUIRES: status is one of 400, 408, 413,
/// 414, 417, 431, 500, 501, 503, 505.
[[nodiscard]] Response own_reply(int status);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), made once a second. Threads: one at a time.
class DateText {
  public:
    [[nodiscard]] std::string_view now();

  private:
    std::time_t second_ = -1;
    std::string text_;
};

enum class Persistence : std::uint8_t { close, keep_alive, keep_alive_http10 };

/// How a reply goes over the wire.
struct WireForm {
    std::uint64_t content_length = 0;
    bool gzip = false;           // the body was compressed
    bool vary_encoding = false;  // it could have been
    bool until_close = false;    // the end of the connection is the body's (RFC 9112, 6.3)
    Persistence persistence = Persistence::keep_alive;
};

/// Status line and headers up to the empty line. Nothing when the status is not final (200 to 599),
/// or a header is not one line of a valid name and value: such a response would let its text become
/// headers.
[[nodiscard]] std::optional<std::string> reply_head(
    const Response& response,
    const WireForm& form,
    std::string_view server_name,
    std::string_view date
);

/// 1xx, 204 and 304 have no body (RFC 9110, 6.4.1).
[[nodiscard]] bool may_have_body(int status) noexcept;

/// One line of the access log; never the query or a header. Successful reads are `debug`,
/// everything else `info`.
struct Access {
    const Head* head = nullptr;  // nothing when it could not be read
    std::string_view address;
    int status = 0;
    std::uint64_t body_bytes = 0;
    std::chrono::nanoseconds spent{};
};

void log_access(const Access& access);

}  // namespace entente::http
