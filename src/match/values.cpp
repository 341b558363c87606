#include "match/values.h"

#include "base/escape.h"
#include "match/canonical.h"
#include "match/internal/record.h"
#include "match/internal/sightings.h"
#include "pattern/address.h"

#include <fmt/format.h>

#include <algorithm>

namespace entente::match {
namespace {

enum class Kind : std::uint8_t { other, address, block, address_port, url, link, name, hash, mail };

constexpr std::size_t value_bytes_max = 8U << 10U;

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

/// Nothing for lengths that no known hash has.
std::string_view hash_of(std::size_t digits) {
    switch (digits) {
        case 32:
            return "MD5";
        case 40:
            return "'SHA-1'";
        case 64:
            return "'SHA-256'";
        case 128:
            return "'SHA-512'";
        default:
            return {};
    }
}

/// Labels of letters, digits, hyphens and underscores with points between them, two at least.
bool is_name(std::string_view text) {
    std::size_t label = 0;
    std::size_t labels = 0;
    for (const char c : text) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (fits) {
            if (++label > 63) return false;
        } else if (c == '.' && label > 0) {
            label = 0;
            ++labels;
        } else {
            return false;
        }
    }
    return label > 0 && labels > 0 && text.size() <= 253;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The port behind the last colon of `address:port`, or nothing.
std::string_view port_of(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return {};
    const std::string_view port = text.substr(colon + 1);
    const bool digits = !port.empty() && port.size() <= 5 &&
                        std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
    return digits ? port : std::string_view{};
}

struct Value {
    Kind kind = Kind::other;
    std::string text;  // in its one spelling; of an address with a port the address alone
    std::string port;
};

Value told(std::string_view raw) {
    const std::string_view text = trimmed(raw);
    if (text.empty() || text.size() > value_bytes_max || !is_utf8(text)) return {};
    if (text.find("://") != std::string_view::npos) {
        return {Kind::url, canonical(Form::url, text), {}};
    }
    if (is_hex(text) && !hash_of(text.size()).empty()) {
        return {Kind::hash, canonical(Form::hash, text), {}};
    }
    const std::string address = canonical(Form::address, text);
    if (const auto block = pattern::read_address_block(address)) {
        const bool one = block->prefix == (block->v6 ? 128 : 32);
        return {one ? Kind::address : Kind::block, address, {}};
    }
    if (const std::string_view port = port_of(text); !port.empty()) {
        const std::string before =
            canonical(Form::address, text.substr(0, text.size() - port.size() - 1));
        if (before.find(':') == std::string::npos && pattern::read_address_block(before)) {
            return {Kind::address_port, before, std::string(port)};
        }
    }
    if (text.find('@') != std::string_view::npos) {
        std::string mail = canonical(Form::email, text);
        const auto at = mail.rfind('@');
        if (at > 0 && is_name(std::string_view(mail).substr(at + 1))) {
            return {Kind::mail, std::move(mail), {}};
        }
        return {};
    }
    const auto slash = text.find('/');
    std::string name = canonical(Form::host, text.substr(0, slash));
    if (!is_name(name)) return {};
    if (slash == std::string_view::npos) return {Kind::name, std::move(name), {}};
    return {Kind::link, name + std::string(text.substr(slash)), {}};
}

std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string_view address_type(std::string_view address) {
    return address.find(':') == std::string_view::npos ? "ipv4-addr" : "ipv6-addr";
}

}  // namespace

std::optional<std::string> pattern_of_value(std::string_view raw, Subdomains below) {
    const Value value = told(raw);
    const std::string text = quoted(value.text);
    switch (value.kind) {
        case Kind::other:
            return std::nullopt;
        case Kind::address:
            return fmt::format("[{}:value = {}]", address_type(value.text), text);
        case Kind::block:
            return fmt::format("[{}:value ISSUBSET {}]", address_type(value.text), text);
        case Kind::address_port:
            return fmt::format(
                "[network-traffic:dst_ref.value = {} AND network-traffic:dst_port = {}]",
                text,
                std::stoi(value.port)
            );
        case Kind::url:
            return fmt::format("[url:value = {}]", text);
        case Kind::link:
            return fmt::format(
                "[url:value IN ({}, {})]",
                quoted("http://" + value.text),
                quoted("https://" + value.text)
            );
        case Kind::name:
            if (below == Subdomains::no) return fmt::format("[domain-name:value = {}]", text);
            return fmt::format(
                "[domain-name:value = {} OR domain-name:value LIKE {}]",
                text,
                // `_` stands for any one character there; a name with it is asked for alone.
                value.text.find('_') == std::string::npos ? quoted("%." + value.text) : text
            );
        case Kind::hash:
            return fmt::format("[file:hashes.{} = {}]", hash_of(value.text.size()), text);
        case Kind::mail:
            return fmt::format("[email-addr:value = {}]", text);
    }
    return std::nullopt;
}

bool see_value(std::string_view raw, Event& event, Sightings& seen, Sightings::Traffic& traffic) {
    const Value value = told(raw);
    const std::string_view text = event.keep(value.text);
    switch (value.kind) {
        case Kind::other:
            return false;
        case Kind::address:
        case Kind::name:
            seen.host(text);
            break;
        case Kind::block: {
            const bool v6 = text.find(':') != std::string_view::npos;
            event.text(event.object(v6 ? "ipv6-addr" : "ipv4-addr"), "value", text);
            break;
        }
        case Kind::address_port:
            if (traffic.dst.empty()) {
                traffic.dst = text;
                traffic.dst_port = std::stoi(value.port);
            } else {
                seen.host(text);
            }
            break;
        case Kind::url:
        case Kind::link:
            seen.link(text);
            break;
        case Kind::hash: {
            Sightings::File file;
            (text.size() == 32 ? file.md5 : text.size() == 40 ? file.sha1 : file.sha256) = text;
            if (text.size() == 128) {
                const Event::Index object = event.object("file");
                event.text(event.dict(object, "hashes"), "SHA-512", text);
            } else {
                (void)seen.file(file);
            }
            break;
        }
        case Kind::mail:
            seen.mail_address(text);
            break;
    }
    return true;
}

bool read_value(std::string_view raw, Event& event) {
    event.clear();
    Sightings seen;
    Sightings::Traffic traffic;
    seen.begin(event);
    if (!see_value(raw, event, seen, traffic)) return false;
    seen.finish(traffic);
    return true;
}

}  // namespace entente::match
