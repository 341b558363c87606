#include "match/internal/sightings.h"

#include "match/canonical.h"
#include "pattern/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace entente::match {
namespace {

using Index = Event::Index;

constexpr std::size_t names_looked_through =
    32;  // further answers each have an object of their own

constexpr Name domain_name{"domain-name"};
constexpr Name ipv4_addr{"ipv4-addr"};
constexpr Name ipv6_addr{"ipv6-addr"};
constexpr Name mac_addr{"mac-addr"};
constexpr Name email_addr{"email-addr"};
constexpr Name email_message{"email-message"};
constexpr Name network_traffic{"network-traffic"};
constexpr Name url_type{"url"};
constexpr Name file_type{"file"};
constexpr Name x509{"x509-certificate"};

constexpr Name value_name{"value"};
constexpr Name resolves_to_refs{"resolves_to_refs"};
constexpr Name src_ref{"src_ref"};
constexpr Name dst_ref{"dst_ref"};
constexpr Name src_port_name{"src_port"};
constexpr Name dst_port_name{"dst_port"};
constexpr Name protocols_name{"protocols"};
constexpr Name src_byte_count{"src_byte_count"};
constexpr Name dst_byte_count{"dst_byte_count"};
constexpr Name src_packets_name{"src_packets"};
constexpr Name dst_packets_name{"dst_packets"};
constexpr Name extensions_name{"extensions"};
constexpr Name http_request_ext{"http-request-ext"};
constexpr Name request_method{"request_method"};
constexpr Name request_value{"request_value"};
constexpr Name request_header{"request_header"};
constexpr Name user_agent_name{"User-Agent"};
constexpr Name referer_name{"Referer"};
constexpr Name host_name{"Host"};
constexpr Name hashes_name{"hashes"};
constexpr Name md5_name{"MD5"};
constexpr Name sha1_name{"SHA-1"};
constexpr Name sha256_name{"SHA-256"};
constexpr Name name_name{"name"};
constexpr Name size_name{"size"};
constexpr Name mime_type_name{"mime_type"};
constexpr Name parent_directory_ref{"parent_directory_ref"};
constexpr Name subject_name{"subject"};
constexpr Name issuer_name{"issuer"};
constexpr Name serial_number{"serial_number"};
constexpr Name validity_not_before{"validity_not_before"};
constexpr Name validity_not_after{"validity_not_after"};
constexpr Name from_ref{"from_ref"};
constexpr Name to_refs{"to_refs"};
constexpr Name cc_refs{"cc_refs"};
constexpr Name message_id_name{"message_id"};
constexpr Name is_multipart{"is_multipart"};

void put(Event& event, Index into, const Name& name, std::string_view text) {
    if (!text.empty()) event.text(into, name, text);
}

void put(Event& event, Index into, const Name& name, std::optional<std::int64_t> number) {
    if (number) event.whole(into, name, *number);
}

bool looks_like_v4(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// The address in `"A name" <user@example.com>`.
std::string_view bare_address(std::string_view text) {
    const auto open = text.rfind('<');
    const auto close = text.rfind('>');
    if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
        text = text.substr(open + 1, close - open - 1);
    }
    while (!text.empty() && (text.front() == ' ' || text.front() == '"'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '"'))
        text.remove_suffix(1);
    return text;
}

/// `www.example.com:8080`, `[2001:db8::1]:8080` without the port and the brackets.
std::string_view without_port(std::string_view host) {
    if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
    const auto colon = host.find(':');
    if (colon != std::string_view::npos && host.find(':', colon + 1) == std::string_view::npos) {
        return host.substr(0, colon);
    }
    return host;
}

}  // namespace

void Sightings::begin(Event& event) {
    event_ = &event;
    names_.clear();
    asked_ = {};
    mail_from_ = Event::none;
    mail_to_.clear();
    mail_cc_.clear();
    mail = {};
    http = {};
}

std::string_view Sightings::joined(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts)
        size += part.size();
    char* const out = event_->room(size);
    char* at = out;
    for (const std::string_view part : parts) {
        if (!part.empty()) std::memcpy(at, part.data(), part.size());
        at += part.size();
    }
    return {out, size};
}

Sightings::Named* Sightings::domain(std::string_view text) {
    if (text.empty()) return nullptr;
    const std::string_view name = canonical(Form::domain, text, *event_);
    const std::size_t first = names_.size() - std::min(names_.size(), names_looked_through);
    for (std::size_t i = first; i < names_.size(); ++i)
        if (names_[i].name == name) return &names_[i];
    const Index object = event_->object(domain_name);
    event_->text(object, value_name, name);
    names_.push_back({name, object, Event::none});
    return &names_.back();
}

