#include "base/limits.h"
#include "pattern/internal/failure.h"
#include "pattern/internal/print.h"
#include "pattern/internal/review.h"
#include "pattern/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace entente::pattern {

namespace {

/// Object types that an expression can match: sorted, or any.
using Types = std::optional<std::vector<std::string_view>>;

class Reviewer {
  public:
    explicit Reviewer(Dialect dialect) : dialect_(dialect) {}

    void observations(const Observations& node);

    [[nodiscard]] std::vector<Remark> take() && {
        std::stable_sort(remarks_.begin(), remarks_.end(), [](const Remark& a, const Remark& b) {
            return a.at < b.at;
        });
        return std::move(remarks_);
    }

  private:
    /// `words()` is asked only while there is room: a text made to be remarked on everywhere costs
    /// no more than any other.
    template <class Words>
    void add(
        bool error, std::string_view rule, std::size_t at, Words words, std::uint16_t code = 0
    ) {
        std::size_t& count = error ? errors_ : others_;
        if (count++ < limits::pattern_remarks_max)
            remarks_.push_back(Remark{error, code, rule, at, std::string(words())});
    }

    void qualifiers(const Observations& node);
    void start_stop(const StartStop& range);
    Types expression(const Expression& node);
    Types boolean(const Boolean& node);
    void comparison(const Comparison& test);
    void names(const Comparison& test, const PathReview& review);
    void steps(const Comparison& test, const PathReview& review);
    void algorithm(const Comparison& test, const PathReview& review);
    void constants(const Comparison& test, const PathReview& review);
    void hashes(const Comparison& test, const Algorithm& wanted);
    void set(const Comparison& test);

    [[nodiscard]] std::string_view version() const {
        return dialect_ == Dialect::v21 ? "2.1" : "2.0";
    }

