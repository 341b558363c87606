#pragma once
// How a value of an observation relates to a constant (STIX 2.1, 9.6.1-9.6.4; P12-P14, P18, P19).
#include "pattern/internal/evaluate_comparison.h"

namespace entente::pattern {

enum class Relation : std::uint8_t {
    less,
    equal,
    greater,
    unequal,   // comparable but without order: booleans that differ, text that is no octets against
               // octets
    unrelated  // types that do not compare
};

/// The octets of a `…_bin` or `…_hex` place; nothing when its text is no base64 or hex. With
/// `reference` base64 is read as leniently as the reference matcher does.
[[nodiscard]] std::optional<std::string> octets_of(const Place& place, bool reference);

/// Fails unprocessable with `reference` where the reference matcher raises an error.
[[nodiscard]] Result<Relation> relate(const Place& place, const Constant& constant, bool reference);

}  // namespace entente::pattern
