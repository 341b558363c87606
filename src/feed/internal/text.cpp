#include "feed/internal/text.h"

#include "pattern/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/stringpiece.h>

namespace entente::feed::internal {
namespace {

constexpr std::size_t name_bytes_max = 253;  // RFC 1035, 2.3.4, without the root's dot
constexpr std::size_t label_bytes_max = 63;
constexpr std::size_t url_bytes_max = 8'192;

constexpr bool is_letter(char c) noexcept {
    return c >= 'a' && c <= 'z';
}

constexpr bool is_hex(char c) noexcept {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// A-labels for a name in other scripts (UTS 46, non-transitional, with the checks of RFC 5891).
std::optional<std::string> ascii_name(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::IDNA> idna(icu::IDNA::createUTS46Instance(
        UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, status
    ));
    if (U_FAILURE(status) != 0) return std::nullopt;
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    icu::IDNAInfo info;
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    idna->nameToASCII_UTF8(piece, sink, info, status);
    if (U_FAILURE(status) != 0 || info.hasErrors() != 0) return std::nullopt;
    return out;
}

bool is_label(std::string_view label) {
    if (label.empty() || label.size() > label_bytes_max || label.front() == '-' ||
        label.back() == '-') {
        return false;
    }
    return std::ranges::all_of(label, [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '_';
    });
}

/// The port as it stands in the spelling: empty where it is the scheme's own. Nothing: no port.
std::optional<std::string> port_of(std::string_view text, bool https) {
    if (text.empty()) return std::string();
    if (text.size() > 5) return std::nullopt;
    unsigned number = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    if (number == 0 || number > 65'535) return std::nullopt;
    if (number == (https ? 443U : 80U)) return std::string();
    return fmt::format(":{}", number);
}

std::optional<std::string> authority_of(std::string_view text, bool https) {
    std::string host;
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        const auto block = pattern::read_address_block(text.substr(1, end - 1));
        if (!block || !block->v6 || block->prefix != 128) return std::nullopt;
        host = fmt::format("[{}]", pattern::address_text(*block));
        port = text.substr(end + 1);
        if (!port.empty() && port.front() != ':') return std::nullopt;
    } else {
        const std::size_t colon = text.find(':');
        const std::string_view name = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon);
        const auto block = pattern::read_address_block(name);
        if (block && !block->v6 && block->prefix == 32 &&
            name.find('/') == std::string_view::npos) {
            host = pattern::address_text(*block);
        } else if (auto domain = domain_of(name)) {
            host = std::move(*domain);
        } else {
            return std::nullopt;
        }
    }
    const auto written = port_of(port.empty() ? port : port.substr(1), https);
    if (!written) return std::nullopt;
    return host + *written;
}

/// Path and query (RFC 3986, 3.3 and 3.4), beginning with a slash.
std::optional<std::string> target_of(std::string_view text) {
    constexpr std::string_view others = "-._~!$&'()*+,;=:@/?";
    std::string out = text.starts_with('/') ? "" : "/";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x80) {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        } else if (c == '%') {
            if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))
                return std::nullopt;
            out += c;
        } else if (is_digit(c) || is_letter(lower(c)) || others.find(c) != std::string_view::npos) {
            out += c;
        } else {
            return std::nullopt;
        }
    }
    return out;
}

}  // namespace

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = lower(c);
    return out;
}

std::optional<std::string> name_of(std::string_view text) {
    // Longer ones cannot be names in any script; this bounds the work.
    if (text.empty() || text.size() > 4 * name_bytes_max) return std::nullopt;
    std::string name;
    if (is_ascii(text)) {
        name = lowered(text);
    } else if (auto ascii = ascii_name(text)) {
        name = lowered(*ascii);
    } else {
        return std::nullopt;
    }
    if (name.ends_with('.')) name.pop_back();
    if (name.empty() || name.size() > name_bytes_max) return std::nullopt;
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t dot = std::min(name.find('.', at), name.size());
        if (!is_label(std::string_view(name).substr(at, dot - at))) return std::nullopt;
        at = dot + 1;
    }
    return name;
}

std::optional<std::string> domain_of(std::string_view text) {
    auto name = name_of(text);
    if (!name) return std::nullopt;
    const std::size_t dot = name->rfind('.');
    if (dot == std::string::npos) return std::nullopt;
    // RFC 3696, 2: no top-level domain is all digits; what ends so is an address, or a slip.
    if (std::all_of(name->begin() + static_cast<std::ptrdiff_t>(dot) + 1, name->end(), is_digit))
        return std::nullopt;
    return name;
}

std::optional<std::string> url_of(std::string_view text) {
    if (text.size() > url_bytes_max) return std::nullopt;
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || colon > 5) return std::nullopt;
    const std::string scheme = lowered(text.substr(0, colon));
    if (scheme != "http" && scheme != "https") return std::nullopt;
    const std::string_view rest = text.substr(colon + 3);
    const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    const auto authority = authority_of(rest.substr(0, end), scheme == "https");
    const auto target = target_of(rest.substr(end));
    if (!authority || !target) return std::nullopt;
    return scheme + "://" + *authority + *target;
}

}  // namespace entente::feed::internal
