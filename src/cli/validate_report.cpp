#include "cli/validate_report.h"

#include "base/escape.h"
#include "base/limits.h"

#include <algorithm>

namespace entente::cli {
namespace {

constexpr std::size_t excerpt_bytes_max = 120;
constexpr std::size_t message_bytes_max = 1'000;
constexpr std::size_t name_bytes_max = 300;  // ids, pointers, types

/// A copy of at most so many bytes, well-formed UTF-8 without what does not show: it came from
/// outside and goes into JSON and onto terminals.
std::string kept(std::string_view text, std::size_t bytes_max) {
    return printable(text, bytes_max);
}

/// Every index becomes *: the same thing in a hundred elements of a list is one place.
void append_place(std::string& key, std::string_view pointer) {
    std::size_t from = 0;
    while (from < pointer.size()) {
        const std::size_t end = std::min(pointer.find('/', from + 1), pointer.size());
        const std::string_view step = pointer.substr(from + 1, end - from - 1);
        const bool index =
            !step.empty() && std::ranges::all_of(step, [](char c) { return c >= '0' && c <= '9'; });
        key += '/';
        key += index ? std::string_view("*") : step;
        from = end;
    }
}

}  // namespace

Report::Report(Options options, const Ignored& ignored) : options_(options), ignored_(ignored) {}

void Report::add_input(std::string name) {
    inputs_.push_back({.name = std::move(name)});
}

void Report::note(std::string text) {
    notes_.push_back(std::move(text));
}

Report::Group& Report::group_of(stix::Level level, std::uint16_t code, std::string_view rule) {
    // There are about a hundred rules, and few of them are broken.
    for (Group& group : groups_) {
        if (group.code == code && group.level == level && group.rule == rule) return group;
    }
    Group& made = groups_.emplace_back();
    made.level = level;
    made.code = code;
    made.rule = rule;
    return made;
}

Report::Place* Report::place_of(Group& group, std::string_view type, std::string_view pointer) {
    key_.assign(type.substr(0, name_bytes_max));
    const std::size_t type_bytes = key_.size();
    key_ += ' ';
    append_place(key_, pointer.substr(0, name_bytes_max));
    if (const auto found = group.index.find(key_); found != group.index.end()) {
        return &group.places[found->second];
    }
    if (group.places.size() == limits::validate_places_max) return nullptr;
    group.index.emplace(key_, group.places.size());
    Place& made = group.places.emplace_back();
    made.type = kept(std::string_view(key_).substr(0, type_bytes), name_bytes_max);
    made.pointer = kept(std::string_view(key_).substr(type_bytes + 1), name_bytes_max);
    return &made;
}

bool Report::wants_example(const Place& place) const noexcept {
    return place.examples.size() < options_.examples_max &&
           examples_ < limits::validate_examples_max;
}

void Report::add_example(Place& place, Example example) {
    place.examples.push_back(std::move(example));
    ++examples_;
}

Report::Example Report::example_of(const Judged& object, const stix::Finding& finding) {
    std::size_t offset = 0;
    // Walking to the place costs the object's length; hostile input may not have it done for ever.
    if (located_bytes_ < limits::validate_located_bytes_max) {
        offset = locate(object.text, finding.pointer);
        located_bytes_ += object.text.size();
    }
    const bool in_tail = offset >= object.tail_from;
    const std::size_t from = in_tail ? object.tail_from : 0;
    FoundAt at = in_tail ? object.tail_at : object.at;
    at.byte += offset - from;
    at.line += line_feeds(object.text.substr(from, offset - from));
    std::string_view line = line_at(object.text, offset, excerpt_bytes_max);
    if (line == "{" || line == "[") line = {};  // says nothing
    return {
        .at = at,
        .id = kept(object.facts.id, name_bytes_max),
        .pointer = kept(finding.pointer, name_bytes_max),
        .message = kept(finding.message, message_bytes_max),
        .excerpt = kept(line, excerpt_bytes_max)};
}

void Report::take(const Judged& object, const std::vector<stix::Finding>& findings) {
    Input& input = inputs_[object.at.file];
    ++taken_;
    if (object.counts) {
        ++objects_;
        ++input.objects;
        const auto known = types_.find(object.facts.type);
        if (known != types_.end()) {
            ++known->second;
        } else if (types_.size() < limits::validate_types_max) {
            types_.emplace(object.facts.type, 1);
        }
    } else {
        ++bundles_;
    }
    bool must = false;
    bool should = false;
    for (const stix::Finding& finding : findings) {
        if (ignored_.has(finding)) {
            ++ignored_count_;
            continue;
        }
        const bool is_must = finding.level == stix::Level::must;
        (is_must ? must : should) = true;
        ++(is_must ? must_ : should_);
        ++(is_must ? input.must : input.should);
        Group& group = group_of(finding.level, finding.code, finding.rule);
        ++group.count;
        if (group.last_object != taken_) ++group.objects;
        group.last_object = taken_;
        Place* const place = place_of(group, object.facts.type, finding.pointer);
        if (place == nullptr) {
            ++group.elsewhere;
            continue;
        }
        ++place->count;
        if (wants_example(*place)) add_example(*place, example_of(object, finding));
    }
    if (must) ++with_must_;
    if (should && !must) ++with_should_;
}

void Report::take_reference(const OpenReferences::Reference& reference) {
    const stix::Finding finding{stix::Level::must, 0, "S23", reference.pointer, ""};
    if (ignored_.has(finding)) {
        ignored_count_ += reference.count;
        return;
    }
    must_ += reference.count;
    inputs_[reference.at.file].must += reference.count;
    Group& group = group_of(stix::Level::must, 0, "S23");
    group.count += reference.count;
    ++group.objects;  // at least this one: the others that refer to it are not kept
    Place* const place = place_of(group, reference.type, reference.pointer);
    if (place == nullptr) {
        group.elsewhere += reference.count;
        return;
    }
    place->count += reference.count;
    if (!wants_example(*place)) return;
    std::string message = "there is no " + reference.target + " in what was given";
    if (reference.count > 1) {
        message += "; " + std::to_string(reference.count) + " references lead to it";
    }
    add_example(
        *place,
        {.at = reference.at,
         .id = kept(reference.id, name_bytes_max),
         .pointer = kept(reference.pointer, name_bytes_max),
         .message = kept(message, message_bytes_max),
         .excerpt = {}}
    );
}

void Report::unreadable(const FoundAt& at, std::string detail) {
    ++unreadable_count_;
    if (unreadable_.size() < limits::validate_unreadable_max) {
        unreadable_.push_back({at, kept(detail, message_bytes_max)});
    }
}

std::vector<const Report::Group*> Report::sorted_groups() const {
    std::vector<const Group*> groups;
    for (const Group& group : groups_)
        groups.push_back(&group);
    std::ranges::stable_sort(groups, [](const Group* a, const Group* b) {
        if (a->level != b->level) return a->level == stix::Level::must;
        return a->count > b->count;
    });
    return groups;
}

std::vector<const Report::Place*> Report::sorted_places(const Group& group) {
    std::vector<const Place*> places;
    for (const Place& place : group.places)
        places.push_back(&place);
    std::ranges::stable_sort(places, std::ranges::greater(), &Place::count);
    return places;
}

std::string Report::where(const FoundAt& at) const {
    std::string text = inputs_[at.file].name;
    if (at.line > 0) {
        text += ":" + std::to_string(at.line) + " (byte " + std::to_string(at.byte) + ")";
    }
    return text;
}

}  // namespace entente::cli
