#pragma once
// The tables of types.h made ready for checking: sorted, names of types resolved.
#include "stix/internal/types.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

struct Structure;

/// A set of object types: one bit each, the last for all that the standard does not have.
using TypeSet = std::uint64_t;
inline constexpr TypeSet custom_types = TypeSet{1} << 63U;

/// How a property is looked at before it is looked into: see check_glance.h.
enum class Look : std::uint8_t {
    none,  // it always is looked into
    text,
    time,
    time_ms,
    open,
    closed,
    type,
    identifier,
    version,
    formatted,
    target,  // an identifier of the one type that may stand there
    integer,
    boolean,
};

/// A property of a structure. At most 64 in one, so that a set of them is a number.
struct Column {
    std::string_view name;
    const Row* row = nullptr;
    const Structure* part = nullptr;  // of Form::structure
    TypeSet targets = 0;              // of Form::reference
    std::string_view only_target;     // the name, where `targets` is one type
    bool common = false;
    bool many = false;  // a list of them
    Look look = Look::none;
};

using ColumnSet = std::uint64_t;
inline constexpr std::size_t columns_max = 64;      // of a structure
inline constexpr std::size_t structures_max = 128;  // of a table
inline constexpr std::size_t tables_count = 2;

struct ResolvedTie {
    const TieRow* row = nullptr;
    std::vector<std::uint8_t> columns;
    ColumnSet set = 0;  // of `columns`
    bool recommended = false;
};

/// A type or sub-type with all its properties.
struct Structure {
    std::string_view name;
    std::size_t number = 0;         // among the structures of all tables
    const TypeRow* type = nullptr;  // none for types that the standard does not have
    Class kind = Class::part;
    std::string_view item;
    TypeSet bit = custom_types;
    std::vector<Column> columns;      // by name
    std::vector<std::uint64_t> keys;  // of the columns, and one behind that is larger than all
    ColumnSet required = 0;
    ColumnSet own = 0;  // not common
    std::vector<ResolvedTie> ties;

    /// The column of that name; nothing if there is none.
    [[nodiscard]] const Column* find(std::string_view name) const noexcept;
};

class Table {
  public:
    /// `place`: which of the tables it is, from 0.
    Table(const Tables& tables, std::size_t place);
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    /// A type of objects; nothing for what the standard does not have.
    [[nodiscard]] const Structure* object(std::string_view type) const noexcept;

    /// The same in 2.0's container of observables.
    [[nodiscard]] const Structure* contained(std::string_view type) const noexcept;

    /// Types that the standard does not have: what all of their class have.
    [[nodiscard]] const Structure& custom(Class kind) const noexcept;

    /// A predefined extension of that type; nothing if there is none.
    [[nodiscard]] const Structure* extension(const Structure& of, std::string_view name)
        const noexcept;

    /// The set that the type is in.
    [[nodiscard]] TypeSet set_of(std::string_view type) const noexcept;

    /// Names of the types of a set, for messages.
    [[nodiscard]] std::string names(TypeSet set) const;

    /// Is this a common property of any class?
    [[nodiscard]] bool is_common(std::string_view property) const noexcept;

    /// All that there is, for documentation and tests: objects first.
    [[nodiscard]] const std::vector<std::unique_ptr<Structure>>& all() const noexcept {
        return structures_;
    }

  private:
    using Index = std::vector<const Structure*>;  // by name

    void add_types();
    void resolve_columns(Structure& structure);
    void resolve_ties(Structure& structure);
    ResolvedTie& resolve_tie(Structure& structure, const TieRow& row) const;
    [[nodiscard]] TypeSet resolve_targets(std::string_view words) const;
    static const Structure* find(const Index& index, std::string_view name) noexcept;

    Tables tables_;
    std::vector<std::unique_ptr<Structure>> structures_;
    Index objects_;
    Index contained_;
    Index parts_;
    std::array<std::unique_ptr<Structure>, 9> custom_;  // by class
};

[[nodiscard]] const Table& table_21();
[[nodiscard]] const Table& table_20();

}  // namespace entente::stix::internal
