#pragma once
// What LIKE and MATCHES need: normal form C, SQL-like wildcards, regular expressions
// (STIX 2.1, 9.6.1-9.6.4; P15, P16).
#include "pattern/internal/evaluate_budget.h"

#include <tl/expected.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct pcre2_real_code_8;

namespace entente::pattern {

/// `text` in Unicode normal form C. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string nfc(std::string_view text);

/// The code points of UTF-8 `text` as octets; nothing when one is above U+00FF (STIX 2.1, 9.2).
[[nodiscard]] std::optional<std::string> as_octets(std::string_view text);

/// RFC 4648 base64 with its padding; nothing for other texts.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

/// Pairs of hexadecimal digits, any case.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

enum class Units : bool { code_points, octets };

struct LikeRules {
    Units units = Units::code_points;
    /// The reference matcher: `%` and `_` stand for no line feed, and one at the end of the value
    /// may be left over.
    bool line_wise = false;
};

/// Does the whole `value` look like `pattern`, where `%` is any run and `_` any one unit? There is
/// no escape.
[[nodiscard]] bool like(
    std::string_view value, std::string_view pattern, LikeRules rules, Budget& budget
);

/// A regular expression of PCRE2. Never runs callouts; `\C` is refused.
class Regex {
  public:
    struct Rules {
        Units units = Units::code_points;  // code points: UTF and Unicode properties
        bool dot_all = true;               // `.` matches line feeds too (STIX 2.1, 9.6.1)
    };

    struct Wrong {
        std::size_t at = 0;  // byte of the expression
        std::string message;
    };

    [[nodiscard]] static tl::expected<Regex, Wrong> compile(
        std::string_view expression, Rules rules
    );

    enum class Found : std::uint8_t { no, yes, undecided };

    /// Searches anywhere in `subject`. Undecided when a limit on calls, depth or memory was
    /// reached.
    [[nodiscard]] Found search(std::string_view subject, Budget& budget) const;

  private:
    struct Free {
        void operator()(pcre2_real_code_8* code) const noexcept;
    };

    explicit Regex(pcre2_real_code_8* code) : code_(code) {}

    std::unique_ptr<pcre2_real_code_8, Free> code_;
};

}  // namespace entente::pattern
