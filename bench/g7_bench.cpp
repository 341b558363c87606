// Question (goal G7): what does one event cost at most, whatever patterns a partner sends and
// whatever an attacker makes a sensor write? Each row is one attack: patterns made here, and events
// (Suricata's, or observed data) made for them. Told are the slowest event in time that the thread
// had a core, how many were said to be cut, and what taking the patterns cost each. The budget is
// that of docs/matching.md: limits::match_event_lookups_max and match_event_steps_max. A row fails
// when an event costs more than `budget_ms`, when a pattern costs more than `add_ms` to take, or
// when something that the plain evaluator finds is missing and nothing says so. Run: scripts/bench
// G7 [--small].
#include "base/limits.h"
#include "match/eve.h"
#include "match/indicators.h"
#include "match/observed.h"
#include "match/watch.h"
#include "pattern/evaluate.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace entente;

constexpr double budget_ms = 1'000;
constexpr double add_ms = 50;

double core_ms() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Attack {
    const char* name;
    std::vector<std::string> patterns;
    std::vector<std::string> events;
    bool observed = false;
};

std::string eve(std::string_view type, std::string_view rest) {
    return fmt::format(
        R"({{"timestamp":"2026-01-01T00:00:00.000000+0000","event_type":"{}","src_ip":"10.0.0.1","src_port":4000,"dest_ip":"10.0.0.2","dest_port":80,"proto":"TCP",{}}})",
        type,
        rest
    );
}

std::string http(std::string_view target) {
    return eve(
        "http",
        fmt::format(
            R"("http":{{"hostname":"evil.example","url":"{}","http_method":"GET"}})", target
        )
    );
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += part;
    return out;
}

template <class Make>
std::vector<std::string> many(std::size_t count, Make make) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(make(i));
    return out;
}

