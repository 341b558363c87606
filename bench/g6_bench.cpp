// Question (goal G6): how many events a second does one core match, from raw JSON, against 10
// thousand, 1 million and 10 million live indicators; how long until one that was added or
// withdrawn takes effect; how many bytes does an indicator take beside its text? Data: indicators
// and EVE events made here (flow, DNS, HTTP, TLS, files; one event in 1,000 hits), and files of
// real events when they are named, matched against real indicators: 10 thousand, 100 thousand and
// all of them. Run: scripts/bench G6. By hand: g6_bench [--small] [--patterns PATTERNS.txt EVENTS…]
// [--write DIR]; PATTERNS.txt has a pattern a line; --write only writes made events as observed
// data and patterns, for bench/reference_match.py. Each figure is the best of several rounds, in
// time that the thread had a core.
#include "match/eve.h"
#include "match/event_reader.h"
#include "match/indicators.h"
#include "match/watch.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace entente;

constexpr int rounds = 5;
constexpr std::size_t events_made = 100'000;
constexpr std::size_t hit_every = 1'000;

double core_s() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Word number `n` of its kind: the same in indicators and events.
std::string address_of(std::uint64_t n) {
    const std::uint64_t x = n * 2654435761U % (1ULL << 32U);
    return fmt::format(
        "{}.{}.{}.{}", 1 + (x >> 24U) % 223, x >> 16U & 255U, x >> 8U & 255U, x & 255U
    );
}

std::string domain_of(std::uint64_t n) {
    return fmt::format(
        "host{:x}.{:x}-example{}.test", n * 0x9e3779b97f4a7c15ULL >> 40U, n, n % 100
    );
}

std::string url_of(std::uint64_t n) {
    return fmt::format("http://www{}.example.test/path/{:x}/index{}.php", n % 1000, n, n % 7);
}

std::string hash_of(std::uint64_t n) {
    std::mt19937_64 random(n);
    return fmt::format("{:016x}{:016x}{:016x}{:016x}", random(), random(), random(), random());
}

std::string pattern_of(std::uint64_t n) {
    switch (n % 10) {
        case 0:
        case 1:
        case 2:
            return fmt::format("[ipv4-addr:value = '{}']", address_of(n));
        case 3:
        case 4:
            return fmt::format("[file:hashes.'SHA-256' = '{}']", hash_of(n));
        case 5:
            return fmt::format("[url:value = '{}']", url_of(n));
        default:
            return fmt::format("[domain-name:value = '{}']", domain_of(n));
    }
}