    Dialect dialect_;
    std::vector<Remark> remarks_;
    std::size_t errors_ = 0;
    std::size_t others_ = 0;
};

std::size_t place(const Qualifier& qualifier) {
    return std::visit([](const auto& one) { return one.at; }, qualifier);
}

std::string_view kind_name(const Qualifier& qualifier) {
    constexpr std::array<std::string_view, 3> names{"START", "WITHIN", "REPEATS"};
    return names[qualifier.index()];
}

/// The first step of a comparison's path, which is always a name.
const std::string& property(const Path& path) {
    return std::get<std::string>(path.steps.front());
}

std::string spelled(const Path& path) {
    std::string out;
    print_path(out, path);
    return out;
}

void Reviewer::observations(const Observations& node) {
    if (const auto* const one = std::get_if<Observation>(&node.node)) {
        (void)expression(one->expression);
    } else {
        for (const Observations& part : std::get<Joined>(node.node).parts)
            observations(part);
    }
    qualifiers(node);
}

void Reviewer::qualifiers(const Observations& node) {
    const bool group = std::holds_alternative<Joined>(node.node);
    std::array<bool, std::variant_size_v<Qualifier>> seen{};
    for (const Qualifier& qualifier : node.qualifiers) {
        bool& again = seen[qualifier.index()];
        if (again) {
            // STIX 2.1, 9.5.1. The reference asks it of 2.1 only, and counts a group in parentheses
            // afresh.
            add(dialect_ == Dialect::v21 && !group, "P4", place(qualifier), [&] {
                return fmt::format(
                    "a second {} on the same observation expression; a kind of qualifier stands "
                    "there once",
                    kind_name(qualifier)
                );
            });
        }
        again = true;
        if (const auto* const within = std::get_if<Within>(&qualifier)) {
            if (!(within->seconds > 0))
                add(true, "P4", within->at, [] { return "WITHIN takes a number over 0"; });
        } else if (const auto* const repeats = std::get_if<Repeats>(&qualifier)) {
            if (repeats->times == 0)
                add(true, "P4", repeats->at, [] { return "REPEATS takes a whole number over 0"; });
        } else {
            start_stop(std::get<StartStop>(qualifier));
        }
    }
}

void Reviewer::start_stop(const StartStop& range) {
    bool good = true;
    for (const Timestamp* const time : {&range.start, &range.stop}) {
        if (timestamp_error(time->text) == std::string_view::npos) continue;
        good = false;
        add(true, "P3", range.at, [&] {
            return fmt::format(
                "START and STOP take timestamps such as t'2024-01-15T12:30:45Z'; {} is none",
                shown(time->text)
            );
        });
    }
    if (good && !earlier(range.start.text, range.stop.text))
        add(false, "P26", range.at, [] {
            return "the time of STOP is not after that of START, so nothing can match";
        });
}

Types Reviewer::expression(const Expression& node) {
    if (const auto* const joined = std::get_if<Boolean>(&node.node)) return boolean(*joined);
    const Comparison& test = std::get<Comparison>(node.node);
    comparison(test);
    return std::vector<std::string_view>{test.path.type};
}

/// Where the first comparison of an expression stands.
std::size_t place(const Expression& node) {
    if (const auto* const joined = std::get_if<Boolean>(&node.node))
        return place(joined->parts.front());
    return std::get<Comparison>(node.node).at;
}

std::string never_meet(std::string_view one, std::string_view other) {
    return fmt::format(
        "this side of AND asks for an object of type {}, the other for one of type {}; both sides "
        "are tested on the same "
        "object, so they can never both hold. For two objects in two observations write [...] AND "
        "[...]",
        shown(one),
        shown(other)
    );
}

Types Reviewer::boolean(const Boolean& node) {
    Types all;
    bool told = false;
    bool open = false;  // an OR with a side that was told of may match anything
    for (const Expression& part : node.parts) {
        Types types = expression(part);
        open |= !types && !node.conjunction;
        if (!types || told) continue;
        if (!all) {
            all = std::move(types);
        } else if (!node.conjunction) {
            all->insert(all->end(), types->begin(), types->end());
        } else {
            std::vector<std::string_view> both;
            std::set_intersection(
                all->begin(), all->end(), types->begin(), types->end(), std::back_inserter(both)
            );
            told = both.empty();
            if (told)
                add(false, "P6", place(part), [&] {
                    return never_meet(types->front(), all->front());
                });
            all = std::move(both);
        }
    }
    if (told || open) return std::nullopt;  // said once; not again of what stands around it
    if (all && !node.conjunction) {
        std::sort(all->begin(), all->end());
        all->erase(std::unique(all->begin(), all->end()), all->end());
    }
    return all;
}

void Reviewer::comparison(const Comparison& test) {
    PathReview review;
    review.begin(test.path.type, dialect_);
    for (const PathStep& step : test.path.steps) {
        if (const auto* const name = std::get_if<std::string>(&step)) {
            review.name(*name);
        } else if (const auto* const index = std::get_if<std::int64_t>(&step)) {
            review.index(*index);
        } else {
            review.any();
        }
    }
    review.end();
    names(test, review);
    steps(test, review);
    constants(test, review);
}

void Reviewer::names(const Comparison& test, const PathReview& review) {
    const unsigned flags = review.flags();
    const std::string& type = test.path.type;
    const std::uint16_t code = dialect_ == Dialect::v20 ? 101 : 0;
    const auto meant = [](std::string_view near) {
        return near.empty() ? std::string() : fmt::format("; is {} meant?", shown(near));
    };
    if ((flags & PathReview::type_name) != 0)
        add(false, "V12", test.at, [&] {
            return fmt::format(
                "{} is no name of an object type: 3 to 250 of a-z 0-9 and single hyphens{}",
                shown(type),
                meant(near_type(type))
            );
        });
    if ((flags & PathReview::unknown_type) != 0 && !type.starts_with("x-"))
        add(
            false,
            "V12",
            test.at,
            [&] {
                return fmt::format(
                    "{} is no cyber-observable type of STIX {}{}; a type of one's own is named "
                    "x-...",
                    shown(type),
                    version(),
                    meant(near_type(type))
                );
            },
            code
        );
    if ((flags & PathReview::property_name) != 0)
        add(false, "V12", test.at, [&] {
            return fmt::format(
                "{} is no name of a property: 3 to 250 of a-z 0-9 and _", shown(property(test.path))
            );
        });
    if ((flags & PathReview::unknown_property) != 0 && !property(test.path).starts_with("x_"))
        add(
            false,
            "V12",
            test.at,
            [&] {
                return fmt::format(
                    "{} of STIX {} has no property {}{}; one of one's own is named x_...",
                    shown(type),
                    version(),
                    shown(property(test.path)),
                    meant(near_property(*review.type(), property(test.path), dialect_))
                );
            },
            code
        );
}

void Reviewer::steps(const Comparison& test, const PathReview& review) {
    const unsigned flags = review.flags();
    if ((flags & PathReview::negative_index) != 0)
        add(false, "P8", test.at, [&] {
            return "indexes count from 0; a negative one matches nothing";
        });
    if ((flags & PathReview::indexed_hashes) != 0)
        add(false, "P8", test.at, [&] {
            return "hashes is a dictionary, which an index never matches; name the algorithm: "
                   "hashes.MD5";
        });
    if ((flags & PathReview::list_of_references) != 0)
        add(false, "P9", test.at, [&] {
            return fmt::format(
                "a property in _refs is a list; after it stands an index, as in "
                "contains_refs[*].name: {}",
                shown(spelled(test.path))
            );
        });
    if ((flags & PathReview::reference_itself) != 0 && test.op != Op::exists)
        add(false, "P9", test.at, [&] {
            return fmt::format(
                "{} stands for the object it names, which compares with nothing; go on to a "
                "property of it, such as .value",
                shown(spelled(test.path))
            );
        });
    if ((flags & PathReview::other_algorithm) != 0) algorithm(test, review);
}

void Reviewer::algorithm(const Comparison& test, const PathReview& review) {
    const Algorithm* const known = review.algorithm();
    const std::string_view spelling =
        known == nullptr ? "" : (dialect_ == Dialect::v21 ? known->v21 : known->v20);
    const std::string hint =
        spelling.empty()
            ? std::string("; objects with other hashes are not found by it")
            : fmt::format("; objects that say {} are not found by it", shown(spelling));
    add(false, "P30", test.at, [&] {
        return fmt::format(
            "{} is no hash algorithm by the vocabulary of STIX {}{}",
            shown(review.last()),
            version(),
            hint
        );
    });
}

void Reviewer::constants(const Comparison& test, const PathReview& review) {
    const bool compared = test.op == Op::equal || test.op == Op::not_equal || test.op == Op::in;
    if (compared && review.algorithm() != nullptr) hashes(test, *review.algorithm());
    if (test.op == Op::is_subset || test.op == Op::is_superset) {
        const std::string& text = std::get<std::string>(test.values.front());
        // STIX 2.1, 9.6.1: "MUST be a valid string representation of the corresponding Object
        // type".
        if (!is_address(text))
            add(true, "P17", test.values_at, [&] {
                return fmt::format("{} is no IPv4 or IPv6 address or CIDR block", shown(text));
            });
        if (review.last() != "value")
            add(false, "P17", test.at, [&] {
                return fmt::format(
                    "{} compares addresses: the path ends in the value of an ipv4-addr or "
                    "ipv6-addr",
                    operator_name(test.op)
                );
            });
    }
    if (test.op == Op::in) set(test);
    for (const Literal& literal : test.values) {
        const auto* const number = std::get_if<std::int64_t>(&literal);
        if (number != nullptr && (*number > integer_max || *number < -integer_max))
            add(true, "P2", test.values_at, [&] {
                return fmt::format(
                    "{} is too large; integers lie within 9007199254740991 on both sides of 0",
                    *number
                );
            });
    }
}

void Reviewer::hashes(const Comparison& test, const Algorithm& wanted) {
    for (const Literal& literal : test.values) {
        const auto* const text = std::get_if<std::string>(&literal);
        if (text != nullptr && fits(wanted, *text)) continue;
        add(true, "P30", test.values_at, [&] {
            std::string literal_text;
            print_literal(literal_text, literal);
            return fmt::format(
                "{} is no {} hash: a text of {}",
                text != nullptr ? shown(*text) : literal_text.substr(0, 60),
                wanted.v21.empty() ? wanted.v20 : wanted.v21,
                lengths_in_words(wanted)
            );
        });
    }
}

void Reviewer::set(const Comparison& test) {
    if (test.values.empty())
        return add(false, "P14", test.values_at, [&] {
            return "the set is empty; nothing is IN it, everything is NOT IN it";
        });
    // By the order of Literal's alternatives.
    constexpr std::array<Family, std::variant_size_v<Literal>> families{
        Family::boolean, Family::number, Family::number, Family::text, Family::bytes, Family::time};
    const Family first = families[test.values.front().index()];
    for (const Literal& literal : test.values)
        if (families[literal.index()] != first)
            return add(true, "P14", test.values_at, [&] {
                return "the constants of a set are of one kind (STIX 2.1, 9.6.1)";
            });
}

}  // namespace

std::vector<Remark> remarks(const Pattern& pattern, Dialect dialect) {
    Reviewer reviewer(dialect);
    reviewer.observations(pattern.root);
    return std::move(reviewer).take();
}

}  // namespace entente::pattern
