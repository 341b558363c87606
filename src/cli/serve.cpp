#include "cli/serve.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/find.h"
#include "cli/login_watch.h"
#include "cli/node_dir.h"
#include "cli/peer_files.h"
#include "cli/serve_ops.h"
#include "cli/stop.h"
#include "cli/words.h"
#include "exchange/clock_doubt.h"
#include "exchange/exchange.h"
#include "exchange/login.h"
#include "http/client.h"
#include "http/server.h"
#include "peer/courier.h"
#include "taxii/service.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace entente::cli {
namespace {

constexpr std::int64_t look_interval_s = 1;  // at the clock
constexpr std::int64_t flush_interval_us = 5 * micros_per_second;
constexpr std::int64_t purge_interval_us = 3600 * micros_per_second;
constexpr std::int64_t stop_wait_ms = 10'000;

/// SIGINT, SIGTERM and SIGHUP wait to be taken by `next`; threads that are made meanwhile never get
/// them.
class HeldSignals {
  public:
    HeldSignals() {
        ::sigemptyset(&set_);
        ::sigaddset(&set_, SIGINT);
        ::sigaddset(&set_, SIGTERM);
        ::sigaddset(&set_, SIGHUP);
        (void)::pthread_sigmask(SIG_BLOCK, &set_, &before_);
    }

    ~HeldSignals() { release(); }

    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    /// The next signal, or 0 after so many seconds without one.
    [[nodiscard]] int next(std::int64_t seconds) const {
        const timespec wait{.tv_sec = seconds, .tv_nsec = 0};
        const int signal = ::sigtimedwait(&set_, nullptr, &wait);
        return signal < 0 ? 0 : signal;
    }

    /// From now on a signal ends the program as usual: for a user who does not want to wait.
    void release() {
        (void)std::signal(SIGINT, SIG_DFL);
        (void)std::signal(SIGTERM, SIG_DFL);
        (void)::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

  private:
    sigset_t set_{};
    sigset_t before_{};
};

Result<log::Level> parse_level(std::string_view text) {
    if (text == "debug") return log::Level::debug;
    if (text == "info") return log::Level::info;
    if (text == "warning") return log::Level::warning;
    if (text == "error") return log::Level::error;
    return fail(
        Errc::invalid_argument,
        fmt::format("'{}' is no log level; use debug, info, warning or error", printable(text, 40))
    );
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// SHA-256 of the first certificate in a PEM file, in hex; nothing if there is none.
std::optional<std::string> fingerprint_of(const std::string& pem_file) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    const std::string pem = read_file(pem_file);
    const auto from = pem.find(begin);
    const auto to = pem.find("-----END CERTIFICATE-----");
    if (from == std::string::npos || to == std::string::npos || to < from) return std::nullopt;
    std::string body;
    for (const char c :
         std::string_view(pem).substr(from + begin.size(), to - from - begin.size())) {
        if (c != '\n' && c != '\r') body += c;
    }
    const auto der = from_base64(body);
    if (!der) return std::nullopt;
    return to_hex(sha256(*der));
}

struct Tls {
    std::optional<http::TlsFiles> files;
    std::string fingerprint;  // of a self-signed certificate
};

/// The names under which a first try will reach this machine.
std::vector<std::string> usual_names(const ServeOptions& options, const Listen& listen) {
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    const auto add = [&](const std::string& name) {
        if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    if (listen.address != "0.0.0.0" && listen.address != "::") add(listen.address);
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) == 0) add(host.data());
    if (const auto url = http::parse_url(options.public_url)) add(url->origin.host);
    for (const std::string& name : options.tls_names)
        add(name);
    return names;
}

Result<Tls> self_signed(const NodeDir& node, const ServeOptions& options, const Listen& listen) {
    ENTENTE_TRY(const std::string directory, node.subdirectory("tls"));
    Tls tls;
    tls.files = {directory + "/cert.pem", directory + "/key.pem"};
    const bool there = std::filesystem::exists(tls.files->certificate_chain) &&
                       std::filesystem::exists(tls.files->private_key);
    if (!there) {
        ENTENTE_TRY(
            tls.fingerprint, http::write_self_signed(*tls.files, usual_names(options, listen))
        );
        node.give_to_owner(tls.files->certificate_chain);
        node.give_to_owner(tls.files->private_key);
        return tls;
    }
    const auto fingerprint = fingerprint_of(tls.files->certificate_chain);
    if (!fingerprint) {
        return fail(
            Errc::corrupt,
            fmt::format(
                "{} holds no certificate; remove the directory {} to have a new one made",
                printable(tls.files->certificate_chain),
                printable(directory)
            )
        );
    }
    tls.fingerprint = *fingerprint;
    return tls;
}

Result<Tls> choose_tls(const NodeDir& node, const ServeOptions& options, const Listen& listen) {
    const bool given = !options.tls_cert.empty() || !options.tls_key.empty();
    if (options.tls_cert.empty() != options.tls_key.empty()) {
        return fail(Errc::invalid_argument, "--tls-cert and --tls-key belong together");
    }
    if ((given ? 1 : 0) + (options.tls_self_signed ? 1 : 0) + (options.plain_http ? 1 : 0) > 1) {
        return fail(
            Errc::invalid_argument,
            "choose one of --tls-cert with --tls-key, --tls-self-signed, and --plain-http"
        );
    }
    if (given) return Tls{http::TlsFiles{options.tls_cert, options.tls_key}, {}};
    if (options.tls_self_signed) return self_signed(node, options, listen);
    if (listen.loopback || options.plain_http) return Tls{};
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "{} can be reached from other machines, and without TLS everybody on the way reads "
            "passwords, tokens and objects; give --tls-cert FILE --tls-key FILE, or "
            "--tls-self-signed for a first try, or --plain-http when a proxy in front speaks TLS",
            listen.address
        )
    );
}

