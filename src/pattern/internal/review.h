#pragma once
// What can be said about parts of a pattern beyond the grammar; shared by `remarks`, which has
// words for it, and `glance`, which has no time for them. Nothing here allocates.
#include "pattern/pattern.h"

namespace entente::pattern {

/// A hash algorithm by what its hexadecimal or other text looks like.
struct Algorithm {
    std::string_view key;  // upper case, without hyphens
    std::string_view
        v21;  // its spelling in the vocabulary of STIX 2.1 (10.7), empty if it has none
    std::string_view v20;
    std::string_view lengths;  // each character a number of hexadecimal digits; empty: 1 to 128 of
                               // [A-Za-z0-9/+:.]
};

/// By any spelling that differs in case and hyphens only; null for others.
[[nodiscard]] const Algorithm* find_algorithm(std::string_view name) noexcept;
[[nodiscard]] bool fits(const Algorithm& algorithm, std::string_view hash) noexcept;

/// "32", "40 or 64": how long a hash is.
[[nodiscard]] std::string lengths_in_words(const Algorithm& algorithm);

/// An IPv4 or IPv6 address, or a CIDR block of them (STIX 2.1, 6.9 and 6.10).
[[nodiscard]] bool is_address(std::string_view text) noexcept;

/// Object types of the standard and their own properties.
struct TypeNames {
    std::string_view type;
    std::string_view v21;  // names with a blank before and after each
    std::string_view v20;
};

[[nodiscard]] const TypeNames* find_type(std::string_view type) noexcept;
/// Of any object: `id`, `type`, ...
[[nodiscard]] bool is_common_property(std::string_view property, Dialect dialect) noexcept;
[[nodiscard]] bool has_property(
    const TypeNames& type, std::string_view property, Dialect dialect
) noexcept;
/// The name of a standard type or property that `name` was perhaps meant to be; empty if none is
/// near.
[[nodiscard]] std::string_view near_type(std::string_view name) noexcept;
[[nodiscard]] std::string_view near_property(
    const TypeNames& type, std::string_view name, Dialect dialect
) noexcept;

/// Types by the form `[a-z0-9-]{3,250}`, no hyphens in a row (STIX 2.1, 2.14 and 3.1); properties
/// `[a-z0-9_]{3,250}`.
[[nodiscard]] bool is_type_name(std::string_view name) noexcept;
[[nodiscard]] bool is_property_name(std::string_view name) noexcept;

/// Both timestamps are well formed: is `a` earlier than `b`?
[[nodiscard]] bool earlier(std::string_view a, std::string_view b) noexcept;

inline constexpr std::int64_t integer_max = (std::int64_t{1} << 53) - 1;  // STIX 2.1, 2.7

/// Families of constants that one set may mix (STIX 2.1, 9.6.1: homogeneous).
enum class Family : std::uint8_t { number, text, bytes, boolean, time };

/// Looks at a path step by step. `names` are unescaped, or escaped ones that differ from every name
/// of the standard.
class PathReview {
  public:
    enum Flag : unsigned {
        type_name = 1,
        unknown_type = 2,
        property_name = 4,
        unknown_property = 8,
        negative_index = 16,
        indexed_hashes = 32,
        list_of_references = 64,  // `_refs.name` without an index between
        other_algorithm = 128,    // not spelled as in the vocabulary
        reference_itself = 256,   // ends in a reference, which stands for the object
    };

    void begin(std::string_view type, Dialect dialect) noexcept;
    void name(std::string_view name) noexcept;
    void index(std::int64_t index) noexcept;

    void any() noexcept { index(0); }

    /// After the last step.
    void end() noexcept;

    [[nodiscard]] unsigned flags() const noexcept { return flags_; }

    /// The path ends in `hashes.<alg>`: `alg`; null where the algorithm is not known.
    [[nodiscard]] const Algorithm* algorithm() const noexcept { return algorithm_; }

    [[nodiscard]] bool hash() const noexcept { return hash_; }

    [[nodiscard]] const TypeNames* type() const noexcept { return type_; }

    [[nodiscard]] std::string_view last() const noexcept { return last_; }

  private:
    Dialect dialect_ = Dialect::v21;
    const TypeNames* type_ = nullptr;
    const Algorithm* algorithm_ = nullptr;
    std::string_view last_;     // the newest name, empty after an index
    std::string_view indexed_;  // the name that the newest index follows
    bool first_ = true;
    bool hash_ = false;
    unsigned flags_ = 0;
};

}  // namespace entente::pattern