/// One event that shows value number `n` of some kind; indicators have those below their number.
std::string event_of(std::uint64_t i, std::uint64_t n) {
    const std::string head = fmt::format(
        R"({{"timestamp":"2026-11-23T12:{:02}:{:02}.{:06}+0000","flow_id":{},"in_iface":"eth0",)",
        i / 60 % 60,
        i % 60,
        i % 1'000'000,
        1'000'000'000'000ULL + i * 7919
    );
    const std::string ends = fmt::format(
        R"("src_ip":"192.168.{}.{}","src_port":{},"dest_ip":"{}","dest_port":{},"proto":"TCP",)",
        i % 250,
        i / 250 % 250,
        1024 + i % 60'000,
        address_of(n / 10 * 10),
        i % 3 == 0 ? 443 : 80
    );
    switch (i % 10) {
        case 0:
        case 1:
        case 2:
        case 3:
            return head + R"("event_type":"flow",)" + ends +
                   fmt::format(
                       R"("app_proto":"tls","flow":{{"pkts_toserver":{},"pkts_toclient":{},"bytes_toserver":{},"bytes_toclient":{},"start":"2026-11-23T11:59:00.000000+0000","end":"2026-11-23T12:00:00.000000+0000","age":60,"state":"closed","reason":"timeout","alerted":false}},"community_id":"1:D8DpopJS3pBjr5E1XRxYa2zZQb0=","tcp":{{"tcp_flags":"1b","tcp_flags_ts":"1b","tcp_flags_tc":"1b","syn":true,"fin":true,"psh":true,"ack":true,"state":"closed"}}}})",
                       i % 100,
                       i % 90,
                       i % 100'000,
                       i % 900'000
                   );
        case 4:
        case 5:
        case 6:
            return head + R"("event_type":"dns",)" + ends +
                   fmt::format(
                       R"("pkt_src":"wire/pcap","dns":{{"version":2,"type":"answer","id":{},"flags":"8180","qr":true,"rd":true,"ra":true,"opcode":0,"rrname":"{}","rrtype":"A","rcode":"NOERROR","answers":[{{"rrname":"{}","rrtype":"A","ttl":3600,"rdata":"{}"}}],"grouped":{{"A":["{}"]}}}}}})",
                       i % 65'536,
                       domain_of(n / 10 * 10 + 7),
                       domain_of(n / 10 * 10 + 7),
                       address_of(3'000'000'000ULL + i),
                       address_of(3'000'000'000ULL + i)
                   );
        case 7:
            return head + R"("event_type":"http",)" + ends +
                   fmt::format(
                       R"("tx_id":0,"http":{{"hostname":"www{}.example.test","url":"/path/{:x}/index{}.php","http_user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36","http_content_type":"text/html","http_method":"GET","protocol":"HTTP/1.1","status":200,"length":1814}}}})",
                       (n / 10 * 10 + 5) % 1000,
                       n / 10 * 10 + 5,
                       (n / 10 * 10 + 5) % 7
                   );
        case 8:
            return head + R"("event_type":"tls",)" + ends +
                   fmt::format(
                       R"("tls":{{"subject":"CN=www.example.test","issuerdn":"C=US, O=Example Corporation, CN=Example CA 01","serial":"12:00:1F:72:F7:0A:0A:A1:55:96:2A:B9:CB:00:00:00:1F:72:F7","fingerprint":"a8:4b:0a:38:cf:a4:37:f4:ec:17:48:c0:6a:18:82:ce:b5:3b:c9:a9","sni":"{}","version":"TLS 1.2","notbefore":"2021-12-22T01:34:07","notafter":"2022-06-22T01:34:07","ja3":{{"hash":"6271f898ce5be7dd52b0fc260d0662b3","string":"771,49196-49195-49200,0-10-11-13,29-23-24,0"}}}}}})",
                       domain_of(n / 10 * 10 + 8)
                   );
        default:
            return head + R"("event_type":"fileinfo",)" + ends +
                   fmt::format(
                       R"("http":{{"hostname":"files.example.test","url":"/{:x}","http_method":"GET","status":200,"length":1255}},"app_proto":"http","fileinfo":{{"filename":"/{:x}","sha256":"{}","gaps":false,"state":"CLOSED","stored":false,"size":1255,"tx_id":0}}}})",
                       i,
                       i,
                       hash_of(n / 10 * 10 + 3)
                   );
    }
}

std::vector<std::string> made_events() {
    std::mt19937_64 random(6);
    std::vector<std::string> out;
    for (std::uint64_t i = 0; i < events_made; ++i) {
        // What hits stands among the first indicators of every size of the set.
        const bool hit = random() % hit_every == 0;
        out.push_back(
            event_of(i, hit ? random() % 10'000 : 1'000'000'000ULL + random() % 1'000'000'000ULL)
        );
    }
    return out;
}

std::vector<std::string> lines_of(const char* path) {
    std::ifstream file(path);
    if (!file) {
        std::fprintf(stderr, "g6_bench: cannot read %s\n", path);
        std::exit(2);
    }
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);)
        if (!line.empty()) out.push_back(line);
    return out;
}

struct Speed {
    double events_s = 0;
    double read_s = 0;  // events a second when they are only read
    double hits = 0;    // of all events
    double size = 0;    // mean bytes of an event
};

/// One round over all lines: the seconds it took, and how many events were taken.
template <class Take>
double round_s(const std::vector<std::string>& lines, std::uint64_t& events, Take take) {
    match::EventReader reader;
    events = 0;
    const double start = core_s();
    for (const std::string& line : lines)
        (void)reader.read(line, [&](const match::Event& event) { take(event, events++); });
    return core_s() - start;
}

Speed speed(const std::vector<std::string>& lines, std::shared_ptr<const match::Snapshot> set) {
    Speed out;
    double best = 1e18;
    double best_read = 1e18;
    std::uint64_t events = 0;
    std::size_t values = 0;
    for (int round = 0; round < rounds; ++round) {
        match::Watch watch(set);
        best = std::min(best, round_s(lines, events, [&](const auto& event, std::uint64_t number) {
                            (void)watch.look(event, number);
                        }));
        out.hits = static_cast<double>(watch.counts().hits) / static_cast<double>(events);
        best_read = std::min(best_read, round_s(lines, events, [&](const auto& event, auto) {
                                 values += event.roots().size();
                             }));
    }
    if (values == 0) std::exit(2);
    const auto count = static_cast<double>(events);
    for (const std::string& line : lines)
        out.size += static_cast<double>(line.size()) / count;
    out.events_s = count / best;
    out.read_s = count / best_read;
    return out;
}

void add(match::IndicatorSet& set, std::uint64_t key, std::string_view pattern) {
    // As indicators of STIX are: valid from some time on.
    constexpr std::int64_t from_us = 1'700'000'000'000'000;
    match::Validity validity;
    validity.from.count = from_us + static_cast<std::int64_t>(key % 1'000'000);
    const auto added = set.add({key, pattern, pattern::Dialect::v21, validity});
    if (added) return;
    std::fprintf(stderr, "g6_bench: %s\n", added.error().detail.c_str());
    std::exit(2);
}

/// The slowest of several changes in milliseconds.
struct Change {
    double added = 0;
    double withdrawn = 0;
};

/// With as many changes before as there may be beside the base.
Change change_ms(match::IndicatorSet& set, std::uint64_t from, std::size_t changes) {
    for (std::uint64_t i = 0; i < changes; ++i)
        add(set, from + i, pattern_of(from + i));
    (void)set.publish();
    Change worst;
    match::EveReader reader;
    match::Event event;
    match::Watch watch(set.publish());
    for (std::uint64_t i = 0; i < 20; ++i) {
        const std::uint64_t key = from + changes + i * 10;
        const std::string line = event_of(0, key);
        for (const bool adding : {true, false}) {
            const double start = core_s();
            if (adding) {
                add(set, key, fmt::format("[ipv4-addr:value = '{}']", address_of(key / 10 * 10)));
            } else if (!set.withdraw(key)) {
                std::exit(2);
            }
            watch.use(set.publish());
            if (!reader.read(line, event)) std::exit(2);
            if (watch.look(event, i).empty() == adding) {
                std::fprintf(stderr, "g6_bench: a change took no effect\n");
                std::exit(1);
            }
            double& slowest = adding ? worst.added : worst.withdrawn;
            slowest = std::max(slowest, (core_s() - start) * 1e3);
        }
    }
    return worst;
}

struct Made {
    double at_small = 0, at_million = 0, at_most = 0;  // events a second
    double bytes = 0;
    Change change;
};

Made match_made_events(const std::vector<std::size_t>& sizes) {
    const std::vector<std::string> events = made_events();
    Made out;
    for (const std::size_t size : sizes) {
        match::IndicatorSet set({{7, 1, 2}, true});
        double start = core_s();
        for (std::uint64_t n = 0; n < size; ++n)
            add(set, n, pattern_of(n));
        const double added = core_s() - start;
        start = core_s();
        const auto snapshot = set.publish();
        const double made = core_s() - start;
        const Speed s = speed(events, snapshot);
        const auto count = static_cast<double>(size);
        const double each = static_cast<double>(snapshot->memory_bytes()) / count;
        const double text = static_cast<double>(snapshot->text_bytes()) / count;
        std::printf(
            "%10zu indicators: %.0f events/s (reading alone %.0f), mean size %.0f bytes, hits %.2f "
            "of 1,000; %.1f bytes an indicator and %.1f of text; added at %.1f us each, base made "
            "in %.2f s\n",
            size,
            s.events_s,
            s.read_s,
            s.size,
            s.hits * 1e3,
            each,
            text,
            added / count * 1e6,
            made
        );
        if (size == sizes.front()) out.at_small = s.events_s;
        out.at_most = s.events_s;
        if (size == 1'000'000) {
            out.at_million = s.events_s;
            out.bytes = each;
            out.change = change_ms(set, 1'000'000'000'000ULL, 4'000);
            std::printf(
                "%10zu indicators: one that is added takes effect in %.2f ms, one that is "
                "withdrawn "
                "in %.2f ms, at worst\n",
                size,
                out.change.added,
                out.change.withdrawn
            );
        }
        std::fflush(stdout);
    }
    return out;
}

/// So many of `all`, from everywhere in it.
std::vector<std::string_view> some_of(const std::vector<std::string>& all, std::size_t wanted) {
    std::vector<std::string_view> out;
    for (std::size_t i = 0; i < wanted; ++i)
        out.push_back(all[i * all.size() / wanted]);
    return out;
}

void match_real_events(const char* patterns_path, const std::vector<const char*>& files) {
    const std::vector<std::string> patterns = lines_of(patterns_path);
    for (const std::size_t wanted : {std::size_t{10'000}, std::size_t{100'000}, patterns.size()}) {
        if (wanted > patterns.size()) continue;
        match::IndicatorSet set({{7, 1, 2}, true});
        std::uint64_t key = 0;
        std::size_t refused = 0;
        for (const std::string_view pattern : some_of(patterns, wanted))
            refused += set.add({key++, pattern, pattern::Dialect::v21, {}}).has_value() ? 0U : 1U;
        const auto snapshot = set.publish();
        const auto count = static_cast<double>(snapshot->size());
        std::printf(
            "%10zu real indicators (%zu refused): %.1f bytes each and %.1f of text\n",
            snapshot->size(),
            refused,
            static_cast<double>(snapshot->memory_bytes()) / count,
            static_cast<double>(snapshot->text_bytes()) / count
        );
        for (const char* file : files) {
            const std::string_view path = file;
            const Speed s = speed(lines_of(file), snapshot);
            std::printf(
                "%10s %.*s: %.0f events/s (reading alone %.0f), mean size %.0f bytes, hits %.2f of "
                "1,000\n",
                "",
                static_cast<int>(path.size() - path.rfind('/') - 1),
                path.data() + path.rfind('/') + 1,
                s.events_s,
                s.read_s,
                s.size,
                s.hits * 1e3
            );
        }
        std::fflush(stdout);
    }
}

/// For the reference matcher: made events as observed data, and patterns.
void write_for_reference(const std::string& directory) {
    constexpr std::uint64_t events = 200;
    constexpr std::uint64_t patterns = 100;
    std::ofstream observed(directory + "/observed.jsonl");
    match::EveReader reader;
    match::Event event;
    for (std::uint64_t i = 0; i < events; ++i) {
        const std::string line = event_of(i, i == 0 ? i : 1'000'000'000ULL + i);
        if (!reader.read(line, event)) std::exit(2);
        observed << boost::json::serialize(event.observed_data()) << '\n';
    }
    std::ofstream out(directory + "/reference_patterns.txt");
    for (std::uint64_t n = 0; n < patterns; ++n)
        out << pattern_of(n) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    bool small = false;
    const char* patterns = nullptr;
    std::vector<const char*> files;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--write" && i + 1 < argc) {
            write_for_reference(argv[i + 1]);
            return 0;
        }
        if (word == "--small") {
            small = true;
        } else if (word == "--patterns" && i + 1 < argc) {
            patterns = argv[++i];
        } else {
            files.push_back(argv[i]);
        }
    }
    std::vector<std::size_t> sizes{10'000, 1'000'000};
    if (!small) sizes.push_back(10'000'000);
    const Made made = match_made_events(sizes);
    if (patterns != nullptr) match_real_events(patterns, files);
    const double slower = made.at_small / made.at_most;
    const double change = std::max(made.change.added, made.change.withdrawn);
    const bool met =
        made.at_million >= 500e3 && slower <= 1.5 && change <= 10 && made.bytes <= 64 && !small;
    std::printf(
        "G6 %s a %.0f goal 500000 events/s at 1 M; b %.2f goal 1.50 times the cost at %s; c %.2f "
        "goal 10 ms a change; d %.0f goal 64 bytes an indicator\n",
        met ? "met" : "missed",
        made.at_million,
        slower,
        small ? "1 M (--small)" : "10 M",
        change,
        made.bytes
    );
    return 0;
}
