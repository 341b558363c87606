#include "ops/metrics.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <string>
#include <unistd.h>

namespace entente::ops {
namespace {

constexpr std::array<std::string_view, 4> methods{"GET", "POST", "DELETE", "other"};
/// What this server answers; others count as "other".
constexpr std::array statuses{200, 202, 204, 206, 301, 304, 308, 400, 401, 403,
                              404, 405, 406, 408, 409, 411, 412, 413, 414, 415,
                              417, 422, 429, 431, 500, 501, 503, 505, 507};
constexpr std::size_t status_count = statuses.size() + 1;

std::size_t method_index(std::string_view method) {
    if (method == "HEAD") method = "GET";
    const auto found = std::ranges::find(methods, method);
    return found == methods.end() ? methods.size() - 1
                                  : static_cast<std::size_t>(found - methods.begin());
}

std::size_t status_index(int status) {
    const auto found = std::ranges::find(statuses, status);
    return static_cast<std::size_t>(found - statuses.begin());
}

std::string status_label(std::size_t index) {
    return index < statuses.size() ? std::to_string(statuses[index]) : "other";
}

/// Seconds; a page of 1,000 objects takes some hundred microseconds.
prometheus::Histogram::BucketBoundaries buckets() {
    return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

prometheus::MetricType type_of(Reading::Kind kind) {
    return kind == Reading::Kind::gauge ? prometheus::MetricType::Gauge
                                        : prometheus::MetricType::Counter;
}

/// Seconds since 1970 (proc(5), /proc/stat).
double boot_time() {
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("btime ")) return std::stod(line.substr(6));
    }
    return 0;
}

std::vector<prometheus::MetricFamily> families(const std::vector<Reading>& readings) {
    std::vector<prometheus::MetricFamily> all;
    for (const Reading& reading : readings) {
        if (all.empty() || all.back().name != reading.name) {
            all.push_back({reading.name, reading.about, type_of(reading.kind), {}});
        }
        prometheus::ClientMetric metric;
        for (const auto& [name, value] : reading.labels)
            metric.label.push_back({name, value});
        metric.gauge.value = reading.value;
        metric.counter.value = reading.value;
        all.back().metric.push_back(std::move(metric));
    }
    return all;
}

}  // namespace

struct Metrics::Inside {
    explicit Inside(std::vector<std::string> names)
        : routes(std::move(names)),
          counters(routes.size() * methods.size() * status_count) {
        for (const std::string& route : routes)
            spent.push_back(&seconds.Add({{"route", route}}, buckets()));
    }

    std::vector<std::string> routes;
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter()
            .Name("entente_http_requests_total")
            .Help("Answers sent, by route, method and status.")
            .Register(registry);
    prometheus::Family<prometheus::Histogram>& seconds =
        prometheus::BuildHistogram()
            .Name("entente_http_request_seconds")
            .Help("From the first byte of a request to the last of its answer.")
            .Register(registry);
    prometheus::Counter& bytes = prometheus::BuildCounter()
                                     .Name("entente_http_body_bytes_total")
                                     .Help("Bytes of the bodies that were sent, as sent.")
                                     .Register(registry)
                                     .Add({});
    std::vector<prometheus::Histogram*> spent;
    std::vector<std::atomic<prometheus::Counter*>> counters;  // made when they are first needed
};

Metrics::Metrics(std::vector<std::string> routes)
    : inside_(std::make_unique<Inside>(std::move(routes))) {}

Metrics::~Metrics() = default;

void Metrics::answered(const Answered& answer) {
    const std::size_t route = std::min(answer.route, inside_->routes.size() - 1);
    const std::size_t method = method_index(answer.method);
    const std::size_t status = status_index(answer.status);
    auto& kept = inside_->counters[(route * methods.size() + method) * status_count + status];
    prometheus::Counter* counter = kept.load(std::memory_order_acquire);
    if (counter == nullptr) {
        // The family gives the same counter to whoever asks with the same labels.
        counter = &inside_->requests.Add(
            {{"route", inside_->routes[route]},
             {"method", std::string(methods[method])},
             {"status", status_label(status)}}
        );
        kept.store(counter, std::memory_order_release);
    }
    counter->Increment();
    inside_->bytes.Increment(static_cast<double>(answer.body_bytes));
    inside_->spent[route]->Observe(std::chrono::duration<double>(answer.spent).count());
}

std::string Metrics::text(const std::vector<Reading>& readings) const {
    std::vector<prometheus::MetricFamily> all = inside_->registry.Collect();
    std::ranges::move(families(readings), std::back_inserter(all));
    return prometheus::TextSerializer().Serialize(all);
}

std::vector<Reading> process_readings() {
    using Kind = Reading::Kind;
    std::vector<Reading> all;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    std::ifstream stat("/proc/self/stat");
    std::string line;
    std::getline(stat, line);
    // The second field is the program's name in parentheses and may hold spaces (proc(5)).
    std::vector<std::string> fields;
    for (std::size_t at = line.rfind(')') == std::string::npos ? line.size() : line.rfind(')') + 2;
         at < line.size();) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        fields.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    constexpr std::size_t user_ticks = 11, system_ticks = 12, start_ticks = 19, resident_pages = 21;
    if (fields.size() > resident_pages) {
        all.push_back(
            {Kind::gauge,
             "process_start_time_seconds",
             "When the process began, in seconds since 1970.",
             {},
             boot_time() + std::stod(fields[start_ticks]) / ticks}
        );
        all.push_back(
            {Kind::counter,
             "process_cpu_seconds_total",
             "User and system processor time.",
             {},
             (std::stod(fields[user_ticks]) + std::stod(fields[system_ticks])) / ticks}
        );
        all.push_back(
            {Kind::gauge,
             "process_resident_memory_bytes",
             "Resident memory.",
             {},
             std::stod(fields[resident_pages]) * page}
        );
    }
    std::error_code failed;
    const std::filesystem::directory_iterator open("/proc/self/fd", failed);
    if (!failed) {
        const auto count = std::distance(begin(open), end(open));
        all.push_back(
            {Kind::gauge, "process_open_fds", "Open files.", {}, static_cast<double>(count)}
        );
    }
    return all;
}

}  // namespace entente::ops
