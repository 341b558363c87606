// Checking one value against its column.
#include "base/assert.h"
#include "stix/internal/check_object.h"
#include "stix/internal/scanner.h"
#include "stix/internal/text_rules.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace entente::stix::internal {
namespace {

constexpr double integer_max = 9007199254740991;  // 2^53 - 1 (STIX 2.1, 2.10)

std::string_view kind_of(std::string_view json) {
    switch (json.empty() ? '\0' : json.front()) {
        case '"':
            return "a string";
        case '{':
            return "an object";
        case '[':
            return "a list";
        case 't':
        case 'f':
            return "a boolean";
        case 'n':
            return "null, which STIX does not have";
        default:
            return "a number";
    }
}

std::string_view item_of(const Row& row, std::string_view otherwise) {
    return row.item.empty() ? otherwise : row.item;
}

std::string number_text(double value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
}

std::string range_text(const Row& row) {
    if (std::isinf(row.most)) return "expected " + number_text(row.least) + " or more";
    return "expected " + number_text(row.least) + " to " + number_text(row.most);
}

/// The parts of an identifier, quickly where its type is the one that is likely. REQUIRES: `likely`
/// is the name of a type, or not `usable`.
std::optional<Identifier> identifier_of(
    std::string_view likely, bool usable, std::string_view text
) {
    constexpr std::size_t uuid_bytes = 36;
    if (usable && text.size() == likely.size() + 2 + uuid_bytes && text.starts_with(likely) &&
        text[likely.size()] == '-' && text[likely.size() + 1] == '-') {
        const std::string_view uuid = text.substr(likely.size() + 2);
        if (!is_uuid(uuid)) return std::nullopt;
        return Identifier{likely, uuid};
    }
    return split_identifier(text);
}

/// What a value of the vocabulary is, for messages.
std::string value_of(Vocabulary id) {
    const VocabularyInfo& info = vocabulary(id);
    std::string out = "a value of ";
    out.append(info.name);
    for (const std::string_view value : info.values)
        out.append(value.data() == info.values.front().data() ? ": " : ", ").append(value);
    return out;
}

}  // namespace

std::optional<std::string_view> Check::text(std::string_view value, bool escaped) {
    if (value.size() < 2 || value.front() != '"') return std::nullopt;
    return plain(value, escaped);
}

std::string_view Check::plain(std::string_view json, bool escaped) {
    json = json.substr(1, json.size() - 2);
    if (!escaped || json.find('\\') == std::string_view::npos) return json;
    scratch_.clear();
    ENTENTE_ASSERT(append_unescaped(scratch_, json));
    return scratch_;
}

bool Check::wrong_type(
    std::string_view rule, std::string_view json, std::string_view expected, const Where& where
) {
    findings.must(rule, where, {shown(json), " is ", kind_of(json), "; expected ", expected});
    return false;
}

bool Check::value(const Column& column, std::string_view json, bool escaped, const Where& where) {
    const Row& row = *column.row;
    if (row.deprecated) findings.recommend(304, "S37", where, {column.name, " is deprecated"});
    if (row.list) return list(column, json, where);
    return single(column, json, escaped, where);
}

bool Check::list(const Column& column, std::string_view json, const Where& where) {
    if (!json.starts_with('[')) return wrong_type("S4", json, "a list", where);
    if (json == "[]") {
        findings.must(
            "S4", where, {"an empty list; expected at least one element, or no such property"}
        );
        return false;
    }
    if (column.row->form == Form::structure) return structures(*column.part, json, where);
    bool good = true;
    Elements in(json);
    std::string_view element;
    bool escaped = false;
    for (std::size_t i = 0; in.next(element, escaped); ++i)
        good = single(column, element, escaped, where[i]) && good;
    return good;
}

bool Check::single(const Column& column, std::string_view json, bool escaped, const Where& where) {
    const Row& row = *column.row;
    switch (row.form) {
        case Form::boolean:
            return json == "true" || json == "false" ||
                   wrong_type("S3", json, "true or false", where);
        case Form::integer:
        case Form::number:
            return number(row, json, where);
        case Form::hashes:
            return hashes(json, where);
        case Form::dictionary:
            return dictionary(row, json, where);
        case Form::structure:
            return structure(*column.part, json, where);
        case Form::extensions:
            return extensions(json, where);
        case Form::container:
            return container(json, where);
        case Form::object: {
            if (!json.starts_with('{')) return wrong_type("S43", json, "a STIX object", where);
            const std::size_t before = findings.size();
            object(json, where);
            return findings.size() == before;
        }
        case Form::any:
            return any(json, where);
        case Form::text_or_integer:
        case Form::text_list:
        case Form::translation:
            return dictionary_value(row, json, where);
        default:
            return string(column, json, escaped, where);
    }
}

