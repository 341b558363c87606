#include "cli/words.h"

#include "base/escape.h"
#include "base/random.h"
#include "stix/object.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace entente::cli {
namespace {

constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t text_bytes_max = 4'096;
constexpr std::size_t segment_bytes_max = 100;
constexpr std::int64_t duration_us_max = 36'525 * micros_per_day;

/// A decimal number at the start of `text`, which is shortened by it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool is_unreserved(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '~' || c == '-';
    });
}

Result<void> check_segment(std::string_view what, std::string_view text) {
    if (text.empty() || text.size() > segment_bytes_max || !is_unreserved(text) || text == "." ||
        text == "..") {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "{} '{}' cannot stand in a URL; use 1-{} of the letters a-z A-Z 0-9 . _ ~ -",
                what,
                printable(text, name_bytes_max),
                segment_bytes_max
            )
        );
    }
    return {};
}

/// Text that people read: nothing in it may deceive or break a line.
Result<void> check_shown(std::string_view what, std::string_view text, std::size_t bytes_max) {
    const auto bad = [&](std::string_view why) {
        return fail(
            Errc::invalid_argument,
            fmt::format("the {} '{}' {}", what, printable(text, name_bytes_max), why)
        );
    };
    if (text.empty()) return fail(Errc::invalid_argument, fmt::format("the {} is empty", what));
    if (text.size() > bytes_max) return bad(fmt::format("is longer than {} bytes", bytes_max));
    if (!is_utf8(text)) return bad("is not UTF-8");
    if (printable(text, text.size()) != text) return bad("holds characters that do not show");
    if (text.front() == ' ' || text.back() == ' ') return bad("begins or ends with a blank");
    return {};
}

/// The address in its canonical text and whether it is a loopback one; nothing if it is no IP
/// address.
std::optional<Listen> read_address(const std::string& text) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    in_addr four{};
    if (::inet_pton(AF_INET, text.c_str(), &four) == 1) {
        (void)::inet_ntop(AF_INET, &four, buffer.data(), buffer.size());
        return Listen{buffer.data(), 0, (ntohl(four.s_addr) >> 24U) == 127};
    }
    in6_addr six{};
    if (::inet_pton(AF_INET6, text.c_str(), &six) == 1) {
        (void)::inet_ntop(AF_INET6, &six, buffer.data(), buffer.size());
        return Listen{buffer.data(), 0, IN6_IS_ADDR_LOOPBACK(&six) != 0};
    }
    return std::nullopt;
}

}  // namespace

Result<std::int64_t> parse_duration_us(std::string_view text) {
    std::string_view rest = text;
    const auto number = take_number(rest);
    std::int64_t unit = 0;
    if (rest == "s") unit = micros_per_second;
    if (rest == "m") unit = 60 * micros_per_second;
    if (rest == "h") unit = 3600 * micros_per_second;
    if (rest == "d") unit = micros_per_day;
    if (rest == "w") unit = 7 * micros_per_day;
    if (!number || unit == 0 || *number == 0 ||
        *number > static_cast<std::uint64_t>(duration_us_max / unit)) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "'{}' is not a duration; use a number and s, m, h, d or w, such as 90d",
                printable(text, name_bytes_max)
            )
        );
    }
    return static_cast<std::int64_t>(*number) * unit;
}

Result<Micros> parse_expiry(std::string_view text, Micros now) {
    Micros end;
    if (const auto duration = parse_duration_us(text)) {
        end = now + *duration;
    } else {
        const bool date_only = text.size() == 10;
        const auto time =
            parse_client_time(date_only ? std::string(text) + "T00:00:00Z" : std::string(text));
        if (!time) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "'{}' is no expiry; use a duration such as 90d, a date such as 2030-12-31, or "
                    "a time such as 2030-12-31T18:00:00Z",
                    printable(text, name_bytes_max)
                )
            );
        }
        end = *time;
    }
    if (end <= now) {
        return fail(
            Errc::invalid_argument,
            fmt::format("the expiry {} is not in the future", format_taxii(end))
        );
    }
    return end;
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::uint64_t size;
    };

    static constexpr std::array units{
        Unit{"", 1},
        Unit{"b", 1},
        Unit{"kib", 1U << 10U},
        Unit{"mib", 1U << 20U},
        Unit{"gib", 1U << 30U},
        Unit{"k", 1U << 10U},
        Unit{"m", 1U << 20U},
        Unit{"g", 1U << 30U},
        Unit{"kb", 1'000},
        Unit{"mb", 1'000'000},
        Unit{"gb", 1'000'000'000},
    };
    std::string_view rest = text;
    const auto number = take_number(rest);
    const std::string unit = lower(rest);
    const auto* const found = std::ranges::find(units, std::string_view(unit), &Unit::name);
    if (!number || found == units.end() ||
        *number > std::numeric_limits<std::uint64_t>::max() / found->size) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "'{}' is not a size; use bytes or a unit, such as 32MiB",
                printable(text, name_bytes_max)
            )
        );
    }
    return *number * found->size;
}

