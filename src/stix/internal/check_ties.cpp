#include "stix/internal/check_ties.h"

#include "pattern/pattern.h"
#include "stix/internal/check_object.h"
#include "stix/internal/marking.h"
#include "stix/internal/text_rules.h"
#include "stix/internal/text_rules_chars.h"
#include "stix/tlp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

namespace entente::stix::internal {
namespace {

std::string names_of(const Seen& seen, std::string_view between) {
    std::string out;
    for (std::size_t i = 0; i < seen.size(); ++i)
        out.append(i == 0 ? "" : between).append(seen.name(i));
    return out;
}

/// The inside of a string that was seen to be sound.
std::string_view inside(std::string_view json) {
    return json.substr(1, json.size() - 2);
}

void order(Check& check, const Seen& seen, bool may_be_equal) {
    if (!seen.sound(0) || !seen.sound(1)) return;
    if (may_be_equal && same_text(seen[0], seen[1])) return;
    const auto order = compare_instants(inside(seen[0]), inside(seen[1]));
    if (order == std::strong_ordering::less ||
        (may_be_equal && order == std::strong_ordering::equal))
        return;
    check.findings.must(
        seen.tie().row->item,
        seen.at(1),
        {shown(seen[1]),
         may_be_equal ? " is before " : " is not after ",
         seen.name(0),
         ", ",
         shown(seen[0]),
         "; expected ",
         may_be_equal ? "that time or a later one" : "a later time"}
    );
}

void exactly_one(Check& check, const Seen& seen) {
    const ColumnSet there = seen.present() & seen.tie().set;
    if (std::has_single_bit(there)) return;
    if (there == 0) {
        check.findings.must(
            seen.tie().row->item,
            seen.where(),
            {"expected exactly one of ", names_of(seen, " and ")}
        );
        return;
    }
    std::size_t last = seen.size() - 1;
    while (!seen.has(last))
        --last;
    check.findings.must(
        seen.tie().row->item,
        seen.at(last),
        {"there is more than one of ", names_of(seen, " and "), "; expected exactly one"}
    );
}

void together(Check& check, const Seen& seen) {
    const ColumnSet there = seen.present() & seen.tie().set;
    if (there == 0 || there == seen.tie().set) return;
    std::size_t first = 0;
    while (!seen.has(first))
        ++first;
    check.findings.must(
        seen.tie().row->item,
        seen.at(first),
        {seen.name(first), " is alone; expected all of ", names_of(seen, " and "), " or none"}
    );
}

void needs(Check& check, const Seen& seen) {
    if (!seen.has(0)) return;
    std::string others;
    for (std::size_t i = 1; i < seen.size(); ++i) {
        if (seen.has(i)) return;
        others.append(i == 1 ? "" : " and ").append(seen.name(i));
    }
    check.findings.must(
        seen.tie().row->item,
        seen.at(0),
        {seen.name(0), " is here without ", others, "; expected both or neither"}
    );
}

bool list_has(std::string_view list, std::string_view json) {
    if (!list.starts_with('[')) return false;
    Elements in(list);
    std::string_view element;
    bool escaped = false;
    while (in.next(element, escaped)) {
        if (element == json) return true;
    }
    return false;
}

/// STIX 2.1, 7.2.1.4: there are no other instances than those printed there.
void check_tlp1(Check& check, std::span<const Property> properties) {
    constexpr std::string_view created = "\"2017-01-20T00:00:00.000Z\"";
    const auto level = tlp_of_marking(check.id());
    if (!level) return;
    const std::string name =
        *level == Tlp::clear ? "\"TLP:WHITE\"" : "\"" + std::string(tlp_name(*level)) + "\"";
    const auto want = [&](std::string_view property, std::string_view value) {
        const auto at =
            std::find_if(properties.begin(), properties.end(), [property](const Property& p) {
                return p.name == property;
            });
        if (at != properties.end() && at->value == value) return;
        check.findings.must(
            "S62",
            check.here() / property,
            {at == properties.end() ? "missing" : shown(at->value),
             "; the standard fixes this marking, expected ",
             value}
        );
    };
    want("created", created);
    if (!check.is_20()) want("name", name);
}

}  // namespace

void Check::ties(const Structure& structure, Seen& seen) {
    for (const ResolvedTie& tie : structure.ties) {
        if (tie.recommended && !findings.should()) continue;
        seen.use(tie);
        switch (tie.row->tie) {
            case Tie::not_before:
                order(*this, seen, true);
                break;
            case Tie::after:
                order(*this, seen, false);
                break;
            case Tie::at_least_one:
                if ((seen.present() & tie.set) == 0) {
                    findings.must(
                        tie.row->item,
                        seen.where(),
                        {"expected at least one of ", names_of(seen, ", ")}
                    );
                }
                break;
            case Tie::exactly_one:
                exactly_one(*this, seen);
                break;
            case Tie::together:
                together(*this, seen);
                break;
            case Tie::needs:
                needs(*this, seen);
                break;
            case Tie::some_own:
                if ((seen.present() & (structure.own | tie.set)) == 0) {
                    findings.must(
                        tie.row->item,
                        seen.where(),
                        {"there is nothing but common properties; expected at least one of ",
                         structure.name}
                    );
                }
                break;
            case Tie::check:
                tie.row->function(*this, seen);
                break;
        }
    }
}

void check_external_id(Check& check, const Seen& seen) {
    if (!seen.sound(0)) return;
    const std::string_view source = seen[0];
    const bool cve = source == "\"cve\"";
    const bool capec = source == "\"capec\"";
    const bool wants_cve = check.type() == "vulnerability";
    const bool wants_capec = check.type() == "attack-pattern";
    if (!cve && !capec && !wants_cve && !wants_capec) return;
    const auto id = seen.has(1) ? check.text(seen[1]) : std::nullopt;
    const bool is_cve = id && is_cve_id(*id);
    const bool is_capec = id && is_capec_id(*id);
    if ((cve && !is_cve) || (capec && !is_capec)) {
        if (seen.has(1) && !seen.sound(1)) return;
        check.findings.must(
            "S8",
            seen.at(1),
            {seen.has(1) ? shown(seen[1]) : "missing",
             cve ? "; source cve wants a CVE id, for example CVE-2024-12345"
                 : "; source capec wants a CAPEC id, for example CAPEC-163"}
        );
    } else if (is_cve && wants_cve && !cve) {
        check.findings.must(
            "S41",
            seen.at(0),
            {shown(source), " with a CVE id on a vulnerability; expected \"cve\""}
        );
    } else if (is_capec && wants_capec && !capec) {
        check.findings.must(
            "S41",
            seen.at(0),
            {shown(source), " with a CAPEC id on an attack-pattern; expected \"capec\""}
        );
    }
}

void check_url_hashes(Check& check, const Seen& seen) {
    if (!seen.has(0) || seen.has(1)) return;
    check.findings.recommend(
        302, "S8", seen.where(), {"a url without hashes; expected hashes of what is there"}
    );
}

/// STIX 2.1, 2.5.1: here, other than in 2.7, no other names are allowed.
void check_external_hashes(Check& check, const Seen& seen) {
    if (!seen[0].starts_with('{')) return;
    const Where hashes = seen.at(0);
    Member m;
    for (Members in(seen[0]); in.next(m);) {
        // What is no name at all was told.
        if (m.name_escaped || !is_hash_name(m.name)) continue;
        if (in_vocabulary(Vocabulary::hash_algorithm, m.name)) continue;
        check.findings.must(
            "S8",
            hashes / m.name,
            {shown(m.name),
             " is no algorithm of hash-algorithm-ov; an external reference allows no other"}
        );
    }
}

void check_kill_chain(Check& check, const Seen& seen) {
    if (!check.findings.should()) return;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!seen.sound(i)) continue;
        const auto name = check.text(seen[i]);
        if (is_term(*name)) continue;
        check.findings.recommend(
            121, "S9", seen.at(i), {shown(*name), " should be in lower case with - between words"}
        );
    }
}