bool Check::string(const Column& column, std::string_view json, bool escaped, const Where& where) {
    const Row& row = *column.row;
    if (!json.starts_with('"')) {
        const bool is_time = row.form == Form::timestamp || row.form == Form::timestamp_ms ||
                             row.form == Form::timestamp_s;
        const bool is_id = row.form == Form::reference || row.form == Form::identifier;
        return wrong_type(
            is_time ? "S7"
            : is_id ? "S18"
                    : item_of(row, "S3"),
            json,
            "a string",
            where
        );
    }
    if (row.form == Form::text) return true;
    const std::string_view text = plain(json, escaped);
    switch (row.form) {
        case Form::timestamp:
        case Form::timestamp_ms:
        case Form::timestamp_s:
            return time(column, text, where);
        case Form::type:
            if (object_.known_type || is_type_name(text)) return true;
            findings.must(
                "S1",
                where,
                {shown(text),
                 " is no name of a type; expected 3 to 250 of a-z, 0-9 and single -, a letter "
                 "first"}
            );
            return false;
        case Form::identifier:
            return identifier(text, where);
        case Form::reference:
            return in_container_ ? local_reference(column, text, where)
                                 : reference(column, text, where);
        case Form::version:
            return version(text, where);
        case Form::open:
            open_value(row, text, where);
            return true;
        case Form::closed:
            if (in_vocabulary(row.vocabulary, text)) return true;
            findings.must(
                item_of(row, "S5"),
                where,
                {shown(text), " is not allowed; expected ", value_of(row.vocabulary)}
            );
            return false;
        case Form::formatted:
            if (row.format->holds(text)) return true;
            findings.must(
                item_of(row, row.format->item),
                where,
                {shown(text), " has the wrong form; expected ", row.format->expected}
            );
            return false;
        default:
            ENTENTE_ASSERT(false);
            return false;
    }
}

bool Check::time(const Column& column, std::string_view text, const Where& where) {
    // Many objects say one time twice.
    if ((text.empty() || text != sound_time_) && !is_timestamp(text)) {
        findings.must(
            "V1",
            where,
            {shown(text),
             " is no timestamp; expected YYYY-MM-DDTHH:MM:SS, a fraction or none, and Z (RFC "
             "3339), on a day that the calendar has"}
        );
        return false;
    }
    sound_time_ = text;
    const Form form = column.row->form;
    if (form == Form::timestamp_ms && fraction_digits(text) < 3) {
        findings.must(
            "S7",
            where,
            {shown(text),
             " is too coarse; expected at least three digits behind the seconds, as in "
             "12:00:00.000Z"}
        );
        return false;
    }
    if (form == Form::timestamp_s && fraction_digits(text) > 0) {
        findings.must(
            "S7", where, {shown(text), " is finer than this property is; expected whole seconds"}
        );
        return false;
    }
    return true;
}

bool Check::number(const Row& row, std::string_view json, const Where& where) {
    const bool whole = row.form == Form::integer;
    const char first = json.front();
    if (first != '-' && (first < '0' || first > '9')) {
        return wrong_type("S3", json, whole ? "an integer" : "a number", where);
    }
    if (whole && json.find_first_of(".e") != std::string_view::npos &&
        json.find('+') == std::string_view::npos) {
        findings.must("S3", where, {shown(json), " has a fraction; expected an integer"});
        return false;
    }
    double value = 0;
    // Most are short and whole.
    const bool is_short =
        json.size() <= 4 && json.find_first_not_of("0123456789") == std::string_view::npos;
    if (is_short) {
        for (const char c : json)
            value = value * 10 + (c - '0');
    } else {
        std::from_chars(json.data(), json.data() + json.size(), value);
    }
    if (whole && std::abs(value) > integer_max) {
        findings.must(
            "S3",
            where,
            {shown(json), " is out of the range of integers; expected at most 2^53 - 1 either way"}
        );
        return false;
    }
    if (value >= row.least && value <= row.most) return true;
    findings.must(item_of(row, "S3"), where, {shown(json), " is out of range; ", range_text(row)});
    return false;
}

