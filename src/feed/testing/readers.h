#pragma once
// Reads the formats back, as their users do: for tests and fuzzing.
#include "base/hash.h"
#include "feed/value.h"
#include "feed/write.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace entente::feed::testing {

using Values = std::set<Value>;

inline std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

/// Lines that end with a line feed each; nothing else is a file of lines.
inline std::optional<std::vector<std::string_view>> lines_of(std::string_view text) {
    if (text.empty()) return std::vector<std::string_view>();
    if (!text.ends_with('\n')) return std::nullopt;
    text.remove_suffix(1);
    return split(text, '\n');
}

inline void put(Values& to, Kind kind, std::string_view text) {
    to.insert(Value{kind, std::string(text)});
}

inline std::optional<Values> read_plain(const std::vector<File>& files) {
    Values found;
    for (const File& file : files) {
        const std::string_view name = file.name;
        const auto kind = kind_of(name.substr(0, name.find('.')));
        const auto lines = lines_of(file.text);
        if (!kind || !lines) return std::nullopt;
        for (const std::string_view line : *lines)
            put(found, *kind, line);
    }
    return found;
}

/// One row of Zeek's ASCII reader: tabs between fields, a # begins what is no row.
inline std::optional<Values> read_zeek(const std::vector<File>& files) {
    if (files.size() != 1) return std::nullopt;
    const auto lines = lines_of(files[0].text);
    if (!lines || lines->empty() ||
        lines->front() != "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc")
        return std::nullopt;
    static const std::map<std::string_view, Kind> types{
        {"Intel::DOMAIN", Kind::domain},
        {"Intel::URL", Kind::url},
        {"Intel::SUBNET", Kind::cidr},
        {"Intel::EMAIL", Kind::email},
        {"Intel::CERT_HASH", Kind::cert_sha1}};
    Values found;
    for (std::size_t i = 1; i < lines->size(); ++i) {
        if (i == 1 && (*lines)[i].starts_with("# renewed ")) continue;
        const auto fields = split((*lines)[i], '\t');
        if (fields.size() != 4 || fields[0].empty() || fields[0].starts_with('#') ||
            fields[2] != "entente" || fields[0].find('\\') != std::string_view::npos)
            return std::nullopt;
        if (fields[1] == "Intel::ADDR") {
            put(found,
                fields[0].find(':') == std::string_view::npos ? Kind::ipv4 : Kind::ipv6,
                fields[0]);
        } else if (fields[1] == "Intel::FILE_HASH") {
            const std::size_t size = fields[0].size();
            put(found, size == 32 ? Kind::md5 : size == 40 ? Kind::sha1 : Kind::sha256, fields[0]);
        } else if (const auto type = types.find(fields[1]); type != types.end()) {
            put(found, type->second, fields[0]);
        } else {
            return std::nullopt;
        }
    }
    return found;
}

/// A rule in parts: what stands before the parenthesis by words, options in order.
struct Rule {
    std::vector<std::string> head;
    std::vector<std::pair<std::string, std::string>> options;

    [[nodiscard]] std::optional<std::string> of(std::string_view name, std::size_t which = 0)
        const {
        for (const auto& [key, value] : options) {
            if (key == name && which-- == 0) return value;
        }
        return std::nullopt;
    }
};

inline std::optional<Rule> read_rule(std::string_view line) {
    Rule rule;
    const std::size_t open = line.find('(');
    // Suricata reads lines of 8,190 bytes and a line feed; what is longer are two.
    if (open == std::string_view::npos || !line.ends_with(";)") || line.size() > 8'190)
        return std::nullopt;
    for (const std::string_view word : split(line.substr(0, open), ' ')) {
        if (!word.empty()) rule.head.emplace_back(word);
    }
    if (rule.head.size() != 7) return std::nullopt;
    std::string option;
    bool quoted = false;
    for (const char c : line.substr(open + 1, line.size() - open - 2)) {
        if (c == '"') quoted = !quoted;
        if (c != ';' || quoted) {
            if (!option.empty() || c != ' ') option += c;
            continue;
        }
        const std::size_t colon = option.find(':');
        rule.options.emplace_back(
            option.substr(0, colon), colon == std::string::npos ? "" : option.substr(colon + 1)
        );
        option.clear();
    }
    if (quoted || !option.empty()) return std::nullopt;
    return rule;
}

/// What `content:"…"` stands for.
inline std::optional<std::string> read_content(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '|') {
            if (text[i] == '\\' || text[i] == '"' || text[i] == ';' || text[i] == ':')
                return std::nullopt;
            out += text[i];
            continue;
        }
        if (i + 3 >= text.size() || text[i + 3] != '|') return std::nullopt;
        unsigned byte = 0;
        for (const char digit : text.substr(i + 1, 2)) {
            const bool letter = digit >= 'A' && digit <= 'F';
            if (!letter && (digit < '0' || digit > '9')) return std::nullopt;
            byte = byte * 16 + static_cast<unsigned>(letter ? digit - 'A' + 10 : digit - '0');
        }
        out += static_cast<char>(byte);
        i += 3;
    }
    return out;
}

