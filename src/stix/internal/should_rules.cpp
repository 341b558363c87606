#include "stix/internal/should_rules.h"

#include "stix/internal/check_object.h"
#include "stix/internal/text_rules.h"
#include "stix/internal/text_rules_chars.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace entente::stix::internal {
namespace {

std::string_view inside(std::string_view json) {
    return json.substr(1, json.size() - 2);
}

/// The rows that speak of the source, as a message may show them.
std::string types_from(std::string_view source, bool is_20) {
    std::string out;
    for (const RelationshipRow& row : relationship_rows(is_20)) {
        if (row.source == source) out.append(row.type).append(", ");
    }
    return out + "derived-from, duplicate-of or related-to";
}

std::string targets_of(std::string_view source, std::string_view type, bool is_20) {
    for (const RelationshipRow& row : relationship_rows(is_20)) {
        if (row.source != source || row.type != type) continue;
        std::string out(row.targets);
        std::replace(out.begin(), out.end(), ' ', '/');
        return out;
    }
    return {};
}

}  // namespace

void recommend_relationship(Check& check, const Seen& seen) {
    if (!seen.sound(0) || !seen.sound(1) || !seen.sound(2)) return;
    const std::string_view type = inside(seen[0]);
    const auto source = split_identifier(inside(seen[1]));
    const auto target = split_identifier(inside(seen[2]));
    if (!source || !target) return;
    const bool is_20 = check.is_20();
    switch (fit_of_relationship(type, source->type, target->type, is_20)) {
        case Fit::right:
            return;
        case Fit::same_type_wanted:
            check.findings.recommend(
                202,
                "S58",
                seen.at(2),
                {shown(target->type),
                 " is another type than the source's; ",
                 type,
                 " is for two objects of one type, expected ",
                 source->type}
            );
            return;
        case Fit::source_unknown:
        case Fit::type_unknown:
            check.findings.recommend(
                202,
                "S58",
                seen.at(0),
                {shown(type),
                 " is no relationship that the standard has from ",
                 source->type,
                 "; expected ",
                 types_from(source->type, is_20)}
            );
            return;
        case Fit::target_unknown:
            check.findings.recommend(
                202,
                "S58",
                seen.at(2),
                {shown(target->type),
                 " is no target that the standard has for ",
                 source->type,
                 " ",
                 type,
                 "; expected ",
                 targets_of(source->type, type, is_20)}
            );
            return;
    }
}

void recommend_unique_versions(Check& check, const Seen& seen) {
    if (!seen[0].starts_with('[')) return;
    // The same object may stand in a bundle once: by id and `modified` as they are spelled.
    std::vector<std::pair<std::pair<std::string_view, std::string_view>, std::size_t>> versions;
    Elements in(seen[0]);
    std::string_view element;
    bool escaped = false;
    for (std::size_t i = 0; in.next(element, escaped); ++i) {
        if (!element.starts_with('{')) continue;
        std::string_view id;
        std::string_view modified;
        Member m;
        for (Members properties(element); properties.next(m);) {
            if (m.name == "id") id = m.value;
            if (m.name == "modified") modified = m.value;
        }
        if (!id.empty() && !modified.empty()) versions.push_back({{id, modified}, i});
    }
    std::sort(versions.begin(), versions.end());
    for (std::size_t i = 1; i < versions.size(); ++i) {
        if (versions[i].first != versions[i - 1].first) continue;
        const Where objects = seen.at(0);
        check.findings.recommend(
            203,
            "S28",
            objects[versions[i].second],
            {"the same id and modified stand in /objects/",
             std::to_string(versions[i - 1].second),
             "; expected each version once"}
        );
    }
}

void recommend_marking_extension(Check& check, const Seen& seen) {
    if (!seen.sound(0) || seen[0] == "\"statement\"" || seen[0] == "\"tlp\"") return;
    if (seen.has(1)) return;
    check.findings.recommend(
        401,
        "S64",
        seen.where(),
        {"a marking of another kind; expected it under extensions, by an extension-definition"}
    );
}

void recommend_product_spelling(Check& check, const Seen& seen) {
    if (!seen.sound(0)) return;
    const auto product = check.text(seen[0]);
    if (!product->empty() && all(*product, lower | digit | hyphen)) return;
    check.findings.recommend(
        143,
        "S36",
        seen.at(0),
        {shown(seen[0]), " should be in lower case with - between words, for example anonymized"}
    );
}

void recommend_priority_class(Check& check, const Seen& seen) {
    if (!seen.sound(0)) return;
    const auto priority = check.text(seen[0]);
    constexpr std::string_view end = "_CLASS";
    if (priority->ends_with(end) && priority->size() > end.size()) return;
    check.findings.recommend(
        149,
        "S55",
        seen.at(0),
        {shown(seen[0]), " does not end in _CLASS; expected, for example, HIGH_PRIORITY_CLASS"}
    );
}

void recommend_both_ports(Check& check, const Seen& seen) {
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (seen.has(i)) continue;
        check.findings.recommend(
            301, "S52", seen.at(i), {"missing; network traffic should say both ports"}
        );
    }
}

void recommend_name_and_description(Check& check, const Seen& seen) {
    if ((seen.tie().set & ~seen.present()) == 0) return;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (seen.has(i)) continue;
        check.findings.recommend(
            303, "S33", seen.at(i), {"missing; an indicator should have name and description"}
        );
    }
}

void recommend_extension_description(Check& check, const Seen& seen) {
    if (seen.has(0)) return;
    check.findings.recommend(
        305, "S70", seen.at(0), {"missing; an extension-definition should say what it is for"}
    );
}

}  // namespace entente::stix::internal
