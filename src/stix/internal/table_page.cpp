#include "stix/internal/table_page.h"

#include "stix/internal/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace entente::stix::internal {
namespace {

constexpr std::string_view introduction =
    R"(# STIX objects as Entente checks them

This page is written by the tables that the checker reads (`src/stix/internal/types_*.cpp`, `ties_*.cpp`, `should_*.cpp`); a test fails when it is
not what they say, and `ENTENTE_WRITE_DOCS=1 stix_test --gtest_filter='StixPage.*'` writes it again. Items such as S34 and V13 stand in
[conformance.md](conformance.md) with their tests; sections are those of the standard.

Required properties are bold. Everywhere: a required property is there; lists and dictionaries are not empty (S4); names of properties are 3 to 250 of `a-z`, `0-9`, `_` (S1), and never
`severity`, `username`, `phone_number` or `action` (S10); nothing is null (S3). What a column does not name is a custom property: legal, but it should come
by an extension (401) or at least begin with `x_` and its source (102, 101). A broken MUST refuses an object where a collection's checks ask for it; what the
standard recommends is told beside, with the reference checker's number in parentheses where it has one.
)";

std::string number_text(double value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr;
    return {text, end};
}

std::string range(const Row& row) {
    if (std::isinf(row.least)) return "";
    if (std::isinf(row.most)) return " of " + number_text(row.least) + " or more";
    return " of " + number_text(row.least) + " to " + number_text(row.most);
}

std::string words(std::string_view list) {
    std::string out = "`";
    for (const char c : list) {
        if (c == ' ') {
            out += "`, `";
        } else {
            out += c;
        }
    }
    return out + "`";
}

std::string vocabulary_text(const Row& row, std::string_view kind) {
    const VocabularyInfo& info = vocabulary(row.vocabulary);
    std::string out = std::string(kind) + " " + std::string(info.name);
    if (row.form == Form::open && info.code != 0) out += " (" + std::to_string(info.code) + ")";
    return out;
}

std::string values_of_dictionary(const Row& row) {
    switch (row.values) {
        case Form::text:
            return " of strings";
        case Form::integer:
            return " of integers";
        case Form::text_or_integer:
            return " of strings and integers";
        case Form::text_list:
            return " of lists of strings";
        case Form::translation:
            return " from language tags (RFC 5646) to translated properties";
        default:
            return "";
    }
}

std::string form_text(const Row& row) {
    switch (row.form) {
        case Form::any:
            return "any value";
        case Form::text:
            return "string";
        case Form::formatted:
            return "string: " + std::string(row.format->expected);
        case Form::boolean:
            return "boolean";
        case Form::integer:
            return "integer" + range(row);
        case Form::number:
            return "number" + range(row);
        case Form::timestamp:
            return "timestamp";
        case Form::timestamp_ms:
            return "timestamp with three or more digits behind the seconds";
        case Form::timestamp_s:
            return "timestamp of whole seconds";
        case Form::open:
            return vocabulary_text(row, "string, should be in");
        case Form::closed:
            return vocabulary_text(row, "string of");
        case Form::type:
            return "name of the type";
        case Form::identifier:
            return "identifier that begins with the type";
        case Form::reference:
            return "identifier of " + words(row.detail);
        case Form::version:
            return "version of the standard";
        case Form::hashes:
            return "hashes";
        case Form::dictionary: {
            std::string out = "dictionary" + values_of_dictionary(row);
            if (row.vocabulary != Vocabulary::none)
                out += ", " + vocabulary_text(row, "keys should be in");
            return out;
        }
        case Form::structure:
            return "`" + std::string(row.detail) + "`";
        case Form::extensions:
            return "dictionary of extensions";
        case Form::container:
            return "dictionary of cyber-observables that name each other by key";
        case Form::object:
            return "STIX object";
        case Form::text_or_integer:
        case Form::text_list:
        case Form::translation:
            break;
    }
    return "";
}

std::string row_text(const Row& row) {
    std::string out = row.list ? "list of " + form_text(row) : form_text(row);
    if (row.deprecated) out += "; deprecated (304)";
    return out;
}

std::string item_text(const Row& row) {
    if (!row.item.empty()) return std::string(row.item);
    return row.format != nullptr ? std::string(row.format->item) : std::string();
}

