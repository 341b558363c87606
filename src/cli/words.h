#pragma once
// Reading the small values of command lines: durations, dates, sizes, addresses, names.
#include "base/result.h"
#include "base/time.h"
#include "stix/tlp.h"
#include "store/rows.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace entente::cli {

/// `30d`, `12h`, `90m`, `45s`, `2w`: a whole number above 0 and a unit. At most 100 years. Fails:
/// invalid_argument.
[[nodiscard]] Result<std::int64_t> parse_duration_us(std::string_view text);

/// When something ends: a duration from `now`, a date (its first moment, UTC) or an RFC 3339 time.
/// Fails invalid_argument when it is none of them or not after `now`.
[[nodiscard]] Result<Micros> parse_expiry(std::string_view text, Micros now);

/// `10485760`, `512KiB`, `32MiB` or `32M`, `1GB` (KB, MB, GB count in thousands), case-insensitive.
/// Fails: invalid_argument.
[[nodiscard]] Result<std::uint64_t> parse_bytes(std::string_view text);

struct Listen {
    std::string address;  // an IP address in text, without brackets
    std::uint16_t port = 0;
    bool loopback = false;
    friend bool operator==(const Listen&, const Listen&) = default;
};

/// `127.0.0.1:7443`, `[::1]:7443`, `localhost:7443`, `:7443` (every address), `7443` (127.0.0.1).
/// Fails: invalid_argument.
[[nodiscard]] Result<Listen> parse_listen(std::string_view text);

/// Fails invalid_argument, naming `what`, for a name that is empty, longer than 200 bytes, not
/// UTF-8, or holds characters that do not show (control, bidirectional and other invisible ones) or
/// blanks at an end.
[[nodiscard]] Result<void> check_name(std::string_view what, std::string_view name);

/// As `check_name`, for longer texts (at most 4,096 bytes); line breaks are not allowed either.
[[nodiscard]] Result<void> check_text(std::string_view what, std::string_view text);

/// A name without `:` (HTTP Basic cannot carry one, RFC 7617, 2), blanks, or the look of a token.
[[nodiscard]] Result<void> check_user_name(std::string_view name);

/// One path segment of unreserved characters, 1-100 bytes, other than `taxii2`, `.` and `..`
/// (TAXII 2.1, 4.1).
[[nodiscard]] Result<void> check_root_name(std::string_view name);

/// Unreserved characters, 1-100 bytes, and not UUID syntax (TAXII 2.1, 5.1: an alias must not look
/// like an id).
[[nodiscard]] Result<void> check_alias(std::string_view alias);

[[nodiscard]] Result<stix::Tlp> parse_marking(std::string_view text);
/// `must`, `strict`, `off`.
[[nodiscard]] Result<store::Checks> parse_checks(std::string_view text);
[[nodiscard]] std::string_view checks_name(store::Checks checks) noexcept;
[[nodiscard]] Result<store::Role> parse_role(std::string_view text);
[[nodiscard]] std::string_view role_name(store::Role role) noexcept;

/// `identity--` and a UUID.
[[nodiscard]] Result<void> check_identity(std::string_view text);

}  // namespace entente::cli
