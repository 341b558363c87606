#include "stix/internal/check_object.h"

#include "base/assert.h"
#include "base/limits.h"
#include "stix/internal/canonical.h"
#include "stix/internal/check_glance.h"

#include <algorithm>
#include <bit>

namespace entente::stix::internal {
namespace {

/// The members of the outermost object, which were split already.
class Split {
  public:
    Split(const std::vector<Member>& members, std::size_t from) noexcept
        : members_(members),
          at_(from),
          end_(members.size()) {}

    /// Good until the next object is checked.
    [[nodiscard]] const Member* next() noexcept { return at_ == end_ ? nullptr : &members_[at_++]; }

  private:
    const std::vector<Member>& members_;  // grows and moves while this walks
    std::size_t at_;
    std::size_t end_;
};

/// The text of a string without escapes; empty for all else.
std::string_view plain_or_empty(const Member& m) {
    if (m.value.size() < 2 || m.value.front() != '"') return {};
    if (m.value_escaped && m.value.find('\\') != std::string_view::npos) return {};
    return m.value.substr(1, m.value.size() - 2);
}

/// Names of columns and of members both rise, so that one walk over both meets every column. Moves
/// `at` to the column of that name, or to where it would be.
inline bool advance(const Structure& structure, std::size_t& at, std::string_view name) noexcept {
    const std::uint64_t key = first_bytes(name);
    const std::uint64_t* const keys = structure.keys.data();
    const Column* const columns = structure.columns.data();
    std::size_t i = at;
    while (keys[i] < key)
        ++i;
    // Equal beginnings are few.
    for (; keys[i] == key; ++i) {
        if (same_rest(columns[i].name, name)) {
            at = i;
            return true;
        }
        if (columns[i].name > name) break;
    }
    at = i;
    return false;
}

std::string_view type_of_identifier(std::string_view id) {
    const std::size_t dashes = id.find("--");
    return dashes == std::string_view::npos ? std::string_view() : id.substr(0, dashes);
}

/// Behind a list of strings that begins at `at`; nothing for other lists.
inline const char* behind_strings(const Marks& marks, const char* at, const char* end) noexcept {
    bool escaped = false;
    while (end - at > 2 && at[1] == '"') {
        at = marks.closing_quote(at + 2, escaped) + 1;
        if (at >= end) return nullptr;
        if (*at == ']') return at + 1;
    }
    return nullptr;
}

}  // namespace

void Check::run(
    std::string_view canonical, const CheckOptions& options, std::span<const Property> properties
) {
    options_ = options;
    members_.clear();
    contained_.clear();
    in_container_ = false;
    sound_time_ = {};
    findings.begin(options.should);
    const Where root;
    if (canonical.starts_with('{')) {
        take(properties);
        object(canonical, root);
    } else {
        findings.must("S1", root, {shown(canonical), " is no STIX object; expected a JSON object"});
    }
    findings.finish();
    if (members_.capacity() * sizeof(Member) > limits::reader_kept_bytes_max) members_ = {};
    if (scratch_.capacity() > limits::reader_kept_bytes_max) scratch_ = {};
    if (marks_.memory() > limits::reader_kept_bytes_max) marks_ = {};
}

/// The members of the object, from who has split it already. Where a name has escapes its spelling
/// is not known: the object will be split again.
void Check::take(std::span<const Property> properties) {
    for (const Property& p : properties) {
        if (p.name_escaped) {
            members_.clear();
            return;
        }
        members_.push_back({p.name, p.value, false, p.value_escaped});
    }
}

void Check::object(std::string_view json, const Where& where) {
    const Object outer = object_;
    object_ = {};
    object_.where = &where;
    object_.first_member = where.up == nullptr ? 0 : members_.size();
    object_.json = json;
    if (members_.size() == object_.first_member) split(json);
    survey();
    choose_structure();
    if (object_.structure->kind == Class::bundle && where.up != nullptr) {
        findings.must(
            "S43", where, {"a bundle is no STIX object; expected the objects that it holds"}
        );
    }
    Split source(members_, object_.first_member);
    walk(*object_.structure, source, where);
    if (object_.structure->type == nullptr) custom_type(where);
    if (object_.structure->kind == Class::observable) {
        findings.must(
            "S37",
            where / "type",
            {object_.type, " is no object of STIX 2.0; expected it in the objects of observed-data"}
        );
    }
    if (object_.has_granular_markings) check_selectors(*this);
    members_.resize(object_.first_member);
    object_ = outer;
}

void Check::split(std::string_view json) {
    if (plainly) {
        Members in(json);
        while (const Member* const m = in.next())
            members_.push_back(*m);
        return;
    }
    marks_.find(json);
    const Marks& marks = marks_;
    const char* at = json.data() + 1;
    const char* const end = json.data() + json.size() - 1;
    while (at != end) {
        if (*at == ',') ++at;
        bool name_escaped = false;
        bool value_escaped = false;
        const char* const name = at + 1;
        const char* const quote = marks.closing_quote(name, name_escaped);
        ENTENTE_ASSERT(end - quote > 2);
        const char* const value = quote + 2;
        if (*value == '"') {
            at = marks.closing_quote(value + 1, value_escaped) + 1;
            ENTENTE_ASSERT(at <= end);
        } else {
            at = *value == '[' ? behind_strings(marks, value, end) : nullptr;
            if (at == nullptr) at = behind_value(value, end, value_escaped);
        }
        // Field by field where it stays: a copy of what was just written waits for each of them.
        Member& m = members_.emplace_back();
        m.name = {name, static_cast<std::size_t>(quote - name)};
        m.value = {value, static_cast<std::size_t>(at - value)};
        m.name_escaped = name_escaped;
        m.value_escaped = value_escaped;
    }
}

/// Picks what decides how the object is checked.
void Check::survey() {
    bool has_source = false;
    bool has_target = false;
    for (const Member& m : members()) {
        switch (m.name.size()) {
            case 2:
                if (is_text(m.name, "id")) object_.id = plain_or_empty(m);
                break;
            case 4:
                if (is_text(m.name, "type")) object_.type = plain_or_empty(m);
                break;
            case 7:
                if (is_text(m.name, "created")) object_.has_created = true;
                break;
            case 8:
                if (is_text(m.name, "modified")) object_.has_modified = true;
                break;
            case 10:
                if (is_text(m.name, "extensions")) object_.extensions = m.value;
                if (is_text(m.name, "source_ref")) has_source = true;
                if (is_text(m.name, "target_ref")) has_target = true;
                break;
            case 12:
                if (is_text(m.name, "spec_version")) object_.spec_version = m.value;
                break;
            case 17:
                if (is_text(m.name, "granular_markings")) object_.has_granular_markings = true;
                break;
            default:
                break;
        }
    }
    object_.has_ends = has_source && has_target;
    if (!object_.extensions.empty()) survey_extensions();
}

void Check::survey_extensions() {
    if (!object_.extensions.starts_with('{')) return;
    Members in(object_.extensions);
    Member entry;
    while (in.next(entry)) {
        if (!entry.value.starts_with('{')) continue;
        Members inside(entry.value);
        Member m;
        while (inside.next(m)) {
            if (m.name != "extension_type") continue;
            const std::string_view use = plain_or_empty(m);
            object_.extended_type = object_.extended_type || use.starts_with("new-");
            object_.extended_properties =
                object_.extended_properties || use == "toplevel-property-extension";
            object_.extended_observables =
                object_.extended_observables || use == "property-extension";
        }
    }
}

void Check::choose_structure() {
    Object& o = object_;
    std::string_view type = o.type.empty() ? type_of_identifier(o.id) : o.type;
    switch (options_.spec) {
        case Spec::v20:
            o.spec_20 = true;
            break;
        case Spec::v21:
            break;
        case Spec::as_stated:
            if (!o.spec_version.empty()) {
                o.spec_20 = o.spec_version == "\"2.0\"";
            } else if (o.has_created) {
                // T72. The standard's cyber-observables are objects only since 2.1.
                const Structure* const known = table_21().object(type);
                o.spec_20 = known == nullptr || known->kind != Class::sco;
            }
            break;
    }
    o.table = o.spec_20 ? &table_20() : &table_21();
    // Objects of one type often follow each other.
    if (last_ != nullptr && last_table_ == o.table && last_->name == type) {
        o.structure = last_;
    } else {
        o.structure = o.table->object(type);
        last_ = o.structure;
        last_table_ = o.table;
    }
    if (o.structure != nullptr) {
        o.known_type = !o.type.empty();
        return;
    }
    Class kind = Class::sdo;
    if (o.extensions.find("\"new-sco\"") != std::string_view::npos ||
        (!o.has_created && !o.has_modified)) {
        kind = Class::sco;
    } else if (o.has_ends) {
        kind = Class::sro;
    }
    if (o.extended_type && o.extensions.find("\"new-sdo\"") != std::string_view::npos)
        kind = Class::sdo;
    o.structure = &o.table->custom(kind);
}

/// STIX 2.1, 7.3 and 11.2: a type that the standard does not have.
void Check::custom_type(const Where& where) {
    const std::string_view type = object_.type;
    if (object_.extended_type || type.empty()) return;
    const Where here = where / "type";
    // STIX 2.0, part 1, 3.6.
    if (object_.spec_20 && (type == "incident" || type == "infrastructure")) {
        findings.must("S10", here, {shown(type), " is reserved; expected another type"});
        return;
    }
    if (!findings.should()) return;
    if (!object_.spec_20) {
        findings.recommend(
            401,
            "S70",
            here,
            {shown(type),
             " is no type of the standard; expected an extension with extension_type new-sdo, "
             "new-sco or new-sro"}
        );
    }
    if (!type.starts_with("x-")) {
        findings.recommend(
            102,
            "S74",
            here,
            {shown(type), " is no type of the standard; expected a name that begins with x-"}
        );
    } else if (type.find('-', 3) == std::string_view::npos) {
        findings.recommend(
            101,
            "S74",
            here,
            {shown(type),
             " does not say whose it is; expected x-, a source such as example-com, - and a name"}
        );
    }
}

/// Finds the column of that name. REQUIRES: names rise.
inline bool Check::find(const Structure& structure, const Member& member, Place& place) {
    const std::size_t guess = place.follows[place.last];
    if (!plainly && guess < structure.columns.size() &&
        same_text(structure.columns[guess].name, member.name)) {
        place.column = guess;
    } else {
        // No name of a column has escapes; such a name lies elsewhere in the order than its
        // spelling does.
        if (member.name_escaped || !advance(structure, place.column, member.name)) return false;
        place.follows[place.last] = static_cast<std::uint8_t>(place.column);
    }
    place.last = place.column + 1;
    return true;
}

template <class Source>
void Check::walk(const Structure& structure, Source& source, const Where& where) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): read only where `present` has it
    SeenValue values[columns_max];
    ColumnSet present = 0;
    ColumnSet sound = 0;
    Place place{follows_[structure.number].data()};
    while (const Member* const m = source.next()) {
        if (!find(structure, *m, place)) {
            unknown(structure, *m, where / m->name);
            continue;
        }
        const ColumnSet bit = ColumnSet{1} << place.column;
        values[place.column] = {m->value.data(), m->value.size(), m->value_escaped};
        present |= bit;
        const Column& column = structure.columns[place.column];
        if ((!plainly && glance(column, *m)) ||
            value(column, m->value, m->value_escaped, where / m->name)) {
            sound |= bit;
        }
    }
    if ((structure.required & ~present) != 0)
        missing(structure, structure.required & ~present, where);
    if (structure.ties.empty()) return;
    Seen seen(structure, where, values, present, sound);
    ties(structure, seen);
}

