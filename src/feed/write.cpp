#include "feed/write.h"

#include "feed/internal/suricata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace entente::feed {
namespace {

constexpr std::array<std::string_view, 4> format_names{
    "plain", "zeek", "suricata-dataset", "suricata-rules"};

std::vector<File> plain(std::span<const Entry> entries, const WriteOptions& options) {
    std::array<std::string, kinds> texts;
    for (const Entry& entry : entries) {
        std::string& text = texts[static_cast<std::size_t>(entry.value.kind)];
        text += entry.value.text;
        text += '\n';
    }
    std::vector<File> files;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        if (!options.wanted.test(kind) && texts[kind].empty()) continue;
        files.push_back(
            {fmt::format("{}.txt", kind_name(static_cast<Kind>(kind))), std::move(texts[kind])}
        );
    }
    return files;
}

std::string_view zeek_type(Kind kind) {
    switch (kind) {
        case Kind::domain:
            return "Intel::DOMAIN";
        case Kind::url:
            return "Intel::URL";
        case Kind::ipv4:
        case Kind::ipv6:
            return "Intel::ADDR";
        case Kind::cidr:
            return "Intel::SUBNET";
        case Kind::md5:
        case Kind::sha1:
        case Kind::sha256:
            return "Intel::FILE_HASH";
        case Kind::email:
            return "Intel::EMAIL";
        case Kind::cert_sha1:
            return "Intel::CERT_HASH";
        case Kind::ja3:
            break;
    }
    return {};
}

std::vector<File> zeek(std::span<const Entry> entries, const WriteOptions& options) {
    std::string text = "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\n";
    if (!options.renewed.empty()) text += fmt::format("# renewed {}\n", options.renewed);
    std::set<std::string_view> urls;  // without the scheme two can be the same
    for (const Entry& entry : entries) {
        std::string_view value = entry.value.text;
        const std::string_view type = zeek_type(entry.value.kind);
        if (type.empty()) continue;
        if (entry.value.kind == Kind::url) {
            // Zeek's URLs have no scheme.
            value.remove_prefix(value.find("://") + 3);
            if (!urls.insert(value).second) continue;
        }
        text.append(value).append("\t").append(type).append("\tentente\t").append(entry.source);
        text += '\n';
    }
    return {{options.prefix + ".intel", std::move(text)}};
}

std::bitset<kinds> all_but(std::initializer_list<Kind> without) {
    std::bitset<kinds> set;
    set.set();
    for (const Kind kind : without)
        set.reset(static_cast<std::size_t>(kind));
    return set;
}

}  // namespace

std::optional<Format> format_of(std::string_view name) noexcept {
    const auto at = std::ranges::find(format_names, name);
    if (at == format_names.end()) return std::nullopt;
    return static_cast<Format>(at - format_names.begin());
}

std::string_view format_name(Format format) noexcept {
    return format_names[static_cast<std::size_t>(format)];
}

std::bitset<kinds> kinds_of(Format format) noexcept {
    switch (format) {
        case Format::plain:
            return all_but({});
        case Format::zeek:
            return all_but({Kind::ja3});
        case Format::suricata_dataset:
        case Format::suricata_rules:
            return all_but({Kind::email});
    }
    return {};
}

std::bitset<kinds> ruled_kinds(Format format) noexcept {
    std::bitset<kinds> set;
    if (format == Format::suricata_dataset || format == Format::suricata_rules) {
        for (const Kind kind : {Kind::url, Kind::cidr})
            set.set(static_cast<std::size_t>(kind));
    }
    if (format == Format::suricata_rules) {
        for (const Kind kind : {Kind::domain, Kind::ipv4, Kind::ipv6, Kind::ja3, Kind::cert_sha1})
            set.set(static_cast<std::size_t>(kind));
    }
    return set;
}

bool has_rule(const Value& value) {
    return internal::fits_rule(value);
}

std::vector<File> write_feed(
    Format format, std::span<const Entry> entries, const WriteOptions& options
) {
    switch (format) {
        case Format::plain:
            return plain(entries, options);
        case Format::zeek:
            return zeek(entries, options);
        case Format::suricata_dataset:
            return internal::suricata(entries, options, internal::Style::datasets);
        case Format::suricata_rules:
            return internal::suricata(entries, options, internal::Style::rules);
    }
    return {};
}

}  // namespace entente::feed
