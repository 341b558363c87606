#include "pattern/internal/evaluate_comparison.h"

#include "base/assert.h"
#include "base/escape.h"
#include "pattern/internal/evaluate_compare.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::pattern {
namespace {

namespace json = boost::json;

constexpr std::size_t microsecond_digits = 6;

tl::unexpected<ParseError> no_constant(std::size_t at, std::string_view rule, std::string message) {
    return tl::unexpected(ParseError{at, std::move(message), rule});
}

tl::expected<Constant, ParseError> constant_of(
    const Literal& literal, std::size_t at, bool reference
) {
    if (const auto* flag = std::get_if<bool>(&literal)) return Constant(*flag);
    if (const auto* whole = std::get_if<std::int64_t>(&literal)) return Constant(*whole);
    if (const auto* real = std::get_if<Float>(&literal)) return Constant(real->value);
    if (const auto* text = std::get_if<std::string>(&literal)) return Constant(*text);
    if (const auto* binary = std::get_if<Binary>(&literal)) return Constant(*binary);
    const std::string& text = std::get<Timestamp>(literal).text;
    const auto instant = reference ? read_instant(text, microsecond_digits) : read_instant(text);
    if (!instant) {
        return no_constant(
            at, "P3", fmt::format("'{}' is no date that exists", printable(text, 100))
        );
    }
    return Constant(*instant);
}

/// Numbers of both kinds are one type; so are the two ways to write octets.
std::size_t family(const Constant& constant) {
    return std::holds_alternative<double>(constant) ? Constant(std::int64_t{0}).index()
                                                    : constant.index();
}

const std::string& only_text(const Comparison& comparison) {
    ENTENTE_ASSERT(comparison.values.size() == 1);
    return std::get<std::string>(comparison.values.front());
}

bool is_text(const Comparison& comparison) {
    return comparison.values.size() == 1 &&
           std::holds_alternative<std::string>(comparison.values.front());
}

/// Python's `in`: numbers and booleans are one family, octets are never text.
bool python_equal(const Place& place, const Constant& constant) {
    const json::value& value = *place.value;
    const auto* flag = std::get_if<bool>(&constant);
    if (value.is_bool() || (flag != nullptr && value.is_number())) {
        const json::value number =
            value.is_bool() ? json::value(std::int64_t{value.get_bool()}) : value;
        const Constant other = flag != nullptr ? Constant(std::int64_t{*flag}) : constant;
        const auto related = relate({&number, Place::Kind::plain}, other, false);
        return related.value_or(Relation::unrelated) == Relation::equal;
    }
    const bool octets = place.kind == Place::Kind::base64 || place.kind == Place::Kind::hex;
    const bool both = octets == std::holds_alternative<Binary>(constant);
    return both && relate(place, constant, true).value_or(Relation::unrelated) == Relation::equal;
}

}  // namespace

tl::expected<Test, ParseError> Test::prepare(
    const Comparison& comparison, const EvaluateOptions& options
) {
    Test test(comparison, options);
    for (const Literal& literal : comparison.values) {
        auto constant = constant_of(literal, comparison.values_at, options.reference);
        if (!constant) return tl::unexpected(constant.error());
        if (!test.constants_.empty() && family(*constant) != family(test.constants_.front())) {
            return no_constant(
                comparison.values_at,
                "P14",
                "the constants of IN are of several types; expected one type"
            );
        }
        test.constants_.push_back(std::move(*constant));
    }
    const bool text = is_text(comparison);
    if (comparison.op == Op::like && text) test.wildcards_ = nfc(only_text(comparison));
    if (comparison.op == Op::matches && text) {
        const std::string expression = nfc(only_text(comparison));
        const bool dot_all = !options.reference;
        auto compiled = Regex::compile(expression, {Units::code_points, dot_all});
        if (!compiled) {
            return no_constant(
                comparison.values_at,
                "P16",
                fmt::format(
                    "the regular expression is wrong at its byte {}: {}",
                    compiled.error().at,
                    compiled.error().message
                )
            );
        }
        test.regex_ = std::move(*compiled);
        if (const auto octets = as_octets(expression)) {
            auto other = Regex::compile(*octets, {Units::octets, dot_all});
            if (other) test.octets_regex_ = std::move(*other);
        }
    }
    const bool set = comparison.op == Op::is_subset || comparison.op == Op::is_superset;
    if (set && text) {
        test.block_ = read_address_block(only_text(comparison));
        if (!test.block_ && !options.reference) {
            return no_constant(
                comparison.values_at,
                "P17",
                fmt::format(
                    "'{}' is no IPv4 or IPv6 address and no CIDR block",
                    printable(only_text(comparison), 100)
                )
            );
        }
    }
    return test;
}

Result<bool> Test::holds(const json::value& root, const Observed& observed, Budget& budget) const {
    ENTENTE_TRY(
        const std::vector<Place> places, follow(comparison_->path, root, observed, options_, budget)
    );
    if (comparison_->op == Op::exists) {
        // The reference matcher knows no EXISTS; what it does comes down to this, whatever NOT
        // says.
        return places.empty() == (comparison_->negated && !options_.reference);
    }
    bool any = false;
    for (const Place& place : places) {
        if (!budget.spend(2)) return false;
        ENTENTE_TRY(const bool holds, holds_for(place, budget));
        any = any || holds;
        if (any && !options_.reference) break;
    }
    return any;
}

