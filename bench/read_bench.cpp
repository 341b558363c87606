// Question: how many objects a second does one core read, check, minify and digest, and what of it
// is the digest? Data: indicators of about 480 bytes, made here. Run: scripts/bench read
#include "base/hash.h"
#include "stix/envelope.h"
#include "stix/object.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

namespace {

std::string indicator(int number) {
    return fmt::format(
        R"({{"type":"indicator","spec_version":"2.1","id":"indicator--{:08x}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","name":"Address {}","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '198.51.100.{}']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"confidence":80,"labels":["sample","bench"]}})",
        number,
        number,
        number % 256
    );
}

void read_object(benchmark::State& state) {
    const std::string text = indicator(7);
    for (auto _ : state)
        benchmark::DoNotOptimize(entente::stix::read_object(text));
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK(read_object);

void digest_alone(benchmark::State& state) {
    const std::string text = indicator(7);
    for (auto _ : state)
        benchmark::DoNotOptimize(entente::sha256(text));
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(digest_alone);

void read_envelope(benchmark::State& state) {
    std::string text = R"({"objects":[)";
    for (int i = 0; i < state.range(0); ++i)
        text += (i > 0 ? "," : "") + indicator(i);
    text += "]}";
    for (auto _ : state)
        benchmark::DoNotOptimize(entente::stix::read_envelope(text));
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(read_envelope)->Arg(1'000);

}  // namespace

BENCHMARK_MAIN();
