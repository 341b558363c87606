#pragma once
// The formats of events that are read.
#include <cstdint>
#include <optional>
#include <string_view>

namespace entente::match {

enum class Format : std::uint8_t {
    eve,       // Suricata's EVE JSON
    zeek,      // Zeek's logs, JSON or tab-separated
    ecs,       // Elastic Common Schema, JSON
    ocsf,      // Open Cybersecurity Schema Framework, JSON
    sysmon,    // Sysmon and the Windows event log, JSON
    json,      // JSON whose fields a field map names
    observed,  // observed data of STIX: one or a bundle a line
    plain      // plain values
};

/// The words of `format_of_word`, for messages.
inline constexpr std::string_view format_words =
    "eve, zeek, ecs, ocsf, sysmon, json, observed-data or plain";

/// Nothing for a word that is none of `format_words`.
[[nodiscard]] std::optional<Format> format_of_word(std::string_view word) noexcept;

/// What a line looks like; nothing when it could be anything (blank, a comment).
[[nodiscard]] std::optional<Format> format_of_line(std::string_view line) noexcept;

}  // namespace entente::match
