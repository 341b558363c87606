#include "stix/internal/table.h"

#include "base/assert.h"
#include "stix/internal/canonical.h"

#include <algorithm>
#include <span>

namespace entente::stix::internal {
namespace {

constexpr std::size_t types_max = 63;

/// The words of a text, one after the other.
template <class Each>
void for_each_word(std::string_view words, const Each& each) {
    while (!words.empty()) {
        const std::size_t blank = words.find(' ');
        each(words.substr(0, blank));
        words.remove_prefix(blank == std::string_view::npos ? words.size() : blank + 1);
    }
}

Look look_of(const Column& column) {
    const Row& row = *column.row;
    if (row.deprecated) return Look::none;
    switch (row.form) {
        case Form::text:
            return Look::text;
        case Form::formatted:
            return Look::formatted;
        case Form::timestamp:
            return Look::time;
        case Form::timestamp_ms:
            return Look::time_ms;
        case Form::open:
            return Look::open;
        case Form::closed:
            return Look::closed;
        case Form::type:
            return Look::type;
        case Form::identifier:
            return Look::identifier;
        case Form::version:
            return Look::version;
        case Form::reference:
            return column.only_target.empty() ? Look::none : Look::target;
        case Form::integer:
            return row.list ? Look::none : Look::integer;
        case Form::boolean:
            return row.list ? Look::none : Look::boolean;
        default:
            return Look::none;
    }
}

bool is_object(Class kind) {
    return kind != Class::part;
}

bool by_name(const Structure* a, const Structure* b) {
    return a->name < b->name;
}

/// Is a type of this class in the group of that name?
bool in_group(Class kind, std::string_view group) {
    switch (kind) {
        case Class::sdo:
            return group == "sdo";
        case Class::sro:
            return group == "sro";
        case Class::sco:
            return group == "sco";
        case Class::extension:
        case Class::language:
        case Class::marking:
            return group == "meta";
        case Class::bundle:
        case Class::observable:
        case Class::part:
            return false;
    }
    return false;
}

/// Does a row with these types and groups speak of this structure?
bool is_meant(std::string_view words, const Structure& s) {
    bool meant = false;
    for_each_word(words, [&](std::string_view w) {
        meant = meant || w == s.name || in_group(s.kind, w);
    });
    return meant;
}

}  // namespace

const Column* Structure::find(std::string_view property) const noexcept {
    const auto at = std::lower_bound(
        columns.begin(),
        columns.end(),
        property,
        [](const Column& c, std::string_view n) { return c.name < n; }
    );
    return at != columns.end() && at->name == property ? &*at : nullptr;
}

Table::Table(const Tables& tables, std::size_t place) : tables_(tables) {
    add_types();
    ENTENTE_ASSERT(place < tables_count && structures_.size() + custom_.size() <= structures_max);
    std::size_t number = place * structures_max;
    const auto resolve = [&](Structure& structure) {
        structure.number = number++;
        resolve_columns(structure);
        resolve_ties(structure);
    };
    for (const auto& structure : structures_)
        resolve(*structure);
    for (const auto& structure : custom_)
        resolve(*structure);
}

/// All structures, with their properties still without order.
void Table::add_types() {
    const auto add_commons = [this](Structure& s, std::span<const Row> own) {
        if (s.kind == Class::part) return;
        const auto letter = static_cast<std::size_t>(s.kind);
        for (const CommonRow& c : tables_.common) {
            ENTENTE_ASSERT(c.use.size() > letter);
            if (c.use[letter] == '-') continue;
            // A type may say more of a common property.
            const bool replaced = std::any_of(own.begin(), own.end(), [&c](const Row& row) {
                return row.name == c.row.name;
            });
            if (replaced) continue;
            Column column;
            column.row = &c.row;
            column.common = true;
            s.columns.push_back(column);
            // Sorted later; until then a set of rows by the bit of their place.
            if (c.use[letter] == 'R') s.required |= ColumnSet{1} << (s.columns.size() - 1);
        }
    };
    const auto make = [&](const TypeRow& type, Class kind) {
        auto s = std::make_unique<Structure>();
        s->name = type.name;
        s->type = &type;
        s->kind = kind;
        s->item = type.item;
        add_commons(*s, type.rows);
        for (const Row& row : type.rows) {
            Column column;
            column.row = &row;
            s->columns.push_back(column);
            if (row.required) s->required |= ColumnSet{1} << (s->columns.size() - 1);
        }
        structures_.push_back(std::move(s));
        return structures_.back().get();
    };
    std::size_t types = 0;
    for (const auto& group : tables_.types) {
        for (const TypeRow& type : group) {
            Structure* const s = make(type, type.kind);
            (is_object(type.kind) ? objects_ : parts_).push_back(s);
            if (is_object(type.kind)) s->bit = TypeSet{1} << types++;
            if (type.kind == Class::sco || type.kind == Class::observable) {
                Structure* const inside = make(type, Class::observable);
                inside->bit = s->bit;
                contained_.push_back(inside);
            }
        }
    }
    ENTENTE_ASSERT(types <= types_max);
    std::sort(objects_.begin(), objects_.end(), by_name);
    std::sort(contained_.begin(), contained_.end(), by_name);
    std::sort(parts_.begin(), parts_.end(), by_name);
    for (std::size_t i = 0; i < custom_.size(); ++i) {
        custom_[i] = std::make_unique<Structure>();
        custom_[i]->name = "custom object";
        custom_[i]->item = "S74";
        custom_[i]->kind = static_cast<Class>(i);
        add_commons(*custom_[i], {});
    }
}

void Table::resolve_columns(Structure& s) {
    ENTENTE_ASSERT(s.columns.size() <= columns_max);
    std::vector<const Row*> required;
    for (std::size_t i = 0; i < s.columns.size(); ++i) {
        if ((s.required >> i & 1U) != 0) required.push_back(s.columns[i].row);
    }
    for (Column& c : s.columns) {
        c.name = c.row->name;
        c.many = c.row->list;
        if (c.row->form == Form::structure) {
            c.part = find(parts_, c.row->detail);
            ENTENTE_ASSERT(c.part != nullptr);
        }
        if (c.row->form == Form::reference) {
            c.targets = resolve_targets(c.row->detail);
            const auto only =
                std::find_if(objects_.begin(), objects_.end(), [&c](const Structure* type) {
                    return type->bit == c.targets;
                });
            if (only != objects_.end()) c.only_target = (*only)->name;
        }
        c.look = look_of(c);
    }
    std::sort(s.columns.begin(), s.columns.end(), [](const Column& a, const Column& b) {
        return a.name < b.name;
    });
    for (const Column& c : s.columns)
        s.keys.push_back(first_bytes(c.name));
    s.keys.push_back(~std::uint64_t{0});  // FF begins no name
    s.required = s.own = 0;
    for (std::size_t i = 0; i < s.columns.size(); ++i) {
        ENTENTE_ASSERT(i == 0 || s.columns[i - 1].name != s.columns[i].name);
        const ColumnSet bit = ColumnSet{1} << i;
        if (std::find(required.begin(), required.end(), s.columns[i].row) != required.end())
            s.required |= bit;
        if (!s.columns[i].common) s.own |= bit;
    }
}

void Table::resolve_ties(Structure& s) {
    for (const TieRow& row : tables_.ties) {
        if (is_meant(row.type, s)) resolve_tie(s, row).recommended = false;
    }
    for (const TieRow& row : tables_.recommended) {
        if (is_meant(row.type, s)) resolve_tie(s, row).recommended = true;
    }
}

ResolvedTie& Table::resolve_tie(Structure& s, const TieRow& row) const {
    ResolvedTie tie;
    tie.row = &row;
    for_each_word(row.properties, [&](std::string_view name) {
        const Column* const column = s.find(name);
        if (column == nullptr && row.tie == Tie::check) {
            // A function that serves several types, or a property that is not everywhere.
            tie.columns.push_back(columns_max);
            return;
        }
        ENTENTE_ASSERT(column != nullptr);
        const auto index = static_cast<std::uint8_t>(column - s.columns.data());
        tie.columns.push_back(index);
        tie.set |= ColumnSet{1} << index;
    });
    return s.ties.emplace_back(std::move(tie));
}

TypeSet Table::resolve_targets(std::string_view words) const {
    TypeSet set = 0;
    for_each_word(words, [&](std::string_view word) {
        TypeSet meant = word == "custom" ? custom_types : 0;
        for (const Structure* s : objects_) {
            if (s->name == word || in_group(s->kind, word)) meant |= s->bit;
        }
        ENTENTE_ASSERT(meant != 0);
        set |= meant;
    });
    return set;
}

const Structure* Table::find(const Index& index, std::string_view name) noexcept {
    const auto at = std::lower_bound(
        index.begin(),
        index.end(),
        name,
        [](const Structure* s, std::string_view n) { return s->name < n; }
    );
    return at != index.end() && (*at)->name == name ? *at : nullptr;
}

const Structure* Table::object(std::string_view type) const noexcept {
    return find(objects_, type);
}

const Structure* Table::contained(std::string_view type) const noexcept {
    return find(contained_, type);
}

const Structure& Table::custom(Class kind) const noexcept {
    return *custom_[static_cast<std::size_t>(kind)];
}

const Structure* Table::extension(const Structure& of, std::string_view name) const noexcept {
    const Structure* const part = find(parts_, name);
    return part != nullptr && !part->type->extends.empty() && part->type->extends == of.name
               ? part
               : nullptr;
}

TypeSet Table::set_of(std::string_view type) const noexcept {
    const Structure* const s = object(type);
    return s == nullptr ? custom_types : s->bit;
}

std::string Table::names(TypeSet set) const {
    std::string out;
    for (const Structure* s : objects_) {
        if ((s->bit & set) == 0) continue;
        if (!out.empty()) out += ", ";
        out += s->name;
    }
    if ((set & custom_types) != 0) out += " or a custom type";
    return out;
}

bool Table::is_common(std::string_view property) const noexcept {
    return std::any_of(
        tables_.common.begin(),
        tables_.common.end(),
        [property](const CommonRow& c) { return c.row.name == property; }
    );
}

const Table& table_21() {
    static const Table table(tables_21(), 0);
    return table;
}

const Table& table_20() {
    static const Table table(tables_20(), 1);
    return table;
}

}  // namespace entente::stix::internal
