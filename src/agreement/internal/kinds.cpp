#include "agreement/internal/kinds.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/time.h"
#include "ledger/note.h"
#include "stix/object.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace entente::agreement::internal {
namespace {

namespace json = boost::json;

constexpr std::size_t word_bytes_max = 32;
constexpr std::size_t name_bytes_max = 256;
constexpr std::size_t uri_bytes_max = 1'024;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/// STIX 2.1, 2.1.1: a-z, 0-9 and -, 3 to 250 characters.
bool is_type(std::string_view text) {
    return text.size() >= 3 && text.size() <= 250 && text.front() != '-' && text.back() != '-' &&
           text.find("--") == text.npos && std::all_of(text.begin(), text.end(), [](char c) {
               return is_lower(c) || is_digit(c) || c == '-';
           });
}

bool is_pattern_path(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == text.npos || text.size() > name_bytes_max) return false;
    const std::string_view path = text.substr(colon + 1);
    return is_type(text.substr(0, colon)) && !path.empty() && path.front() != '.' &&
           path.back() != '.' && std::all_of(path.begin(), path.end(), [](char c) {
               return is_lower(c) || is_upper(c) || is_digit(c) ||
                      std::string_view("_.-*[]'").find(c) != std::string_view::npos;
           });
}

// `type` and `label`, and the properties of STIX objects that hold values of its vocabularies (STIX
// 2.1, 10), as `stix::Traits::words` names them.
constexpr std::array<std::string_view, 26> topic_kinds{
    "type",
    "label",
    "account_type",
    "architecture_execution_envs",
    "capabilities",
    "context",
    "encryption_algorithm",
    "identity_class",
    "implementation_languages",
    "indicator_types",
    "infrastructure_types",
    "malware_types",
    "opinion",
    "pattern_type",
    "personal_motivations",
    "primary_motivation",
    "region",
    "report_types",
    "resource_level",
    "result",
    "roles",
    "secondary_motivations",
    "sectors",
    "sophistication",
    "threat_actor_types",
    "tool_types"};

bool is_topic_word(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == text.npos || text.size() > limits::traits_word_bytes_max) return false;
    const std::string_view kind = text.substr(0, colon);
    const std::string_view value = text.substr(colon + 1);
    if (std::find(topic_kinds.begin(), topic_kinds.end(), kind) == topic_kinds.end()) return false;
    return kind == "type" ? is_type(value) : !value.empty() && is_plain(value);
}

bool is_onward(std::string_view text) {
    if (text == "clients" || text == "public") return true;
    for (const std::string_view prefix : {"party:", "community:"}) {
        if (text.starts_with(prefix)) {
            const std::string_view name = text.substr(prefix.size());
            return !name.empty() && name.size() <= name_bytes_max && is_plain(name);
        }
    }
    return false;
}

bool is_uri(std::string_view text) {
    const bool web = text.starts_with("https://") || text.starts_with("http://");
    return web && text.size() <= uri_bytes_max && text.size() > text.find("//") + 2 &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return c > ' ' && c < '\x7f' &&
                      std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
           });
}

bool is_comment(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (printable(line, line.size()) != line) return false;
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return true;
}

bool is_allowed_text(const Term& term, std::string_view text) {
    switch (term.kind) {
        case Kind::text:
            return text.size() >= term.least && text.size() <= term.most && is_plain(text);
        case Kind::comment:
            return text.size() <= term.most && is_comment(text);
        case Kind::word:
        case Kind::pid:
        case Kind::topic:
            return is_word(text);
        case Kind::user:
            return !text.empty() && text.size() <= name_bytes_max && is_plain(text);
        case Kind::choice:
            return std::find(term.choices.begin(), term.choices.end(), text) != term.choices.end();
        case Kind::instant:
            return parse_stix_time(text).has_value();
        case Kind::duration: {
            const auto seconds = duration_seconds(text);
            return seconds && *seconds >= term.least && *seconds <= term.most;
        }
        case Kind::digest:
            return is_digest(text);
        case Kind::agreement_id:
            return is_agreement_id(text);
        case Kind::identity:
            return text.starts_with("identity--") && stix::is_identifier(text);
        case Kind::key:
            return ledger::verifier_of(text).has_value();
        case Kind::stix_type:
            return is_type(text);
        case Kind::pattern_path:
            return is_pattern_path(text);
        case Kind::topic_word:
            return is_topic_word(text);
        case Kind::onward:
            return is_onward(text);
        case Kind::uri:
            return is_uri(text);
        case Kind::structure:
        case Kind::topics:
        case Kind::integer:
        case Kind::truth:
            return false;
    }
    return false;
}

