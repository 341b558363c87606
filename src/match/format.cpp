#include "match/format.h"

#include <algorithm>

namespace entente::match {
namespace {

constexpr std::size_t looked_at = 64U << 10U;  // bytes of a line that say what it is

}  // namespace

std::optional<Format> format_of_word(std::string_view word) noexcept {
    if (word == "eve") return Format::eve;
    if (word == "zeek") return Format::zeek;
    if (word == "ecs") return Format::ecs;
    if (word == "ocsf") return Format::ocsf;
    if (word == "sysmon") return Format::sysmon;
    if (word == "json") return Format::json;
    if (word == "observed-data") return Format::observed;
    if (word == "plain") return Format::plain;
    return std::nullopt;
}

std::optional<Format> format_of_line(std::string_view line) noexcept {
    const auto begin = line.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return std::nullopt;
    const std::string_view text = line.substr(begin, looked_at);
    const auto has = [&](std::string_view word) {
        return text.find(word) != std::string_view::npos;
    };
    if (text.starts_with('#')) {
        // A comment of a list of values says nothing yet.
        return has("#separator") || has("#fields") ? std::optional(Format::zeek) : std::nullopt;
    }
    if (!text.starts_with('{') && !text.starts_with('[')) return Format::plain;
    if (has("\"class_uid\"")) return Format::ocsf;
    const bool windows = has("\"EventID\"") && (has("\"Channel\"") || has("\"SourceName\"") ||
                                                has("\"EventData\"") || has("\"ProviderGuid\""));
    if (windows && !has("\"ecs\"")) return Format::sysmon;
    if (has("\"_path\"") || has("\"id.orig_h\"") || has("\"id_orig_h\"")) return Format::zeek;
    if (has("\"event_type\"") && has("\"timestamp\"")) return Format::eve;
    if (has("\"@timestamp\"")) return Format::ecs;
    if (has("\"observed-data\"") || has("\"first_observed\"")) return Format::observed;
    if (has("\"ts\"")) return Format::zeek;
    return Format::observed;
}

}  // namespace entente::match
