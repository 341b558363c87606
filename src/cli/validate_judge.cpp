#include "cli/validate_judge.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/progress.h"
#include "stix/envelope.h"
#include "stix/object.h"
#include "stix/tlp.h"

#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

using stix::Finding;
using stix::Level;

constexpr std::size_t shown_bytes_max = 80;

Finding must(std::string_view rule, std::string pointer, std::string message) {
    return {Level::must, 0, rule, std::move(pointer), std::move(message)};
}

Finding should(
    std::uint16_t code, std::string_view rule, std::string pointer, std::string message
) {
    return {Level::should, code, rule, std::move(pointer), std::move(message)};
}

std::string shown(std::string_view value) {
    return printable(value, shown_bytes_max);
}

/// What holds a list of objects, by what it says of itself.
enum class Holder : std::uint8_t {
    page,  // neither type nor id: a TAXII envelope (TAXII 2.1, 3.7), of which nothing is asked here
    bundle,  // or meant to be one
    other,   // it says that it is of another type
};

Holder holder_of(std::string_view text) {
    bool says_id = false;
    Members members(text);
    while (const auto member = members.next()) {
        says_id = says_id || name_is(member->raw_name, "id");
        if (!name_is(member->raw_name, "type")) continue;
        return string_value(member->value) == "bundle" ? Holder::bundle : Holder::other;
    }
    return says_id ? Holder::bundle : Holder::page;
}

/// What holds a list of objects without the objects, which were judged one by one: with an empty
/// list if there were none, else with none.
struct Wrapping {
    std::string text;
    std::size_t tail_from = 0;  // in the text
};

Wrapping wrapping(std::string_view head, std::string_view tail, std::uint64_t objects) {
    Wrapping made{std::string(head), 0};
    if (objects == 0) {
        made.text += "[]";
        made.tail_from = made.text.size();
        made.text += tail;
        return made;
    }
    // The head ends in the name of the list and a colon. The name, however it is spelled, has no
    // quote in it.
    std::size_t end = head.rfind('"');
    if (end != std::string_view::npos && end > 0) end = head.rfind('"', end - 1);
    if (end == std::string_view::npos) end = head.size();
    made.text.resize(end);
    while (!made.text.empty() &&
           std::string_view(" \t\r\n,").find(made.text.back()) != std::string_view::npos)
        made.text.pop_back();
    made.tail_from = made.text.size();
    const bool first = made.text == "{";
    made.text += tail;
    const std::size_t comma = made.text.find_first_not_of(" \t\r\n", made.tail_from);
    if (first && comma != std::string::npos && made.text[comma] == ',') made.text[comma] = ' ';
    return made;
}

/// What is wrong with what holds a list.
std::vector<Finding> check_wrapping(
    const std::string& text, const CheckObject& check, stix::Spec spec
) {
    switch (holder_of(text)) {
        case Holder::page:
            // What no TAXII client can read is wrong all the same.
            if (const auto read = stix::canonical_json(text); !read) {
                return {must("S1", "", read.error().detail)};
            }
            return {};
        case Holder::bundle:
            return check(text, {spec});
        case Holder::other:
            break;
    }
    return {must("S43", "/type", "only a bundle has a list of objects; type must be \"bundle\"")};
}

}  // namespace

bool says_stix20(std::string_view head) {
    Members members(head);
    while (const auto member = members.next()) {
        if (name_is(member->raw_name, "spec_version")) return string_value(member->value) == "2.0";
    }
    return false;
}

void Versions::take(const Facts& facts, std::vector<Finding>& findings) {
    if (facts.id.empty() || facts.modified.empty()) return;
    switch (seen_.add(prints_.of(facts.id, facts.modified))) {
        case FingerprintSet::Added::yes:
            return;
        case FingerprintSet::Added::full:
            overflowed_ = true;
            return;
        case FingerprintSet::Added::was_there:
            findings.push_back(should(
                203,
                "S28",
                "/modified",
                fmt::format(
                    "this version ({}, {}) was there before; a change needs a later modified",
                    shown(facts.id),
                    shown(facts.modified)
                )
            ));
    }
}

Judge::Judge(const JudgeOptions& options, CheckObject check, Report& report, Random& random)
    : options_(options),
      check_(std::move(check)),
      report_(report),
      in_list_(random, limits::validate_ids_max),
      in_stream_(random, limits::validate_ids_max) {
    if (options.enforce_refs) {
        references_.emplace(random, limits::validate_ids_max, limits::validate_references_max);
    }
}

void Judge::begin_input() {
    in_stream_.clear();
    list_open_ = false;
}

void Judge::opened(std::string_view head, const FoundAt& at) {
    list_open_ = true;
    list_spec_ = options_.spec;
    if (list_spec_ == stix::Spec::as_stated && says_stix20(head)) list_spec_ = stix::Spec::v20;
    head_ = head;
    opened_at_ = at;
    list_objects_ = 0;
    in_list_.clear();
}

void Judge::object(std::string_view text, const FoundAt& at) {
    if (list_open_) ++list_objects_;
    read_facts(text, facts_);
    const bool bundle = facts_.type == "bundle";
    if (bundle && !list_open_) {
        // Without a list of objects, or the cutter would have told it as one.
        const auto& own = check_(text, {options_.spec});
        if (!is_unreadable(text, own, at)) report_.take({text, at, facts_, false}, own);
        return;
    }
    const auto& findings = check_(text, {list_open_ ? list_spec_ : options_.spec});
    if (is_unreadable(text, findings, at)) return;
    if (references_) {
        if (!facts_.id.empty()) references_->is_there(facts_.id);
        take_references(text, at);
    }
    findings_.clear();
    if (bundle) {
        findings_.push_back(must("S43", "/type", "a bundle cannot stand in a bundle"));
    }
    (list_open_ ? in_list_ : in_stream_).take(facts_, findings_);
    if (findings_.empty()) {
        report_.take({text, at, facts_}, findings);
    } else {
        findings_.insert(findings_.begin(), findings.begin(), findings.end());
        report_.take({text, at, facts_}, findings_);
    }
}