std::string either(std::span<const std::string_view> words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

bool is_word(std::string_view text) noexcept {
    return !text.empty() && text.size() <= word_bytes_max && text.front() != '-' &&
           text.back() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
               return is_lower(c) || is_digit(c) || c == '-';
           });
}

bool is_digest(std::string_view text) noexcept {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return is_digit(c) || (c >= 'a' && c <= 'f');
           });
}

bool is_agreement_id(std::string_view text) noexcept {
    return text.starts_with("agr:") && is_digest(text.substr(4));
}

bool is_plain(std::string_view text) {
    return (text.empty() || (text.front() != ' ' && text.back() != ' ')) &&
           printable(text, text.size()) == text;
}

std::optional<std::uint64_t> duration_seconds(std::string_view text) noexcept {
    struct Unit {
        char letter;
        std::uint64_t seconds;
    };

    static constexpr std::array<Unit, 4> units{{{'D', 86'400}, {'H', 3'600}, {'M', 60}, {'S', 1}}};
    constexpr std::size_t digits_max = 9;
    if (text.size() < 3 || text.front() != 'P') return std::nullopt;
    text.remove_prefix(1);
    std::uint64_t sum = 0;
    std::size_t next = 0;  // units may only come in their order
    bool time = false;
    while (!text.empty()) {
        if (text.front() == 'T' && !time) {
            time = true;
            text.remove_prefix(1);
            next = std::max<std::size_t>(next, 1);
        }
        std::size_t digits = 0;
        std::uint64_t number = 0;
        while (digits < text.size() && is_digit(text[digits]) && digits < digits_max)
            number = number * 10 + static_cast<std::uint64_t>(text[digits++] - '0');
        if (digits == 0 || digits == text.size()) return std::nullopt;
        const char letter = text[digits];
        text.remove_prefix(digits + 1);
        if (letter == 'W' && next == 0 && !time && text.empty()) return number * 7 * 86'400;
        while (next < units.size() && units[next].letter != letter)
            ++next;
        if (next == units.size() || (units[next].letter == 'D') == time) return std::nullopt;
        sum += number * units[next].seconds;
        ++next;
    }
    return sum;
}

std::string duration_words(std::uint64_t seconds) {
    for (const auto& [unit, words] :
         {std::pair{86'400U, "days"}, std::pair{3'600U, "hours"}, std::pair{60U, "minutes"}}) {
        if (seconds % unit == 0 && seconds / unit > 1)
            return fmt::format("{} {}", seconds / unit, words);
    }
    return fmt::format("{} second{}", seconds, seconds == 1 ? "" : "s");
}

bool is_allowed(const Term& term, const json::value& value) {
    switch (term.kind) {
        case Kind::structure:
        case Kind::topics:
            return value.is_object();
        case Kind::truth:
            return value.is_bool();
        case Kind::integer: {
            if (!value.is_int64() || value.get_int64() < 0) return false;
            const auto number = static_cast<std::uint64_t>(value.get_int64());
            return number >= term.least && number <= term.most && number % term.multiple == 0;
        }
        default: {
            if (!value.is_string()) return false;
            const auto& text = value.get_string();
            return is_allowed_text(term, {text.data(), text.size()});
        }
    }
}

