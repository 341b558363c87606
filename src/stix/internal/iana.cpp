#include "stix/internal/iana.h"

#include "base/assert.h"
#include "stix/internal/iana_lists.h"
#include "stix/internal/text_rules_chars.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace entente::stix::internal {
namespace {

enum class Case : std::uint8_t { matters, ignored };

/// A hash table over the words of a text with one blank between each two: where each word begins
/// and how long it is, open addressing.
template <std::size_t slot_count, Case letters>
class Words {
    static_assert((slot_count & (slot_count - 1)) == 0);

  public:
    explicit Words(std::string_view text) noexcept : text_(text) {
        std::size_t words = 0;
        for (std::size_t at = 0; at < text.size(); ++words) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            // A slot holds 24 bits of place and 8 of length; half of the slots stay empty.
            ENTENTE_ASSERT(end - at < 256 && end < (1U << 24U) && words < slot_count / 2);
            std::size_t slot = slot_of(text.substr(at, end - at));
            while (slots_[slot] != 0)
                slot = (slot + 1) % slot_count;
            slots_[slot] = static_cast<std::uint32_t>(at << 8U | (end - at));
            at = end + 1;
        }
    }

    [[nodiscard]] bool has(std::string_view word) const noexcept {
        if (word.empty() || word.size() > 255) return false;
        for (std::size_t slot = slot_of(word); slots_[slot] != 0; slot = (slot + 1) % slot_count) {
            const std::string_view here = text_.substr(slots_[slot] >> 8U, slots_[slot] & 255U);
            if (letters == Case::ignored ? equal_ignoring_case(here, word) : here == word)
                return true;
        }
        return false;
    }

  private:
    static std::size_t slot_of(std::string_view word) noexcept {
        std::uint32_t hash = 2166136261U;  // FNV-1a
        for (const char c : word) {
            const char used = letters == Case::ignored ? to_lower(c) : c;
            hash = (hash ^ static_cast<unsigned char>(used)) * 16777619U;
        }
        return (hash ^ hash >> 16U) % slot_count;
    }

    std::string_view text_;
    std::array<std::uint32_t, slot_count> slots_{};
};

constexpr std::string_view http_request_headers =
    "A-IM Accept Accept-Charset Accept-Datetime Accept-Encoding Accept-Language "
    "Access-Control-Request-Headers Access-Control-Request-Method Alt-Used Authorization "
    "Cache-Control Connection Content-Digest Content-Disposition Content-Encoding "
    "Content-Language Content-Length Content-Location Content-MD5 Content-Range Content-Type "
    "Cookie Cookie2 DNT DPoP Date Depth Destination Digest Early-Data Expect Forwarded From "
    "HTTP2-Settings Host If If-Match If-Modified-Since If-None-Match If-Range "
    "If-Schedule-Tag-Match If-Unmodified-Since Keep-Alive Last-Event-ID Link Lock-Token "
    "MIME-Version Max-Forwards Negotiate Origin Overwrite Pragma Prefer Priority "
    "Proxy-Authorization Proxy-Connection Range Referer Repr-Digest SLUG SOAPAction Save-Data "
    "Sec-CH-UA Sec-CH-UA-Arch Sec-CH-UA-Mobile Sec-CH-UA-Model Sec-CH-UA-Platform "
    "Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-GPC Sec-Purpose "
    "Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version "
    "Signature Signature-Input TE TTL Timeout Topic Traceparent Tracestate Trailer "
    "Transfer-Encoding Upgrade Upgrade-Insecure-Requests Urgency User-Agent Via "
    "Want-Content-Digest Want-Digest Want-Repr-Digest Warning "
    "Front-End-Https X-ATT-DeviceId X-Correlation-ID X-Csrf-Token X-Forwarded-For "
    "X-Forwarded-Host X-Forwarded-Proto X-Http-Method-Override X-Request-ID X-Requested-With "
    "X-UIDH X-Wap-Profile";

constexpr std::string_view countries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM "
    "ZW";

template <std::size_t slots>
using MediaTypes = Words<slots, Case::ignored>;

/// The words of `text`, laid out once.
template <class Set, const std::string_view& text>
const Set& set_of() noexcept {
    static const Set set(text);
    return set;
}

}  // namespace

bool is_character_set(std::string_view text) noexcept {
    return set_of<Words<1024, Case::matters>, character_sets>().has(text);
}

bool is_registered_media_type(std::string_view text) noexcept {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view sub = text.substr(slash + 1);
    const auto family = [text, slash](std::string_view name) {
        return equal_ignoring_case(text.substr(0, slash), name);
    };
    if (family("application")) return set_of<MediaTypes<4096>, media_application>().has(sub);
    if (family("text")) return set_of<MediaTypes<512>, media_text>().has(sub);
    if (family("image")) return set_of<MediaTypes<512>, media_image>().has(sub);
    if (family("audio")) return set_of<MediaTypes<512>, media_audio>().has(sub);
    if (family("video")) return set_of<MediaTypes<512>, media_video>().has(sub);
    if (family("model")) return set_of<MediaTypes<128>, media_model>().has(sub);
    if (family("message")) return set_of<MediaTypes<64>, media_message>().has(sub);
    if (family("multipart")) return set_of<MediaTypes<64>, media_multipart>().has(sub);
    if (family("font")) return set_of<MediaTypes<64>, media_font>().has(sub);
    return false;
}

bool is_service_name(std::string_view text) noexcept {
    using Half = Words<8192, Case::matters>;
    return set_of<Half, service_names_1>().has(text) || set_of<Half, service_names_2>().has(text);
}

bool is_ipfix_element(std::string_view text) noexcept {
    return set_of<Words<1024, Case::matters>, ipfix_elements>().has(text);
}

bool is_http_request_header(std::string_view text) noexcept {
    return set_of<Words<512, Case::ignored>, http_request_headers>().has(text);
}

bool is_socket_option(std::string_view text) noexcept {
    constexpr std::array<std::string_view, 10> families = {
        "SO", "IP", "IPV6", "ICMP", "ICMP6", "MCAST", "TCP", "UDP", "SCTP", "IRLMP"};
    const std::size_t end = text.find('_');
    if (end == std::string_view::npos || end + 1 == text.size()) return false;
    return std::find(families.begin(), families.end(), text.substr(0, end)) != families.end() &&
           all(text.substr(end + 1), upper | digit | underscore);
}

bool is_pdf_info_key(std::string_view text) noexcept {
    constexpr std::array<std::string_view, 9> keys = {
        "Title",
        "Author",
        "Subject",
        "Keywords",
        "Creator",
        "Producer",
        "CreationDate",
        "ModDate",
        "Trapped"};
    return std::find(keys.begin(), keys.end(), text) != keys.end();
}

bool is_country(std::string_view text) noexcept {
    return set_of<Words<512, Case::ignored>, countries>().has(text);
}

}  // namespace entente::stix::internal
