#include "pattern/internal/evaluate_compare.h"

#include "base/escape.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <cmath>

namespace entente::pattern {
namespace {

namespace json = boost::json;

constexpr std::size_t microsecond_digits = 6;

Relation of_order(std::partial_ordering order) {
    if (order < 0) return Relation::less;
    if (order > 0) return Relation::greater;
    return order == 0 ? Relation::equal : Relation::unequal;
}

/// Exact, also where a double cannot hold the integer.
Relation compare(std::int64_t a, double b) {
    constexpr double edge = 9223372036854775808.0;  // 2^63
    if (std::isnan(b)) return Relation::unequal;
    if (b >= edge) return Relation::less;
    if (b < -edge) return Relation::greater;
    const double whole = std::trunc(b);
    const auto order = a <=> static_cast<std::int64_t>(whole);
    return order == 0 ? of_order(whole <=> b) : of_order(order);
}

Relation reversed(Relation relation) {
    if (relation == Relation::less) return Relation::greater;
    if (relation == Relation::greater) return Relation::less;
    return relation;
}

Relation compare_number(const json::value& value, std::int64_t constant) {
    if (value.is_double()) return reversed(compare(constant, value.get_double()));
    if (value.is_uint64() && value.get_uint64() > INT64_MAX) return Relation::greater;
    return of_order(value.to_number<std::int64_t>() <=> constant);
}

Relation compare_number(const json::value& value, double constant) {
    if (value.is_double()) return of_order(value.get_double() <=> constant);
    if (value.is_uint64() && value.get_uint64() > INT64_MAX) {
        // 2^63 and more: the half is exact but for its last bit, which no double of this size has.
        const std::uint64_t number = value.get_uint64();
        if (constant >= 18446744073709551616.0) return Relation::less;
        if (!(constant >= 9223372036854775808.0)) return Relation::greater;
        return of_order(number <=> static_cast<std::uint64_t>(constant));
    }
    return compare(value.to_number<std::int64_t>(), constant);
}

Relation compare_text(std::string_view a, std::string_view b) {
    return of_order(a <=> b);  // the order of UTF-8 bytes is that of code points
}

tl::unexpected<Error> reference_raises(const std::string& what) {
    return fail(Errc::unprocessable, what);
}

Result<Relation> relate_text(std::string_view text, const Constant& constant, bool reference) {
    if (const auto* string = std::get_if<std::string>(&constant))
        return compare_text(text, *string);
    if (const auto* binary = std::get_if<Binary>(&constant)) {
        const auto octets = as_octets(text);
        return octets ? compare_text(*octets, binary->bytes) : Relation::unequal;
    }
    if (const auto* instant = std::get_if<Instant>(&constant)) {
        const auto at = reference ? read_instant(text, microsecond_digits) : read_instant(text);
        if (at) return of_order(*at <=> *instant);
        if (!reference) return Relation::unrelated;
        return reference_raises(fmt::format("invalid timestamp in JSON: {}", printable(text, 100)));
    }
    return Relation::unrelated;
}

Result<Relation> relate_octets(const Place& place, const Constant& constant, bool reference) {
    const auto octets = octets_of(place, reference);
    if (!octets) {
        if (reference)
            return reference_raises("a value of a _bin or _hex property does not decode");
        return Relation::unrelated;
    }
    if (const auto* binary = std::get_if<Binary>(&constant)) {
        return compare_text(*octets, binary->bytes);
    }
    if (const auto* string = std::get_if<std::string>(&constant)) {
        const auto same = as_octets(*string);
        return same ? compare_text(*octets, *same) : Relation::unequal;
    }
    return Relation::unrelated;
}

}  // namespace

std::optional<std::string> octets_of(const Place& place, bool reference) {
    const std::string_view text = place.value->get_string();
    if (place.kind == Place::Kind::hex) return from_hex(text);
    if (!reference) return from_base64(text);
    std::string known;  // it passes over every other character
    for (const char c : text) {
        const bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                           (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
        if (digit) known.push_back(c);
    }
    return from_base64(known);
}

Result<Relation> relate(const Place& place, const Constant& constant, bool reference) {
    const json::value& value = *place.value;
    if (place.kind == Place::Kind::base64 || place.kind == Place::Kind::hex) {
        return relate_octets(place, constant, reference);
    }
    if (place.kind == Place::Kind::references) return Relation::unrelated;
    if (value.is_string()) return relate_text(value.get_string(), constant, reference);
    if (value.is_bool()) {
        const auto* flag = std::get_if<bool>(&constant);
        if (flag == nullptr) return Relation::unrelated;
        return *flag == value.get_bool() ? Relation::equal : Relation::unequal;
    }
    if (value.is_number()) {
        if (const auto* whole = std::get_if<std::int64_t>(&constant)) {
            return compare_number(value, *whole);
        }
        if (const auto* real = std::get_if<double>(&constant)) return compare_number(value, *real);
    }
    return Relation::unrelated;  // null, lists, objects (P19)
}

}  // namespace entente::pattern
