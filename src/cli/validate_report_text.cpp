// What the report says, as JSON and as text.
#include "base/limits.h"
#include "cli/progress.h"
#include "cli/validate_report.h"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t groups_shown = 40;
constexpr std::size_t places_shown = 3;  // with an example
constexpr std::size_t places_named = 6;  // by name alone
constexpr std::size_t inputs_shown = 20;
constexpr std::size_t unreadable_shown = 20;
constexpr std::int64_t measured_us_min = 100'000;  // less time says nothing about the rate

std::string_view level_name(stix::Level level) {
    return level == stix::Level::must ? "must" : "should";
}

std::string place_name(std::string_view type, std::string_view pointer) {
    return fmt::format(
        "{} {}", type.empty() ? "(no type)" : type, pointer.empty() ? "(as a whole)" : pointer
    );
}

std::string rate_of(std::uint64_t count, std::int64_t elapsed_us) {
    const auto seconds = static_cast<double>(std::max<std::int64_t>(elapsed_us, 1)) / 1e6;
    return grouped(static_cast<std::uint64_t>(static_cast<double>(count) / seconds));
}

}  // namespace

json::object Report::document(std::uint64_t bytes, std::int64_t elapsed_us) const {
    const auto place_of_example = [this](const FoundAt& at) {
        json::object made{{"file", inputs_[at.file].name}};
        if (at.line > 0) {
            made["line"] = at.line;
            made["byte"] = at.byte;
        }
        return made;
    };
    json::array groups;
    for (const Group* group : sorted_groups()) {
        json::array places;
        for (const Place* place : sorted_places(*group)) {
            json::array examples;
            for (const Example& example : place->examples) {
                json::object made = place_of_example(example.at);
                made["id"] = example.id;
                made["pointer"] = example.pointer;
                made["message"] = example.message;
                made["excerpt"] = example.excerpt;
                examples.push_back(std::move(made));
            }
            places.push_back(json::object{
                {"type", place->type},
                {"pointer", place->pointer},
                {"count", place->count},
                {"examples", std::move(examples)}});
        }
        groups.push_back(json::object{
            {"level", level_name(group->level)},
            {"code", group->code == 0 ? json::value() : json::value(group->code)},
            {"check", check_name(group->code)},
            {"rule", group->rule},
            {"about", rule_title(group->rule)},
            {"count", group->count},
            {"objects", group->objects},
            {"places", std::move(places)},
            {"elsewhere", group->elsewhere}});
    }
    json::array inputs;
    for (const Input& input : inputs_) {
        if (inputs.size() == limits::validate_unreadable_max) break;
        if (input.must + input.should == 0 && inputs_.size() > 1) continue;
        inputs.push_back(json::object{
            {"file", input.name},
            {"objects", input.objects},
            {"must", input.must},
            {"should", input.should}});
    }
    json::array unreadable;
    for (const Unreadable& one : unreadable_) {
        json::object made = place_of_example(one.at);
        made["detail"] = one.detail;
        unreadable.push_back(std::move(made));
    }
    json::object types;
    for (const auto& [type, count] : types_)
        types[type.empty() ? "" : std::string_view(type)] = count;
    return {
        {"valid", sound() && readable() && !interrupted_},
        {"strict", options_.strict},
        {"files", inputs_.size()},
        {"objects", objects_},
        {"bundles", bundles_},
        {"bytes", bytes},
        {"must", must_},
        {"should", should_},
        {"ignored", ignored_count_},
        {"objects_with_must", with_must_},
        {"objects_with_should_only", with_should_},
        {"types", std::move(types)},
        {"groups", std::move(groups)},
        {"inputs", std::move(inputs)},
        {"unreadable", std::move(unreadable)},
        {"unreadable_count", unreadable_count_},
        {"notes", json::array(notes_.begin(), notes_.end())},
        {"interrupted", interrupted_},
        {"elapsed_ms", elapsed_us / 1'000},
    };
}

void Report::append_group(std::vector<std::string>& lines, const Group& group) const {
    std::string name = fmt::format(
        "{} {}",
        group.level == stix::Level::must ? "MUST  " : "SHOULD",
        group.code == 0 ? group.rule : fmt::format("{} {}", group.code, group.rule)
    );
    const std::string_view about =
        check_name(group.code).empty() ? rule_title(group.rule) : check_name(group.code);
    if (!about.empty()) name += fmt::format("  {}", about);
    lines.push_back(fmt::format(
        "{}: {} in {}", name, counted(group.count, "finding"), counted(group.objects, "object")
    ));
    const auto places = sorted_places(group);
    std::size_t shown = 0;
    for (; shown < std::min(places.size(), places_shown); ++shown) {
        const Place& place = *places[shown];
        lines.push_back(fmt::format(
            "  {}{}",
            place_name(place.type, place.pointer),
            place.count > 1 ? fmt::format(", {} times", grouped(place.count)) : ""
        ));
        if (place.examples.empty()) continue;
        const Example& example = place.examples.front();
        lines.push_back(fmt::format("    {}", example.message));
        lines.push_back(fmt::format("    {} {}", where(example.at), example.id));
        if (!example.excerpt.empty()) lines.push_back(fmt::format("    | {}", example.excerpt));
    }
    std::string others;
    for (; shown < std::min(places.size(), places_shown + places_named); ++shown) {
        const Place& place = *places[shown];
        others += fmt::format(
            "{}{} ({})",
            others.empty() ? "" : ", ",
            place_name(place.type, place.pointer),
            grouped(place.count)
        );
    }
    if (others.empty()) return;
    std::uint64_t more = group.elsewhere;
    for (; shown < places.size(); ++shown)
        more += places[shown]->count;
    lines.push_back(fmt::format(
        "  and in {}{}", others, more > 0 ? fmt::format(", and {} elsewhere", grouped(more)) : ""
    ));
}

void Report::append_inputs(std::vector<std::string>& lines) const {
    std::vector<const Input*> bad;
    for (const Input& input : inputs_) {
        if (input.must > 0 || (options_.strict && input.should > 0)) bad.push_back(&input);
    }
    if (bad.empty() || inputs_.size() == 1) return;
    lines.emplace_back();
    lines.push_back(
        fmt::format("{} of {} are not sound:", bad.size(), counted(inputs_.size(), "file"))
    );
    for (std::size_t i = 0; i < std::min(bad.size(), inputs_shown); ++i) {
        lines.push_back(fmt::format(
            "  {}: {}, MUST {}, SHOULD {}",
            bad[i]->name,
            counted(bad[i]->objects, "object"),
            grouped(bad[i]->must),
            grouped(bad[i]->should)
        ));
    }
    if (bad.size() > inputs_shown) {
        lines.push_back(fmt::format("  and {} more", bad.size() - inputs_shown));
    }
}

std::string Report::summary(std::uint64_t bytes, std::int64_t elapsed_us) const {
    const std::string_view verdict =
        interrupted_  ? "interrupted"
        : !readable() ? (sound() ? "unreadable" : "not sound, and in part unreadable")
        : sound()     ? "sound"
                      : "not sound";
    std::string text = fmt::format(
        "{}: {} in {}; {} with findings of level MUST, {} with SHOULD only",
        verdict,
        counted(objects_, "object"),
        counted(inputs_.size(), "file"),
        grouped(with_must_),
        grouped(with_should_)
    );
    if (ignored_count_ > 0) {
        text += fmt::format("; {} ignored", counted(ignored_count_, "finding"));
    }
    if (elapsed_us < measured_us_min) return text;
    const double mebibytes = static_cast<double>(bytes) / (1U << 20U);
    return text + fmt::format(
                      " ({:.1f} MiB in {:.1f} s, {}/s)",
                      mebibytes,
                      static_cast<double>(elapsed_us) / 1e6,
                      rate_of(objects_, elapsed_us)
                  );
}

std::vector<std::string> Report::unreadable_lines() const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < std::min(unreadable_.size(), unreadable_shown); ++i) {
        lines.push_back(
            fmt::format("unreadable: {}: {}", where(unreadable_[i].at), unreadable_[i].detail)
        );
    }
    if (unreadable_count_ > lines.size()) {
        lines.push_back(fmt::format(
            "and {} more that cannot be read", grouped(unreadable_count_ - lines.size())
        ));
    }
    return lines;
}

std::vector<std::string> Report::lines(std::uint64_t bytes, std::int64_t elapsed_us) const {
    std::vector<std::string> lines;
    const auto groups = sorted_groups();
    for (std::size_t i = 0; i < std::min(groups.size(), groups_shown); ++i) {
        append_group(lines, *groups[i]);
    }
    if (groups.size() > groups_shown) {
        lines.push_back(fmt::format(
            "and {} more kinds of findings; --json has them all", groups.size() - groups_shown
        ));
    }
    append_inputs(lines);
    const auto unreadable = unreadable_lines();
    if (!unreadable.empty() && !lines.empty()) lines.emplace_back();
    lines.insert(lines.end(), unreadable.begin(), unreadable.end());
    if (!notes_.empty() && !lines.empty()) lines.emplace_back();
    for (const std::string& note : notes_)
        lines.push_back("note: " + note);
    if (!lines.empty()) lines.emplace_back();
    lines.push_back(summary(bytes, elapsed_us));
    return lines;
}

}  // namespace entente::cli
