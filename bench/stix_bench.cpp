// Question: at what rate are canonical digests made (goal: 300 MB/s), ids derived, selectors
// resolved and objects redacted, on one core? Data: an indicator of 480 bytes whose properties are
// not in canonical order, and a report-like object of the size in the argument, with text, lists
// and references; made here. Run: scripts/bench stix
#include "base/hash.h"
#include "stix/identify.h"
#include "stix/marking_paths.h"
#include "stix/object.h"
#include "stix/redact.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

namespace {

using namespace entente;

constexpr std::string_view red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";

std::string indicator() {
    return R"({"type":"indicator","spec_version":"2.1","id":"indicator--00000007-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","name":"Address 7","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"confidence":80,"labels":["sample","bench"]})";
}

/// A malware of about `bytes`, with as many granular markings as it has references.
std::string malware(std::size_t bytes) {
    std::string references;
    std::string selectors;
    std::string description;
    for (std::size_t i = 0; references.size() + description.size() < bytes; ++i) {
        references += fmt::format(
            R"({}{{"source_name":"source {:06}","url":"https://example.com/reports/{:06}","external_id":"R-{:06}"}})",
            i > 0 ? "," : "",
            i,
            i,
            i
        );
        description +=
            fmt::format("In week {} it was seen \\\"again\\\" at host number {}. ", i, i * 7);
        if (i % 2 == 1)
            selectors +=
                fmt::format(R"({}"external_references.[{}]")", selectors.empty() ? "" : ",", i);
    }
    return fmt::format(
        R"({{"type":"malware","spec_version":"2.1","id":"malware--00000007-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","name":"Seven","is_family":true,"description":"{}","external_references":[{}],"granular_markings":[{{"marking_ref":"{}","selectors":[{}]}}]}})",
        description,
        references,
        red,
        selectors
    );
}

void canonical_digest(benchmark::State& state) {
    const std::string text =
        state.range(0) == 0 ? indicator() : malware(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(sha256(*stix::canonical_json(text)));
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK(canonical_digest)->Arg(0)->Arg(2'000)->Arg(100'000);

void deterministic_id(benchmark::State& state) {
    const std::string text =
        R"({"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3"})";
    for (auto _ : state)
        benchmark::DoNotOptimize(stix::deterministic_id(text));
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(deterministic_id);

void granular_markings(benchmark::State& state) {
    const std::string text =
        *stix::canonical_json(malware(static_cast<std::size_t>(state.range(0))));
    for (auto _ : state)
        benchmark::DoNotOptimize(stix::granular_markings(text));
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(granular_markings)->Arg(2'000);

void redact(benchmark::State& state) {
    const std::string text = malware(static_cast<std::size_t>(state.range(0)));
    stix::Redaction redaction;
    redaction.hidden = {std::string(red)};
    redaction.id = "malware--dddddddd-0000-4000-8000-00000000000d";
    redaction.created_by_ref = "identity--aaaaaaaa-0000-4000-8000-000000000001";
    redaction.created = redaction.modified = "2025-06-01T00:00:00.000Z";
    for (auto _ : state) {
        const auto redacted = stix::redact(text, redaction);
        if (!redacted || redacted->withheld != stix::Withheld::no) {
            state.SkipWithError("no derived object");
            break;
        }
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK(redact)->Arg(2'000)->Arg(100'000);

}  // namespace

BENCHMARK_MAIN();
