#pragma once
// Checking one object against the tables: one walk over its canonical text, each property beside
// the column of its type.
#include "stix/check.h"
#include "stix/internal/canonical.h"
#include "stix/internal/check_findings.h"
#include "stix/internal/check_reader.h"
#include "stix/internal/table.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

/// A value as it stands. Nothing in it is set before it is known: there is room for many.
struct SeenValue {
    const char* json;
    std::size_t size;
    bool escaped;
};

/// What was seen of one structure, as a tie looks at it: `seen[i]` is the i-th property that the
/// tie names.
class Seen {
  public:
    Seen(
        const Structure& structure,
        const Where& where,
        const SeenValue* values,
        ColumnSet present,
        ColumnSet sound
    ) noexcept
        : structure_(structure),
          where_(where),
          values_(values),
          present_(present),
          sound_(sound) {}

    void use(const ResolvedTie& tie) noexcept { tie_ = &tie; }

    [[nodiscard]] const ResolvedTie& tie() const noexcept { return *tie_; }

    [[nodiscard]] const Structure& structure() const noexcept { return structure_; }

    [[nodiscard]] const Where& where() const noexcept { return where_; }

    [[nodiscard]] ColumnSet present() const noexcept { return present_; }

    [[nodiscard]] std::size_t size() const noexcept { return tie_->columns.size(); }

    [[nodiscard]] bool has(std::size_t i) const noexcept {
        return (present_ >> column(i) & has_column(i)) != 0;
    }

    /// Is there, and nothing is wrong with its form.
    [[nodiscard]] bool sound(std::size_t i) const noexcept {
        return (sound_ >> column(i) & has_column(i)) != 0;
    }

    /// The value as JSON; an empty text when there is none.
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        if (!has(i)) return {};
        const SeenValue& value = values_[column(i)];
        return {value.json, value.size};
    }

    /// The value is a string that may have escapes.
    [[nodiscard]] bool escaped(std::size_t i) const noexcept {
        return has(i) && values_[column(i)].escaped;
    }

    [[nodiscard]] std::string_view name(std::size_t i) const noexcept {
        return structure_.columns[column(i)].name;
    }

    /// REQUIRES: the structure has that column.
    [[nodiscard]] Where at(std::size_t i) const noexcept { return where_ / name(i); }

  private:
    [[nodiscard]] std::size_t column(std::size_t i) const noexcept {
        return tie_->columns[i] & 63U;
    }

    /// 1, or 0 where this structure has no such property.
    [[nodiscard]] ColumnSet has_column(std::size_t i) const noexcept {
        return tie_->columns[i] < 64U ? 1 : 0;
    }

    const Structure& structure_;
    const Where& where_;
    const SeenValue* values_;  // good where `present_` says so
    ColumnSet present_;
    ColumnSet sound_;
    const ResolvedTie* tie_ = nullptr;
};

/// Threads: one at a time. Memory is kept from object to object.
class Check {
  public:
    /// Checks the value that `canonical` spells; `properties` are those of the object there, if
    /// they are known. What is found is in `findings` until the next call.
    void run(
        std::string_view canonical,
        const CheckOptions& options,
        std::span<const Property> properties = {}
    );

    Findings findings;

    /// Values are looked into without a first look, names looked up without a guess: a second
    /// opinion for tests.
    bool plainly = false;

    // -- For ties and rules

