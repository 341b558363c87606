#include "match/eve.h"

#include "base/limits.h"
#include "match/internal/event_bytes.h"
#include "match/internal/event_time.h"
#include "match/internal/json_name.h"
#include "match/internal/json_walk.h"
#include "match/internal/record.h"
#include "match/internal/sightings.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace entente::match {
namespace {

namespace ondemand = simdjson::ondemand;
using Index = Event::Index;

/// Broken JSON, as opposed to a value of an unexpected type.
struct Broken {};

/// The text of a string, or nothing.
std::string_view text_of(ondemand::value value) {
    std::string_view out;
    if (value.get_string().get(out) != simdjson::SUCCESS) return {};
    return out;
}

std::optional<std::int64_t> whole_of(ondemand::value value) {
    std::int64_t out = 0;
    if (value.get_int64().get(out) != simdjson::SUCCESS) return std::nullopt;
    return out;
}

/// Calls `take(name, value)` for each property of an object; nothing for other values.
template <class Take>
void each(ondemand::value value, Take take) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return;
    for (auto found : object) {
        ondemand::field field;
        std::string_view name;
        if (std::move(found).get(field) != simdjson::SUCCESS) throw Broken{};
        if (name_of(field, limits::match_event_bytes_max, name) != simdjson::SUCCESS) {
            throw Broken{};
        }
        take(name, field.value());
    }
}

template <class Take>
void each_element(ondemand::value value, Take take) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return;
    for (auto found : array) {
        ondemand::value element;
        if (std::move(found).get(element) != simdjson::SUCCESS) throw Broken{};
        take(element);
    }
}

}  // namespace

struct EveReader::Inside {
    ondemand::parser parser;
    std::vector<char> padded;
    Sightings seen;
    std::string_view event_type;
    std::string_view time;
    bool tls = false;

    // Fields that a person named.
    std::shared_ptr<const FieldMap> fields;
    JsonWalk walk;
    Record record;

    struct Flow {
        std::string_view src_ip, dest_ip, start, end;
        std::optional<std::int64_t> src_port, dest_port, src_bytes, dest_bytes, src_packets,
            dest_packets;
    };

    Flow outer, flow;
    std::string_view proto, app_proto;

    void top(std::string_view name, ondemand::value value);
    void dns(ondemand::value value);
    void dns_answer(ondemand::value value);
    void http(ondemand::value value);
    void tls_part(ondemand::value value);
    void file(ondemand::value value);
    void flow_part(ondemand::value value);
    void email(ondemand::value value);
    void ether(ondemand::value value);
    void finish(Event& event);
};

void EveReader::Inside::dns_answer(ondemand::value value) {
    std::string_view name;
    std::string_view type;
    std::string_view data;
    each(value, [&](std::string_view key, ondemand::value one) {
        if (key == "rrname") name = text_of(one);
        if (key == "rrtype") type = text_of(one);
        if (key == "rdata") data = text_of(one);
    });
    seen.answer(name, type, data);
}

void EveReader::Inside::dns(ondemand::value value) {
    std::string_view name;
    std::string_view type;
    bool answers = false;
    each(value, [&](std::string_view key, ondemand::value one) {
        if (key == "rrname") {
            name = text_of(one);
            seen.query(name);
        } else if (key == "rrtype") {
            type = text_of(one);
        } else if (key == "rdata") {
            seen.answer(name, type, text_of(one));
        } else if (key == "queries" || key == "query") {
            each_element(one, [&](ondemand::value query) {
                each(query, [&](std::string_view inner, ondemand::value text) {
                    if (inner != "rrname") return;
                    name = text_of(text);
                    seen.query(name);
                });
            });
        } else if (key == "answers" || key == "answer") {
            each_element(one, [&](ondemand::value answer) {
                answers = true;
                dns_answer(answer);
            });
        } else if (key == "grouped" && !answers) {
            each(one, [&](std::string_view of, ondemand::value list) {
                each_element(list, [&](ondemand::value data) {
                    seen.answer(name, of, text_of(data));
                });
            });
        }
    });
}