void Check::missing(const Structure& structure, ColumnSet columns, const Where& where) {
    for (; columns != 0; columns &= columns - 1) {
        const Column& column =
            structure.columns[static_cast<std::size_t>(std::countr_zero(columns))];
        const bool named = column.common && !column.row->item.empty();
        findings.must(
            named ? column.row->item : structure.item,
            where / column.name,
            {"missing; every ", structure.name, " has it"}
        );
    }
}

bool Check::structure(const Structure& part, std::string_view json, const Where& where) {
    if (!json.starts_with('{')) return wrong_type(part.item, json, part.name, where);
    const std::size_t before = findings.size();
    Members source(json);
    walk(part, source, where);
    return findings.size() == before;
}

/// A list of them. Each is walked once: where it ends is known when its last member is.
bool Check::structures(const Structure& part, std::string_view list, const Where& where) {
    const std::size_t before = findings.size();
    bool good = true;
    Elements in(list);
    for (std::size_t i = 0;; ++i) {
        if (auto source = in.object()) {
            walk(part, *source, where[i]);
            in.pass(*source);
            continue;
        }
        std::string_view element;
        bool escaped = false;
        if (!in.next(element, escaped)) return good && findings.size() == before;
        good = wrong_type(part.item, element, part.name, where[i]);
    }
}

}  // namespace entente::stix::internal
