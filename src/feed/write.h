#pragma once
// Feeds as files that sensors read. Each writer is strict: it writes values, which cannot break out
// of its grammar, and nothing else from outside. Pure.
#include "feed/feed.h"

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::feed {

enum class Format : std::uint8_t {
    plain,             // one value a line, a file for each kind
    zeek,              // Zeek's intelligence framework, one file
    suricata_dataset,  // datasets, and rules that ask them (Suricata 7 and later)
    suricata_rules,    // a rule or some for each value
};

/// "plain", "zeek", "suricata-dataset", "suricata-rules".
[[nodiscard]] std::optional<Format> format_of(std::string_view name) noexcept;

[[nodiscard]] std::string_view format_name(Format format) noexcept;

/// The kinds that the format has a place for.
[[nodiscard]] std::bitset<kinds> kinds_of(Format format) noexcept;

/// Those of them that it has as rules, one or some for each value.
[[nodiscard]] std::bitset<kinds> ruled_kinds(Format format) noexcept;

struct WriteOptions {
    Purpose purpose = Purpose::detect;        // Suricata: alert or drop
    std::bitset<kinds> wanted{};              // plain: a file for each of them, if empty too
    std::uint32_t sid_first = 1'100'000'000;  // Suricata: rules have numbers from it on
    /// How files, sets and messages begin: letters, digits and hyphens, at most 40. Two feeds that
    /// one sensor reads need two.
    std::string prefix = "entente";
    /// Zeek: stands in a comment, so that the file differs from the one before, is read again, and
    /// its values do not run out there. Letters, digits, colon, hyphen; empty = no comment.
    std::string renewed{};
};

/// Suricata's numbers lie from `sid_first` to below `sid_first + sids`.
inline constexpr std::uint32_t sids = 1'000'000'000;

struct File {
    std::string name;  // letters, digits, dot, hyphen
    std::string text;
};

/// The files of a feed: always the same names for the same format and kinds, empty where there is
/// nothing, so that writing them replaces what was. REQUIRES: entries sorted by value, of kinds of
/// the format; sources are STIX identifiers.
[[nodiscard]] std::vector<File> write_feed(
    Format format, std::span<const Entry> entries, const WriteOptions& options
);

}  // namespace entente::feed
