#include "base/limits.h"
#include "http/http.h"

#include <algorithm>
#include <charconv>

namespace entente::http {
namespace {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

constexpr bool is_space(char c) noexcept {
    return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

constexpr bool is_alnum(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// RFC 9110, 5.6.2
bool is_token(std::string_view text) noexcept {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return is_alnum(c) || marks.find(c) != std::string_view::npos;
    });
}

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Cuts off and returns what stands before the next `separator` that is outside quotes; all of it
/// if there is none.
std::string_view cut_until(std::string_view& text, char separator) noexcept {
    bool quoted = false;
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        if (quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && text[i] == separator) {
            break;
        }
    }
    i = std::min(i, text.size());
    const std::string_view piece = text.substr(0, i);
    text.remove_prefix(i < text.size() ? i + 1 : i);
    return piece;
}

/// A token or a quoted string (RFC 9110, 5.6.4) without its quotes; nothing when it is neither.
std::optional<std::string> parameter_value(std::string_view text) {
    if (text.empty() || text.front() != '"') {
        if (!is_token(text)) return std::nullopt;
        return std::string(text);
    }
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            if (i + 1 != text.size()) return std::nullopt;
            return out;
        }
        if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
        out += text[i];
    }
    return std::nullopt;
}

/// RFC 9110, 12.4.2 allows "0.123" and "1.000"; Java's old client sends ".2", so a missing zero is
/// read too.
std::optional<double> parse_weight(std::string_view text) {
    if (text.empty() || text.size() > 16) return std::nullopt;
    const bool plain =
        std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    if (!plain) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > 1) return std::nullopt;
    return value;
}

bool read_type(std::string_view text, MediaRange& range) {
    if (text == "*") text = "*/*";  // the same old client
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view type = trim(text.substr(0, slash));
    const std::string_view subtype = trim(text.substr(slash + 1));
    if (!is_token(type) || !is_token(subtype) || (type == "*" && subtype != "*")) return false;
    range.type = lowered(type);
    range.subtype = lowered(subtype);
    return true;
}

std::optional<MediaRange> read_range(std::string_view text) {
    MediaRange range;
    if (!read_type(trim(cut_until(text, ';')), range)) return std::nullopt;
    while (!text.empty()) {
        std::string_view piece = trim(cut_until(text, ';'));
        if (piece.empty()) continue;
        const std::size_t equals = piece.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::string_view name = trim(piece.substr(0, equals));
        auto value = parameter_value(trim(piece.substr(equals + 1)));
        if (!is_token(name) || !value) return std::nullopt;
        if (same_name(name, "q")) {
            const auto weight = parse_weight(*value);
            if (!weight) return std::nullopt;
            range.q = *weight;
        } else {
            range.parameters.emplace_back(lowered(name), std::move(*value));
        }
    }
    return range;
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept {
    for (const auto& [field, value] : fields_) {
        if (same_name(field, name)) return value;
    }
    return std::nullopt;
}

std::optional<std::string> Headers::joined(std::string_view name) const {
    std::optional<std::string> out;
    for (const auto& [field, value] : fields_) {
        if (!same_name(field, name)) continue;
        if (out) {
            *out += ", ";
            *out += value;
        } else {
            out = value;
        }
    }
    return out;
}

std::size_t Headers::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(fields_, [&](const auto& field) {
        return same_name(field.first, name);
    }));
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0') return std::nullopt;
        out += c;
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + text.size() / 2);
    for (const char c : text) {
        if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query
) {
    std::vector<std::pair<std::string, std::string>> out;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view piece = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (piece.empty()) continue;
        const std::size_t equals = std::min(piece.find('='), piece.size());
        auto name = percent_decode(piece.substr(0, equals), true);
        auto value = percent_decode(piece.substr(std::min(equals + 1, piece.size())), true);
        if (!name || !value) return std::nullopt;
        out.emplace_back(std::move(*name), std::move(*value));
    }
    return out;
}

std::optional<std::string_view> MediaRange::parameter(std::string_view name) const noexcept {
    for (const auto& [known, value] : parameters) {
        if (same_name(known, name)) return value;
    }
    return std::nullopt;
}

std::vector<MediaRange> parse_accept(std::string_view text) {
    std::vector<MediaRange> out;
    while (!text.empty() && out.size() < limits::media_ranges_max) {
        const std::string_view piece = trim(cut_until(text, ','));
        if (piece.empty()) continue;
        if (auto range = read_range(piece)) out.push_back(std::move(*range));
    }
    return out;
}

std::optional<Authorization> parse_authorization(std::string_view text) {
    text = trim(text);
    const auto* const space = std::ranges::find_if(text, is_space);
    const auto length = static_cast<std::size_t>(space - text.begin());
    const std::string_view scheme = text.substr(0, length);
    if (!is_token(scheme)) return std::nullopt;
    return Authorization{lowered(scheme), std::string(trim(text.substr(length)))};
}

}  // namespace entente::http