inline std::string without_colons(std::string text) {
    std::erase(text, ':');
    return text;
}

/// One rule about one value, whichever of its rules it is.
inline std::optional<Value> value_of(const Rule& rule) {
    const auto first = rule.of("content");
    if (!first) {
        std::string_view address = rule.head[5];
        if (rule.head[4] != "<>" || address.size() < 3) return std::nullopt;
        address = address.substr(1, address.size() - 2);
        auto value = read_address(address);
        if (!value || value->text != address) return std::nullopt;
        return *value;
    }
    const auto text = read_content(*first);
    if (!text || rule.of("bsize") != std::to_string(text->size())) return std::nullopt;
    if (rule.of("http.uri.raw")) {
        const auto target = read_content(rule.of("content", 1).value_or(""));
        if (!target || rule.of("bsize", 1) != std::to_string(target->size())) return std::nullopt;
        const std::string port = rule.head[6] == "any" ? "" : ":" + rule.head[6];
        return Value{Kind::url, *text + port + *target};
    }
    if (rule.of("ja3.hash")) return Value{Kind::ja3, *text};
    if (rule.of("tls.cert_fingerprint")) return Value{Kind::cert_sha1, without_colons(*text)};
    return Value{Kind::domain, *text};
}

/// Lists and rules; every number of a rule stands once.
inline std::optional<Values> read_suricata(const std::vector<File>& files) {
    static const std::map<std::string_view, Kind> lists{
        {"entente-domain.lst", Kind::domain},
        {"entente-ip.lst", Kind::ipv4},
        {"entente-ja3.lst", Kind::ja3},
        {"entente-cert.lst", Kind::cert_sha1},
        {"entente-md5.lst", Kind::md5},
        {"entente-sha1.lst", Kind::sha1},
        {"entente-sha256.lst", Kind::sha256}};
    Values found;
    std::set<std::string> numbers;
    for (const File& file : files) {
        const auto lines = lines_of(file.text);
        if (!lines) return std::nullopt;
        for (const std::string_view line : *lines) {
            if (const auto list = lists.find(file.name); list != lists.end()) {
                Kind kind = list->second;
                const bool encoded =
                    kind == Kind::domain || kind == Kind::ja3 || kind == Kind::cert_sha1;
                std::string text(line);
                if (encoded) {
                    const auto decoded = from_base64(line);
                    if (!decoded) return std::nullopt;
                    text = kind == Kind::cert_sha1 ? without_colons(*decoded) : *decoded;
                }
                if (kind == Kind::ipv4 && text.find(':') != std::string::npos) kind = Kind::ipv6;
                put(found, kind, text);
                continue;
            }
            const auto rule = read_rule(line);
            if (!rule || !numbers.insert(rule->of("sid").value_or("")).second) return std::nullopt;
            if (!rule->of("metadata")) continue;  // it asks a list
            const auto value = value_of(*rule);
            if (!value) return std::nullopt;
            found.insert(*value);
        }
    }
    return found;
}

inline std::optional<Values> read_back(Format format, const std::vector<File>& files) {
    switch (format) {
        case Format::plain:
            return read_plain(files);
        case Format::zeek:
            return read_zeek(files);
        case Format::suricata_dataset:
        case Format::suricata_rules:
            return read_suricata(files);
    }
    return std::nullopt;
}

/// What a format keeps of values: neither Zeek nor Suricata has the scheme of a URL.
inline Values as_read(Format format, const std::vector<Entry>& entries) {
    Values kept;
    for (const Entry& entry : entries) {
        Value value = entry.value;
        if (!kinds_of(format).test(static_cast<std::size_t>(value.kind))) continue;
        if (ruled_kinds(format).test(static_cast<std::size_t>(value.kind)) && !has_rule(value))
            continue;
        if (value.kind == Kind::url && format != Format::plain)
            value.text.erase(0, value.text.find("://") + 3);
        kept.insert(std::move(value));
    }
    return kept;
}

}  // namespace entente::feed::testing
