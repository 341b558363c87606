#include "stix/internal/vocabularies.h"

#include "stix/internal/canonical.h"
#include "stix/internal/check_reader.h"
#include "stix/internal/iana.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace entente::stix::internal {
namespace {

/// A literal as a template argument, so that it can be cut into words while compiling.
template <std::size_t N>
struct Literal {
    std::array<char, N> text{};

    // NOLINTNEXTLINE(google-explicit-constructor): made from a literal in a template argument
    constexpr Literal(const char (&literal)[N]) { std::copy_n(literal, N, text.begin()); }

    [[nodiscard]] constexpr std::string_view view() const { return {text.data(), N - 1}; }
};

template <Literal L>
constexpr auto cut() {
    constexpr std::string_view all = L.view();
    std::array<std::string_view, std::count(all.begin(), all.end(), ' ') + 1> list{};
    std::string_view rest = all;
    for (std::string_view& word : list) {
        word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
    std::sort(list.begin(), list.end());
    return list;
}

/// The words of a text with one blank between each two, sorted.
template <Literal L>
constexpr auto words = cut<L>();

using V = Vocabulary;
constexpr bool open = false;
constexpr bool closed = true;

// In the order of the enumeration.
constexpr std::array infos = {
    VocabularyInfo{
        V::account_type,
        "account-type-ov",
        "10.1",
        open,
        244,
        words<"facebook ldap nis openid radius skype tacacs twitter unix windows-domain "
              "windows-local">},
    VocabularyInfo{
        V::attack_motivation,
        "attack-motivation-ov",
        "10.2",
        open,
        211,
        words<"accidental coercion dominance ideology notoriety organizational-gain "
              "personal-gain personal-satisfaction revenge unpredictable">},
    VocabularyInfo{
        V::attack_resource_level,
        "attack-resource-level-ov",
        "10.3",
        open,
        212,
        words<"club contest government individual organization team">},
    VocabularyInfo{
        V::encryption_algorithm,
        "encryption-algorithm-enum",
        "10.4",
        closed,
        0,
        words<"AES-256-GCM ChaCha20-Poly1305 mime-type-indicated">},
    VocabularyInfo{
        V::extension_type,
        "extension-type-enum",
        "10.5",
        closed,
        0,
        words<"new-sco new-sdo new-sro property-extension toplevel-property-extension">},
    VocabularyInfo{
        V::grouping_context,
        "grouping-context-ov",
        "10.6",
        open,
        225,
        words<"malware-analysis suspicious-activity unspecified">},
    VocabularyInfo{
        V::hash_algorithm,
        "hash-algorithm-ov",
        "10.7",
        open,
        241,
        words<"MD5 SHA-1 SHA-256 SHA-512 SHA3-256 SHA3-512 SSDEEP TLSH">},
    VocabularyInfo{
        V::identity_class,
        "identity-class-ov",
        "10.8",
        open,
        213,
        words<"class group individual organization system unknown">},
    VocabularyInfo{
        V::implementation_language,
        "implementation-language-ov",
        "10.9",
        open,
        226,
        words<"applescript bash c c# c++ go java javascript lua objective-c perl php "
              "powershell python ruby rust scala swift typescript visual-basic x86-32 "
              "x86-64">},
    VocabularyInfo{
        V::indicator_type,
        "indicator-type-ov",
        "10.10",
        open,
        214,
        words<"anomalous-activity anonymization attribution benign compromised "
              "malicious-activity unknown">},
    VocabularyInfo{
        V::industry_sector,
        "industry-sector-ov",
        "10.11",
        open,
        215,
        words<"aerospace agriculture automotive chemical commercial communications "
              "construction dams defense education emergency-services energy entertainment "
              "financial-services government government-local government-national "
              "government-public-services government-regional healthcare "
              "hospitality-leisure infrastructure insurance legal manufacturing mining "
              "non-profit nuclear pharmaceuticals retail technology telecommunications "
              "transportation utilities water">},
    VocabularyInfo{
        V::infrastructure_type,
        "infrastructure-type-ov",
        "10.12",
        open,
        227,
        words<"amplification anonymization botnet command-and-control control-system "
              "exfiltration firewall hosting-malware hosting-target-lists phishing "
              "reconnaissance routers-switches staging unknown workstation">},
    VocabularyInfo{
        V::malware_capabilities,
        "malware-capabilities-ov",
        "10.13",
        open,
        228,
        words<"accesses-remote-machines anti-debugging anti-disassembly anti-emulation "
              "anti-memory-forensics anti-sandbox anti-vm captures-input-peripherals "
              "captures-output-peripherals captures-system-state-data "
              "cleans-traces-of-infection commits-fraud communicates-with-c2 "
              "compromises-data-availability compromises-data-integrity "
              "compromises-system-availability controls-local-machine "
              "degrades-security-software degrades-system-updates determines-c2-server "
              "emails-spam escalates-privileges evades-av exfiltrates-data "
              "fingerprints-host hides-artifacts hides-executing-code infects-files "
              "infects-remote-machines installs-other-components "
              "persists-after-system-reboot prevents-artifact-access "
              "prevents-artifact-deletion probes-network-environment self-modifies "
              "steals-authentication-credentials violates-system-operational-integrity">},
    VocabularyInfo{
        V::malware_result,
        "malware-result-ov",
        "10.14",
        open,
        231,
        words<"benign malicious suspicious unknown">},
    VocabularyInfo{
        V::malware_type,
        "malware-type-ov",
        "10.15",
        open,
        216,
        words<"adware backdoor bootkit bot ddos downloader dropper exploit-kit keylogger "
              "ransomware remote-access-trojan resource-exploitation "
              "rogue-security-software rootkit screen-capture spyware trojan unknown virus "
              "webshell wiper worm">},
    VocabularyInfo{
        V::network_socket_address_family,
        "network-socket-address-family-enum",
        "10.16",
        closed,
        0,
        words<"AF_APPLETALK AF_BTH AF_INET AF_INET6 AF_IPX AF_IRDA AF_NETBIOS AF_UNSPEC">},
    // The summary of 10.17 prints AF_ISOCK_DGRAMNET for SOCK_DGRAM; both are taken.
    VocabularyInfo{
        V::network_socket_type,
        "network-socket-type-enum",
        "10.17",
        closed,
        0,
        words<"AF_ISOCK_DGRAMNET SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_STREAM">},
    VocabularyInfo{
        V::opinion,
        "opinion-enum",
        "10.18",
        closed,
        0,
        words<"agree disagree neutral strongly-agree strongly-disagree">},
    VocabularyInfo{
        V::pattern_type,
        "pattern-type-ov",
        "10.19",
        open,
        245,
        words<"pcre sigma snort stix suricata yara">},
    VocabularyInfo{
        V::processor_architecture,
        "processor-architecture-ov",
        "10.20",
        open,
        230,
        words<"alpha arm ia-64 mips powerpc sparc x86 x86-64">},
    VocabularyInfo{
        V::region,
        "region-ov",
        "10.21",
        open,
        223,
        words<"africa americas antarctica asia australia-new-zealand caribbean "
              "central-america central-asia eastern-africa eastern-asia eastern-europe "
              "europe latin-america-caribbean melanesia micronesia middle-africa "
              "northern-africa northern-america northern-europe oceania polynesia "
              "south-america south-eastern-asia southern-africa southern-asia "
              "southern-europe western-africa western-asia western-europe">},
    VocabularyInfo{
        V::report_type,
        "report-type-ov",
        "10.22",
        open,
        218,
        words<"attack-pattern campaign identity incident indicator intrusion-set malware "
              "observed-data threat-actor threat-report tool vulnerability">},
    VocabularyInfo{
        V::threat_actor_type,
        "threat-actor-type-ov",
        "10.23",
        open,
        219,
        words<"activist competitor crime-syndicate criminal hacker insider-accidental "
              "insider-disgruntled nation-state private-sector sensationalist spy terrorist "
              "unknown">},
    VocabularyInfo{
        V::threat_actor_role,
        "threat-actor-role-ov",
        "10.24",
        open,
        220,
        words<"agent director independent infrastructure-architect infrastructure-operator "
              "malware-author sponsor">},
    VocabularyInfo{
        V::threat_actor_sophistication,
        "threat-actor-sophistication-ov",
        "10.25",
        open,
        221,
        words<"advanced expert innovator intermediate minimal none strategic">},
    VocabularyInfo{
        V::tool_type,
        "tool-type-ov",
        "10.26",
        open,
        222,
        words<"credential-exploitation denial-of-service exploitation information-gathering "
              "network-capture remote-access unknown vulnerability-scanning">},
    VocabularyInfo{
        V::windows_integrity_level,
        "windows-integrity-level-enum",
        "10.27",
        closed,
        0,
        words<"high low medium system">},
    VocabularyInfo{
        V::windows_pebinary_type,
        "windows-pebinary-type-ov",
        "10.28",
        open,
        243,
        words<"dll exe sys">},
    VocabularyInfo{
        V::windows_registry_datatype,
        "windows-registry-datatype-enum",
        "10.29",
        closed,
        0,
        words<"REG_BINARY REG_DWORD REG_DWORD_BIG_ENDIAN REG_DWORD_LITTLE_ENDIAN "
              "REG_EXPAND_SZ REG_FULL_RESOURCE_DESCRIPTION REG_INVALID_TYPE REG_LINK "
              "REG_MULTI_SZ REG_NONE REG_QWORD REG_RESOURCE_LIST "
              "REG_RESOURCE_REQUIREMENTS_LIST REG_SZ">},
    VocabularyInfo{
        V::windows_service_start_type,
        "windows-service-start-type-enum",
        "10.30",
        closed,
        0,
        words<"SERVICE_AUTO_START SERVICE_BOOT_START SERVICE_DEMAND_START SERVICE_DISABLED "
              "SERVICE_SYSTEM_ALERT">},
    VocabularyInfo{
        V::windows_service_type,
        "windows-service-type-enum",
        "10.31",
        closed,
        0,
        words<"SERVICE_FILE_SYSTEM_DRIVER SERVICE_KERNEL_DRIVER SERVICE_WIN32_OWN_PROCESS "
              "SERVICE_WIN32_SHARE_PROCESS">},
    VocabularyInfo{
        V::windows_service_status,
        "windows-service-status-enum",
        "10.32",
        closed,
        0,
        words<"SERVICE_CONTINUE_PENDING SERVICE_PAUSED SERVICE_PAUSE_PENDING "
              "SERVICE_RUNNING SERVICE_START_PENDING SERVICE_STOPPED SERVICE_STOP_PENDING">},
    VocabularyInfo{
        V::marking_definition_type,
        "marking definition types",
        "7.2.1",
        open,
        201,
        words<"statement tlp">},
    VocabularyInfo{
        V::encryption_algorithm_20,
        "encryption-algo-ov",
        "part 3, 2.7",
        open,
        242,
        words<"3DES-CBC 3DES-EBC AES128-CBC AES128-CFB AES128-COFB AES128-CTR AES128-ECB "
              "AES128-GCM AES128-XTS CAST128-CBC CAST256-CBC ChaCha20 ChaCha20-Poly1305 "
              "DES-CBC DES-EBC DSA RSA Salsa12 Salsa20 Salsa8">},
    VocabularyInfo{
        V::hash_algorithm_20,
        "hash-algorithm-ov",
        "part 3, 2.6",
        open,
        241,
        words<"MD5 MD6 RIPEMD-160 SHA-1 SHA-224 SHA-256 SHA-384 SHA-512 SHA3-224 SHA3-256 "
              "SHA3-384 SHA3-512 WHIRLPOOL ssdeep">},
    VocabularyInfo{
        V::identity_class_20,
        "identity-class-ov",
        "part 1, 6.3",
        open,
        213,
        words<"class group individual organization unknown">},
    VocabularyInfo{
        V::indicator_label_20,
        "indicator-label-ov",
        "part 1, 6.4",
        open,
        214,
        words<"anomalous-activity anonymization attribution benign compromised "
              "malicious-activity">},
    VocabularyInfo{
        V::industry_sector_20,
        "industry-sector-ov",
        "part 1, 6.5",
        open,
        215,
        words<"aerospace agriculture automotive communications construction defence "
              "education energy entertainment financial-services government-local "
              "government-national government-public-services government-regional "
              "healthcare hospitality-leisure infrastructure insurance manufacturing mining "
              "non-profit pharmaceuticals retail technology telecommunications "
              "transportation utilities">},
    VocabularyInfo{
        V::malware_label_20,
        "malware-label-ov",
        "part 1, 6.6",
        open,
        216,
        words<"adware backdoor bot ddos dropper exploit-kit keylogger ransomware "
              "remote-access-trojan resource-exploitation rogue-security-software rootkit "
              "screen-capture spyware trojan virus worm">},
    VocabularyInfo{
        V::report_label_20,
        "report-label-ov",
        "part 1, 6.7",
        open,
        218,
        words<"attack-pattern campaign identity indicator malware observed-data "
              "threat-actor threat-report tool vulnerability">},
    VocabularyInfo{
        V::threat_actor_label_20,
        "threat-actor-label-ov",
        "part 1, 6.8",
        open,
        219,
        words<"activist competitor crime-syndicate criminal hacker insider-accidental "
              "insider-disgruntled nation-state sensationalist spy terrorist">},
    VocabularyInfo{
        V::tool_label_20,
        "tool-label-ov",
        "part 1, 6.11",
        open,
        222,
        words<"credential-exploitation denial-of-service exploitation information-gathering "
              "network-capture remote-access vulnerability-scanning">},
    VocabularyInfo{
        V::network_socket_protocol_family_20,
        "network-socket-protocol-family-enum",
        "part 4, 2.12.4",
        closed,
        0,
        words<"PF_APPLETALK PF_ASH PF_ATMPVC PF_ATMSVC PF_AX25 PF_BLUETOOTH PF_BRIDGE "
              "PF_DECNET PF_ECONET PF_INET PF_INET6 PF_IPX PF_IRDA PF_KEY PF_NETBEUI "
              "PF_NETLINK PF_NETROM PF_PACKET PF_PPPOX PF_ROSE PF_ROUTE PF_SECURITY PF_SNA "
              "PF_WANPIPE PF_X25">},
    VocabularyInfo{
        V::windows_registry_datatype_20,
        "windows-registry-datatype-enum",
        "part 4, 2.17.2",
        closed,
        0,
        words<"REG_BINARY REG_DWORD REG_DWORD_BIG_ENDIAN REG_DWORD_LITTLE_ENDIAN "
              "REG_EXPAND_SZ REG_FULL_RESOURCE_DESCRIPTION REG_INVALID_TYPE REG_LINK "
              "REG_MULTI_SZ REG_NONE REG_QWORD REG_RESOURCE_LIST "
              "REG_RESOURCE_REQUIREMENTS_LIST REG_SZ">},
    VocabularyInfo{
        V::character_set, "IANA character sets", "3.9.1", closed, 0, {}, is_character_set},
    VocabularyInfo{
        V::media_type, "IANA media types", "6.7.1", open, 271, {}, is_registered_media_type},
    VocabularyInfo{V::service_name, "IANA service names", "6.12.1", open, 272, {}, is_service_name},
    VocabularyInfo{
        V::ipfix_element, "IANA IPFIX elements", "6.12.1", open, 273, {}, is_ipfix_element},
    VocabularyInfo{
        V::http_request_header,
        "HTTP request fields",
        "6.12.2",
        open,
        274,
        {},
        is_http_request_header},
    VocabularyInfo{V::socket_option, "socket options", "6.12.4", open, 275, {}, is_socket_option},
    VocabularyInfo{
        V::pdf_info_key,
        "entries of the PDF document information dictionary",
        "6.7.4",
        open,
        276,
        {},
        is_pdf_info_key},
    VocabularyInfo{V::country, "ISO 3166-1 alpha-2 codes", "4.10.1", open, 277, {}, is_country},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < infos.size(); ++i) {
        if (static_cast<std::size_t>(infos[i].id) != i + 1) return false;
    }
    return true;
}

static_assert(in_order());

constexpr std::size_t count_values() {
    std::size_t count = 0;
    for (const VocabularyInfo& info : infos)
        count += info.values.size();
    return count;
}

/// The first eight bytes of every value, as `first_bytes` makes them: they rise as the values do.
struct Keys {
    std::array<std::uint64_t, count_values()> all{};
    std::array<std::size_t, infos.size()> first{};  // of each vocabulary
};

constexpr Keys make_keys() {
    Keys keys;
    std::size_t at = 0;
    for (std::size_t i = 0; i < infos.size(); ++i) {
        keys.first[i] = at;
        for (const std::string_view value : infos[i].values) {
            std::uint64_t key = 0;
            for (std::size_t b = 0; b < sizeof key; ++b) {
                const char c = b < value.size() ? value[b] : '\0';
                key = key << 8U | static_cast<unsigned char>(c);
            }
            keys.all[at++] = key;
        }
    }
    return keys;
}

constexpr Keys keys = make_keys();

}  // namespace

const VocabularyInfo& vocabulary(Vocabulary id) noexcept {
    return infos[static_cast<std::size_t>(id) - 1];
}

std::span<const VocabularyInfo> vocabularies() noexcept {
    return infos;
}

bool in_vocabulary(Vocabulary id, std::string_view value) noexcept {
    const VocabularyInfo& info = vocabulary(id);
    if (info.listed != nullptr) return info.listed(value);
    // Lists are short: looking at one number for each value is quicker than halving.
    const std::uint64_t key = first_bytes(value);
    const std::size_t index = static_cast<std::size_t>(id) - 1;
    const std::uint64_t* const known = keys.all.data() + keys.first[index];
    const std::string_view* const values = info.values.data();
    const std::size_t count = info.values.size();
    std::size_t i = 0;
    while (i < count && known[i] < key)
        ++i;
    for (; i < count && known[i] == key; ++i) {
        if (same_text(values[i], value)) return true;
    }
    return false;
}

}  // namespace entente::stix::internal