bool Check::version(std::string_view text, const Where& where) {
    const std::string_view right = object_.spec_20 ? "2.0" : "2.1";
    if (text == right) return true;
    findings.must(
        "S11", where, {shown(text), " is not the version of the standard; expected \"", right, "\""}
    );
    return false;
}

bool Check::identifier(std::string_view text, const Where& where) {
    const auto id = identifier_of(object_.type, object_.known_type, text);
    if (!id || !is_rfc4122_uuid(id->uuid)) {
        findings.must(
            "S18",
            where,
            {shown(text),
             " is no identifier; expected ",
             object_.type,
             "-- and a UUID (RFC 4122) in lower-case digits"}
        );
        return false;
    }
    if (!in_container_ && !object_.type.empty() && id->type != object_.type) {
        findings.must(
            "S18",
            where,
            {shown(text),
             " begins with another type than the object's; expected ",
             object_.type,
             "--UUID"}
        );
        return false;
    }
    if (object_.spec_20) return random_uuid(id->uuid, where);
    if (object_.structure->kind != Class::sco && !in_container_ && uuid_version(id->uuid) != 4 &&
        findings.should()) {
        findings.recommend(
            103, "S19", where, {shown(text), " has no random UUID; expected version 4"}
        );
    }
    return true;
}

/// STIX 2.0, part 1, 2.7: no other UUIDs than those of version 4.
bool Check::random_uuid(std::string_view uuid, const Where& where) {
    if (!object_.spec_20 || uuid_version(uuid) == 4) return true;
    findings.must(
        "S18", where, {shown(uuid), " is no random UUID; STIX 2.0 wants version 4 in identifiers"}
    );
    return false;
}

bool Check::reference(const Column& column, std::string_view text, const Where& where) {
    const auto id = identifier_of(column.only_target, !column.only_target.empty(), text);
    if (!id || !is_rfc4122_uuid(id->uuid)) {
        findings.must(
            "S18",
            where,
            {shown(text), " is no identifier; expected type--UUID (RFC 4122) in lower-case digits"}
        );
        return false;
    }
    if (id->type == column.only_target || (object_.table->set_of(id->type) & column.targets) != 0)
        return random_uuid(id->uuid, where);
    findings.must(
        column.row->item,
        where,
        {shown(text),
         " names an object of the wrong type; expected ",
         object_.table->names(column.targets)}
    );
    return false;
}

/// STIX 2.1, 2.9: in a container references are keys of it.
bool Check::local_reference(const Column& column, std::string_view text, const Where& where) {
    const auto target = std::find_if(
        contained_.begin(), contained_.end(), [text](const Contained& c) { return c.key == text; }
    );
    if (target == contained_.end()) {
        // Markings and identities lie outside.
        if ((column.targets & table().set_of("marking-definition")) != 0)
            return reference(column, text, where);
        findings.must(
            "V7",
            where,
            {shown(text), " is no key of this container; expected the key of an object in it"}
        );
        return false;
    }
    if ((object_.table->set_of(target->type) & column.targets) != 0) return true;
    findings.must(
        "V7",
        where,
        {shown(text),
         " names an object of type ",
         shown(target->type),
         "; expected ",
         object_.table->names(column.targets)}
    );
    return false;
}

/// STIX 2.1, 2.14: other values than the vocabulary's are allowed.
void Check::open_value(const Row& row, std::string_view text, const Where& where) {
    if (!findings.should() || in_vocabulary(row.vocabulary, text)) return;
    const VocabularyInfo& info = vocabulary(row.vocabulary);
    findings.recommend(
        info.code,
        "S5",
        where,
        {shown(text), " is not in ", info.name, "; expected ", value_of(row.vocabulary)}
    );
    if (info.listed == nullptr && !is_term(text)) {
        findings.recommend(
            111, "S5", where, {shown(text), " should be in lower case with - between words"}
        );
    }
}

void Check::key_name(Vocabulary known, std::string_view name, const Where& where) {
    if (!findings.should() || in_vocabulary(known, name)) return;
    const VocabularyInfo& info = vocabulary(known);
    findings.recommend(info.code, "S5", where, {shown(name), " is not in ", info.name});
}

