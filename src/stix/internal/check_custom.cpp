// What the tables do not name: custom properties, extensions, dictionaries of any content, and the
// container of observables (STIX 2.1, 2.13, 7.3, 11; S10, S17, S70-S74, V7).
#include "stix/internal/check_object.h"
#include "stix/internal/text_rules.h"
#include "stix/internal/text_rules_chars.h"

#include <algorithm>
#include <array>
#include <bit>

namespace entente::stix::internal {
namespace {

/// STIX 2.1, 3.8; STIX 2.0, part 1, 3.6.
bool is_reserved(std::string_view name, bool spec_20) {
    static constexpr std::array<std::string_view, 4> names_21 = {
        "action", "phone_number", "severity", "username"};
    static constexpr std::array<std::string_view, 10> names_20 = {
        "action",
        "addresses",
        "confidence",
        "first_seen_precision",
        "last_seen_precision",
        "phone_numbers",
        "severity",
        "usernames",
        "valid_from_precision",
        "valid_until_precision"};
    return spec_20 ? std::find(names_20.begin(), names_20.end(), name) != names_20.end()
                   : std::find(names_21.begin(), names_21.end(), name) != names_21.end();
}

/// How much of a container's entry a structure does not explain: properties that it does not have,
/// and those of its own that it wants and misses.
std::size_t misfit(const Structure& structure, std::string_view json) {
    std::size_t unknown = 0;
    ColumnSet present = 0;
    Member m;
    for (Members in(json); in.next(m);) {
        const Column* const column = structure.find(m.name);
        if (column == nullptr) {
            ++unknown;
        } else {
            present |= ColumnSet{1} << static_cast<std::size_t>(column - structure.columns.data());
        }
    }
    return unknown + static_cast<std::size_t>(std::popcount(structure.required & ~present));
}

/// Properties whose keys are names of others, in the case that those have.
bool keeps_case(std::string_view property) {
    static constexpr std::array<std::string_view, 10> names = {
        "additional_header_fields",
        "document_info_dict",
        "environment_variables",
        "exif_tags",
        "file_header_hashes",
        "hashes",
        "ipfix",
        "options",
        "request_header",
        "startup_info"};
    return std::find(names.begin(), names.end(), property) != names.end();
}

bool is_list_of_identifiers(std::string_view json) {
    if (!json.starts_with('[')) return false;
    Elements in(json);
    std::string_view element;
    bool escaped = false;
    while (in.next(element, escaped)) {
        if (!element.starts_with('"') || !split_identifier(element.substr(1, element.size() - 2)))
            return false;
    }
    return true;
}

}  // namespace

/// A property that the structure does not have.
void Check::unknown(const Structure& structure, const Member& member, const Where& where) {
    const bool named = unknown_name("S1", member, where);
    suffix(member, where);
    any(member.value, where);
    if (!named || structure.type == nullptr) return;
    if (member.name == "defanged" && structure.kind != Class::part && !object_.spec_20) {
        findings.must(
            "S16", where, {"defanged is for cyber-observables only; expected no such property"}
        );
        return;
    }
    const bool top = structure.kind != Class::part;
    if ((top && object_.extended_properties) || !findings.should()) return;
    if (!object_.spec_20) {
        findings.recommend(
            401,
            "S71",
            where,
            {shown(member.name),
             " is no property of ",
             structure.name,
             "; expected an extension with extension_type property-extension or "
             "toplevel-property-extension that defines it"}
        );
    }
    if (!member.name.starts_with("x_")) {
        findings.recommend(
            102,
            "S74",
            where,
            {shown(member.name),
             " is no property of the standard; expected a name that begins with x_"}
        );
    } else if (member.name.find('_', 3) == std::string_view::npos) {
        findings.recommend(
            101,
            "S74",
            where,
            {shown(member.name),
             " does not say whose it is; expected x_, a source such as example_com, _ and a name"}
        );
    }
}

/// May a property have this name?
bool Check::unknown_name(std::string_view rule, const Member& member, const Where& where) {
    if (!member.name_escaped && is_reserved(member.name, object_.spec_20) &&
        !(object_.spec_20 && in_container_)) {
        findings.must("S10", where, {member.name, " is reserved; expected another name"});
        return false;
    }
    // 2.0's observables have no id, and names of two letters are not allowed (part 3, 5.1).
    const bool short_id = object_.spec_20 && in_container_ && member.name == "id";
    if (!member.name_escaped && is_property_name(member.name) && !short_id) return true;
    findings.must(
        rule,
        where,
        {shown(member.name),
         " is no name of a property; expected 3 to 250 of a-z, 0-9 and _, a letter first"}
    );
    return false;
}

/// STIX 2.1, 3.1: the end of a name says what the value is.
bool Check::suffix(const Member& member, const Where& where) {
    const std::string_view name = member.name;
    const bool is_text = member.value.starts_with('"');
    if (name.ends_with("_bin")) {
        if (is_text && is_base64(plain(member.value, member.value_escaped))) return true;
        findings.must(
            "S2",
            where,
            {shown(member.value), " is no base64 (RFC 4648, 4); names that end in _bin want it"}
        );
        return false;
    }
    if (name.ends_with("_hex")) {
        if (is_text && is_hex(plain(member.value, member.value_escaped))) return true;
        findings.must(
            "S2",
            where,
            {shown(member.value), " is no pairs of 0-9 and a-f; names that end in _hex want them"}
        );
        return false;
    }
    if (!findings.should()) return true;
    if (name.ends_with("_ref") && !in_container_) {
        if (!is_text || !split_identifier(plain(member.value, member.value_escaped))) {
            findings.recommend(
                0,
                "S2",
                where,
                {shown(member.value), " is no identifier; names that end in _ref want one"}
            );
        }
    } else if (name.ends_with("_refs") && !in_container_ && !is_list_of_identifiers(member.value)) {
        findings.recommend(
            0,
            "S2",
            where,
            {shown(member.value), " is no list of identifiers; names that end in _refs want one"}
        );
    }
    return true;
}

/// STIX 2.1, 2.3; STIX 2.0, part 3, 2.3.
void Check::key_style(std::string_view name, const Where& where) {
    constexpr std::size_t long_20 = 30;
    if (std::any_of(name.begin(), name.end(), [](char c) { return is(c, upper); })) {
        findings.recommend(
            142, "S4", where, {shown(name), " should be in lower case, as keys are"}
        );
    } else if (object_.spec_20 && in_container_ && name.size() > long_20) {
        findings.recommend(
            142, "S4", where, {shown(name), " is long for a key; expected at most 30 characters"}
        );
    }
}

/// A value of any of the base types.
bool Check::any(std::string_view json, const Where& where) {
    const char first = json.front();
    if (first == 'n') return wrong_type("S3", json, "a value, or no such property", where);
    if (json == "[]" || json == "{}") {
        findings.must(
            "S4", where, {json, " is empty; expected something in it, or no such property"}
        );
        return false;
    }
    if (first == '[' || first == '{') {
        if (findings.should()) inside(json, where);
        return true;
    }
    if (first == '-' || (first >= '0' && first <= '9')) {
        static constexpr Row integers = integer({});
        return json.find_first_of(".e") != std::string_view::npos || number(integers, json, where);
    }
    return true;
}

/// What lies in a value of any type: nobody but its producer knows its types, so that all of it is
/// a recommendation.
void Check::inside(std::string_view json, const Where& where) {
    if (json == "null" || json == "[]" || json == "{}") {
        findings.recommend(
            0,
            json == "null" ? "S3" : "S4",
            where,
            {json, " is nothing that STIX has; expected something, or no such element"}
        );
        return;
    }
    if (json.front() == '[') {
        Elements in(json);
        std::string_view element;
        bool escaped = false;
        for (std::size_t i = 0; in.next(element, escaped); ++i)
            inside(element, where[i]);
        return;
    }
    if (json.front() != '{') return;
    const bool should_style = !keeps_case(where.name);
    Members in(json);
    Member m;
    while (in.next(m)) {
        const Where here = where / m.name;
        if (m.name_escaped || !is_dictionary_key(m.name)) {
            findings.recommend(
                0,
                "S4",
                here,
                {shown(m.name), " is no key; expected 1 to 250 of A-Z, a-z, 0-9, - and _"}
            );
        } else if (should_style) {
            key_style(m.name, here);
        }
        inside(m.value, here);
    }
}

bool Check::extensions(std::string_view json, const Where& where) {
    if (!json.starts_with('{')) return wrong_type("S17", json, "a dictionary of extensions", where);
    if (json == "{}") {
        findings.must(
            "S4",
            where,
            {"an empty dictionary; expected at least one extension, or no such property"}
        );
        return false;
    }
    bool good = true;
    Members in(json);
    Member m;
    while (in.next(m))
        good = extension(m, where / m.name) && good;
    return good;
}

bool Check::extension(const Member& member, const Where& where) {
    const std::string_view name = member.name;
    if (!member.value.starts_with('{'))
        return wrong_type("S17", member.value, "the content of the extension", where);
    if (const Structure* const known = object_.table->extension(*object_.structure, name)) {
        return structure(*known, member.value, where);
    }
    if (!name.starts_with("extension-definition--") || object_.spec_20)
        return custom_extension(member, name, where);
    const auto id = split_identifier(name);
    if (!id || !is_rfc4122_uuid(id->uuid)) {
        findings.must(
            "S17",
            where,
            {shown(name),
             " is no identifier; expected extension-definition-- and a UUID (RFC 4122)"}
        );
        return false;
    }
    return defined_extension(member.value, where);
}

/// STIX 2.1, 7.3: what an extension-definition describes.
bool Check::defined_extension(std::string_view json, const Where& where) {
    bool good = true;
    bool has_type = false;
    Members in(json);
    Member m;
    while (in.next(m)) {
        const Where here = where / m.name;
        if (m.name == "extension_type") {
            has_type = true;
            const auto use = text(m.value);
            if (use && in_vocabulary(Vocabulary::extension_type, *use)) continue;
            findings.must(
                "S70",
                here,
                {shown(m.value),
                 " is no extension type; expected new-sdo, new-sco, new-sro, property-extension or "
                 "toplevel-property-extension"}
            );
            good = false;
            continue;
        }
        good = unknown_name("S72", m, here) && good;
        good = suffix(m, here) && good;
        good = any(m.value, here) && good;
    }
    if (has_type) return good;
    findings.must(
        "S70",
        where / "extension_type",
        {"missing; every extension that an extension-definition describes has it"}
    );
    return false;
}

/// STIX 2.1, 11.3.
bool Check::custom_extension(const Member& member, std::string_view name, const Where& where) {
    const Class kind = object_.structure->kind;
    if (kind != Class::sco && kind != Class::observable) {
        findings.must(
            "S74",
            where,
            {shown(name),
             " is no extension of this object; expected the id of an extension-definition"}
        );
        return false;
    }
    bool good = true;
    // 2.0 does not ask for the ending (part 3, 5.3).
    const bool named = is_extension_name(name) ||
                       (object_.spec_20 && name.size() >= 3 && is_relationship_name(name));
    if (member.name_escaped || !named) {
        findings.must(
            "S74",
            where,
            {shown(name),
             " is no name of an extension; expected 3 to 250 of a-z, 0-9 and -, ending in -ext"}
        );
        good = false;
    }
    if (member.value == "{}") {
        findings.must(
            "S74", where, {"an extension without content; expected at least one property"}
        );
        return false;
    }
    Members in(member.value);
    Member m;
    while (in.next(m)) {
        const Where here = where / m.name;
        good = unknown_name("S74", m, here) && good;
        good = suffix(m, here) && good;
        good = any(m.value, here) && good;
    }
    if (!good || !findings.should()) return good;
    if (!object_.extended_observables && !object_.spec_20) {
        findings.recommend(
            401,
            "S74",
            where,
            {shown(name),
             " is no extension of the standard; expected the id of an extension-definition"}
        );
    }
    if (!name.starts_with("x-")) {
        findings.recommend(
            102,
            "S74",
            where,
            {shown(name), " is no extension of the standard; expected a name that begins with x-"}
        );
    }
    return true;
}

/// STIX 2.1, 2.13: 2.0's observables, which name each other by their keys.
bool Check::container(std::string_view json, const Where& where) {
    if (!json.starts_with('{'))
        return wrong_type("S37", json, "a dictionary of cyber-observables", where);
    if (json == "{}") {
        findings.must("S37", where, {"an empty container; expected at least one cyber-observable"});
        return false;
    }
    contained_.clear();
    Member m;
    for (Members in(json); in.next(m);) {
        Contained entry{m.name, {}};
        if (m.value.starts_with('{')) {
            Member p;
            for (Members inside(m.value); inside.next(p);) {
                if (p.name == "type" && p.value.size() >= 2)
                    entry.type = p.value.substr(1, p.value.size() - 2);
            }
        }
        contained_.push_back(entry);
    }
    in_container_ = true;
    bool good = true;
    std::size_t i = 0;
    for (Members in(json); in.next(m); ++i) {
        const Where here = where / m.name;
        if (m.name.find_first_not_of("0123456789") != std::string_view::npos) {
            findings.recommend(
                141, "S37", here, {shown(m.name), " is an unusual key; expected a number such as 0"}
            );
        }
        good = contained(contained_[i].type, m.value, here) && good;
    }
    in_container_ = false;
    return good;
}

bool Check::contained(std::string_view type, std::string_view json, const Where& where) {
    if (!json.starts_with('{')) return wrong_type("S37", json, "a cyber-observable", where);
    const Object outer = object_;
    const Structure* known = object_.table->contained(type);
    // 2.13: a container of 2.1 may hold the observables of either version.
    const Structure* const old = object_.spec_20 ? nullptr : table_20().contained(type);
    if (known != nullptr && old != nullptr && misfit(*old, json) <= misfit(*known, json)) {
        object_.table = &table_20();
        object_.spec_20 = true;
        known = old;
    }
    object_.structure = known != nullptr ? known : &object_.table->custom(Class::observable);
    object_.type = type;
    object_.known_type = known != nullptr;
    object_.id = {};
    object_.extended_type = object_.extended_properties = object_.extended_observables = false;
    const bool good = structure(*object_.structure, json, where);
    object_ = outer;
    return good;
}

/// STIX 2.1, 7.1: what stands under a language mirrors properties of another object.
bool Check::translation(std::string_view json, const Where& where) {
    if (!json.starts_with('{'))
        return wrong_type("S42", json, "a dictionary of translated properties", where);
    if (json == "{}") {
        findings.must(
            "S4", where, {"an empty dictionary; expected at least one translated property"}
        );
        return false;
    }
    bool good = true;
    Members in(json);
    Member m;
    while (in.next(m)) {
        const Where here = where / m.name;
        if (m.name_escaped || !is_property_name(m.name)) {
            findings.must(
                "V14",
                here,
                {shown(m.name),
                 " is no name of a property; expected the name of the property that is translated"}
            );
            good = false;
        }
        good = any(m.value, here) && good;
    }
    return good;
}

}  // namespace entente::stix::internal
