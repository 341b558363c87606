#include "match/internal/access.h"

#include "base/limits.h"
#include "pattern/prepared.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>

namespace entente::match {
namespace {

using pattern::Comparison;
using pattern::Expression;
using pattern::Literal;
using pattern::Op;

// What is tried first of a conjunction.
constexpr int cost_key = 0;
constexpr int cost_long_piece = 1;
constexpr int cost_piece = 2;
constexpr int cost_cover = 3;
constexpr int cost_range = 5;
constexpr int cost_present = 6;
constexpr std::size_t long_piece = 8;

template <class Number>
std::string bytes_of(Number number) {
    std::string out(sizeof number, '\0');
    std::memcpy(out.data(), &number, sizeof number);
    return out;
}

KeyAccess number_key(double value) {
    if (value >= -9223372036854775808.0 && value < 9223372036854775808.0 &&
        std::trunc(value) == value) {
        return {KeyKind::whole, bytes_of(static_cast<std::int64_t>(value))};
    }
    if (value >= 9223372036854775808.0 && value < 18446744073709551616.0) {
        return {KeyKind::large, bytes_of(static_cast<std::uint64_t>(value))};
    }
    return {KeyKind::real, bytes_of(value)};
}

/// Nothing for constants that are compared by more than their spelling.
std::optional<KeyAccess> key_of(const Literal& literal) {
    if (const auto* text = std::get_if<std::string>(&literal)) {
        return KeyAccess{KeyKind::text, *text};
    }
    if (const auto* whole = std::get_if<std::int64_t>(&literal)) {
        return KeyAccess{KeyKind::whole, bytes_of(*whole)};
    }
    if (const auto* real = std::get_if<pattern::Float>(&literal)) return number_key(real->value);
    if (const auto* flag = std::get_if<bool>(&literal)) {
        return KeyAccess{KeyKind::flag, std::string(1, *flag ? '\1' : '\0')};
    }
    return std::nullopt;
}

std::optional<long double> number_of(const Literal& literal) {
    if (const auto* whole = std::get_if<std::int64_t>(&literal)) return *whole;
    if (const auto* real = std::get_if<pattern::Float>(&literal)) return real->value;
    return std::nullopt;
}

const std::string* text_of(const Comparison& comparison) {
    return comparison.values.size() == 1 ? std::get_if<std::string>(&comparison.values.front())
                                         : nullptr;
}

/// `%.example.com`: what every name below a domain looks like. ASCII, since what a normal form does
/// at the edge is then nothing.
bool is_suffix(std::string_view wildcards) {
    if (!wildcards.starts_with("%.") || wildcards.size() > suffix_bytes_max) return false;
    const std::string_view rest = wildcards.substr(2);
    return !rest.empty() && rest.find_first_of("%_") == std::string_view::npos &&
           std::ranges::all_of(rest, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

class Finder {
  public:
    Finder(pattern::Dialect dialect, Paths& paths) : dialect_(dialect), paths_(paths) {}

    using Found = tl::expected<Accesses, NoAccess>;

    // As deep as parentheses are (limits::pattern_depth_max).
    // NOLINTNEXTLINE(misc-no-recursion)
    Found of(const Expression& expression) {
        if (const auto* comparison = std::get_if<Comparison>(&expression.node)) {
            return of(*comparison);
        }
        const auto& [conjunction, parts] = std::get<pattern::Boolean>(expression.node);
        Accesses best;
        bool first = true;
        for (const Expression& part : parts) {
            auto one = of(part);
            if (!one) return one;
            if (conjunction) {
                if (one->any_of.empty()) return Accesses{};  // it never holds, so nor does all
                const auto rank = [](const Accesses& a) {
                    return std::pair(a.cost, a.any_of.size());
                };
                if (first || rank(*one) < rank(best)) best = std::move(*one);
            } else {
                std::ranges::move(one->any_of, std::back_inserter(best.any_of));
                best.exact = best.exact && one->exact;
                best.cost = std::max(best.cost, one->cost);
            }
            first = false;
            if (best.any_of.size() > limits::match_accesses_max) {
                return tl::unexpected(NoAccess{NoAccess::Why::too_many_constants});
            }
        }
        if (conjunction) best.exact = false;
        return best;
    }

  private:
    Found of(const Comparison& comparison) {
        if (!pattern::is_observable(comparison.path.type, dialect_)) return Accesses{};
        if (comparison.op == Op::exists && comparison.negated) {
            // No path to look at, but an object of the type, which has its type.
            return one(
                {comparison.path.type, {std::string("type")}}, PresentAccess{}, cost_present
            );
        }
        if (comparison.negated) return one(comparison.path, PresentAccess{}, cost_present);
        const auto& last = comparison.path.steps.back();
        const auto* name = std::get_if<std::string>(&last);
        const bool octets = name != nullptr && (name->ends_with("_bin") || name->ends_with("_hex"));
        if (!octets) {
            if (auto found = narrow(comparison)) return std::move(*found);
        }
        return one(comparison.path, PresentAccess{}, cost_present, comparison.op == Op::exists);
    }

    std::optional<Found> narrow(const Comparison& comparison) {
        switch (comparison.op) {
            case Op::equal:
            case Op::in:
                return keys(comparison);
            case Op::is_subset:
            case Op::is_superset:
                return blocks(comparison);
            case Op::like:
            case Op::matches:
                return piece(comparison);
            case Op::less:
            case Op::less_equal:
                return range(comparison, false);
            case Op::greater:
            case Op::greater_equal:
                return range(comparison, true);
            case Op::not_equal:
            case Op::exists:
                break;
        }
        return std::nullopt;
    }

    template <class What>
    Found one(const pattern::Path& path, What what, int cost, bool exact = false) {
        const auto number = paths_.number(path);
        if (!number) return tl::unexpected(NoAccess{NoAccess::Why::too_many_paths});
        Accesses out;
        out.any_of.push_back({*number, std::move(what)});
        out.exact = exact;
        out.cost = cost;
        return out;
    }

    std::optional<Found> keys(const Comparison& comparison) {
        if (comparison.values.size() > limits::match_accesses_max) {
            return tl::unexpected(NoAccess{NoAccess::Why::too_many_constants});
        }
        Accesses out;
        const auto number = paths_.number(comparison.path);
        if (!number) return tl::unexpected(NoAccess{NoAccess::Why::too_many_paths});
        for (const Literal& literal : comparison.values) {
            auto key = key_of(literal);
            if (!key) return std::nullopt;
            out.any_of.push_back({*number, std::move(*key)});
        }
        out.cost = cost_key;
        return out;
    }

    std::optional<Found> blocks(const Comparison& comparison) {
        const std::string* text = text_of(comparison);
        const auto block = text == nullptr ? std::nullopt : pattern::read_address_block(*text);
        if (!block) return std::nullopt;
        if (comparison.op == Op::is_superset) {
            return one(comparison.path, CoverAccess{*block}, cost_cover, true);
        }
        const KeyKind kind = block->v6 ? KeyKind::block6 : KeyKind::block4;
        return one(comparison.path, KeyAccess{kind, block_key(*block)}, cost_key, true);
    }

    std::optional<Found> piece(const Comparison& comparison) {
        const std::string* text = text_of(comparison);
        if (text == nullptr) return std::nullopt;
        const std::string normal = pattern::normal_form_c(*text);
        if (comparison.op == Op::like && is_suffix(normal)) {
            return one(
                comparison.path, KeyAccess{KeyKind::suffix, normal.substr(1)}, cost_key, true
            );
        }
        std::string literal =
            comparison.op == Op::like ? literal_of_like(normal) : literal_of_regex(normal);
        if (literal.size() < piece_bytes_min) return std::nullopt;
        const int cost = literal.size() < long_piece ? cost_piece : cost_long_piece;
        return one(comparison.path, PieceAccess{std::move(literal)}, cost);
    }

    std::optional<Found> range(const Comparison& comparison, bool at_least) {
        const auto bound = number_of(comparison.values.front());
        if (!bound) return std::nullopt;
        return one(comparison.path, RangeAccess{at_least, *bound}, cost_range);
    }

    pattern::Dialect dialect_;
    Paths& paths_;
};

}  // namespace

tl::expected<Accesses, NoAccess> accesses_of(
    const pattern::Expression& expression, pattern::Dialect dialect, Paths& paths
) {
    return Finder(dialect, paths).of(expression);
}

std::string block_key(const pattern::AddressBlock& block) {
    std::string out(1, static_cast<char>(block.prefix));
    out.append(reinterpret_cast<const char*>(block.bytes.data()), block.v6 ? 16 : 4);
    return out;
}

}  // namespace entente::match
