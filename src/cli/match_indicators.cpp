#include "cli/match_indicators.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/decode.h"
#include "cli/lines.h"
#include "cli/stop.h"
#include "cli/validate_read.h"
#include "pattern/evaluate.h"
#include "stix/envelope.h"
#include "stix/tlp.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;

constexpr std::uint64_t told_one_by_one = 10;

std::string_view text_at(const json::object& object, const char* name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view{};
}

/// The highest level of TLP among its markings, or nothing.
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

/// Of which version it is, as instant_key makes it: empty sorts before all others.
std::string version_text(const json::object& object) {
    for (const char* const name : {"modified", "created"})
        if (auto key = instant_key(text_at(object, name))) return std::move(*key);
    return {};
}

/// `value<TAB>rest`, `value,rest`, `value # rest`: the value and the rest of a line of a list.
std::pair<std::string_view, std::string_view> split(std::string_view line) {
    const auto end = std::min(line.find_first_of("\t, ;"), line.size());
    std::string_view rest = line.substr(std::min(end + 1, line.size()));
    const auto begin = std::min(rest.find_first_not_of("\t, ;#"), rest.size());
    rest.remove_prefix(begin);
    return {line.substr(0, end), rest};
}

}  // namespace

IndicatorFiles::IndicatorFiles(const match::IndicatorSet::Options& options, match::Subdomains below)
    : set_(options),
      below_(below) {}

void IndicatorFiles::refuse(const std::string& place, std::string_view why, Context& context) {
    ++counts_.refused;
    if (counts_.refused <= told_one_by_one)
        context.note(fmt::format("{}: left out: {}", place, why));
    if (counts_.refused == told_one_by_one + 1) context.note("more are left out and only counted");
}

void IndicatorFiles::take_object(std::string_view text, const std::string& path, Context& context) {
    const auto read = pattern::read_json(text);
    if (!read) return refuse(shown_name(path), read.error().detail, context);
    const auto* object = read->if_object();
    if (object == nullptr) return;
    const std::string_view type = text_at(*object, "type");
    if (type == "identity") {
        names_.insert_or_assign(
            std::string(text_at(*object, "id")), std::string(text_at(*object, "name"))
        );
    }
    if (type == "indicator") take_indicator(*object, path, context);
}

IndicatorFiles::Version& IndicatorFiles::version_of(
    const std::string& id, std::string_view creator, Context& context
) {
    const auto number = static_cast<std::uint32_t>(creators_.size());
    const std::uint32_t by = creators_.try_emplace(std::string(creator), number).first->second;
    const auto [first, fresh] = versions_.try_emplace(id);
    if (fresh) first->second.creator = by;
    if (first->second.creator == by) return first->second;
    const auto [other, second] = further_versions_.try_emplace(fmt::format("{} {}", by, id));
    if (second) {
        ++counts_.of_several_creators;
        if (counts_.of_several_creators <= told_one_by_one) {
            context.note(fmt::format(
                "{} comes from several creators (created_by_ref); none replaces another's", id
            ));
        }
    }
    return other->second;
}

void IndicatorFiles::take_indicator(
    const json::object& object, const std::string& path, Context& context
) {
    const std::string id(text_at(object, "id"));
    // What has no id has no versions.
    Version alone;
    Version& known =
        id.empty() ? alone : version_of(id, text_at(object, "created_by_ref"), context);
    std::string version = version_text(object);
    const json::value* revoked = object.if_contains("revoked");
    // What is no boolean is taken for the safe one.
    const bool gone = revoked != nullptr && !(revoked->is_bool() && !revoked->get_bool());
    if (known.seen) {
        ++counts_.older;
        // Of two equal versions the one that takes it back counts.
        if (version < known.version || (version == known.version && !gone)) return;
        if (known.live) {
            (void)set_.withdraw(known.key);
            --counts_.taken;
        }
    }
    // Whatever becomes of it, no older version comes back.
    known.seen = true;
    known.live = false;
    known.version = std::move(version);
    if (gone) {
        ++counts_.revoked;
        return;
    }
    const std::string_view language = text_at(object, "pattern_type");
    if (!language.empty() && language != "stix") {
        ++counts_.other_language;
        return;
    }
    known.key = known_.size();
    if (const auto added = add(object, known.key); !added) {
        return refuse(fmt::format("{}: {}", shown_name(path), id), added.error().detail, context);
    }
    keep(
        {id,
         text_at(object, "name"),
         text_at(object, "pattern"),
         text_at(object, "created_by_ref"),
         marking_of(object)}
    );
    known.live = true;
    ++counts_.taken;
}

