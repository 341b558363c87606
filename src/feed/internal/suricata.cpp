#include "feed/internal/suricata.h"

#include "base/hash.h"
#include "feed/internal/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_set>

namespace entente::feed::internal {
namespace {

bool is_plain(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '.' || c == '-' ||
           c == '_' || c == '/';
}

/// The bytes as Suricata's content: what could mean something there as hexadecimal digits.
std::string content(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_plain(c)) {
            out += c;
        } else {
            out += fmt::format("|{:02X}|", static_cast<unsigned char>(c));
        }
    }
    return out;
}

/// Room for all of a rule about a URL that is not the URL: the longest prefix and source in it.
constexpr std::size_t rule_bytes_beside = 640;

std::size_t content_bytes(std::string_view text) {
    std::size_t bytes = 0;
    for (const char c : text)
        bytes += is_plain(c) ? 1 : 4;
    return bytes;
}

/// As Suricata writes fingerprints: aa:bb:…
std::string with_colons(std::string_view digits) {
    std::string out;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        if (i != 0) out += ':';
        out += digits.substr(i, 2);
    }
    return out;
}

/// One list file with the rules that ask it.
struct List {
    std::string_view part;  // of its name
    std::array<Kind, 2> holds;
    std::string text{};
    std::size_t count = 0;
};

constexpr std::uint32_t list_sids = 1'000;  // for rules that ask lists
constexpr std::uint32_t sids_per_list = 8;
constexpr std::uint32_t sids_per_value = 4;

class Writer {
  public:
    Writer(const WriteOptions& options, Style style)
        : action_(options.purpose == Purpose::block ? "drop" : "alert"),
          first_(options.sid_first),
          prefix_(options.prefix),
          style_(style) {}

    void add(const Entry& entry) {
        for (List& list : lists_) {
            if (std::ranges::find(list.holds, entry.value.kind) == list.holds.end()) continue;
            if (!in_list(entry.value.kind)) continue;
            add_to(list, entry.value);
            return;
        }
        if (fits_rule(entry.value)) add_rules(entry);
    }

    [[nodiscard]] std::vector<File> finish() && {
        std::vector<File> files;
        std::string asking;
        for (List& list : lists_) {
            if (!in_list(list.holds[0])) continue;
            if (list.count > 0) ask(list, asking);
            files.push_back({file_name(list), std::move(list.text)});
        }
        files.push_back({prefix_ + ".rules", asking + rules_});
        return files;
    }

  private:
    [[nodiscard]] std::string set_name(const List& list) const {
        return fmt::format("{}-{}", prefix_, list.part);
    }

    [[nodiscard]] std::string file_name(const List& list) const { return set_name(list) + ".lst"; }

    /// Digests of files have no buffer of their own: only lists of them can be asked.
    [[nodiscard]] bool in_list(Kind kind) const {
        switch (kind) {
            case Kind::md5:
            case Kind::sha1:
            case Kind::sha256:
                return true;
            case Kind::domain:
            case Kind::ipv4:
            case Kind::ipv6:
            case Kind::ja3:
            case Kind::cert_sha1:
                return style_ == Style::datasets;
            case Kind::url:
            case Kind::cidr:
            case Kind::email:
                return false;
        }
        return false;
    }

    static void add_to(List& list, const Value& value) {
        switch (value.kind) {
            case Kind::domain:
            case Kind::ja3:
                list.text += to_base64(value.text);
                break;
            case Kind::cert_sha1:
                list.text += to_base64(with_colons(value.text));
                break;
            case Kind::ipv4:
            case Kind::ipv6:
            case Kind::md5:
            case Kind::sha1:
            case Kind::sha256:
            case Kind::url:
            case Kind::cidr:
            case Kind::email:
                list.text += value.text;
                break;
        }
        list.text += '\n';
        ++list.count;
    }

    void ask(const List& list, std::string& to) {
        const std::string base = set_name(list);
        // Each list has its own numbers, whichever others there are.
        std::uint32_t sid =
            first_ + static_cast<std::uint32_t>(&list - lists_.data()) * sids_per_list;
        const auto rule = [&](std::string_view protocol, std::string_view test) {
            to += fmt::format(
                "{} {} any any -> any any (msg:\"{} {}\"; {} sid:{}; rev:1;)\n",
                action_,
                protocol,
                base,
                protocol,
                test,
                sid++
            );
        };
        switch (list.holds[0]) {
            case Kind::domain:
                rule("dns", fmt::format("dns.query; to_lowercase; {}", dataset(list, "string")));
                rule("tls", fmt::format("tls.sni; to_lowercase; {}", dataset(list, "string")));
                rule("http", fmt::format("http.host; {}", dataset(list, "string")));
                break;
            case Kind::ipv4:
                rule("ip", fmt::format("ip.src; {}", dataset(list, "ip")));
                rule("ip", fmt::format("ip.dst; {}", dataset(list, "ip")));
                break;
            case Kind::ja3:
                rule("tls", fmt::format("ja3.hash; {}", dataset(list, "string")));
                break;
            case Kind::cert_sha1:
                rule("tls", fmt::format("tls.cert_fingerprint; {}", dataset(list, "string")));
                break;
            case Kind::md5:
            case Kind::sha1:
            case Kind::sha256:
                for (const std::string_view protocol : {"http", "smtp", "ftp-data", "smb", "nfs"})
                    rule(
                        protocol,
                        fmt::format("file{}:{};", kind_name(list.holds[0]), file_name(list))
                    );
                break;
            case Kind::ipv6:
            case Kind::url:
            case Kind::cidr:
            case Kind::email:
                break;
        }
    }