std::string base_url(const Listen& listen, bool tls, std::uint16_t port) {
    const bool six = listen.address.find(':') != std::string::npos;
    return fmt::format(
        "{}://{}:{}",
        tls ? "https" : "http",
        six ? "[" + listen.address + "]" : listen.address,
        port
    );
}

/// The address that a client on this machine uses for a server on every address.
Listen reachable(Listen listen) {
    if (listen.address == "0.0.0.0") listen.address = "127.0.0.1";
    if (listen.address == "::") listen.address = "::1";
    return listen;
}

void announce(const Context& context, const Listen& listen, const Tls& tls, std::uint16_t port) {
    const bool secure = tls.files.has_value();
    const std::string url = base_url(listen, secure, port) + "/taxii2/";
    context.out.document({{"listening", url}, {"port", port}, {"fingerprint", tls.fingerprint}});
    if (!tls.fingerprint.empty()) {
        context.note("certificate SHA-256 fingerprint " + tls.fingerprint);
        context.note(fmt::format(
            "try: curl --cacert '{}' -H 'Accept: application/taxii+json;version=2.1' "
            "-H \"Authorization: Bearer $ENTENTE_TOKEN\" {}/taxii2/",
            tls.files->certificate_chain,
            base_url(reachable(listen), secure, port)
        ));
    }
    context.out.line("listening on " + url);
    context.out.flush();
}

/// The running parts, in the order in which they need each other.
class Node {
  public:
    Node(const NodeDir& directory, const ServeOptions& options, const Context& context)
        : store_(directory.store()),
          clock_(context.clock),
          writer_(exchange::make_group_writer(store_)),
          exchange_(
              {store_, *writer_, states_, context.clock, context.random},
              settings(directory, options)
          ),
          login_(std::make_unique<exchange::Login>(
              states_, store_, context.clock, directory.keys().token
          )),
          service_(exchange_, *login_, service_options(options)),
          watch_(store_, states_, directory.path()),
          door_(service_, watch_.not_ready()) {}

    [[nodiscard]] http::Handler& handler() noexcept { return door_; }

    [[nodiscard]] Watch& watch() noexcept { return watch_; }

    /// As long as it lives, answers to logins that end are cut off. It ends before this and
    /// `server`.
    [[nodiscard]] std::unique_ptr<LoginWatch> watch_logins(http::Server& server) {
        return std::make_unique<LoginWatch>(store_, states_, service_, server);
    }

    /// Puts the clock in doubt when it cannot be right; `entente clock accept` ends that.
    void look_at_clock() {
        try {
            auto why = clock_watch_.jumped();
            const auto snapshot = store_.snapshot();
            const auto state = states_.get(*snapshot);
            if (state->clock_doubt) return;
            if (!why) {
                why = exchange::behind_dates(*snapshot, state->directory.collections, clock_.now());
            }
            if (!why) return;
            writer_->run([&](store::Transaction& tx) {
                exchange::doubt_clock(tx, clock_.now(), *why);
            });
            log::error(
                "the clock is in doubt: partners under agreements get 503 until `entente clock "
                "accept`",
                {{"why", *why}}
            );
        } catch (const StorageError& error) {
            log::warning("cannot look at the clock now", {{"why", error.what()}});
        }
    }

    /// Partners are told what waits for them from now on.
    void tell_partners(const NodeDir& directory, Random& random) {
        peer::Surroundings around = surroundings(directory, clock_, random);
        around.write = [this](const std::function<void(store::Transaction&)>& work) {
            writer_->run(work);
        };
        courier_ = std::make_unique<peer::Courier>(std::move(around));
    }

    /// No partner is told anything any more.
    void stop_telling() { courier_.reset(); }

    /// What is done now and then. A full disk ends nothing: it is tried again.
    void keep_house() {
        if (clock_.monotonic_us() - flushed_us_ < flush_interval_us) return;
        flush();
    }

