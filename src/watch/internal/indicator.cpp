#include "watch/internal/indicator.h"

#include "base/time.h"
#include "match/values.h"
#include "pattern/evaluate.h"
#include "stix/tlp.h"

#include <boost/json/value.hpp>

#include <optional>
#include <variant>

namespace entente::watch {
namespace {

namespace json = boost::json;

std::string_view text_at(const json::object& object, const char* name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view{};
}

std::string_view marking_of(const json::object& object) {
    const json::value* refs = object.if_contains("object_marking_refs");
    std::optional<stix::Tlp> highest;
    if (refs != nullptr && refs->is_array()) {
        for (const json::value& ref : refs->get_array()) {
            if (!ref.is_string()) continue;
            const auto level = stix::tlp_of_marking(ref.get_string());
            if (level && (!highest || *highest < *level)) highest = level;
        }
    }
    return highest ? stix::tlp_name(*highest) : std::string_view{};
}

/// The name that `pattern` compares, where that is all it does.
const std::string* only_domain(const pattern::Pattern& pattern) {
    const auto* seen = std::get_if<pattern::Observation>(&pattern.root.node);
    if (seen == nullptr || !pattern.root.qualifiers.empty()) return nullptr;
    const auto* one = std::get_if<pattern::Comparison>(&seen->expression.node);
    if (one == nullptr || one->op != pattern::Op::equal || one->negated) return nullptr;
    if (one->path.type != "domain-name" || one->path.steps.size() != 1) return nullptr;
    const auto* step = std::get_if<std::string>(&one->path.steps.front());
    if (step == nullptr || *step != "value" || one->values.size() != 1) return nullptr;
    return std::get_if<std::string>(&one->values.front());
}

}  // namespace

Result<Indicator> read_indicator(std::string_view text) {
    ENTENTE_TRY(const json::value read, pattern::read_json(text));
    const json::object* object = read.if_object();
    if (object == nullptr) return fail(Errc::malformed, "no JSON object");
    Indicator out;
    out.id = text_at(*object, "id");
    out.name = text_at(*object, "name");
    out.pattern = text_at(*object, "pattern");
    out.created_by = text_at(*object, "created_by_ref");
    out.marking = marking_of(*object);
    const json::value* revoked = object->if_contains("revoked");
    out.revoked = revoked != nullptr && revoked->is_bool() && revoked->get_bool();
    const std::string_view language = text_at(*object, "pattern_type");
    out.other_language = !language.empty() && language != "stix";
    const bool old = text_at(*object, "spec_version") != "2.1" && language.empty();
    if (old) out.dialect = pattern::Dialect::v20;
    if (const auto from = parse_stix_time(text_at(*object, "valid_from")))
        out.validity.from = *from;
    if (const auto until = parse_stix_time(text_at(*object, "valid_until")))
        out.validity.until = *until;
    return out;
}

std::string with_subdomains(const std::string& pattern, pattern::Dialect dialect) {
    const auto parsed = pattern::parse(pattern, dialect);
    if (!parsed) return pattern;
    const std::string* name = only_domain(*parsed);
    if (name == nullptr) return pattern;
    // A name that looks like something else, as an address does, stays what it is.
    auto widened = match::pattern_of_value(*name, match::Subdomains::yes);
    return widened && widened->starts_with("[domain-name:value = ") ? std::move(*widened) : pattern;
}

}  // namespace entente::watch