void EveReader::Inside::http(ondemand::value value) {
    each(value, [&](std::string_view key, ondemand::value one) {
        if (key == "hostname") {
            seen.http.host = text_of(one);
        } else if (key == "url") {
            seen.http.target = text_of(one);
        } else if (key == "http_port") {
            seen.http.port = whole_of(one);
        } else if (key == "http_method") {
            seen.http.method = text_of(one);
        } else if (key == "http_user_agent") {
            seen.http.user_agent = text_of(one);
        } else if (key == "http_refer") {
            seen.http.referrer = text_of(one);
        }
    });
}

void EveReader::Inside::tls_part(ondemand::value value) {
    tls = true;
    Sightings::Certificate of;
    each(value, [&](std::string_view key, ondemand::value one) {
        if (key == "sni") {
            seen.host(text_of(one));
        } else if (key == "subject") {
            of.subject = text_of(one);
        } else if (key == "issuerdn") {
            of.issuer = text_of(one);
        } else if (key == "serial") {
            of.serial = text_of(one);
        } else if (key == "fingerprint") {
            of.sha1 = text_of(one);
        } else if (key == "notbefore") {
            of.not_before = text_of(one);
        } else if (key == "notafter") {
            of.not_after = text_of(one);
        }
    });
    seen.certificate(of);
}

void EveReader::Inside::file(ondemand::value value) {
    Sightings::File of;
    each(value, [&](std::string_view key, ondemand::value one) {
        if (key == "filename") {
            of.name = text_of(one);
        } else if (key == "size") {
            of.size = whole_of(one);
        } else if (key == "md5") {
            of.md5 = text_of(one);
        } else if (key == "sha1") {
            of.sha1 = text_of(one);
        } else if (key == "sha256") {
            of.sha256 = text_of(one);
        }
    });
    (void)seen.file(of);
}

void EveReader::Inside::flow_part(ondemand::value value) {
    each(value, [&](std::string_view key, ondemand::value one) {
        if (key == "start") {
            flow.start = text_of(one);
        } else if (key == "end") {
            flow.end = text_of(one);
        } else if (key == "src_ip") {
            flow.src_ip = text_of(one);
        } else if (key == "dest_ip") {
            flow.dest_ip = text_of(one);
        } else if (key == "src_port") {
            flow.src_port = whole_of(one);
        } else if (key == "dest_port") {
            flow.dest_port = whole_of(one);
        } else if (key == "bytes_toserver") {
            flow.src_bytes = whole_of(one);
        } else if (key == "bytes_toclient") {
            flow.dest_bytes = whole_of(one);
        } else if (key == "pkts_toserver") {
            flow.src_packets = whole_of(one);
        } else if (key == "pkts_toclient") {
            flow.dest_packets = whole_of(one);
        }
    });
}

void EveReader::Inside::email(ondemand::value value) {
    each(value, [&](std::string_view key, ondemand::value one) {
        if (key == "from" || key == "mail_from") {
            seen.mail_from(text_of(one));
        } else if (key == "to" || key == "rcpt_to") {
            each_element(one, [&](ondemand::value to) { seen.mail_to(text_of(to)); });
        } else if (key == "cc") {
            each_element(one, [&](ondemand::value to) { seen.mail_cc(text_of(to)); });
        } else if (key == "subject") {
            seen.mail.subject = text_of(one);
        } else if (key == "message_id") {
            seen.mail.message_id = text_of(one);
        } else if (key == "url") {
            each_element(one, [&](ondemand::value url) { seen.link(text_of(url)); });
        } else if (key == "attachment") {
            each_element(one, [&](ondemand::value name) {
                Sightings::File attached;
                attached.name = text_of(name);
                (void)seen.file(attached);
            });
        }
    });
}

void EveReader::Inside::ether(ondemand::value value) {
    each(value, [&](std::string_view key, ondemand::value one) {
        if (key == "src_mac" || key == "dest_mac") {
            seen.hardware(text_of(one));
        } else if (key == "src_macs" || key == "dest_macs") {
            each_element(one, [&](ondemand::value mac) { seen.hardware(text_of(mac)); });
        }
    });
}