void check_pattern(Check& check, const Seen& seen) {
    // 2.0 has no other patterns.
    if (!seen.sound(0) || (!check.is_20() && !is_text(seen[1], "\"stix\""))) return;
    const auto text = check.text(seen[0], seen.escaped(0));
    // The default is the version of the object.
    const std::string_view version =
        seen[2].empty() ? std::string_view(check.is_20() ? "\"2.0\"" : "\"2.1\"") : seen[2];
    const auto dialect = version == "\"2.0\"" ? pattern::Dialect::v20 : pattern::Dialect::v21;
    const pattern::Glance glance = pattern::glance(*text, dialect);
    if (glance == pattern::Glance::clean) return;
    if (glance == pattern::Glance::doubtful && !check.findings.should()) return;
    const auto parsed = pattern::parse(*text, dialect);
    if (!parsed) {
        const auto& error = parsed.error();
        check.findings.must(
            error.rule,
            seen.at(0),
            {"no pattern: at character ", std::to_string(error.at), ": ", error.message}
        );
        return;
    }
    for (const pattern::Remark& remark : pattern::remarks(*parsed, dialect)) {
        const std::string at = std::to_string(remark.at);
        if (remark.error) {
            check.findings.must(
                remark.rule, seen.at(0), {"at character ", at, ": ", remark.message}
            );
        } else {
            check.findings.recommend(
                remark.code, remark.rule, seen.at(0), {"at character ", at, ": ", remark.message}
            );
        }
    }
}