Result<bool> Test::holds_for(const Place& place, Budget& budget) const {
    ENTENTE_TRY(const bool holds, [&]() -> Result<bool> {
        switch (comparison_->op) {
            case Op::in:
                return is_in(place);
            case Op::like:
                return looks_like(place, budget);
            case Op::matches:
                return matches(place, budget);
            case Op::is_subset:
            case Op::is_superset:
                return is_in_block(place);
            default:
                return compares(place);
        }
    }());
    return holds && !budget.spent();  // what is not decided counts as false, with NOT too
}

Result<bool> Test::compares(const Place& place) const {
    ENTENTE_TRY(const Relation relation, relate(place, constants_.front(), options_.reference));
    const bool negated = comparison_->negated;
    bool holds = false;
    switch (comparison_->op) {
        case Op::equal:
            return (relation == Relation::equal) != negated;
        case Op::not_equal:
            return (relation != Relation::equal) != negated;
        case Op::less:
            holds = relation == Relation::less;
            break;
        case Op::less_equal:
            holds = relation == Relation::less || relation == Relation::equal;
            break;
        case Op::greater:
            holds = relation == Relation::greater;
            break;
        case Op::greater_equal:
            holds = relation == Relation::greater || relation == Relation::equal;
            break;
        default:
            ENTENTE_ASSERT(false);
    }
    // The reference matcher does not negate where types have no order (P13).
    if (options_.reference && relation == Relation::unrelated) return false;
    return holds != negated;
}

Result<bool> Test::is_in(const Place& place) const {
    bool found = false;
    for (const Constant& constant : constants_) {
        if (options_.reference && !std::holds_alternative<Instant>(constant)) {
            found = found || python_equal(place, constant);
            continue;
        }
        ENTENTE_TRY(const Relation relation, relate(place, constant, options_.reference));
        found = found || relation == Relation::equal;
    }
    return found != comparison_->negated;
}

Result<bool> Test::looks_like(const Place& place, Budget& budget) const {
    const bool negated = comparison_->negated;
    const bool octets = place.kind == Place::Kind::base64 || place.kind == Place::Kind::hex;
    if (octets) {
        const auto value = octets_of(place, options_.reference);
        const auto wildcards = as_octets(wildcards_);
        if (options_.reference && !value) {
            return fail(Errc::unprocessable, "a value of a _bin or _hex property does not decode");
        }
        if (!value || !wildcards) return negated;
        if (!options_.reference) {
            return like(*value, *wildcards, {Units::octets, false}, budget) != negated;
        }
        if (!is_utf8(*value)) return fail(Errc::unprocessable, "octets that are no UTF-8");
        return like(nfc(*value), wildcards_, {Units::code_points, true}, budget) != negated;
    }
    if (place.kind != Place::Kind::plain || !place.value->is_string()) return negated;
    const std::string value = nfc(place.value->get_string());
    return like(value, wildcards_, {Units::code_points, options_.reference}, budget) != negated;
}

Result<bool> Test::matches(const Place& place, Budget& budget) const {
    const bool negated = comparison_->negated;
    std::optional<std::string> value;
    const std::optional<Regex>* regex = &regex_;
    if (place.kind == Place::Kind::base64 || place.kind == Place::Kind::hex) {
        value = octets_of(place, options_.reference);
        regex = &octets_regex_;
        if (options_.reference && !value) {
            return fail(Errc::unprocessable, "a value of a _bin or _hex property does not decode");
        }
    } else if (place.kind == Place::Kind::plain && place.value->is_string()) {
        value = nfc(place.value->get_string());
    }
    if (!value || !*regex) return negated;
    const Regex::Found found = (*regex)->search(*value, budget);
    if (found == Regex::Found::undecided) {
        if (budget.spent()) return false;
        budget.doubt(fmt::format(
            "the regular expression at byte {} goes over its limits on a value of {} bytes",
            comparison_->values_at,
            value->size()
        ));
        return false;
    }
    return (found == Regex::Found::yes) != negated;
}

Result<bool> Test::is_in_block(const Place& place) const {
    const bool negated = comparison_->negated;
    if (place.kind != Place::Kind::plain || !place.value->is_string()) return negated;
    const std::string_view text = place.value->get_string();
    const auto value = read_address_block(text);
    const bool subset = comparison_->op == Op::is_subset;
    if (options_.reference) {
        // IPv4 alone; what contains must be a block of 1 to 32 bits; all else is an error (P17).
        const std::string_view constant = only_text(*comparison_);
        const auto bad =
            [](const std::optional<AddressBlock>& block, std::string_view words, bool whole) {
                const bool cidr = words.find('/') != std::string_view::npos;
                return !block || block->v6 || (cidr && block->prefix == 0) || (whole && !cidr);
            };
        if (bad(value, text, !subset) || bad(block_, constant, subset)) {
            return fail(
                Errc::unprocessable,
                fmt::format("invalid IPv4 address or subnet: {}", printable(text, 100))
            );
        }
    }
    if (!value || !block_) return negated;
    return (subset ? is_subset(*value, *block_) : is_subset(*block_, *value)) != negated;
}

}  // namespace entente::pattern
