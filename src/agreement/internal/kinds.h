#pragma once
// What each kind of value of the table of terms is: checked, told in words, told as a JSON schema.
#include "agreement/internal/terms_table.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace entente::agreement::internal {

/// True when `value` is one that the term may have (one entry of it when it is a list). References
/// inside the document (pid, topic) are checked for their form only. Structures and topics: that it
/// is an object.
[[nodiscard]] bool is_allowed(const Term& term, const boost::json::value& value);

/// What one value of the term is: "one of must, may", "an integer of 1 to 36500".
[[nodiscard]] std::string expected_value(const Term& term);
/// The same of the whole term: "list of 1 to 256 entries …".
[[nodiscard]] std::string expected(const Term& term);
/// The JSON schema (draft 2020-12) of one value; not of structures.
[[nodiscard]] boost::json::object schema_of_value(const Term& term);

/// Seconds of `P[nD][T[nH][nM][nS]]` or `PnW` (ISO 8601, 5.5.2.2), whole numbers only; nothing for
/// any other text, years and months included: they have no fixed length.
[[nodiscard]] std::optional<std::uint64_t> duration_seconds(std::string_view text) noexcept;
/// 604800 -> "7 days", 60 -> "60 seconds": the largest unit that gives a whole number above one.
[[nodiscard]] std::string duration_words(std::uint64_t seconds);

/// A short name: a-z, 0-9 and - inside, 1 to 32 characters.
[[nodiscard]] bool is_word(std::string_view text) noexcept;
/// 64 hexadecimal digits in lower case.
[[nodiscard]] bool is_digest(std::string_view text) noexcept;
/// `agr:` and such digits.
[[nodiscard]] bool is_agreement_id(std::string_view text) noexcept;
/// A text that shows as what it is: no control or direction characters, no blank at either end.
[[nodiscard]] bool is_plain(std::string_view text);

}  // namespace entente::agreement::internal
