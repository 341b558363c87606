#pragma once
// Telephone numbers and IBANs in a text. Pure.
#include <cstddef>
#include <string_view>

namespace entente::stix::internal::personal {

/// A telephone number begins at `i`; `before` is what stands before it, a blank at the beginning.
[[nodiscard]] bool is_phone_at(std::string_view text, std::size_t i, char before);

[[nodiscard]] bool has_phone(std::string_view text);

/// `text` begins with an IBAN (ISO 13616).
[[nodiscard]] bool is_iban_at(std::string_view text);

[[nodiscard]] bool has_iban(std::string_view text);

}  // namespace entente::stix::internal::personal
