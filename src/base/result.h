#pragma once
// Outcomes that depend on input or state: `Result<T>`. Bugs use assert.h; a broken world (disk,
// memory) throws.
#include <tl/expected.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace entente {

enum class Errc : std::uint8_t {
    invalid_argument,  // the caller's words are wrong: bad filter, bad date, bad name
    malformed,         // not JSON, not UTF-8, truncated
    unprocessable,     // well-formed but not what is asked for here
    not_found,
    conflict,      // exists already, or state forbids it
    too_large,     // over a named limit
    unauthorized,  // no or wrong credentials
    forbidden,     // known caller without the right
    not_acceptable,
    unsupported_media_type,
    corrupt,     // stored data does not check
    overloaded,  // a queue or the disk is full: try again later
};

/// What went wrong, in words for the person who caused it: what, where (JSON pointer, byte, line),
/// what would be right.
struct Error {
    Errc code = Errc::invalid_argument;
    std::string detail;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string detail) {
    return tl::unexpected<Error>(Error{code, std::move(detail)});
}

/// The name of `code` as users see it in JSON output, for example "not_found".
[[nodiscard]] const char* errc_name(Errc code) noexcept;

/// The world broke: disk, database, memory. Thrown at the edges, caught by the request loop and
/// `main` only. `full` tells "no space left" from other failures.
class StorageError : public std::runtime_error {
  public:
    enum class Kind : std::uint8_t { io, full, busy, corrupt };

    StorageError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}

    [[nodiscard]] Kind kind() const noexcept { return kind_; }

  private:
    Kind kind_;
};

}  // namespace entente

#define ENTENTE_CONCAT_(a, b) a##b
#define ENTENTE_CONCAT(a, b) ENTENTE_CONCAT_(a, b)
#define ENTENTE_TRY_(name, declaration, expression)                         \
    auto name = (expression);                                               \
    if (!name) {                                                            \
        return ::tl::unexpected<::entente::Error>(std::move(name).error()); \
    }                                                                       \
    declaration = std::move(name).value()
/// `ENTENTE_TRY(auto x, expression)`: returns early with the error, or gives x the value.
#define ENTENTE_TRY(declaration, expression) \
    ENTENTE_TRY_(ENTENTE_CONCAT(entente_try_, __COUNTER__), declaration, expression)
/// `ENTENTE_CHECK(expression)`: returns early with the error; for Result<void>.
#define ENTENTE_CHECK(expression)                                                        \
    do {                                                                                 \
        if (auto entente_check = (expression); !entente_check) {                         \
            return ::tl::unexpected<::entente::Error>(std::move(entente_check).error()); \
        }                                                                                \
    } while (false)
