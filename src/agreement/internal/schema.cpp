#include "agreement/internal/schema.h"

#include "agreement/internal/kinds.h"
#include "agreement/internal/terms_table.h"
#include "base/limits.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace entente::agreement::internal {
namespace {

namespace json = boost::json;

constexpr std::size_t line_bytes_max = 100;

json::string_view json_view(std::string_view text) {
    return {text.data(), text.size()};
}

json::object structure(std::string_view rows);

json::object list_of(const Term& term, json::object entry) {
    json::object out;
    out["type"] = "array";
    out["items"] = std::move(entry);
    if (term.entries_least > 0) out["minItems"] = term.entries_least;
    out["maxItems"] = term.entries_most;
    // Structures are told apart by their names, which a schema cannot compare.
    if (term.kind != Kind::structure) out["uniqueItems"] = true;
    return out;
}

json::object topics(const Term& term) {
    static constexpr Term words{
        .place = "/topics/*",
        .kind = Kind::topic_word,
        .list = true,
        .entries_least = 1,
        .entries_most = limits::agreement_list_max};
    json::object out;
    out["type"] = "object";
    out["maxProperties"] = term.entries_most;
    out["properties"] = json::object{{"comment", schema_of_value(comment_term())}};
    out["propertyNames"] = schema_of_value(Term{.place = "", .kind = Kind::word});
    out["additionalProperties"] = list_of(words, schema_of_value(words));
    return out;
}

json::object of(const Term& term) {
    if (term.kind == Kind::topics) return topics(term);
    if (term.kind == Kind::structure && term.list)
        return list_of(term, structure(std::string(term.place) + "/*"));
    if (term.kind == Kind::structure) return structure(term.place);
    return term.list ? list_of(term, schema_of_value(term)) : schema_of_value(term);
}

json::object structure(std::string_view rows) {
    json::object properties;
    json::array required;
    for (const Term* term : terms_below(rows)) {
        json::object one = of(*term);
        one["description"] = json_view(term->means);
        if (!term->fallback.empty()) one["default"] = json::parse(json_view(term->fallback));
        properties[json_view(key_of(*term))] = std::move(one);
        if (term->required) required.emplace_back(json_view(key_of(*term)));
    }
    properties["comment"] = schema_of_value(comment_term());
    json::object out;
    out["type"] = "object";
    out["properties"] = std::move(properties);
    if (!required.empty()) out["required"] = std::move(required);
    out["additionalProperties"] = false;
    return out;
}

void lay_out(std::string& out, const json::value& value, std::size_t indent) {
    const bool is_object = value.is_object();
    const std::string line = json::serialize(value);
    const bool fits = line.size() + indent <= line_bytes_max;
    if ((!is_object && !value.is_array()) || fits) {
        out += line;
        return;
    }
    const std::string blanks(indent + 2, ' ');
    out += is_object ? '{' : '[';
    std::string_view comma = "\n";
    if (is_object) {
        for (const auto& member : value.get_object()) {
            out.append(comma).append(blanks).append(json::serialize(json::value(member.key())));
            out += ": ";
            lay_out(out, member.value(), indent + 2);
            comma = ",\n";
        }
    } else {
        for (const json::value& entry : value.get_array()) {
            out.append(comma).append(blanks);
            lay_out(out, entry, indent + 2);
            comma = ",\n";
        }
    }
    out.append("\n").append(blanks, 2);
    out += is_object ? '}' : ']';
}

}  // namespace

json::object schema() {
    json::object out;
    out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    out["$id"] = "urn:entente:agreement:1";
    out["title"] = "Entente agreement, form 1";
    out["$comment"] =
        "Written by the table of terms. A document that this schema refuses is refused. What it "
        "cannot say is checked besides: names that stand twice in an object; pids, topics and the "
        "steward that nobody has; two parties, flows or duties of one name, or one key or identity "
        "of two; what terms say against each other (docs/agreements.md); calendar dates, lengths "
        "of "
        "durations, checksums of keys, texts that do not show as what they are, lengths in bytes.";
    for (auto& member : structure(""))
        out[member.key()] = member.value();
    return out;
}

std::string laid_out(const json::value& value) {
    std::string out;
    lay_out(out, value, 0);
    out += '\n';
    return out;
}

}  // namespace entente::agreement::internal