std::string named(std::string_view properties, std::size_t which) {
    std::string all = words(properties);
    for (; which > 0; --which)
        all.erase(0, all.find(", ") + 2);
    return all.substr(0, all.find(", "));
}

std::string tie_text(const TieRow& tie) {
    switch (tie.tie) {
        case Tie::not_before:
            return named(tie.properties, 1) + " is not before " + named(tie.properties, 0);
        case Tie::after:
            return named(tie.properties, 1) + " is after " + named(tie.properties, 0);
        case Tie::at_least_one:
            return "at least one of " + words(tie.properties);
        case Tie::exactly_one:
            return "exactly one of " + words(tie.properties);
        case Tie::together:
            return "all of " + words(tie.properties) + ", or none";
        case Tie::needs:
            return named(tie.properties, 0) + " only with " +
                   words(tie.properties.substr(tie.properties.find(' ') + 1));
        case Tie::some_own:
            return "at least one property of its own" +
                   (tie.properties.empty() ? std::string() : ", or " + words(tie.properties));
        case Tie::check:
            return std::string(tie.says);
    }
    return "";
}

void add_type(std::string& page, const Structure& s) {
    page.append("\n### ").append(s.name).append("\n\nSection ").append(s.type->section);
    if (!s.type->extends.empty())
        page.append("; extension of `").append(s.type->extends).append("`");
    page += ".\n";
    if (!s.type->rows.empty()) page += "\n| property | value | |\n|---|---|---|\n";
    for (const Row& row : s.type->rows) {
        page.append("| ")
            .append(row.required ? "**" : "")
            .append(row.name)
            .append(row.required ? "**" : "");
        page.append(" | ")
            .append(row_text(row))
            .append(" | ")
            .append(item_text(row))
            .append(" |\n");
    }
    std::string ties;
    for (const ResolvedTie& tie : s.ties) {
        ties.append("- ").append(tie.recommended ? "should: " : "").append(tie_text(*tie.row));
        ties.append(" (").append(tie.row->item).append(")\n");
    }
    if (!ties.empty()) page.append("\n").append(ties);
}

struct Group {
    std::string_view title;
    std::vector<Class> kinds;
};

void add_table(std::string& page, const Tables& tables, const Table& table) {
    static constexpr std::array<std::string_view, 8> columns = {
        "SDO",
        "SRO",
        "SCO",
        "extension-definition",
        "language-content",
        "marking-definition",
        "bundle",
        "in a container"};
    page += "\n### Common properties\n\nR required, O optional.\n\n| property | value | |";
    for (const std::string_view c : columns)
        page.append(" ").append(c).append(" |");
    page += "\n|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (const CommonRow& common : tables.common) {
        page.append("| ").append(common.row.name).append(" | ").append(row_text(common.row));
        page.append(" | ").append(item_text(common.row)).append(" |");
        for (const char use : common.use)
            page.append(" ").append(use == '-' ? "" : std::string(1, use)).append(" |");
        page += "\n";
    }
    const std::array<Group, 5> groups = {{
        {"Domain objects", {Class::sdo}},
        {"Relationship objects", {Class::sro}},
        {"Meta objects and the bundle",
         {Class::extension, Class::language, Class::marking, Class::bundle}},
        {"Cyber-observables", {Class::sco, Class::observable}},
        {"Sub-types and predefined extensions", {Class::part}},
    }};
    for (const Group& group : groups) {
        std::vector<const Structure*> members;
        std::set<std::string_view>
            seen;  // an observable is there twice: as an object, and in containers
        for (const auto& s : table.all()) {
            if (std::find(group.kinds.begin(), group.kinds.end(), s->kind) == group.kinds.end())
                continue;
            if (seen.insert(s->name).second) members.push_back(s.get());
        }
        if (members.empty()) continue;
        std::sort(members.begin(), members.end(), [](const Structure* a, const Structure* b) {
            return a->name < b->name;
        });
        page.append("\n## ").append(group.title).append("\n");
        for (const Structure* s : members)
            add_type(page, *s);
    }
}

}  // namespace

std::string types_page() {
    std::string page(introduction);
    page += "\n# STIX 2.1\n";
    add_table(page, tables_21(), table_21());
    page += "\n# STIX 2.0\n";
    add_table(page, tables_20(), table_20());
    return page;
}

}  // namespace entente::stix::internal