/// What is no JSON was cut by its brackets alone: no reader of the file would get so far.
bool Judge::is_unreadable(
    std::string_view text, const std::vector<Finding>& findings, const FoundAt& at
) {
    if (findings.size() != 1 || findings[0].rule != "S1" || is_json(text)) return false;
    report_.unreadable(at, findings[0].message);
    return true;
}

void Judge::take_references(std::string_view text, const FoundAt& at) {
    each_reference(text, [&](std::string_view pointer, const std::string& id) {
        if (stix::tlp_of_marking(id)) return;  // everybody has these (7.2.1.4)
        if (!references_->refers(id)) return;
        references_->first_seen(
            {.target = id,
             .type = facts_.type,
             .id = facts_.id,
             .pointer = std::string(pointer),
             .at = at}
        );
    });
}

void Judge::closed(std::string_view tail, const FoundAt& at) {
    if (!list_open_) return;
    list_open_ = false;
    if (head_.empty() && tail.empty()) return;  // a list that nothing holds
    const Wrapping around = wrapping(head_, tail, list_objects_);
    read_facts(around.text, facts_);
    if (head_.empty() || tail.empty()) {
        findings_ = {should(
            0,
            "S43",
            "",
            fmt::format(
                "more than {} bytes stand around the objects; they were not looked at",
                grouped(limits::object_bytes_max)
            )
        )};
    } else {
        findings_ = check_wrapping(around.text, check_, options_.spec);
        if (is_unreadable(around.text, findings_, opened_at_)) return;
    }
    report_.take(
        {.text = around.text,
         .at = opened_at_,
         .facts = facts_,
         .counts = false,
         .tail_from = around.tail_from,
         .tail_at = at},
        findings_
    );
}

void Judge::finish() {
    if (in_list_.overflowed() || in_stream_.overflowed()) {
        report_.note(fmt::format(
            "versions that come twice (203) were looked for among the first {} of a list only",
            grouped(limits::validate_ids_max)
        ));
    }
    if (!references_) return;
    if (references_->overflowed()) {
        report_.note(fmt::format(
            "there are more than {} ids: references were not followed",
            grouped(limits::validate_ids_max)
        ));
        return;
    }
    if (references_->not_followed() > 0) {
        report_.note(fmt::format(
            "{} were not followed: more than {} led to objects that had not come yet",
            counted(references_->not_followed(), "reference"),
            grouped(limits::validate_references_max)
        ));
    }
    for (const OpenReferences::Reference& reference : references_->unanswered()) {
        report_.take_reference(reference);
    }
}

LineJudge::LineJudge(stix::Spec spec, CheckObject check, Random& random)
    : spec_(spec),
      check_(std::move(check)),
      versions_(random, limits::validate_ids_max) {}

const std::vector<Finding>& LineJudge::check(std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
        facts_ = {};
        findings_ = {must("S1", "", "the line is empty; it must hold one JSON text")};
        return findings_;
    }
    read_facts(line, facts_);
    const std::size_t first = line.find_first_not_of(" \t");
    const bool list = line[first] == '[' ||
                      (facts_.holds_list && (facts_.type.empty() || facts_.type == "bundle"));
    if (!list) return check_(line, {spec_});
    findings_.clear();
    if (is_json(line)) {
        check_list(line);
        return findings_;
    }
    const auto canonical = stix::canonical_json(line);
    findings_ = {must("S1", "", canonical ? "this is no JSON" : canonical.error().detail)};
    return findings_;
}

void LineJudge::take(std::string_view text, const std::string& pointer, stix::Spec spec) {
    read_facts(text, element_);
    if (findings_.size() >= limits::validate_line_findings_max) return;
    for (const Finding& finding : check_(text, {spec})) {
        findings_.push_back(finding);
        findings_.back().pointer = pointer + finding.pointer;
    }
    const std::size_t before = findings_.size();
    versions_.take(element_, findings_);
    if (findings_.size() > before) findings_.back().pointer = pointer + "/modified";
}

void LineJudge::check_list(std::string_view line) {
    versions_.clear();
    stix::Spec spec = spec_;
    std::string head;
    std::string base;
    std::uint64_t count = 0;
    stix::Cutter cutter(
        [&](std::string_view text, std::size_t) -> Result<void> {
            take(text, fmt::format("{}/{}", base, count), spec);
            ++count;
            return {};
        },
        {[&](std::string_view text, std::size_t) -> Result<void> {
             head = text;
             if (!text.empty()) base = "/objects";
             if (spec == stix::Spec::as_stated && says_stix20(head)) spec = stix::Spec::v20;
             return {};
         },
         [&](std::string_view tail, std::size_t) -> Result<void> {
             if (base.empty()) return {};
             const std::string text = wrapping(head, tail, count).text;
             for (Finding& finding : check_wrapping(text, check_, spec_)) {
                 findings_.push_back(std::move(finding));
             }
             return {};
         }}
    );
    auto cut = cutter.feed(line);
    if (cut) cut = cutter.finish();
    if (!cut) findings_.push_back(must("S1", "", cut.error().detail));
}

}  // namespace entente::cli