std::string expected_value(const Term& term) {
    switch (term.kind) {
        case Kind::structure:
            return "an object";
        case Kind::topics:
            return fmt::format("an object of at most {} lists of words", term.entries_most);
        case Kind::text:
            return fmt::format(
                "a text of {} to {} bytes on one line, without control characters and without "
                "blanks at its ends",
                term.least,
                term.most
            );
        case Kind::comment:
            return fmt::format("a text of at most {} bytes", term.most);
        case Kind::word:
            return "a short name (a-z, 0-9 and - inside, at most 32 characters)";
        case Kind::pid:
            return "the pid of a party";
        case Kind::topic:
            return "the name of a topic";
        case Kind::user:
            return "the name of a user, 1 to 256 bytes";
        case Kind::integer:
            if (term.multiple != 1)
                return fmt::format(
                    "a multiple of {} of {} to {}", term.multiple, term.least, term.most
                );
            return fmt::format("an integer of {} to {}", term.least, term.most);
        case Kind::truth:
            return "true or false";
        case Kind::choice:
            return term.choices.size() == 1 ? either(term.choices)
                                            : "one of " + either(term.choices);
        case Kind::instant:
            return "a time in UTC such as 2026-01-01T00:00:00Z (RFC 3339)";
        case Kind::duration:
            return fmt::format(
                "a duration such as P7D or PT60S (ISO 8601, no years or months), {} to {} seconds",
                term.least,
                term.most
            );
        case Kind::digest:
            return "64 hexadecimal digits in lower case";
        case Kind::agreement_id:
            return "agr: and 64 hexadecimal digits in lower case";
        case Kind::identity:
            return "a STIX identifier identity--UUID";
        case Kind::key:
            return "an Ed25519 key as NAME+ID+KEY (C2SP signed-note)";
        case Kind::stix_type:
            return "the name of a STIX type (a-z, 0-9 and -)";
        case Kind::pattern_path:
            return "a path of a pattern such as ipv4-addr:value";
        case Kind::topic_word:
            return "a word such as type:malware, label:NAME or malware_types:ransomware (one of " +
                   either(topic_kinds) + ")";
        case Kind::onward:
            return "clients, public, party:NAME or community:NAME";
        case Kind::uri:
            return "an address that begins with https:// or http://";
    }
    return {};
}

std::string expected(const Term& term) {
    if (!term.list) return expected_value(term);
    const std::string count = term.entries_least == 0
                                  ? fmt::format("at most {}", term.entries_most)
                                  : fmt::format("{} to {}", term.entries_least, term.entries_most);
    // Structures are told apart by their names, plain values by themselves.
    const std::string_view once = term.kind == Kind::structure ? "" : "none twice, ";
    return fmt::format("a list of {} entries, {}each {}", count, once, expected_value(term));
}

json::object schema_of_value(const Term& term) {
    json::object schema;
    const auto text = [&schema](std::string_view pattern) {
        schema["type"] = "string";
        if (!pattern.empty()) schema["pattern"] = json::string(pattern.data(), pattern.size());
    };
    switch (term.kind) {
        case Kind::structure:
        case Kind::topics:
            schema["type"] = "object";
            break;
        case Kind::text:
        case Kind::comment:
            text({});
            if (term.least > 0) schema["minLength"] = term.least;
            schema["maxLength"] = term.most;
            break;
        case Kind::word:
        case Kind::pid:
        case Kind::topic:
            text("^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$");
            break;
        case Kind::user:
            text({});
            schema["minLength"] = 1;
            schema["maxLength"] = name_bytes_max;
            break;
        case Kind::integer:
            schema["type"] = "integer";
            schema["minimum"] = term.least;
            schema["maximum"] = term.most;
            if (term.multiple != 1) schema["multipleOf"] = term.multiple;
            break;
        case Kind::truth:
            schema["type"] = "boolean";
            break;
        case Kind::choice: {
            json::array words;
            for (const std::string_view word : term.choices)
                words.emplace_back(json::string(word.data(), word.size()));
            schema["enum"] = std::move(words);
            break;
        }
        case Kind::instant:
            text("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$");
            break;
        case Kind::duration:
            text("^P([0-9]+W|(?=[0-9T])([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?)$");
            break;
        case Kind::digest:
            text("^[0-9a-f]{64}$");
            break;
        case Kind::agreement_id:
            text("^agr:[0-9a-f]{64}$");
            break;
        case Kind::identity:
            text("^identity--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$");
            break;
        case Kind::key:
            text("^[^ +]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/=]+$");
            break;
        case Kind::stix_type:
            text("^[a-z0-9]([a-z0-9-]{1,248}[a-z0-9])$");
            break;
        case Kind::pattern_path:
            text("^[a-z0-9][a-z0-9-]+[a-z0-9]:[A-Za-z0-9_*'\\[\\]-][A-Za-z0-9_.*'\\[\\]-]*$");
            break;
        case Kind::topic_word:
            text(fmt::format("^({}):.+$", fmt::join(topic_kinds, "|")));
            break;
        case Kind::onward:
            text("^(clients|public|(party|community):.+)$");
            break;
        case Kind::uri:
            text("^https?://[^ \"<>\\\\^`{|}]+$");
            break;
    }
    return schema;
}

}  // namespace entente::agreement::internal