void check_malware_family(Check& check, const Seen& seen) {
    if (seen[0] != "true" || seen.has(1)) return;
    check.findings.must("S35", seen.at(1), {"missing; every malware family has a name"});
}

/// The observed things are SCOs; relationships may go with them. A type that the standard does not
/// have may be an SCO.
void check_observed_refs(Check& check, const Seen& seen) {
    if (!seen.sound(0)) return;
    Elements in(seen[0]);
    std::string_view element;
    bool escaped = false;
    while (in.next(element, escaped)) {
        const auto id = split_identifier(inside(element));
        const Structure* const type = id ? check.table().object(id->type) : nullptr;
        if (type == nullptr || type->kind == Class::sco) return;
    }
    check.findings.must("S37", seen.at(0), {"names no cyber-observable; expected at least one"});
}

void check_extension_properties(Check& check, const Seen& seen) {
    if (!seen.sound(0)) return;
    const bool toplevel = list_has(seen[0], "\"toplevel-property-extension\"");
    if (toplevel && !seen.has(1)) {
        check.findings.recommend(
            306,
            "S71",
            seen.where(),
            {"toplevel-property-extension without extension_properties; expected their names"}
        );
    }
    if (!toplevel && seen.has(1)) {
        check.findings.must(
            "S71",
            seen.at(1),
            {"extension_properties is for toplevel-property-extension only; expected no such "
             "property"}
        );
    }
    if (!seen.sound(1)) return;
    const Where list = seen.at(1);
    Elements in(seen[1]);
    std::string_view element;
    bool escaped = false;
    for (std::size_t i = 0; in.next(element, escaped); ++i) {
        const auto name = check.text(element);
        if (is_property_name(*name)) continue;
        check.findings.must(
            "S72",
            list[i],
            {shown(*name), " is no name of a property; expected 3 to 250 of a-z, 0-9 and _"}
        );
    }
}

void check_marking_definition(Check& check, const Seen& seen) {
    if (!seen.has(2)) {
        for (std::size_t i = 0; i < 2; ++i) {
            if (seen.has(i)) continue;
            check.findings.must(
                "S62",
                seen.at(i),
                {"missing; a marking-definition without extensions has definition_type and "
                 "definition"}
            );
        }
    }
    if (seen[0] == "\"statement\"" && seen.sound(1)) {
        bool stated = false;
        Members in(seen[1]);
        Member m;
        while (in.next(m))
            stated = stated || (m.name == "statement" && m.value.starts_with('"'));
        if (!stated)
            check.findings.must(
                "S64",
                seen.at(1),
                {"a statement without its text; expected {\"statement\": \"...\"}"}
            );
        return;
    }
    if (seen[0] != "\"tlp\"" && !seen.has(2)) return;
    std::vector<Property> properties;
    for (const Member& m : check.members()) {
        if (!m.name_escaped) properties.push_back({m.name, m.value});
    }
    const auto read = read_marking(check.id(), properties);
    if (read) {
        if (read->form == MarkingContent::Form::tlp1) check_tlp1(check, properties);
        return;
    }
    // "/pointer: what"
    const std::string_view detail = read.error().detail;
    const std::size_t colon = detail.find(": ");
    const bool has_pointer = detail.starts_with('/') && colon != std::string_view::npos;
    check.findings.must_at(
        "S62",
        pointer_to(seen.where()) + std::string(has_pointer ? detail.substr(0, colon) : ""),
        std::string(has_pointer ? detail.substr(colon + 2) : detail)
    );
}