Result<void> IndicatorFiles::add(const json::object& object, match::Key key) {
    match::Indicator indicator;
    indicator.key = key;
    indicator.pattern = text_at(object, "pattern");
    const bool old =
        text_at(object, "spec_version") != "2.1" && text_at(object, "pattern_type").empty();
    indicator.dialect = old ? pattern::Dialect::v20 : pattern::Dialect::v21;
    for (const bool begins : {true, false}) {
        const char* const name = begins ? "valid_from" : "valid_until";
        if (!object.contains(name)) continue;
        // What cannot be read is no leave to look for it for ever.
        const auto time = parse_stix_time(text_at(object, name));
        if (!time) {
            return fail(
                Errc::malformed,
                fmt::format("/{}: no timestamp as 2026-01-01T00:00:00Z (STIX 2.1, 3.2)", name)
            );
        }
        (begins ? indicator.validity.from : indicator.validity.until) = *time;
    }
    return set_.add(indicator);
}

void IndicatorFiles::take_line(
    std::string_view line, const std::string& path, std::uint64_t number, Context& context
) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos || line[begin] == '#') return;
    const auto [value, rest] = split(line.substr(begin));
    const auto place = [&] { return fmt::format("{}:{}", shown_name(path), number); };
    const auto made = match::pattern_of_value(value, below_);
    if (!made) {
        return refuse(
            place(), "no address, block, URL, name, hash or mail address stands first", context
        );
    }
    const match::Key key = known_.size();
    if (const auto added = set_.add({key, *made, pattern::Dialect::v21, {}}); !added) {
        return refuse(place(), added.error().detail, context);
    }
    std::string_view shown = rest;
    if (shown.ends_with('\r')) shown.remove_suffix(1);
    keep({value, shown, {}, {}, {}});
    ++counts_.taken;
}

void IndicatorFiles::keep(std::initializer_list<std::string_view> texts) {
    known_.push_back(texts_.size());
    for (const std::string_view text : texts) {
        texts_ += text.substr(0, text.find('\0'));
        texts_ += '\0';
    }
}

KnownIndicator IndicatorFiles::known(match::Key key) const {
    std::string_view rest = std::string_view(texts_).substr(known_[key]);
    const auto next = [&rest] {
        const std::string_view text = rest.substr(0, rest.find('\0'));
        rest.remove_prefix(text.size() + 1);
        return text;
    };
    KnownIndicator out;
    for (std::string_view* to : {&out.id, &out.name, &out.pattern, &out.created_by, &out.marking})
        *to = next();
    const auto name = names_.find(std::string(out.created_by));
    if (name != names_.end() && !name->second.empty()) out.created_by = name->second;
    return out;
}

Result<void> IndicatorFiles::read(const std::string& path, Progress& progress, Context& context) {
    std::optional<bool> is_json;
    stix::Cutter cutter([&](std::string_view object, std::size_t) -> Result<void> {
        take_object(object, path, context);
        return {};
    });
    LineCutter lines(
        limits::pattern_bytes_max,
        [&](std::string_view line, std::uint64_t number, bool cut) {
            if (cut)
                return refuse(
                    fmt::format("{}:{}", shown_name(path), number), "a long line", context
                );
            take_line(line, path, number, context);
        }
    );
    const auto feed = [&](std::string_view bytes) -> Result<void> {
        if (!is_json) {
            const auto first = bytes.find_first_not_of(" \t\r\n\xef\xbb\xbf");
            if (first == std::string_view::npos) return {};
            is_json = bytes[first] == '{' || bytes[first] == '[';
        }
        if (*is_json) return cutter.feed(bytes);
        lines.feed(bytes);
        return {};
    };
    ENTENTE_TRY(const InputInfo info, inspect_input(path));
    const auto show = [&](std::uint64_t read) { progress.at(counts_.taken, read, info.bytes); };
    ENTENTE_CHECK(decode_file(path, feed, limits::decoded_input_bytes_max, show));
    if (stop_requested() || !is_json) return {};
    if (*is_json) return cutter.finish();
    lines.finish();
    return {};
}

}  // namespace entente::cli
