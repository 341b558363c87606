#pragma once
// What a request head must be before anything acts on it. Stricter than most parsers, because
// whatever two programs in a row read differently lets a request be smuggled past the first (RFC
// 9112, 11.2).
#include "http/http.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace entente::http {

/// Finds the end of a request head in a buffer that grows. Pure.
class HeadScan {
  public:
    enum class State : std::uint8_t {
        more,              // no end yet
        complete,          // the head is the first `size()` bytes
        target_too_long,   // 414
        fields_too_large,  // 431
        malformed,         // 400: bare CR or LF, NUL, a folded line
    };
    /// `data` begins with all the bytes of the call before.
    [[nodiscard]] State scan(std::string_view data) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return line_start_; }

  private:
    [[nodiscard]] State check_line(std::string_view line) noexcept;

    std::size_t line_start_ = 0;
    std::size_t searched_ = 0;  // no line feed between line_start_ and here
    std::size_t first_line_bytes_ = 0;
    std::size_t fields_ = 0;
};

/// How the body of a request ends, and what else its head asks for.
struct Framing {
    enum class Body : std::uint8_t { none, length, chunked };
    Body body = Body::none;
    std::uint64_t content_length = 0;
    bool keep_alive = true;
    bool expects_continue = false;
    bool gunzip = false;  // the body is gzip-encoded
};

/// Splits `target` (origin-form or absolute-form, RFC 9112, 3.2) into head.path and head.query.
/// False when it is neither.
[[nodiscard]] bool split_target(std::string_view method, std::string_view target, Head& head);

/// The framing, or the status to refuse with: 400 for what is wrong or ambiguous, 417, 501. `minor`
/// is that of HTTP/1.x.
struct Judged {
    Framing framing;
    int refuse_status = 0;
};

[[nodiscard]] Judged judge(const Head& head, unsigned minor);

/// Whether a body of which nothing was read yet is read and dropped after an answer of `status`, so
/// that the connection goes on: whoever is to come again does so at less cost for both sides. Else
/// the connection ends, which is also what becomes of `Expect: 100-continue`, for nobody could tell
/// whether a body follows (RFC 9110, 10.1.1).
[[nodiscard]] bool drops_body(const Framing& framing, int status) noexcept;

/// Whether the Accept-Encoding fields prefer gzip to the plain form (RFC 9110, 12.5.3).
[[nodiscard]] bool accepts_gzip(const Headers& headers);

}  // namespace entente::http