    /// The characters of a JSON string, unescaped; nothing for other values. Good until the next
    /// call.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view value) {
        return text(value, true);
    }

    /// The same; `escaped`: it may have escapes.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view value, bool escaped);

    /// The object that is being checked: its type, its text, and where it lies.
    [[nodiscard]] std::string_view type() const noexcept { return object_.type; }

    [[nodiscard]] const Where& here() const noexcept { return *object_.where; }

    [[nodiscard]] std::string_view json() const noexcept { return object_.json; }

    [[nodiscard]] std::string_view id() const noexcept { return object_.id; }

    [[nodiscard]] bool is_20() const noexcept { return object_.spec_20; }

    [[nodiscard]] const Table& table() const noexcept { return *object_.table; }

    /// The properties of the outermost object that is being checked.
    [[nodiscard]] std::span<const Member> members() const noexcept {
        return std::span(members_).subspan(object_.first_member);
    }

  private:
    /// What is known of the object that is being checked before its properties are.
    struct Object {
        const Table* table = nullptr;
        const Structure* structure = nullptr;
        const Where* where = nullptr;
        std::string_view json;
        std::string_view type;  // empty when there is none that can be read
        std::string_view id;
        std::string_view spec_version;  // JSON
        std::string_view extensions;    // JSON
        bool spec_20 = false;
        bool has_created = false;
        bool has_modified = false;
        bool has_ends = false;  // of a relationship
        bool has_granular_markings = false;
        bool known_type = false;            // the standard has it
        bool extended_type = false;         // an extension makes a new type
        bool extended_properties = false;   // an extension adds properties beside the standard's
        bool extended_observables = false;  // one adds an entry under `extensions`
        std::size_t first_member = 0;
    };

    /// Where the walk over a structure is.
    struct Place {
        std::uint8_t* follows = nullptr;  // of the structure: see `follows_`
        std::size_t last = 0;             // one more than the last column that was met
        std::size_t column = 0;           // that one, or where it would be
    };

    struct Contained {
        std::string_view key;  // as it stands in the text
        std::string_view type;
    };

    // -- The object (check_object.cpp)
    void object(std::string_view json, const Where& where);
    void take(std::span<const Property> properties);
    void split(std::string_view json);
    void survey();
    void survey_extensions();
    void choose_structure();
    void custom_type(const Where& where);
    template <class Source>
    void walk(const Structure& structure, Source& source, const Where& where);
    [[nodiscard]] bool find(const Structure& structure, const Member& member, Place& place);
    void missing(const Structure& structure, ColumnSet columns, const Where& where);
    void ties(const Structure& structure, Seen& seen);

    // -- A first look at values (check_glance.h)
    bool glance(const Column& column, const Member& m);
    bool glance_text(const Column& column, std::string_view text);
    bool glance_list(const Column& column, std::string_view json);

    // -- Values (check_values.cpp): true when nothing is wrong
    bool value(const Column& column, std::string_view json, bool escaped, const Where& where);
    bool list(const Column& column, std::string_view json, const Where& where);
    bool single(const Column& column, std::string_view json, bool escaped, const Where& where);
    bool string(const Column& column, std::string_view json, bool escaped, const Where& where);
    bool time(const Column& column, std::string_view text, const Where& where);
    bool number(const Row& row, std::string_view json, const Where& where);
    bool reference(const Column& column, std::string_view text, const Where& where);
    bool local_reference(const Column& column, std::string_view text, const Where& where);
    bool identifier(std::string_view text, const Where& where);
    bool random_uuid(std::string_view uuid, const Where& where);
    bool dictionary(const Row& row, std::string_view json, const Where& where);
    bool dictionary_value(const Row& row, std::string_view json, const Where& where);
    bool text_list(const Row& row, std::string_view json, const Where& where);
    bool hashes(std::string_view json, const Where& where);
    bool structure(const Structure& part, std::string_view json, const Where& where);
    bool structures(const Structure& part, std::string_view list, const Where& where);
    bool version(std::string_view text, const Where& where);
    void open_value(const Row& row, std::string_view text, const Where& where);
    void key_name(Vocabulary known, std::string_view name, const Where& where);
    void hash_name(std::string_view name, const Where& where);
    bool key(std::string_view rule, const Member& member, const Where& where);
    bool wrong_type(
        std::string_view rule, std::string_view json, std::string_view expected, const Where& where
    );

    // -- What the tables do not know (check_custom.cpp)
    void unknown(const Structure& structure, const Member& member, const Where& where);
    bool unknown_name(std::string_view rule, const Member& member, const Where& where);
    bool any(std::string_view json, const Where& where);
    void inside(std::string_view json, const Where& where);
    void key_style(std::string_view name, const Where& where);
    bool suffix(const Member& member, const Where& where);
    bool extensions(std::string_view json, const Where& where);
    bool extension(const Member& member, const Where& where);
    bool defined_extension(std::string_view json, const Where& where);
    bool custom_extension(const Member& member, std::string_view name, const Where& where);
    bool container(std::string_view json, const Where& where);
    bool contained(std::string_view type, std::string_view json, const Where& where);
    bool translation(std::string_view json, const Where& where);

    /// The unescaped characters between the quotes of a string.
    [[nodiscard]] std::string_view plain(std::string_view json, bool escaped);

    CheckOptions options_;
    Object object_;
    std::vector<Member> members_;       // of the objects that are being checked, the innermost last
    Marks marks_;                       // of the object that is being split
    std::vector<Contained> contained_;  // of the container that is being checked
    bool in_container_ = false;
    /// By structure: the column that was met first, and behind each column the one that followed it
    /// in the last object. Objects of one maker have the same properties, so it is a good guess.
    std::array<std::array<std::uint8_t, columns_max + 1>, tables_count * structures_max> follows_{};
    const Structure* last_ = nullptr;    // that an object had
    const Table* last_table_ = nullptr;  // of it
    std::string_view
        sound_time_;  // the last timestamp that was right, in the text or in `scratch_`
    std::string scratch_;
};

/// The rules that look at a whole object (check_markings.cpp).
void check_selectors(Check& check);

}  // namespace entente::stix::internal
