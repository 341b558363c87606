#include "match/field_map.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/limits.h"
#include "match/internal/field_table.h"
#include "match/internal/field_tree.h"
#include "pattern/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace entente::match {
namespace {

constexpr std::size_t line_bytes_max = 4'096;
constexpr std::size_t parts_max = 32;  // of the name of one field
constexpr std::size_t formats = 6;     // those whose fields have names: they come first

std::string_view word_of(std::string_view& line) {
    const auto begin = std::min(line.find_first_not_of(" \t\r"), line.size());
    line.remove_prefix(begin);
    const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
    line.remove_prefix(word.size());
    return word;
}

}  // namespace

struct FieldMap::Inside {
    std::array<FieldTree, formats> trees;
    std::deque<OtherPath> others;  // never moved: trees point at them
    std::size_t fields = 0;

    Result<void> add_line(std::string_view line);
    Result<void> add_field(Format format, std::string_view field, std::string_view says);
};

namespace {

/// A property that has no word: `type:property` or `type:property.property`.
std::optional<OtherPath> other_path(std::string_view text) {
    const auto pattern = pattern::parse(fmt::format("[{} = 'x']", text));
    if (!pattern) return std::nullopt;
    const auto* const observation = std::get_if<pattern::Observation>(&pattern->root.node);
    if (observation == nullptr) return std::nullopt;
    const auto* const comparison = std::get_if<pattern::Comparison>(&observation->expression.node);
    if (comparison == nullptr || comparison->values.size() != 1) return std::nullopt;
    OtherPath out{comparison->path.type, {}, form_of(comparison->path)};
    for (const pattern::PathStep& step : comparison->path.steps) {
        const auto* const name = std::get_if<std::string>(&step);
        // References and lists are made by the known ones only.
        if (name == nullptr || name->ends_with("_ref") || name->ends_with("_refs")) {
            return std::nullopt;
        }
        out.names.push_back(*name);
    }
    return out;
}

std::optional<Format> named_format(std::string_view word) {
    const auto format = format_of_word(word);
    return format && static_cast<std::size_t>(*format) < formats ? format : std::nullopt;
}

}  // namespace

Result<void> FieldMap::Inside::add_field(
    Format format, std::string_view field, std::string_view says
) {
    FieldTree::Node what;
    what.says = says != "-";
    if (const auto sight = sight_of(says)) {
        what.sight = *sight;
    } else if (what.says) {
        auto other = other_path(says);
        if (!other) {
            return fail(
                Errc::malformed,
                fmt::format(
                    "'{}' is nothing that a field can say; expected an object path such as "
                    "url:value, a word such as time, or -",
                    printable(says, 100)
                )
            );
        }
        others.push_back(std::move(*other));
        what.other = &others.back();
    }
    if (++fields > limits::match_fields_max) {
        return fail(Errc::too_large, fmt::format("more than {} fields", limits::match_fields_max));
    }
    FieldTree& tree = trees[static_cast<std::size_t>(format)];
    std::uint32_t at = FieldTree::root;
    std::size_t parts = 0;
    while (true) {
        const auto point = field.find('.');
        const std::string part(field.substr(0, point));
        if (part.empty() || ++parts > parts_max) {
            return fail(
                Errc::malformed,
                fmt::format("a field is 1 to {} names with points between them", parts_max)
            );
        }
        const auto made = tree.nodes[at].children.find(part);
        if (made != FieldTree::none) {
            at = made;
        } else {
            const auto index = static_cast<std::uint32_t>(tree.nodes.size());
            tree.nodes[at].children.add(part, index);
            tree.nodes.emplace_back();
            at = index;
        }
        if (point == std::string_view::npos) break;
        field.remove_prefix(point + 1);
    }
    FieldTree::Node& node = tree.nodes[at];
    node.says = what.says;
    node.sight = what.sight;
    node.other = what.other;
    ++tree.fields;
    return {};
}

Result<void> FieldMap::Inside::add_line(std::string_view line) {
    if (line.size() > line_bytes_max) {
        return fail(Errc::too_large, fmt::format("longer than {} bytes", line_bytes_max));
    }
    const std::string_view first = word_of(line);
    if (first.empty() || first.starts_with('#')) return {};
    const auto format = named_format(first);
    const std::string_view field = word_of(line);
    const std::string_view says = word_of(line);
    const std::string_view rest = word_of(line);
    if (!format || says.empty() || (!rest.empty() && !rest.starts_with('#'))) {
        return fail(
            Errc::malformed,
            "expected a format (eve, zeek, ecs, ocsf, sysmon, json), a field, and what it says"
        );
    }
    ENTENTE_CHECK(add_field(*format, field, says));
    // Beats put the fields of the Windows event log below a name of their own in ECS.
    if (*format == Format::sysmon)
        return add_field(Format::ecs, fmt::format("winlog.event_data.{}", field), says);
    return {};
}

FieldMap::FieldMap() : inside_(std::make_unique<Inside>()) {
    const auto added = add(built_in());
    ENTENTE_ASSERT(added.has_value());
}

FieldMap::~FieldMap() = default;

std::string_view FieldMap::built_in() noexcept {
    return field_table;
}

Result<void> FieldMap::add(std::string_view text) {
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = std::min(text.find('\n'), text.size());
        if (const auto added = inside_->add_line(text.substr(0, end)); !added) {
            return fail(
                added.error().code, fmt::format("line {}: {}", number, added.error().detail)
            );
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

const FieldTree& FieldMap::tree(Format format) const noexcept {
    static const FieldTree nothing;
    const auto index = static_cast<std::size_t>(format);
    return index < formats ? inside_->trees[index] : nothing;
}

std::shared_ptr<const FieldMap> default_fields() {
    static const auto all = std::make_shared<const FieldMap>();
    return all;
}

}  // namespace entente::match