    void flush() {
        flushed_us_ = clock_.monotonic_us();
        try {
            exchange_.flush();
            exchange_.look_at_agreements();
            watch_.trouble(std::nullopt);
            if (clock_.monotonic_us() - purged_us_ < purge_interval_us) return;
            const Micros now = clock_.now();
            writer_->run([now](store::Transaction& tx) {
                tx.purge_statuses(now + -limits::status_kept_us);
                tx.purge_outbox(now + -limits::outbox_kept_us);
            });
            purged_us_ = clock_.monotonic_us();
        } catch (const StorageError& error) {
            log::warning("cannot write records now", {{"why", error.what()}});
            watch_.trouble(fmt::format("cannot write: {}", printable(error.what(), 200)));
        }
    }

    /// Lets what waits end: password checks, then commits. Their answers still need the service.
    void stop() {
        flush();
        login_.reset();
        writer_.reset();
    }

  private:
    static exchange::Settings settings(const NodeDir& directory, const ServeOptions& options) {
        exchange::Settings settings = directory.settings();
        settings.delete_newest_only = options.delete_newest_only;
        return settings;
    }

    [[nodiscard]] taxii::ServiceOptions service_options(const ServeOptions& options) const {
        taxii::ServiceOptions made;
        made.node.title = options.title;
        if (made.node.title.empty()) {
            made.node.title = own_party(store_.snapshot()->directory()).name;
        }
        made.node.description = options.description;
        made.node.contact = options.contact;
        made.node.public_url = options.public_url;
        made.key_header = options.key_header;
        return made;
    }

    store::Store& store_;
    const Clock& clock_;
    exchange::StateCache states_;
    std::unique_ptr<exchange::Writer> writer_;
    exchange::Exchange exchange_;
    std::unique_ptr<exchange::Login> login_;
    taxii::Service service_;
    Watch watch_;
    ops::HealthDoor door_;
    exchange::ClockWatch clock_watch_{clock_};
    std::int64_t flushed_us_ = clock_.monotonic_us();
    std::unique_ptr<peer::Courier> courier_;
    std::int64_t purged_us_ = -purge_interval_us;
};

Result<std::string> check_public_url(const std::string& text) {
    if (text.empty()) return text;
    ENTENTE_TRY(const http::Url url, http::parse_url(text));
    // TAXII 2.1, 4.1.1: what discovery names is relative or https.
    if (url.origin.scheme != "https") {
        return fail(Errc::invalid_argument, "--public-url is an https URL");
    }
    if (url.target != "/") {
        return fail(
            Errc::invalid_argument,
            "--public-url has no path: TAXII 2.1 puts discovery at /taxii2/ of a host"
        );
    }
    std::string cleaned = text;
    while (cleaned.ends_with('/'))
        cleaned.pop_back();
    return cleaned;
}

}  // namespace

Result<Exit> serve(const ServeOptions& given, Context& context) {
    ServeOptions options = given;
    ENTENTE_TRY(const log::Level level, parse_level(options.log_level));
    log::configure(level, options.log_json ? log::Form::json : log::Form::text);
    ENTENTE_TRY(const Listen listen, parse_listen(options.listen));
    ENTENTE_TRY(options.public_url, check_public_url(options.public_url));
    HeldSignals signals;  // before any thread is made
    ENTENTE_TRY(const NodeDir directory, NodeDir::open(options.common.data));
    ENTENTE_TRY(const Tls tls, choose_tls(directory, options, listen));

    Node node(directory, options, context);
    http::ServerOptions server_options;
    server_options.address = listen.address;
    server_options.port = listen.port;
    server_options.tls = tls.files;
    server_options.io_threads = options.io_threads;
    server_options.worker_threads = options.worker_threads;
    server_options.on_answer = node.watch().on_answer();
    ENTENTE_TRY(
        const std::unique_ptr<http::Server> server,
        http::Server::listen(server_options, node.handler())
    );
    node.watch().watch(*server);
    std::unique_ptr<OpsListener> ops;
    if (!options.ops_listen.empty()) {
        ENTENTE_TRY(ops, OpsListener::open(options.ops_listen, node.watch()));
        context.note("health and metrics on " + ops->url());
    }
    node.look_at_clock();
    server->start();
    auto login_watch = node.watch_logins(*server);
    node.tell_partners(directory, context.random);
    announce(context, listen, tls, server->port());

    // One that came before they were held has raised the flag.
    for (int signal = stop_requested() ? SIGTERM : 0; signal != SIGINT && signal != SIGTERM;) {
        signal = signals.next(look_interval_s);
        if (signal == SIGHUP && tls.files) {
            const auto reloaded = server->reload_tls();
            if (reloaded) {
                log::info("certificate read again");
            } else {
                log::error("certificate not changed", {{"why", reloaded.error().detail}});
            }
        }
        node.look_at_clock();
        node.keep_house();
    }
    signals.release();
    log::info("stopping");
    node.watch().trouble("stopping");
    login_watch.reset();
    node.stop_telling();
    server->stop(stop_wait_ms);
    ops.reset();
    node.watch().no_server();
    node.stop();
    return Exit::ok;
}

}  // namespace entente::cli