    /// The numbers are far above what the values take, and within Suricata's own bound for rows.
    [[nodiscard]] std::string dataset(const List& list, std::string_view type) const {
        const std::size_t rows = std::clamp<std::size_t>(std::bit_ceil(list.count), 64, 65'536);
        const std::size_t megabytes = 16 + list.count / 4'096;
        return fmt::format(
            "dataset:isset,{},type {},load {},memcap {}mb,hashsize {};",
            set_name(list),
            type,
            file_name(list),
            megabytes,
            rows
        );
    }

    /// A number that stays the value's own as long as no other takes it: it comes from its digest.
    std::uint32_t sid_of(const Value& value) {
        const Digest digest = sha256(fmt::format("{} {}", kind_name(value.kind), value.text));
        std::uint32_t number = 0;
        for (std::size_t i = 0; i < 4; ++i)
            number = number << 8U | digest[i];
        constexpr std::uint32_t places = (sids - list_sids) / sids_per_value;
        number %= places;
        while (!taken_.insert(number).second)
            number = (number + 1) % places;
        return first_ + list_sids + number * sids_per_value;
    }

    void add_rules(const Entry& entry) {
        const Value& value = entry.value;
        std::uint32_t sid = sid_of(value);
        const auto rule =
            [&](std::string_view protocol, std::string_view ends, std::string_view test) {
                rules_ += fmt::format(
                    "{} {} any any {} (msg:\"{}-{} {}\"; {}{}metadata:indicator {}; sid:{}; "
                    "rev:1;)\n",
                    action_,
                    protocol,
                    ends,
                    prefix_,
                    kind_name(value.kind),
                    protocol,
                    test,
                    test.empty() ? "" : " ",
                    entry.source,
                    sid++
                );
            };
        constexpr std::string_view anywhere = "-> any any";
        const auto whole = [](std::string_view text, std::string_view how) {
            return fmt::format("content:\"{}\";{} bsize:{};", content(text), how, text.size());
        };
        switch (value.kind) {
            case Kind::domain:
                rule("dns", anywhere, "dns.query; " + whole(value.text, " nocase;"));
                rule("tls", anywhere, "tls.sni; " + whole(value.text, " nocase;"));
                // http.host is in small letters already, and takes no nocase.
                rule("http", anywhere, "http.host; " + whole(value.text, ""));
                break;
            case Kind::ipv4:
            case Kind::ipv6:
            case Kind::cidr:
                rule("ip", fmt::format("<> [{}] any", value.text), "");
                break;
            case Kind::url: {
                const UrlParts parts = url_parts(value);
                const std::size_t colon = parts.authority.rfind(':');
                const bool port =
                    colon != std::string_view::npos && !parts.authority.ends_with(']');
                // http.host keeps the brackets of an IPv6 address.
                const std::string_view host =
                    port ? parts.authority.substr(0, colon) : parts.authority;
                rule(
                    "http",
                    port ? fmt::format("-> any {}", parts.authority.substr(colon + 1)) : anywhere,
                    fmt::format(
                        "http.host; {} http.uri.raw; {}", whole(host, ""), whole(parts.target, "")
                    )
                );
                break;
            }
            case Kind::ja3:
                rule("tls", anywhere, "ja3.hash; " + whole(value.text, ""));
                break;
            case Kind::cert_sha1:
                rule(
                    "tls", anywhere, "tls.cert_fingerprint; " + whole(with_colons(value.text), "")
                );
                break;
            case Kind::md5:
            case Kind::sha1:
            case Kind::sha256:
            case Kind::email:
                break;
        }
    }

    std::string_view action_;
    std::uint32_t first_;
    std::string prefix_;
    Style style_;
    std::unordered_set<std::uint32_t> taken_;
    std::string rules_;
    std::array<List, 7> lists_{{
        {"domain", {Kind::domain, Kind::domain}},
        {"ip", {Kind::ipv4, Kind::ipv6}},
        {"ja3", {Kind::ja3, Kind::ja3}},
        {"cert", {Kind::cert_sha1, Kind::cert_sha1}},
        {"md5", {Kind::md5, Kind::md5}},
        {"sha1", {Kind::sha1, Kind::sha1}},
        {"sha256", {Kind::sha256, Kind::sha256}},
    }};
};

}  // namespace

bool fits_rule(const Value& value) {
    // DETECT_MAX_RULE_SIZE is 8,192, with the line feed and a zero.
    return value.kind != Kind::url || content_bytes(value.text) + rule_bytes_beside < 8'190;
}

std::vector<File> suricata(
    std::span<const Entry> entries, const WriteOptions& options, Style style
) {
    Writer writer(options, style);
    for (const Entry& entry : entries)
        writer.add(entry);
    return std::move(writer).finish();
}

}  // namespace entente::feed::internal
