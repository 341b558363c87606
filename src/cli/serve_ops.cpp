#include "cli/serve_ops.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/parse.h"
#include "cli/words.h"
#include "taxii/route.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <map>
#include <sys/statvfs.h>

namespace entente::cli {
namespace {

using ops::Reading;

/// In the order of taxii::Endpoint.
constexpr std::array endpoint_names{
    "discovery",
    "api-root",
    "status",
    "collections",
    "collection",
    "manifest",
    "objects",
    "object",
    "versions",
    "allowed"};
static_assert(static_cast<std::size_t>(taxii::Endpoint::allowed) + 1 == endpoint_names.size());

std::vector<std::string> routes() {
    std::vector<std::string> names(endpoint_names.begin(), endpoint_names.end());
    names.emplace_back("health");
    names.emplace_back("other");
    return names;
}

std::size_t route_of(std::string_view path) {
    if (path == "/healthz" || path == "/readyz") return endpoint_names.size();
    const auto route = taxii::find_route(path);
    return route ? static_cast<std::size_t>(route->endpoint) : endpoint_names.size() + 1;
}

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

Reading gauge(std::string name, std::string about, double value) {
    return {.name = std::move(name), .about = std::move(about), .labels = {}, .value = value};
}

std::vector<Reading> disk_readings(const std::string& directory) {
    std::vector<Reading> all;
    std::uint64_t used = 0;
    for (const char* name : {"entente.db", "entente.db-wal"}) {
        std::error_code missing;
        const auto size = std::filesystem::file_size(directory + "/" + name, missing);
        if (!missing) used += size;
    }
    all.push_back(gauge("entente_store_bytes", "The database and its log on disk.", number(used)));

    struct ::statvfs disk {};

    if (::statvfs(directory.c_str(), &disk) == 0) {
        all.push_back(gauge(
            "entente_disk_free_bytes",
            "Free on the disk of the node's directory.",
            number(std::uint64_t{disk.f_bavail} * disk.f_frsize)
        ));
    }
    return all;
}

void read_state(store::Snapshot& snapshot, const exchange::State& state, std::vector<Reading>& to) {
    for (const store::Collection& collection : state.directory.collections) {
        to.push_back(
            {.name = "entente_collection_positions",
             .about = "Versions that a collection has ever taken.",
             .labels = {{"collection", collection.id}},
             .value = number(agreement::raw(snapshot.head(collection.no).next_seq) - 1)}
        );
    }
    std::map<std::string, double> stages;
    for (const agreement::Standpoint& point : state.agreements.points())
        stages[std::string(agreement::stage_text(point.standing.stage))] += 1;
    for (const auto& [stage, count] : stages) {
        to.push_back(
            {.name = "entente_agreements",
             .about = "Agreements by how they stand.",
             .labels = {{"stage", stage}},
             .value = count}
        );
    }
    to.push_back(gauge(
        "entente_agreement_records_refused",
        "Records of agreements that do not count; entente agreement list tells why.",
        number(state.agreements.problems().size())
    ));
}

}  // namespace

Watch::Watch(
    store::Store& store,
    exchange::StateCache& states,
    const exchange::Exchange& exchange,
    ops::RateLimits& rates,
    std::string directory
)
    : store_(store),
      states_(states),
      exchange_(exchange),
      rates_(rates),
      directory_(std::move(directory)),
      metrics_(routes()) {}

ops::NotReady Watch::not_ready() {
    return [this]() -> std::optional<std::string> {
        {
            const std::lock_guard lock(mutex_);
            if (trouble_) return trouble_;
        }
        try {
            const auto snapshot = store_.snapshot();
            if (states_.get(*snapshot)->clock_doubt)
                return "the clock is in doubt: entente clock show";
        } catch (const StorageError& error) {
            return printable(error.what(), 200);
        }
        return std::nullopt;
    };
}

std::function<void(const http::Answer&)> Watch::on_answer() {
    return [this](const http::Answer& answer) {
        metrics_.answered(
            {.method = answer.method,
             .route = route_of(answer.path),
             .status = answer.status,
             .body_bytes = answer.body_bytes,
             .spent = answer.spent}
        );
    };
}

void Watch::watch(http::Server& server) {
    const std::lock_guard lock(mutex_);
    server_ = &server;
}

void Watch::no_server() {
    const std::lock_guard lock(mutex_);
    server_ = nullptr;
    trouble_ = "stopping";
}

void Watch::trouble(std::optional<std::string> why) {
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(why);
}

std::vector<Reading> Watch::readings() {
    std::vector<Reading> all{
        {.name = "entente_build_info",
         .about = "The program.",
         .labels = {{"version", std::string(version())}},
         .value = 1}};
    std::uint64_t refused_busy = 0;
    all.push_back(gauge("entente_ready", "1 = requests are served well.", not_ready()() ? 0 : 1));
    {
        const std::lock_guard lock(mutex_);
        if (server_ != nullptr) {
            const http::Load load = server_->load();
            all.push_back(
                gauge("entente_http_connections", "Open connections.", number(load.connections))
            );
            all.push_back(gauge(
                "entente_http_body_bytes_in_flight",
                "Bytes of larger bodies that are held.",
                number(load.body_bytes)
            ));
            all.push_back(gauge(
                "entente_http_requests_waiting",
                "Requests that wait for a worker.",
                number(load.waiting)
            ));
            refused_busy = load.refused;
        }
    }
    const ops::RateLimits::Refused refused = rates_.refused();
    const auto count_refused = [&](const char* kind, std::uint64_t count) {
        all.push_back(
            {.kind = Reading::Kind::counter,
             .name = "entente_http_refused_total",
             .about = "Requests refused because there were too many: of one address or user (429), "
                      "at all, or for the writer (503).",
             .labels = {{"kind", kind}},
             .value = number(count)}
        );
    };
    count_refused("address", refused.by_address);
    count_refused("user", refused.by_user);
    count_refused("busy", refused_busy);
    const exchange::Intake::Counts intake = exchange_.intake();
    count_refused("writer", intake.refused);
    all.push_back(gauge(
        "entente_publish_requests_under_way",
        "Requests that publish and are not yet answered; without those whose bodies come slowly.",
        number(intake.under_way)
    ));
    all.push_back(gauge(
        "entente_publish_wait_seconds",
        "Until all of them are done, as far as it can be told; 0 when nothing is known.",
        intake.wait_ms / 1'000
    ));
    std::ranges::move(disk_readings(directory_), std::back_inserter(all));
    try {
        const auto snapshot = store_.snapshot();
        read_state(*snapshot, *states_.get(*snapshot), all);
    } catch (const StorageError&) {
        // entente_ready tells it.
    }
    std::ranges::move(ops::process_readings(), std::back_inserter(all));
    return all;
}

std::string Watch::metrics() {
    return metrics_.text(readings());
}

Result<std::unique_ptr<OpsListener>> OpsListener::open(const std::string& address, Watch& watch) {
    ENTENTE_TRY(const Listen listen, parse_listen(address));
    if (!listen.loopback) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "--ops-listen {}: others can reach that address, and whoever asks there is told "
                "how "
                "the node is doing; use a loopback address such as 127.0.0.1:{}, and let an agent "
                "on "
                "this machine or a proxy with a login carry it on",
                listen.address,
                listen.port
            )
        );
    }
    std::unique_ptr<OpsListener> made(new OpsListener(watch));
    http::ServerOptions options;
    options.address = listen.address;
    options.port = listen.port;
    options.io_threads = 1;
    options.worker_threads = 1;
    options.connections_max = limits::ops_connections_max;
    ENTENTE_TRY(made->server_, http::Server::listen(options, made->service_));
    made->server_->start();
    const bool six = listen.address.find(':') != std::string::npos;
    made->address_ = six ? "[" + listen.address + "]" : listen.address;
    return made;
}

std::string OpsListener::url() const {
    return fmt::format("http://{}:{}", address_, server_->port());
}

}  // namespace entente::cli