void EveReader::Inside::top(std::string_view name, ondemand::value value) {
    switch (name.empty() ? '\0' : name[0]) {
        case 't':
            if (name == "timestamp") time = text_of(value);
            if (name == "tls") tls_part(value);
            break;
        case 's':
            if (name == "src_ip") outer.src_ip = text_of(value);
            if (name == "src_port") outer.src_port = whole_of(value);
            if (name == "smtp") email(value);
            break;
        case 'd':
            if (name == "dest_ip") outer.dest_ip = text_of(value);
            if (name == "dest_port") outer.dest_port = whole_of(value);
            if (name == "dns") dns(value);
            break;
        case 'p':
            if (name == "proto") proto = text_of(value);
            break;
        case 'a':
            if (name == "app_proto") app_proto = text_of(value);
            break;
        case 'e':
            if (name == "event_type") event_type = text_of(value);
            if (name == "email") email(value);
            if (name == "ether") ether(value);
            break;
        case 'f':
            if (name == "flow") flow_part(value);
            if (name == "fileinfo") file(value);
            if (name == "files") each_element(value, [&](ondemand::value one) { file(one); });
            break;
        case 'h':
            if (name == "http") http(value);
            break;
        default:
            break;
    }
}

void EveReader::Inside::finish(Event& event) {
    const auto at = read_event_time(time);
    event.first = event.last = at.value_or(Micros{});
    if (event_type == "flow" || event_type == "netflow") {
        const auto start = read_event_time(flow.start);
        const auto end = read_event_time(flow.end);
        if (start && end && *start <= *end) {
            event.first = *start;
            event.last = *end;
        }
    }
    // What a file or an alert is told of goes either way; the flow says who began it.
    if (!flow.src_ip.empty() && !flow.dest_ip.empty()) {
        outer.src_ip = flow.src_ip;
        outer.dest_ip = flow.dest_ip;
        outer.src_port = flow.src_port;
        outer.dest_port = flow.dest_port;
    }
    Sightings::Traffic of;
    of.src = outer.src_ip;
    of.dst = outer.dest_ip;
    of.src_port = outer.src_port;
    of.dst_port = outer.dest_port;
    of.src_bytes = flow.src_bytes;
    of.dst_bytes = flow.dest_bytes;
    of.src_packets = flow.src_packets;
    of.dst_packets = flow.dest_packets;
    of.protocols = {proto, app_proto == "failed" ? std::string_view{} : app_proto};
    seen.http.secure = tls;
    seen.finish(of);
}

EveReader::EveReader(std::shared_ptr<const FieldMap> fields) : inside_(std::make_unique<Inside>()) {
    if (fields && fields->tree(Format::eve).fields > 0) inside_->fields = std::move(fields);
}

EveReader::~EveReader() = default;
EveReader::EveReader(EveReader&&) noexcept = default;
EveReader& EveReader::operator=(EveReader&&) noexcept = default;

Result<void> EveReader::read(std::string_view line, Event& event) {
    event.clear();
    ENTENTE_CHECK(check_event_bytes(line));
    Inside& in = *inside_;
    if (in.padded.size() < line.size() + simdjson::SIMDJSON_PADDING) {
        in.padded.resize(2 * line.size() + simdjson::SIMDJSON_PADDING);
    }
    std::memcpy(in.padded.data(), line.data(), line.size());
    std::memset(in.padded.data() + line.size(), ' ', simdjson::SIMDJSON_PADDING);
    in.seen.begin(event);
    in.event_type = in.time = in.proto = in.app_proto = {};
    in.outer = in.flow = {};
    in.tls = false;
    ondemand::document document;
    auto error = in.parser.iterate(in.padded.data(), line.size(), in.padded.size()).get(document);
    ondemand::object object;
    if (error == simdjson::SUCCESS) error = document.get_object().get(object);
    if (error == simdjson::SUCCESS) {
        try {
            for (auto found : object) {
                ondemand::field field;
                error = std::move(found).get(field);
                if (error != simdjson::SUCCESS) break;
                std::string_view name;
                error = name_of(field, line.size(), name);
                if (error != simdjson::SUCCESS) break;
                in.top(name, field.value());
            }
        } catch (const Broken&) {
            error = simdjson::TAPE_ERROR;
        }
    }
    if (error != simdjson::SUCCESS) {
        event.clear();
        return fail(
            Errc::malformed, fmt::format("no JSON object: {}", simdjson::error_message(error))
        );
    }
    if (in.fields) {
        // What Suricata's own fields say (times and the flow among it) comes after and wins.
        in.record.begin(event, in.seen);
        ENTENTE_CHECK(in.walk.walk(line, in.fields->tree(Format::eve), in.record));
        in.record.finish_parts();
    }
    in.finish(event);
    return {};
}

}  // namespace entente::match
