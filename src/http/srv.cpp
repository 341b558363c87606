#include "base/escape.h"
#include "base/limits.h"
#include "http/client.h"
#include "http/internal/srv_answer.h"

#include <algorithm>
#include <arpa/nameser.h>
#include <array>
#include <memory>
#include <netdb.h>
#include <resolv.h>

namespace entente::http {
namespace {

constexpr std::size_t answer_bytes_max = 16U << 10U;
constexpr int try_seconds = 3;
constexpr int tries = 2;

struct Record {
    unsigned priority = 0;
    unsigned weight = 0;
    unsigned port = 0;
    std::string host;
};

bool is_host_name(std::string_view name) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    return !name.empty() && name.front() != '-' && name.front() != '.' &&
           name.find_first_not_of(allowed) == std::string_view::npos;
}

tl::unexpected<Error> malformed() {
    return fail(Errc::malformed, "the DNS server's answer is malformed");
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

/// The record, whose data must be priority, weight, port and a name that fills the rest exactly.
Result<Record> read_record(const ns_msg& message, const ns_rr& rr) {
    constexpr std::size_t fixed_bytes = 6;
    const unsigned char* const data = ns_rr_rdata(rr);
    const std::size_t size = ns_rr_rdlen(rr);
    if (size <= fixed_bytes) return malformed();
    std::array<char, NS_MAXDNAME> name{};
    const int used = ns_name_uncompress(
        ns_msg_base(message), ns_msg_end(message), data + fixed_bytes, name.data(), name.size()
    );
    if (used < 0 || static_cast<std::size_t>(used) != size - fixed_bytes) return malformed();
    return Record{ns_get16(data), ns_get16(data + 2), ns_get16(data + 4), lowered(name.data())};
}

Result<std::vector<Record>> read_records(ns_msg& message) {
    std::vector<Record> records;
    const int count = ns_msg_count(message, ns_s_an);
    for (int i = 0; i < count && records.size() < limits::srv_records_max; ++i) {
        ns_rr rr;
        if (ns_parserr(&message, ns_s_an, i, &rr) != 0) return malformed();
        if (ns_rr_type(rr) != ns_t_srv || ns_rr_class(rr) != ns_c_in) continue;
        ENTENTE_TRY(Record record, read_record(message, rr));
        if (record.port != 0 && is_host_name(record.host)) records.push_back(std::move(record));
    }
    return records;
}

}  // namespace

Result<std::vector<std::pair<std::string, std::uint16_t>>> parse_srv_answer(
    std::span<const std::uint8_t> packet
) {
    ns_msg message;
    if (packet.size() > answer_bytes_max ||
        ns_initparse(packet.data(), static_cast<int>(packet.size()), &message) != 0 ||
        ns_msg_getflag(message, ns_f_qr) != 1) {
        return malformed();
    }
    const int code = ns_msg_getflag(message, ns_f_rcode);
    if (code == ns_r_nxdomain) return fail(Errc::not_found, "no SRV record of that name");
    if (code != ns_r_noerror) return fail(Errc::overloaded, "the DNS server failed");
    if (ns_msg_getflag(message, ns_f_tc) != 0) return malformed();
    ENTENTE_TRY(std::vector<Record> records, read_records(message));
    if (records.empty()) return fail(Errc::not_found, "no usable SRV record of that name");
    std::ranges::stable_sort(records, [](const Record& a, const Record& b) {
        return a.priority != b.priority ? a.priority < b.priority : a.weight > b.weight;
    });
    std::vector<std::pair<std::string, std::uint16_t>> out;
    out.reserve(records.size());
    for (Record& record : records) {
        out.emplace_back(std::move(record.host), static_cast<std::uint16_t>(record.port));
    }
    return out;
}

Result<std::vector<std::pair<std::string, std::uint16_t>>> lookup_srv(
    std::string_view service_and_domain
) {
    const std::string name(service_and_domain);
    if (name.size() > 253 || !is_host_name(lowered(name))) {
        return fail(Errc::invalid_argument, printable(name, 100) + " is not a DNS name");
    }
    struct __res_state state = {};
    if (res_ninit(&state) != 0) return fail(Errc::overloaded, "no DNS server is configured");
    const std::unique_ptr<struct __res_state, decltype(&res_nclose)> close(&state, res_nclose);
    state.retrans = try_seconds;
    state.retry = tries;
    std::array<unsigned char, answer_bytes_max> answer{};
    const int size = res_nquery(
        &state, name.c_str(), ns_c_in, ns_t_srv, answer.data(), static_cast<int>(answer.size())
    );
    if (size < 0) {
        const bool absent = state.res_h_errno == HOST_NOT_FOUND || state.res_h_errno == NO_DATA;
        if (absent) return fail(Errc::not_found, "no SRV record for " + name);
        return fail(Errc::overloaded, "no DNS server answered about " + name);
    }
    // A longer answer is reported with its full length but cut.
    if (static_cast<std::size_t>(size) > answer.size()) return malformed();
    return parse_srv_answer(std::span(answer).first(static_cast<std::size_t>(size)));
}

}  // namespace entente::http
