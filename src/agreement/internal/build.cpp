#include "agreement/internal/build.h"

#include "agreement/internal/json_access.h"
#include "agreement/internal/kinds.h"
#include "base/assert.h"

#include <algorithm>
#include <array>
#include <limits>

namespace entente::agreement::internal {
namespace {

namespace json = boost::json;

std::string string_at(const json::object& object, json::string_view key) {
    const json::value* value = object.if_contains(key);
    return value == nullptr ? std::string() : std::string(text(*value));
}

std::uint32_t small(std::uint64_t number) {
    ENTENTE_ASSERT(number <= std::numeric_limits<std::uint32_t>::max());
    return static_cast<std::uint32_t>(number);
}

std::optional<std::uint32_t> optional_at(const json::object& object, json::string_view key) {
    if (object.if_contains(key) == nullptr) return std::nullopt;
    return small(number(object, key));
}

std::vector<std::string> strings(const json::array& list) {
    std::vector<std::string> out;
    out.reserve(list.size());
    for (const json::value& entry : list)
        out.emplace_back(text(entry));
    return out;
}

std::vector<std::string> sorted(const json::array& list) {
    std::vector<std::string> out = strings(list);
    std::sort(out.begin(), out.end());
    return out;
}

stix::Tlp level(std::string_view word) {
    const auto tlp = stix::parse_tlp(word);
    ENTENTE_ASSERT(tlp.has_value());
    return *tlp;
}

Personal personal(std::string_view word) {
    const auto found = stix::parse_personal(word);
    ENTENTE_ASSERT(found.has_value());
    return *found;
}

Micros instant(std::string_view word) {
    return parse_stix_time(word).value();
}

PartyTerm party(const json::object& from) {
    PartyTerm out{
        .pid = string_at(from, "pid"),
        .name = string_at(from, "name"),
        .identities = strings(array(from, "identities")),
        .sign_keys = {},
        .contact = string_at(from, "contact"),
        .jurisdiction = string_at(from, "jurisdiction")};
    for (const json::value& key : array(from, "sign_keys"))
        out.sign_keys.push_back(ledger::verifier_of(text(key)).value());
    // Only in one-sided terms may the list be empty.
    out.countersigns = !out.sign_keys.empty();
    return out;
}

Select select(const json::object& from) {
    Select out{
        .types = sorted(array(from, "types")),
        .topics = sorted(array(from, "topics")),
        .pattern_paths = sorted(array(from, "pattern_paths")),
        .min_confidence = {},
        .exclude_labels = sorted(array(from, "exclude_labels")),
        .not_older_days = optional_at(from, "not_older_days")};
    if (const auto least = optional_at(from, "min_confidence"))
        out.min_confidence = static_cast<std::uint8_t>(*least);
    return out;
}

Flow flow(const json::object& from) {
    Flow out{
        .fid = string_at(from, "fid"),
        .from = strings(array(from, "from")),
        .to = strings(array(from, "to")),
        .select = select(from.at("select").get_object()),
        .max_marking = level(text(from, "max_marking")),
        .strip = {},
        .named = sorted(array(from, "named")),
        .min_delay_hours = small(number(from, "min_delay_hours")),
        .objects_per_day = number(from, "objects_per_day"),
        .bytes_per_day = number(from, "bytes_per_day")};
    for (const json::value& word : array(from, "strip"))
        out.strip.push_back(personal(text(word)));
    std::sort(out.strip.begin(), out.strip.end());
    return out;
}

Topics topics(const json::object& from) {
    Topics out;
    for (const auto& member : from) {
        if (!member.value().is_array()) continue;  // a comment
        out.emplace(
            std::string(member.key().data(), member.key().size()),
            sorted(member.value().get_array())
        );
    }
    return out;
}

Use use(const json::object& from) {
    return {
        .purposes = sorted(array(from, "purposes")),
        .permitted_actions = string_at(from, "permitted_actions"),
        .affected_party_notifications = string_at(from, "affected_party_notifications"),
        .commercial_use = string_at(from, "commercial_use"),
        .unmodified_resale = string_at(from, "unmodified_resale"),
        .ml_training = string_at(from, "ml_training")};
}

Onward onward(const json::object& from) {
    return {
        .allowed = truth(from, "allowed"),
        .max_marking = level(text(from, "max_marking")),
        .to = sorted(array(from, "to")),
        .attribution = string_at(from, "attribution"),
        .min_delay_hours = small(number(from, "min_delay_hours"))};
}

Handling handling(const json::object& from) {
    return {
        .encrypt_in_transit = string_at(from, "encrypt_in_transit"),
        .encrypt_at_rest = string_at(from, "encrypt_at_rest"),
        .retention_days = optional_at(from, "retention_days"),
        .retention_days_personal = optional_at(from, "retention_days_personal"),
        .purge_on_end_days = optional_at(from, "purge_on_end_days")};
}

Obligation obligation(const json::object& from) {
    return {
        .oid = string_at(from, "oid"),
        .who = strings(array(from, "who")),
        .what = string_at(from, "what"),
        .on = string_at(from, "on"),
        .when = string_at(from, "when"),
        .within_seconds = duration_seconds(text(from, "within")).value()};
}

Change change(const json::object& from) {
    const std::string_view join = text(from, "join");
    return {
        .join = join == "quorum"    ? Change::Rule::quorum
                : join == "steward" ? Change::Rule::steward
                                    : Change::Rule::all,
        .quorum = optional_at(from, "quorum").value_or(0),
        .steward = string_at(from, "steward"),
        .dispute_contact = string_at(from, "dispute_contact")};
}

Law law(const json::object& from) {
    return {
        .text_sha256 = string_at(from, "text_sha256"),
        .text_uri = string_at(from, "text_uri"),
        .precedence = string_at(from, "precedence")};
}

}  // namespace

Document build(const json::object& document) {
    Document out;
    out.id = string_at(document, "id");
    out.version = small(number(document, "version"));
    out.previous = string_at(document, "previous");
    out.title = string_at(document, "title");
    out.one_sided = truth(document, "one_sided");
    for (const json::value& entry : array(document, "parties"))
        out.parties.push_back(party(entry.get_object()));
    out.topics = topics(document.at("topics").get_object());
    for (const json::value& entry : array(document, "flows"))
        out.flows.push_back(flow(entry.get_object()));
    out.use = use(document.at("use").get_object());
    out.onward = onward(document.at("onward").get_object());
    out.handling = handling(document.at("handling").get_object());
    for (const json::value& entry : array(document, "obligations"))
        out.obligations.push_back(obligation(entry.get_object()));
    const json::object& validity = document.at("validity").get_object();
    out.from = instant(text(validity, "from"));
    out.until = instant(text(validity, "until"));
    out.notice_days = small(number(validity, "notice_days"));
    out.change = change(document.at("change").get_object());
    out.law = law(document.at("law").get_object());
    return out;
}

}  // namespace entente::agreement::internal