Index Sightings::address(std::string_view text) {
    if (text.empty()) return Event::none;
    bool v6 = text.find(':') != std::string_view::npos;
    if (!v6 && !looks_like_v4(text)) return Event::none;
    const std::string_view value = canonical(Form::address, text, *event_);
    v6 = v6 && value.find(':') != std::string_view::npos;  // a mapped one is IPv4
    const Index object = event_->object(v6 ? ipv6_addr : ipv4_addr);
    event_->text(object, value_name, value);
    return object;
}

void Sightings::query(std::string_view name) {
    if (asked_.empty()) asked_ = name;
    (void)domain(name);
}

void Sightings::answer(std::string_view name, std::string_view type, std::string_view data) {
    if (data.empty()) return;
    const bool as_address =
        type == "A" || type == "AAAA" ||
        (type.empty() && (looks_like_v4(data) || data.find(':') != std::string_view::npos));
    const bool as_name = type == "CNAME" || type == "NS" || type == "MX" || type == "PTR" ||
                         type == "SRV" || type.empty();
    if (!as_address && !as_name) return;
    // MX and SRV write numbers before the name.
    if (const auto blank = data.rfind(' '); !as_address && blank != std::string_view::npos) {
        data.remove_prefix(blank + 1);
    }
    Index to = Event::none;
    if (as_address) {
        to = address(data);
    } else if (const Named* other = domain(data)) {
        to = other->object;
    }
    Named* const of = domain(name.empty() ? asked_ : name);
    if (of == nullptr || to == Event::none || to == of->object) return;
    if (of->resolves == Event::none) {
        of->resolves = event_->references(of->object, resolves_to_refs);
    }
    event_->reference(of->resolves, {}, to);
}

void Sightings::host(std::string_view name) {
    const std::string_view bare = without_port(name);
    if (bare.empty() || address(bare) != Event::none) return;
    (void)domain(bare);
}

void Sightings::hardware(std::string_view mac) {
    if (mac.empty()) return;
    const Index object = event_->object(mac_addr);
    event_->text(object, value_name, canonical(Form::mac, mac, *event_));
}

void Sightings::link(std::string_view url) {
    if (url.empty()) return;
    const bool whole = url.find("://") != std::string_view::npos;
    const std::string_view text = whole ? url : joined({"http://", url});
    const std::string_view value = canonical(Form::url, text, *event_);
    const Index object = event_->object(url_type);
    event_->text(object, value_name, value);
    const auto from = value.find("://");
    if (from == std::string_view::npos) return;
    std::string_view authority = value.substr(from + 3);
    authority = authority.substr(0, authority.find('/'));
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        authority.remove_prefix(at + 1);
    }
    host(authority);
}

void Sightings::certificate(const Certificate& of) {
    const bool some = !of.subject.empty() || !of.issuer.empty() || !of.serial.empty() ||
                      !of.md5.empty() || !of.sha1.empty() || !of.sha256.empty();
    if (!some) return;
    Event& e = *event_;
    const Index object = e.object(x509);
    put(e, object, subject_name, of.subject);
    put(e, object, issuer_name, of.issuer);
    put(e, object, serial_number, canonical(Form::serial, of.serial, e));
    const auto time = [&](const Name& name, std::string_view text) {
        // Without an offset it is UTC; a STIX timestamp says so.
        const bool bare = !text.empty() && text.back() >= '0' && text.back() <= '9';
        put(e, object, name, bare ? joined({text, "Z"}) : text);
    };
    time(validity_not_before, of.not_before);
    time(validity_not_after, of.not_after);
    if (of.md5.empty() && of.sha1.empty() && of.sha256.empty()) return;
    const Index hashes = e.dict(object, hashes_name);
    put(e, hashes, md5_name, canonical(Form::serial, of.md5, e));
    put(e, hashes, sha1_name, canonical(Form::serial, of.sha1, e));
    put(e, hashes, sha256_name, canonical(Form::serial, of.sha256, e));
}

Index Sightings::file(const File& of) {
    Event& e = *event_;
    const bool some =
        !of.name.empty() || of.size || !of.md5.empty() || !of.sha1.empty() || !of.sha256.empty();
    if (!some) return Event::none;
    const Index object = e.object(file_type);
    const auto slash = of.name.find_last_of("/\\");
    put(e, object, name_name, slash == std::string_view::npos ? of.name : of.name.substr(slash + 1)
    );
    put(e, object, size_name, of.size);
    put(e, object, mime_type_name, of.mime_type);
    e.reference(object, parent_directory_ref, of.directory);
    if (of.md5.empty() && of.sha1.empty() && of.sha256.empty()) return object;
    const Index hashes = e.dict(object, hashes_name);
    put(e, hashes, md5_name, canonical(Form::hash, of.md5, e));
    put(e, hashes, sha1_name, canonical(Form::hash, of.sha1, e));
    put(e, hashes, sha256_name, canonical(Form::hash, of.sha256, e));
    return object;
}

