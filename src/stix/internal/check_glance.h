#pragma once
// A first look at the value of a property: yes only where looking into it would find nothing, for
// the forms that most values have. Where it says no, `Check::value` judges and has the words. Part
// of check_object.cpp, for the compiler to make one function of the walk and this.
#include "stix/internal/check_object.h"
#include "stix/internal/text_rules.h"

namespace entente::stix::internal {

/// A type, two hyphens, and a UUID of RFC 4122; where `random` of version 4.
inline bool is_identifier_of(std::string_view type, std::string_view text, bool random) noexcept {
    constexpr std::size_t uuid_bytes = 36;
    if (text.size() != type.size() + 2 + uuid_bytes) return false;
    const std::string_view uuid = text.substr(type.size() + 2);
    return text[type.size()] == '-' && text[type.size() + 1] == '-' &&
           same_text(text.substr(0, type.size()), type) && is_uuid(uuid) && is_rfc4122_uuid(uuid) &&
           (!random || uuid_version(uuid) == 4);
}

/// Whole, not negative, and of few digits.
inline bool is_small_integer(const Row& row, std::string_view json) noexcept {
    if (json.size() > 4) return false;
    int value = 0;
    for (const char c : json) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + (c - '0');
    }
    return value >= row.least && value <= row.most;
}

/// `text` has no escapes.
inline bool Check::glance_text(const Column& column, std::string_view text) {
    constexpr std::size_t shortest_time = 20;
    switch (column.look) {
        case Look::text:
            return true;
        case Look::time:
        case Look::time_ms:
            // Many objects say one time twice.
            if (text.size() < shortest_time) return false;
            if (!same_text(text, sound_time_)) {
                if (!is_timestamp(text)) return false;
                sound_time_ = text;
            }
            return column.look == Look::time || fraction_digits(text) >= 3;
        case Look::open:
            return !findings.should() || in_vocabulary(column.row->vocabulary, text);
        case Look::closed:
            return in_vocabulary(column.row->vocabulary, text);
        case Look::type:
            return object_.known_type;
        case Look::identifier:
            return object_.known_type && is_identifier_of(object_.type, text, true);
        case Look::target:
            return !in_container_ && is_identifier_of(column.only_target, text, object_.spec_20);
        case Look::version:
            return object_.spec_20 ? is_text(text, "2.0") : is_text(text, "2.1");
        case Look::formatted:
            return column.row->format->holds(text);
        case Look::none:
        case Look::integer:
        case Look::boolean:
            return false;
    }
    return false;
}

/// A list of such texts, one at least.
inline bool Check::glance_list(const Column& column, std::string_view json) {
    const char* at = json.data();
    const char* const last = at + json.size() - 1;
    if (*at != '[') return false;
    // Quotes are looked for 16 bytes at a time while so many follow, in the list or behind it.
    const char* const end = object_.json.data() + object_.json.size();
    while (at[1] == '"') {
        const char* const text = at + 2;
        bool escaped = false;
        const char* const quote = closing_quote(text, end, escaped);
        if (escaped || !glance_text(column, {text, static_cast<std::size_t>(quote - text)}))
            return false;
        at = quote + 1;
        if (at >= last) return at == last;
    }
    return false;
}

inline bool Check::glance(const Column& column, const Member& m) {
    const std::string_view json = m.value;
    switch (column.look) {
        case Look::none:
            return false;
        case Look::integer:
            return is_small_integer(*column.row, json);
        case Look::boolean:
            return is_text(json, "true") || is_text(json, "false");
        default:
            break;
    }
    if (column.many) return glance_list(column, json);
    if (json.front() != '"') return false;
    if (column.look == Look::text) return true;
    return !m.value_escaped && glance_text(column, json.substr(1, json.size() - 2));
}

}  // namespace entente::stix::internal
