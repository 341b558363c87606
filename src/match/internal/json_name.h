#pragma once
// Names of JSON objects without a copy.
#include <simdjson.h>

#include <cstring>
#include <string_view>

namespace entente::match {

/// The name of `field`: as it stands in the text where nothing in it is escaped, which is nearly
/// always. `left` is at least as long as the rest of the text.
[[nodiscard]] inline simdjson::error_code name_of(
    simdjson::ondemand::field& field, std::size_t left, std::string_view& name
) {
    const char* const raw = field.key().raw();
    const auto* const end = static_cast<const char*>(std::memchr(raw, '"', left));
    if (end == nullptr) return simdjson::STRING_ERROR;
    name = {raw, static_cast<std::size_t>(end - raw)};
    // A quote that is escaped ends it too early, and has a backslash before it.
    if (std::memchr(name.data(), '\\', name.size()) == nullptr) return simdjson::SUCCESS;
    return field.unescaped_key().get(name);
}

}  // namespace entente::match