void Check::hash_name(std::string_view name, const Where& where) {
    const Vocabulary known =
        object_.spec_20 ? Vocabulary::hash_algorithm_20 : Vocabulary::hash_algorithm;
    if (!findings.should()) return;
    if (!in_vocabulary(known, name) && !name.starts_with("x_")) {
        findings.recommend(
            241,
            "S6",
            where,
            {shown(name), " is no known hash algorithm; expected ", value_of(known)}
        );
    }
    if (name.size() > 30) {
        findings.recommend(
            150,
            "S6",
            where,
            {shown(name),
             " is long for the name of a hash algorithm; expected at most 30 characters"}
        );
    }
}

bool Check::key(std::string_view rule, const Member& member, const Where& where) {
    if (!member.name_escaped && is_dictionary_key(member.name)) return true;
    findings.must(
        rule, where, {shown(member.name), " is no key; expected 1 to 250 of A-Z, a-z, 0-9, - and _"}
    );
    return false;
}

bool Check::dictionary(const Row& row, std::string_view json, const Where& where) {
    if (!json.starts_with('{')) return wrong_type("S4", json, "a dictionary", where);
    if (json == "{}") {
        findings.must(
            "S4", where, {"an empty dictionary; expected at least one key, or no such property"}
        );
        return false;
    }
    bool good = true;
    Members in(json);
    Member m;
    while (in.next(m)) {
        const Where here = where / m.name;
        if (row.values == Form::translation) {
            const bool known = !m.name_escaped && is_language_tag(m.name);
            if (!known) {
                findings.must(
                    item_of(row, "S42"),
                    here,
                    {shown(m.name),
                     " is no language tag (RFC 5646); expected one, for example \"de\""}
                );
            }
            good = translation(m.value, here) && known && good;
            continue;
        }
        good = key("S4", m, here) && good;
        if (row.vocabulary != Vocabulary::none) key_name(row.vocabulary, m.name, here);
        good = dictionary_value(row, m.value, here) && good;
    }
    return good;
}

bool Check::dictionary_value(const Row& row, std::string_view json, const Where& where) {
    const std::string_view rule = item_of(row, "S4");
    switch (row.values) {
        case Form::text:
            return json.starts_with('"') || wrong_type(rule, json, "a string", where);
        case Form::integer:
            return number(integer({}).by(rule), json, where);
        case Form::text_or_integer:
            if (json.starts_with('"')) return true;
            if (json.front() == '-' || (json.front() >= '0' && json.front() <= '9')) {
                return number(integer({}).by(rule), json, where);
            }
            return wrong_type(rule, json, "a string or an integer", where);
        case Form::text_list:
            return text_list(row, json, where);
        default:
            return any(json, where);
    }
}

bool Check::text_list(const Row& row, std::string_view json, const Where& where) {
    if (!json.starts_with('['))
        return wrong_type(item_of(row, "S4"), json, "a list of strings", where);
    if (json == "[]") {
        findings.must("S4", where, {"an empty list; expected at least one string, or no such key"});
        return false;
    }
    bool good = true;
    Elements in(json);
    std::string_view element;
    bool escaped = false;
    for (std::size_t i = 0; in.next(element, escaped); ++i) {
        if (element.starts_with('"')) continue;
        good = wrong_type(item_of(row, "S4"), element, "a string", where[i]);
    }
    return good;
}

bool Check::hashes(std::string_view json, const Where& where) {
    if (!json.starts_with('{'))
        return wrong_type("S6", json, "a dictionary from hash algorithm to hash", where);
    if (json == "{}") {
        findings.must(
            "S4", where, {"an empty dictionary; expected at least one hash, or no such property"}
        );
        return false;
    }
    bool good = true;
    Members in(json);
    Member m;
    while (in.next(m)) {
        const Where here = where / m.name;
        if (m.name_escaped || !is_hash_name(m.name)) {
            findings.must(
                "S6",
                here,
                {shown(m.name),
                 " is no name of an algorithm; expected 3 to 250 of A-Z, a-z, 0-9, - and _"}
            );
            good = false;
            continue;
        }
        if (!m.value.starts_with('"')) {
            good = wrong_type("S6", m.value, "a string", here);
            continue;
        }
        if (hash_form(m.name, plain(m.value, m.value_escaped)) == HashForm::wrong) {
            findings.must(
                "S6",
                here,
                {shown(m.value), " is no ", m.name, "; expected ", hash_expectation(m.name)}
            );
            good = false;
            continue;
        }
        hash_name(m.name, here);
    }
    return good;
}

}  // namespace entente::stix::internal