Index Sightings::mailbox(std::string_view text) {
    const std::string_view bare = bare_address(text);
    if (bare.empty()) return Event::none;
    const Index object = event_->object(email_addr);
    const std::string_view value = canonical(Form::email, bare, *event_);
    event_->text(object, value_name, value);
    if (const auto at = value.rfind('@'); at != std::string_view::npos) host(value.substr(at + 1));
    return object;
}

void Sightings::mail_from(std::string_view text) {
    const Index object = mailbox(text);
    if (object != Event::none) mail_from_ = object;
}

void Sightings::mail_to(std::string_view text) {
    if (const Index object = mailbox(text); object != Event::none) mail_to_.push_back(object);
}

void Sightings::mail_cc(std::string_view text) {
    if (const Index object = mailbox(text); object != Event::none) mail_cc_.push_back(object);
}

void Sightings::mail_address(std::string_view text) {
    (void)mailbox(text);
}

void Sightings::message() {
    const bool some = mail_from_ != Event::none || !mail_to_.empty() || !mail_cc_.empty() ||
                      !mail.subject.empty() || !mail.message_id.empty();
    if (!some) return;
    Event& e = *event_;
    const Index object = e.object(email_message);
    e.flag(object, is_multipart, false);
    e.reference(object, from_ref, mail_from_);
    const auto list = [&](const Name& name, const std::vector<Index>& of) {
        if (of.empty()) return;
        const Index refs = e.references(object, name);
        for (const Index one : of)
            e.reference(refs, {}, one);
    };
    list(to_refs, mail_to_);
    list(cc_refs, mail_cc_);
    put(e, object, subject_name, mail.subject);
    put(e, object, message_id_name, mail.message_id);
}

/// The URL of a request: its target may be one (a proxy was asked), `host:port` (CONNECT), or a
/// path.
void Sightings::request_url() {
    if (http.target.find("://") != std::string_view::npos &&
        http.target.find("://") < http.target.find_first_of("/?#")) {
        link(http.target);
        return;
    }
    if (http.method == "CONNECT") {
        host(http.target);
        return;
    }
    if (http.host.empty() || http.target.empty() || http.target.front() != '/') return;
    std::string_view port;
    if (http.port && http.host.find(':') == std::string_view::npos && *http.port != 80 &&
        *http.port != 443) {
        port = event_->keep(fmt::format(":{}", *http.port));
    }
    const std::string_view text =
        joined({http.secure ? "https://" : "http://", http.host, port, http.target});
    const Index object = event_->object(url_type);
    event_->text(object, value_name, canonical(Form::url, text, *event_));
}

void Sightings::request(Index traffic) {
    const Request& of = http;
    if (of.host.empty() && of.target.empty()) return;
    host(of.host);
    request_url();
    if (traffic == Event::none) return;
    Event& e = *event_;
    const Index extension = e.dict(e.dict(traffic, extensions_name), http_request_ext);
    put(e, extension, request_method, of.method);
    put(e, extension, request_value, of.target);
    const Index header = e.dict(extension, request_header);
    put(e, header, user_agent_name, of.user_agent);
    put(e, header, referer_name, of.referrer);
    put(e, header, host_name, of.host);
}

void Sightings::finish(const Traffic& of) {
    const Index src = address(of.src);
    const Index dst = address(of.dst);
    Index traffic = Event::none;
    if (src != Event::none || dst != Event::none) {
        Event& e = *event_;
        traffic = e.object(network_traffic);
        e.reference(traffic, src_ref, src);
        e.reference(traffic, dst_ref, dst);
        put(e, traffic, src_port_name, of.src_port);
        put(e, traffic, dst_port_name, of.dst_port);
        Index list = Event::none;
        for (const std::string_view protocol : of.protocols) {
            if (protocol.empty()) continue;
            if (list == Event::none) list = e.list(traffic, protocols_name);
            e.text(list, {}, canonical(Form::hash, protocol, e));  // lower case
        }
        put(e, traffic, src_byte_count, of.src_bytes);
        put(e, traffic, dst_byte_count, of.dst_bytes);
        put(e, traffic, src_packets_name, of.src_packets);
        put(e, traffic, dst_packets_name, of.dst_packets);
    }
    request(traffic);
    message();
}

}  // namespace entente::match
