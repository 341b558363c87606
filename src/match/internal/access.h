#pragma once
// How an expression in brackets is found: conditions on single values of an event, one of which
// must hold wherever the expression does (access predicates). Most patterns are one such condition
// and nothing else.
#include "match/internal/paths.h"
#include "pattern/address.h"
#include "pattern/pattern.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace entente::match {

/// How a value stands in the table of constants.
enum class KeyKind : std::uint8_t {
    text,
    whole,
    large,
    real,
    flag,
    block4,
    block6,
    suffix  // what a text ends with, beginning with a point
};

/// Longer suffixes are no keys: names of hosts are not longer (RFC 1035, 2.3.4).
inline constexpr std::size_t suffix_bytes_max = 255;

struct KeyAccess {  // the value is this
    KeyKind kind = KeyKind::text;
    std::string bytes;
};

struct RangeAccess {  // the number is at least, or at most, this
    bool at_least = true;
    long double bound = 0;  // holds every int64, uint64 and double exactly
};

struct CoverAccess {  // the value is an address block that holds this one
    pattern::AddressBlock block;
};

struct PieceAccess {  // this stands somewhere in the text, in normal form C
    std::string text;
};

struct PresentAccess {};  // there is a value

struct Access {
    PathId path = 0;
    std::variant<KeyAccess, RangeAccess, CoverAccess, PieceAccess, PresentAccess> what;
};

struct Accesses {
    std::vector<Access> any_of;  // none: the expression never holds
    /// An expression holds exactly where one of them does.
    bool exact = true;
    int cost = 0;  // 0 the most selective
};

/// Why an expression cannot be indexed.
struct NoAccess {
    enum class Why : std::uint8_t { too_many_paths, too_many_constants } why;
};

/// REQUIRES: the pattern has no flaw. `paths` gets the paths that are asked for.
[[nodiscard]] tl::expected<Accesses, NoAccess> accesses_of(
    const pattern::Expression& expression, pattern::Dialect dialect, Paths& paths
);

/// The longest run of bytes that stands in every text that `wildcards` (LIKE) looks like.
[[nodiscard]] std::string literal_of_like(std::string_view wildcards);

/// A run of bytes that stands in every text in which the regular expression finds something; empty
/// when none is certain. Careful: what it does not know makes it give up.
[[nodiscard]] std::string literal_of_regex(std::string_view expression);

/// Pieces shorter than this narrow nothing down.
inline constexpr std::size_t piece_bytes_min = 4;

/// A block as a key: its prefix length and its address.
[[nodiscard]] std::string block_key(const pattern::AddressBlock& block);

}  // namespace entente::match
