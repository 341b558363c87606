#include "cli/validate_rules.h"

#include "base/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace entente::cli {
namespace {

struct Check {
    std::uint16_t code;
    std::string_view name;
};

// In the order of the numbers; a second name of one number is STIX 2.0's.
constexpr std::array checks{
    Check{101, "custom-prefix"},
    Check{102, "custom-prefix-lax"},
    Check{103, "uuid-check"},
    Check{111, "open-vocab-format"},
    Check{121, "kill-chain-names"},
    Check{141, "observable-object-keys"},
    Check{142, "observable-dictionary-keys"},
    Check{143, "malware-analysis-product"},
    Check{149, "windows-process-priority-format"},
    Check{150, "hash-length"},
    Check{201, "marking-definition-type"},
    Check{202, "relationship-types"},
    Check{203, "duplicate-ids"},
    Check{211, "attack-motivation"},
    Check{212, "attack-resource-level"},
    Check{213, "identity-class"},
    Check{214, "indicator-types"},
    Check{214, "indicator-label"},
    Check{215, "industry-sector"},
    Check{216, "malware-types"},
    Check{216, "malware-label"},
    Check{218, "report-types"},
    Check{218, "report-label"},
    Check{219, "threat-actor-types"},
    Check{219, "threat-actor-label"},
    Check{220, "threat-actor-role"},
    Check{221, "threat-actor-sophistication"},
    Check{222, "tool-types"},
    Check{222, "tool-label"},
    Check{223, "region"},
    Check{225, "grouping-context"},
    Check{226, "implementation-languages"},
    Check{227, "infrastructure-types"},
    Check{228, "malware-capabilities"},
    Check{230, "processor-architecture"},
    Check{231, "malware-result"},
    Check{241, "hash-algo"},
    Check{242, "encryption-algo"},
    Check{243, "windows-pebinary-type"},
    Check{244, "account-type"},
    Check{245, "indicator-pattern-types"},
    Check{271, "mime-type"},
    Check{272, "protocols"},
    Check{273, "ipfix"},
    Check{274, "http-request-headers"},
    Check{275, "socket-options"},
    Check{276, "pdf-doc-info"},
    Check{277, "countries"},
    Check{301, "network-traffic-ports"},
    Check{302, "extref-hashes"},
    Check{303, "indicator-properties"},
    Check{304, "deprecated-properties"},
    Check{305, "extension-description"},
    Check{306, "extension-properties"},
    Check{401, "extensions-use"},
};

struct CheckGroup {
    std::uint16_t number;
    std::string_view name;
    std::uint16_t first;
    std::uint16_t last;
};

constexpr std::array check_groups{
    CheckGroup{1, "format-checks", 100, 199},
    CheckGroup{2, "approved-values", 200, 299},
    CheckGroup{210, "all-vocabs", 210, 249},
    CheckGroup{270, "all-external-sources", 270, 279},
};

struct Title {
    std::string_view rule;
    std::string_view text;
};

constexpr std::array titles{
    Title{"S1", "JSON, names of types and properties (2.1 sections 2, 3.1)"},
    Title{"S2", "suffixes of property names (3.1)"},
    Title{"S3", "types of values (2)"},
    Title{"S4", "lists and dictionaries (2.3, 2.12)"},
    Title{"S5", "vocabularies (2.4, 2.14, 10)"},
    Title{"S6", "hashes (2.7)"},
    Title{"S7", "timestamps (2.16)"},
    Title{"S8", "external references (2.5)"},
    Title{"S9", "kill chain phases (2.11)"},
    Title{"S10", "reserved names (3.8)"},
    Title{"S11", "spec_version (3.2)"},
    Title{"S12", "confidence (3.2)"},
    Title{"S13", "languages (3.2)"},
    Title{"S14", "created_by_ref (3.2)"},
    Title{"S15", "object markings (3.2, 7.2)"},
    Title{"S16", "revoked, defanged (3.2)"},
    Title{"S17", "extensions (3.2, 7.3)"},
    Title{"S18", "identifiers (2.9)"},
    Title{"S19", "random identifiers (2.9)"},
    Title{"S20", "identifiers of observables (2.9, 3.4)"},
    Title{"S21", "contributing properties (3.4)"},
    Title{"S23", "references (3.3)"},
    Title{"S25", "versions (3.6)"},
    Title{"S32", "first_seen and last_seen (4)"},
    Title{"S33", "indicator (4.7)"},
    Title{"S34", "location (4.10)"},
    Title{"S35", "malware (4.11)"},
    Title{"S36", "malware-analysis (4.12)"},
    Title{"S37", "observed-data (4.14)"},
    Title{"S38", "relationship (5.1)"},
    Title{"S39", "sighting (5.2)"},
    Title{"S40", "opinion (4.15)"},
    Title{"S41", "external ids of attack patterns and vulnerabilities (4.1, 4.19)"},
    Title{"S42", "language-content (7.1)"},
    Title{"S43", "bundle (8)"},
    Title{"S44", "artifact (6.1)"},
    Title{"S45", "directory (6.3)"},
    Title{"S46", "domain-name (6.4)"},
    Title{"S47", "email-addr (6.5)"},
    Title{"S48", "email-message (6.6)"},
    Title{"S49", "file (6.7)"},
    Title{"S50", "ipv4-addr, ipv6-addr (6.8, 6.9)"},
    Title{"S51", "mac-addr (6.10)"},
    Title{"S52", "network-traffic (6.12)"},
    Title{"S53", "process (6.13)"},
    Title{"S54", "at least one property (6)"},
    Title{"S55", "predefined extensions (6)"},
    Title{"S56", "software (6.14)"},
    Title{"S57", "url (6.15)"},
    Title{"S58", "relationship types (Appendix B)"},
    Title{"S60", "granular markings (7.2.3)"},
    Title{"S61", "selectors (7.2.3)"},
    Title{"S62", "TLP 1 markings (7.2.1)"},
    Title{"S63", "TLP 2 markings (7.2.1)"},
    Title{"S64", "marking definitions (7.2.1)"},
    Title{"S70", "extension types (7.3)"},
    Title{"S71", "properties of extensions (7.3)"},
    Title{"S72", "names of extensions (7.3)"},
    Title{"S73", "unknown extensions (7.3)"},
    Title{"S74", "custom properties and objects (11)"},
    Title{"V1", "real dates (2.16)"},
    Title{"V2", "order of times (3.2, 4, 5)"},
    Title{"V3", "order of an observation's times (6.12)"},
    Title{"V4", "markings that mark themselves (7.2)"},
    Title{"V5", "granular markings that mark themselves (7.2.3)"},
    Title{"V6", "selectors (7.2.3)"},
    Title{"V7", "references inside observed data"},
    Title{"V8", "MIME types (6.1)"},
    Title{"V9", "character sets (6.3, 6.7)"},
    Title{"V10", "languages (3.2)"},
    Title{"V11", "languages of software (6.14)"},
    Title{"V12", "patterns (9)"},
    Title{"V13", "CPE names (6.14)"},
    Title{"V14", "translations (7.1)"},
    Title{"V15", "identifiers of observables (2.9)"},
    Title{"V16", "identifiers of processes (2.9)"},
};

bool is_rule(std::string_view word) {
    return word.size() >= 2 && word.size() <= 4 &&
           (word[0] == 'S' || word[0] == 'V' || word[0] == 'P' || word[0] == 'T') &&
           std::ranges::all_of(word.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view check_name(std::uint16_t code) noexcept {
    const auto* const found = std::ranges::lower_bound(checks, code, {}, &Check::code);
    return found != checks.end() && found->code == code ? found->name : std::string_view();
}

std::string_view rule_title(std::string_view rule) noexcept {
    const auto* const found = std::ranges::find(titles, rule, &Title::rule);
    if (found != titles.end()) return found->text;
    return rule.starts_with('P') ? "patterns (9)" : "";
}

void Ignored::add_range(unsigned first, unsigned last) {
    for (unsigned code = first; code <= last; ++code)
        codes_.set(code);
}

bool Ignored::add_code(unsigned number) {
    for (const CheckGroup& group : check_groups) {
        if (group.number != number) continue;
        add_range(group.first, group.last);
        return true;
    }
    if (number >= codes_.size() || check_name(static_cast<std::uint16_t>(number)).empty()) {
        return false;
    }
    codes_.set(number);
    return true;
}

bool Ignored::add(std::string_view word) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error == std::errc() && end == word.data() + word.size()) return add_code(number);
    for (const CheckGroup& group : check_groups) {
        if (group.name == word) return add_code(group.number);
    }
    const auto* const check = std::ranges::find(checks, word, &Check::name);
    if (check != checks.end()) return add_code(check->code);
    std::string rule(word);
    if (!rule.empty() && rule[0] >= 'a' && rule[0] <= 'z') {
        rule[0] = static_cast<char>(rule[0] - 'a' + 'A');
    }
    if (!is_rule(rule)) return false;
    rules_.insert(std::move(rule));
    return true;
}

Result<Ignored> Ignored::read(const std::vector<std::string>& words) {
    Ignored ignored;
    for (const std::string& word : words) {
        std::string_view rest = word;
        while (true) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view one = rest.substr(0, comma);
            if (!ignored.add(one)) {
                return fail(
                    Errc::invalid_argument,
                    fmt::format(
                        "--ignore does not know '{}'; use numbers of checks such as 401 or 1 (all "
                        "1xx), names of checks such as extensions-use, or rules such as S34",
                        printable(one, 100)
                    )
                );
            }
            if (comma == rest.size()) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return ignored;
}

}  // namespace entente::cli