Attack backtracking(std::size_t) {
    const auto pattern = [](std::size_t i) {
        return fmt::format("[url:value MATCHES '/(a+)+[0-9]{{0,{}}}$']", i + 1);
    };
    return {
        "256 regular expressions that backtrack, 64 kB of text",
        many(256, pattern),
        {http("/" + std::string(65'000, 'a') + "!")}};
}

Attack backtracking_behind_a_text(std::size_t) {
    const auto pattern = [](std::size_t i) {
        return fmt::format(
            "[url:value MATCHES 'evil.example/(a|aa)+(b|bb)*[0-9]{{0,{}}}$']", i + 1
        );
    };
    return {
        "10,000 of them behind a fixed text that the event has",
        many(10'000, pattern),
        {http("/" + std::string(2'000, 'a') + "!")}};
}

Attack large_expressions(std::size_t) {
    const auto pattern = [](std::size_t i) {
        return fmt::format("[url:value MATCHES '((((a{{1,60}}){{1,60}}){{1,9}})x{})+']", i);
    };
    return {
        "100 regular expressions that are large when compiled",
        many(100, pattern),
        {http("/aaaaaaaax1")}};
}

Attack one_path(std::size_t scale) {
    const auto pattern = [](std::size_t i) {
        return fmt::format("[url:value LIKE '%/campaign-{}/%']", i * 7919);
    };
    const auto event = [](std::size_t i) {
        return http(fmt::format("/a/b/campaign-{}/index.php?x={}", i * 7919 * 50, i));
    };
    return {
        "100,000 LIKE on one path, texts of their own",
        many(100'000 / scale, pattern),
        many(2'000, event)};
}

Attack one_text(std::size_t scale) {
    const auto pattern = [](std::size_t i) {
        return fmt::format("[url:value LIKE '%shared-campaign-text%{:05}%']", i);
    };
    return {
        "100,000 LIKE on one path, one text for all",
        many(100'000 / scale, pattern),
        {http("/shared-campaign-text/" + std::string(4'000, 'z')),
         http("/shared-campaign-text/00017/")}};
}

Attack numbers(std::size_t scale) {
    const auto pattern = [](std::size_t i) {
        return fmt::format(
            "[network-traffic:src_port > {} AND network-traffic:dst_port != 80]", i % 4'000
        );
    };
    return {"100,000 ranges that the event is in", many(100'000 / scale, pattern), {http("/")}};
}

Attack operators(std::size_t) {
    const auto pattern = [](std::size_t i) {
        return fmt::format(
            "((([ipv4-addr:value = '10.0.0.1'] AND [ipv4-addr:value = '10.0.0.2']) REPEATS {} "
            "TIMES) FOLLOWEDBY ([url:value LIKE 'http://%'] OR [domain-name:value = "
            "'never.example']) REPEATS 9 TIMES) AND [domain-name:value = 'never.example']",
            20 + i % 50
        );
    };
    return {
        "200 patterns of observation operators, every event is a candidate of all",
        many(200, pattern),
        many(1'200, [](std::size_t i) { return http(fmt::format("/{}", i)); })};
}

Attack joins(std::size_t) {
    // Counts alone do not show that the second never comes after the first.
    const auto pattern = [](std::size_t i) {
        return fmt::format(
            "([ipv4-addr:value = '10.0.0.1'] REPEATS {} TIMES WITHIN 0.5 SECONDS) FOLLOWEDBY "
            "[network-traffic:dst_port = 80 AND url:value LIKE 'http://evil.example/%']",
            20 + i
        );
    };
    const auto event = [](std::size_t i) {
        std::string line = http("/x");
        line.replace(
            line.find("00:00:00.0"),
            8,
            fmt::format("{:02}:{:02}:{:02}", i / 3600, i / 60 % 60, i % 60)
        );
        return line;
    };
    return {
        "20 patterns that have to be joined anew on every event, in vain",
        many(20, pattern),
        many(1'100, event)};
}

Attack brute_force(std::size_t) {
    const auto pattern = [](std::size_t i) {
        return fmt::format(
            "[network-traffic:dst_port = 80] REPEATS {} TIMES WITHIN 3600 SECONDS", 500 + i
        );
    };
    return {
        "500 patterns that wait for 500 to 999 observations",
        many(500, pattern),
        many(1'200, [](std::size_t i) { return http(fmt::format("/{}", i)); })};
}

Attack many_values(std::size_t) {
    std::string answers;
    for (std::size_t i = 0; answers.size() < 10'000'000; ++i) {
        answers += fmt::format(
            R"({}{{"rrname":"n{}.evil.example","rrtype":"CNAME","rdata":"m{}.evil.example"}})",
            i == 0 ? "" : ",",
            i,
            i
        );
    }
    const auto pattern = [](std::size_t i) {
        return fmt::format("[domain-name:value LIKE '%.n{}.example']", i);
    };
    return {
        "an event of 10 MB, a hundred thousand names, 10,000 names looked for",
        many(10'000, pattern),
        {eve(
            "dns",
            R"("dns":{"version":2,"type":"answer","rrname":"evil.example","answers":[)" + answers +
                "]}"
        )}};
}

Attack one_long_text(std::size_t) {
    const auto pattern = [](std::size_t i) {
        return i % 2 == 0 ? fmt::format("[url:value LIKE '%needle-{}-%x%']", i)
                          : fmt::format("[url:value MATCHES 'needle-{}-[a-z]+$']", i);
    };
    return {
        "an event of 10 MB, one text, 10,000 pieces looked for",
        many(10'000, pattern),
        {http("/" + repeated("needle-1-needle-2-", 10'000'000 / 18))}};
}

Attack nested(std::size_t) {
    std::string value = "1";
    for (int i = 0; i < 60; ++i)
        value =
            i % 2 == 0 ? "[" + value + "," + value.substr(0, 0) + "2]" : R"({"a":)" + value + "}";
    std::string wide = "[" + repeated(value + ",", 20'000) + "0]";
    const auto pattern = [](std::size_t i) {
        return fmt::format("[x-deep:a[*]{} = {}]", repeated(".a[*]", i % 28), i);
    };
    return {
        "20,000 values in 60 levels, paths with a star on every level",
        many(1'000, pattern),
        {R"({"type":"observed-data","number_observed":1,"first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","objects":{"0":{"type":"x-deep","a":)" +
         wide + "}}}"},
        true};
}

Attack references(std::size_t) {
    // Every object refers to every other: paths through them multiply.
    std::string objects;
    constexpr std::size_t count = 60;
    for (std::size_t i = 0; i < count; ++i) {
        std::string refs;
        for (std::size_t j = 0; j < count; ++j)
            refs += fmt::format(R"({}"{}")", j == 0 ? "" : ",", j);
        objects += fmt::format(
            R"({}"{}":{{"type":"x-web","n":{},"all_refs":[{}]}})", i == 0 ? "" : ",", i, i, refs
        );
    }
    const auto pattern = [](std::size_t i) {
        return fmt::format("[x-web:{}n = {}]", repeated("all_refs[*].", 1 + i % 12), 1'000 + i);
    };
    return {
        "60 objects that all refer to each other, paths of up to 12 steps",
        many(500, pattern),
        {R"({"type":"observed-data","number_observed":1,"first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","objects":{)" +
         objects + "}}"},
        true};
}

Attack long_pattern(std::size_t) {
    std::string in;
    for (std::size_t i = 0; i < 12'000; ++i)
        in += fmt::format("{}'v{}.example'", i == 0 ? "" : ", ", i);
    std::string alternatives;
    for (std::size_t i = 0; i < 3'000; ++i)
        alternatives += fmt::format("{}url:value MATCHES 'x{}y*$'", i == 0 ? "" : " OR ", i);
    return {
        "patterns of 12,000 constants and of 3,000 alternatives",
        {"[domain-name:value NOT IN (" + in + ") AND domain-name:value = 'evil.example']",
         "[(" + alternatives + ") AND domain-name:value = 'evil.example']"},
        {http("/x17yyyyy"), http("/" + std::string(60'000, 'x'))}};
}

struct Outcome {
    double worst_ms = 0;
    double worst_add_ms = 0;
    std::size_t refused = 0;
    std::size_t hits = 0;
    std::uint64_t cut = 0;
    std::uint64_t forgotten = 0;
    std::size_t missing = 0;  // what the plain evaluator finds, and nothing said that it was cut
};

/// Of some of the patterns: those that the plain evaluator finds in `event` and `hits` has not.
std::size_t missing(
    const Attack& attack, const match::Event& event, const std::vector<match::Hit>& hits
) {
    constexpr std::size_t looked_at = 20;
    const auto observations = pattern::ObservationSet::read(event.observed_data());
    if (!observations) return 0;
    std::size_t out = 0;
    const std::size_t step = std::max<std::size_t>(1, attack.patterns.size() / looked_at);
    for (std::size_t i = 0; i < attack.patterns.size(); i += step) {
        const auto parsed = pattern::parse(attack.patterns[i]);
        if (!parsed) continue;
        const auto match = pattern::evaluate(*parsed, *observations);
        if (!match || match->verdict != pattern::Match::Verdict::match) continue;
        const auto found = std::ranges::find(hits, i + 1, &match::Hit::key);
        out += found == hits.end() ? 1 : 0;
    }
    return out;
}

Outcome run(const Attack& attack) {
    match::IndicatorSet set({{7, 1, 2}, true});
    Outcome out;
    match::Key key = 0;
    for (const std::string& pattern : attack.patterns) {
        const double start = core_ms();
        if (!set.add({++key, pattern, pattern::Dialect::v21, {}})) ++out.refused;
        out.worst_add_ms = std::max(out.worst_add_ms, core_ms() - start);
    }
    match::Watch watch(set.publish());
    match::EveReader reader;
    match::Event event;
    std::uint64_t number = 0;
    for (const std::string& text : attack.events) {
        const double start = core_ms();
        double aside = 0;
        const auto look = [&](const match::Event& made) {
            const std::vector<match::Hit>& hits = watch.look(made, number++);
            out.hits += hits.size();
            if (watch.was_cut() || number > 3) return;
            const double before = core_ms();
            out.missing += missing(attack, made, hits);
            aside = core_ms() - before;
        };
        if (attack.observed) {
            if (!match::read_observed(text, event, look)) std::exit(2);
        } else {
            if (!reader.read(text, event)) std::exit(2);
            look(event);
        }
        out.worst_ms = std::max(out.worst_ms, core_ms() - start - aside);
    }
    out.cut = watch.counts().cut;
    out.forgotten = watch.counts().forgotten;
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    const bool small = argc > 1 && std::string_view(argv[1]) == "--small";
    const std::size_t scale = small ? 10 : 1;
    const std::function<Attack(std::size_t)> attacks[] = {
        backtracking,
        backtracking_behind_a_text,
        large_expressions,
        one_path,
        one_text,
        numbers,
        operators,
        joins,
        brute_force,
        many_values,
        one_long_text,
        nested,
        references,
        long_pattern};
    double worst = 0;
    double worst_add = 0;
    std::size_t lost = 0;
    for (const auto& make : attacks) {
        const Attack attack = make(scale);
        const Outcome out = run(attack);
        std::printf(
            "%-76s worst event %8.2f ms; hits %zu, events cut %llu, forgotten %llu, missing %zu; a "
            "pattern at most %.2f ms to take, %zu refused\n",
            attack.name,
            out.worst_ms,
            out.hits,
            static_cast<unsigned long long>(out.cut),
            static_cast<unsigned long long>(out.forgotten),
            out.missing,
            out.worst_add_ms,
            out.refused
        );
        std::fflush(stdout);
        worst = std::max(worst, out.worst_ms);
        worst_add = std::max(worst_add, out.worst_add_ms);
        lost += out.missing;
    }
    std::printf(
        "G7 %s worst event %.0f goal %.0f ms of one core; worst pattern to take %.1f goal %.0f "
        "ms; missing without a word %zu goal 0\n",
        worst <= budget_ms && worst_add <= add_ms && lost == 0 ? "met" : "missed",
        worst,
        budget_ms,
        worst_add,
        add_ms,
        lost
    );
    return 0;
}