Result<Listen> parse_listen(std::string_view text) {
    const auto bad = [&](std::string_view why) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "cannot listen on '{}': {}; use IP:PORT such as 127.0.0.1:7443 or [::1]:7443",
                printable(text, name_bytes_max),
                why
            )
        );
    };
    std::string host;
    std::string_view port_text = text;
    if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
        host = std::string(text.substr(0, colon));
        port_text = text.substr(colon + 1);
        if (host.empty()) host = "::";
        if (host.starts_with('[') && host.ends_with(']')) {
            host = host.substr(1, host.size() - 2);
            if (host.find(':') == std::string::npos) return bad("brackets are for IPv6 addresses");
        } else if (host != "::" && host.find(':') != std::string::npos) {
            return bad("an IPv6 address needs brackets");
        }
    } else {
        host = "127.0.0.1";
    }
    if (lower(host) == "localhost") host = "127.0.0.1";
    const auto port = take_number(port_text);
    if (!port || !port_text.empty() || *port > 65'535) return bad("the port is not 0-65535");
    auto listen = read_address(host);
    if (!listen) return bad("it is not an IP address");
    listen->port = static_cast<std::uint16_t>(*port);
    return std::move(*listen);
}

Result<void> check_name(std::string_view what, std::string_view name) {
    return check_shown(what, name, name_bytes_max);
}

Result<void> check_text(std::string_view what, std::string_view text) {
    return check_shown(what, text, text_bytes_max);
}

Result<void> check_user_name(std::string_view name) {
    ENTENTE_CHECK(check_name("user name", name));
    if (name.find_first_of(": ") != std::string_view::npos) {
        return fail(
            Errc::invalid_argument,
            fmt::format("the user name '{}' holds a colon or blank", printable(name))
        );
    }
    if (name.starts_with("ent_")) {
        return fail(
            Errc::invalid_argument, "a user name cannot begin with ent_ : that is how tokens begin"
        );
    }
    return {};
}

Result<void> check_root_name(std::string_view name) {
    ENTENTE_CHECK(check_segment("the API root name", name));
    if (lower(name) == "taxii2") {
        return fail(
            Errc::invalid_argument,
            "the API root name taxii2 is taken by the discovery resource (TAXII 2.1, 4.1)"
        );
    }
    return {};
}

Result<void> check_alias(std::string_view alias) {
    ENTENTE_CHECK(check_segment("the alias", alias));
    if (is_uuid(alias)) {
        return fail(
            Errc::invalid_argument, fmt::format("the alias {} looks like a collection id", alias)
        );
    }
    return {};
}

Result<stix::Tlp> parse_marking(std::string_view text) {
    if (const auto level = stix::parse_tlp(text)) return *level;
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "'{}' is no TLP level; use TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or "
            "TLP:RED",
            printable(text, name_bytes_max)
        )
    );
}

Result<store::Checks> parse_checks(std::string_view text) {
    for (const auto checks : {store::Checks::must, store::Checks::strict, store::Checks::off}) {
        if (text == checks_name(checks)) return checks;
    }
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "'{}' is no way to check; use must, strict or off", printable(text, name_bytes_max)
        )
    );
}

std::string_view checks_name(store::Checks checks) noexcept {
    switch (checks) {
        case store::Checks::must:
            return "must";
        case store::Checks::strict:
            return "strict";
        case store::Checks::off:
            return "off";
    }
    return "must";
}

Result<store::Role> parse_role(std::string_view text) {
    for (const auto role :
         {store::Role::admin,
          store::Role::publisher,
          store::Role::reader,
          store::Role::auditor,
          store::Role::sensor}) {
        if (role_name(role) == text) return role;
    }
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "'{}' is no role; use admin, publisher, reader, auditor or sensor",
            printable(text, name_bytes_max)
        )
    );
}

std::string_view role_name(store::Role role) noexcept {
    switch (role) {
        case store::Role::admin:
            return "admin";
        case store::Role::publisher:
            return "publisher";
        case store::Role::reader:
            return "reader";
        case store::Role::auditor:
            return "auditor";
        case store::Role::sensor:
            return "sensor";
    }
    return "reader";
}

Result<void> check_identity(std::string_view text) {
    if (text.starts_with("identity--") && stix::is_identifier(text)) return {};
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "'{}' is not an identity id; use identity--UUID, such as "
            "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f",
            printable(text, name_bytes_max)
        )
    );
}

}  // namespace entente::cli