void check_marks_itself(Check& check, const Seen& seen) {
    if (!seen.sound(0)) return;
    const std::string_view id = seen[0];
    std::string_view element;
    bool escaped = false;
    if (seen[1].starts_with('[')) {
        const Where list = seen.at(1);
        Elements in(seen[1]);
        for (std::size_t i = 0; in.next(element, escaped); ++i) {
            if (element == id) check.findings.must("V4", list[i], {"a marking cannot mark itself"});
        }
    }
    if (!seen[2].starts_with('[')) return;
    const Where list = seen.at(2);
    Elements in(seen[2]);
    for (std::size_t i = 0; in.next(element, escaped); ++i) {
        if (!element.starts_with('{')) continue;
        const Where marking = list[i];
        Member m;
        for (Members inside_of(element); inside_of.next(m);) {
            if (m.name == "marking_ref" && m.value == id) {
                check.findings.must("V5", marking / m.name, {"a marking cannot mark itself"});
            }
        }
    }
}

void check_multipart(Check& check, const Seen& seen) {
    if (!seen.sound(0)) return;
    const bool multipart = seen[0] == "true";
    const std::size_t wrong = multipart ? 1 : 2;
    if (!seen.has(wrong)) return;
    check.findings.must(
        "S48",
        seen.at(wrong),
        {multipart ? "body is for messages that are not multipart; expected body_multipart"
                   : "body_multipart is for multipart messages; expected body"}
    );
}

void check_header_fields(Check& check, const Seen& seen) {
    if (!check.findings.should() || !seen[0].starts_with('{')) return;
    static constexpr std::array<std::string_view, 12> modelled = {
        "date",
        "received_lines",
        "content_type",
        "from_ref",
        "sender_ref",
        "to_refs",
        "cc_refs",
        "bcc_refs",
        "subject",
        "received",
        "content-type",
        "from"};
    const Where fields = seen.at(0);
    Member m;
    for (Members in(seen[0]); in.next(m);) {
        const bool known =
            std::any_of(modelled.begin(), modelled.end(), [&m](std::string_view name) {
                return equal_ignoring_case(name, m.name);
            });
        if (known)
            check.findings.recommend(
                0,
                "S48",
                fields / m.name,
                {shown(m.name), " has a property of its own; expected it there"}
            );
    }
}

void check_active(Check& check, const Seen& seen) {
    if (seen[0] != "true" || !seen.has(1)) return;
    check.findings.must(
        "S52",
        seen.at(1),
        {"traffic that is active has no end; expected is_active false, or no end"}
    );
}

/// S20, V15, V16. `id`, then what contributes to it.
void check_observable_id(Check& check, const Seen& seen) {
    if (!seen.sound(0)) return;
    const auto id = split_identifier(inside(seen[0]));
    const int version = uuid_version(id->uuid);
    const ColumnSet contributing = seen.tie().set & ~(ColumnSet{1} << seen.tie().columns[0]);
    if ((seen.present() & contributing) != 0) {
        if (version != 5 && check.findings.should()) {
            check.findings.recommend(
                103,
                "S20",
                seen.at(0),
                {shown(id->uuid), " is not computed from the object; expected a UUID of version 5"}
            );
        }
        return;
    }
    // Where one of them is required its absence was told.
    if (version == 4 || (contributing & seen.structure().required) != 0) return;
    check.findings.must(
        seen.tie().row->item,
        seen.at(0),
        {shown(id->uuid), " cannot be computed from this object; expected a random UUID, version 4"}
    );
}

}  // namespace entente::stix::internal
