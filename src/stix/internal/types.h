#pragma once
// The tables of STIX: which types there are, which properties they have, what each may hold, and
// which rules tie properties of one object together. One row a property, one row a rule. Checks
// (check_*.cpp), docs/stix.md and the generators of the tests read these rows; nothing else knows
// the properties of a type. How to add a row: src/stix/README.md.
#include "stix/internal/vocabularies.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace entente::stix::internal {

/// What a value must be (STIX 2.1, 2).
enum class Form : std::uint8_t {
    any,           // any value of the base types
    text,          // string
    formatted,     // string in the form `Row::format`
    boolean,       //
    integer,       // within `least` and `most`
    number,        // integer or float within `least` and `most`
    timestamp,     // RFC 3339, Z
    timestamp_ms,  // with at least three digits of a fraction
    timestamp_s,   // with no fraction
    open,          // string that should come from `Row::vocabulary`
    closed,        // string that must come from `Row::vocabulary`
    type,          // the object's own type
    identifier,    // the object's own id
    reference,     // identifier of an object of one of the types in `detail`
    version,       // of the specification
    hashes,        // dictionary from algorithm to hash
    dictionary,    // from keys to values of the form `Row::values`
    structure,     // the sub-type that `detail` names
    extensions,    // dictionary of extensions
    container,     // 2.0's dictionary of observables
    object,        // a STIX object
    // values of dictionaries
    text_or_integer,
    text_list,
    translation,  // properties of an object in another language
};

/// How a string must look.
struct Format {
    bool (*holds)(std::string_view text) noexcept;
    std::string_view expected;  // "a URL (RFC 3986)"
    std::string_view item;      // that says so
};

/// Which kind of object a type is: decides the common properties.
enum class Class : std::uint8_t {
    sdo,
    sro,
    sco,
    extension,  // extension-definition
    language,   // language-content
    marking,    // marking-definition
    bundle,
    observable,  // inside 2.0's container
    part,        // a sub-type: no common properties
};

/// One property.
struct Row {
    std::string_view name;
    Form form = Form::text;
    Form values = Form::any;  // of a dictionary
    bool required = false;
    bool list = false;
    bool deprecated = false;
    std::string_view
        detail;  // of a reference: types and groups, by blanks; of a structure: its name
    Vocabulary vocabulary = Vocabulary::none;  // of the value; of the keys of a dictionary
    const Format* format = nullptr;
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
    std::string_view item;  // that constrains the value; else what the form says

    // For tables that read well: each gives the row with one thing more said.
    [[nodiscard]] constexpr Row must() const noexcept {
        Row r = *this;
        r.required = true;
        return r;
    }

    [[nodiscard]] constexpr Row many() const noexcept {
        Row r = *this;
        r.list = true;
        return r;
    }

    [[nodiscard]] constexpr Row old() const noexcept {
        Row r = *this;
        r.deprecated = true;
        return r;
    }

    [[nodiscard]] constexpr Row within(double from, double to) const noexcept {
        Row r = *this;
        r.least = from;
        r.most = to;
        return r;
    }

    /// Keys of a dictionary should come from it.
    [[nodiscard]] constexpr Row keys(Vocabulary known) const noexcept {
        Row r = *this;
        r.vocabulary = known;
        return r;
    }

    /// The item that constrains the value.
    [[nodiscard]] constexpr Row by(std::string_view rule) const noexcept {
        Row r = *this;
        r.item = rule;
        return r;
    }
};

constexpr Row property(std::string_view name, Form form) noexcept {
    Row r;
    r.name = name;
    r.form = form;
    return r;
}

constexpr Row text(std::string_view name) noexcept {
    return property(name, Form::text);
}

constexpr Row boolean(std::string_view name) noexcept {
    return property(name, Form::boolean);
}

constexpr Row integer(std::string_view name) noexcept {
    return property(name, Form::integer);
}

/// Not negative.
constexpr Row count(std::string_view name) noexcept {
    return integer(name).within(0, std::numeric_limits<double>::infinity());
}

constexpr Row timestamp(std::string_view name) noexcept {
    return property(name, Form::timestamp);
}

constexpr Row formatted(std::string_view name, const Format& format) noexcept {
    Row r = property(name, Form::formatted);
    r.format = &format;
    return r;
}

constexpr Row open(std::string_view name, Vocabulary vocabulary) noexcept {
    Row r = property(name, Form::open);
    r.vocabulary = vocabulary;
    return r;
}

constexpr Row closed(std::string_view name, Vocabulary vocabulary) noexcept {
    Row r = property(name, Form::closed);
    r.vocabulary = vocabulary;
    return r;
}

/// `types`: names of types and of groups, separated by blanks. Groups: sdo, sro, sco, meta
/// (language-content, marking-definition, extension-definition), custom (types that the standard
/// does not have).
constexpr Row reference(std::string_view name, std::string_view types) noexcept {
    Row r = property(name, Form::reference);
    r.detail = types;
    return r;
}

constexpr Row structure(std::string_view name, std::string_view part) noexcept {
    Row r = property(name, Form::structure);
    r.detail = part;
    return r;
}

constexpr Row dictionary(std::string_view name, Form values = Form::any) noexcept {
    Row r = property(name, Form::dictionary);
    r.values = values;
    return r;
}

constexpr Row hashes(std::string_view name = "hashes") noexcept {
    return property(name, Form::hashes);
}

/// A common property and what each class makes of it: a letter for each class from `sdo` to
/// `observable`, R required, O optional, - none.
struct CommonRow {
    Row row;
    std::string_view use;
};

/// A type, a predefined extension or a sub-type.
struct TypeRow {
    std::string_view name;
    Class kind = Class::part;
    std::span<const Row> rows;
    std::string_view section;  // of the standard
    std::string_view item;     // that describes it
    std::string_view extends = {};  // of a predefined extension: the type that it is for
};

/// How properties of one object depend on each other.
enum class Tie : std::uint8_t {
    not_before,    // the second time is the first or later
    after,         // the second time is later than the first
    at_least_one,  // one of these is there
    exactly_one,   // one of these is there and no other
    together,      // all are there or none
    needs,         // the first only with all others
    some_own,      // one property that is no common one, beside those named
    check,         // a function
};

class Check;
class Seen;

struct TieRow {
    std::string_view type;  // or several, by blanks
    Tie tie;
    std::string_view properties;  // by blanks, in the order that the tie wants
    std::string_view item;
    /// For `check`: looks at the object and says what it finds; `seen[i]` is the i-th of
    /// `properties`.
    void (*function)(Check& check, const Seen& seen) = nullptr;
    std::string_view says = {};  // for `check`: one line for docs/stix.md
};

/// Everything that one version of the standard says about types.
struct Tables {
    std::span<const CommonRow> common;
    std::span<const std::span<const TypeRow>> types;
    std::span<const TieRow> ties;
    std::span<const TieRow> recommended;  // what should be; looked at only where recommendations are
};

/// STIX 2.1 (types_21*.cpp, ties_21.cpp, should_21.cpp) and STIX 2.0 (types_20*.cpp, ties_20.cpp).
[[nodiscard]] Tables tables_21() noexcept;
[[nodiscard]] Tables tables_20() noexcept;

}  // namespace entente::stix::internal
