#include "cli/serve.h"

#include "base/log.h"
#include "cli/node_dir.h"
#include "cli/serve_node.h"
#include "cli/serve_ops.h"
#include "cli/serve_settings.h"
#include "cli/serve_tls.h"
#include "cli/stop.h"
#include "http/server.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <ctime>
#include <functional>
#include <initializer_list>

namespace entente::cli {
namespace {

constexpr std::int64_t look_interval_s = 1;  // at the clock
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

void configure_log(const ServeSettings& settings) {
    log::configure(settings.level, settings.options.log_json ? log::Form::json : log::Form::text);
}

http::ServerOptions server_options(const ServeSettings& settings, const Tls& tls) {
    http::ServerOptions made;
    made.address = settings.listen.address;
    made.port = settings.listen.port;
    made.tls = tls.files;
    made.io_threads = settings.options.io_threads;
    made.worker_threads = settings.options.worker_threads;
    made.trusted_proxies = settings.trusted_proxies;
    return made;
}

/// Of what changed among these, a running server takes over nothing.
void needs_restart(ServeChanges& changes, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        if (std::erase(changes.live, name) > 0) changes.for_restart.emplace_back(name);
    }
}

/// A server and the settings that it runs by.
class Running {
  public:
    Running(
        ServeOptions given, ServeSettings settings, Tls tls, http::Server& server, ServingNode& node
    )
        : given_(std::move(given)),
          settings_(std::move(settings)),
          tls_(std::move(tls)),
          server_(server),
          node_(node) {}

    /// What SIGHUP asks for. Takes over all that a running server can, or, when anything is wrong,
    /// nothing.
    void read_again() {
        try {
            const auto changed = take_over();
            if (!changed) {
                log::error(
                    "nothing changed: the settings are not sound", {{"why", changed.error().detail}}
                );
                return;
            }
            log::info(
                "settings read again", {{"changed", fmt::format("{}", fmt::join(*changed, ", "))}}
            );
        } catch (const StorageError& error) {
            log::error("nothing changed: the store cannot be read", {{"why", error.what()}});
        }
    }

  private:
    /// The names of what changed.
    [[nodiscard]] Result<std::vector<std::string>> take_over() {
        ENTENTE_TRY(ServeSettings fresh, read_serve_settings(given_));
        ServeChanges changes = changes_between(settings_.options, fresh.options);
        const ServeOptions& running = settings_.options;
        const bool by_files = !running.tls_cert.empty();
        if (by_files != !fresh.options.tls_cert.empty() ||
            running.tls_self_signed != fresh.options.tls_self_signed) {
            // Between TLS and none, or a certificate of our own: another kind of server.
            needs_restart(changes, {"tls-cert", "tls-key", "client-ca", "require-client-cert"});
            fresh.options.tls_cert = running.tls_cert;
            fresh.options.tls_key = running.tls_key;
            fresh.options.client_ca = running.client_ca;
            fresh.options.require_client_cert = running.require_client_cert;
        }
        const std::function<void()> change = node_.change(fresh);
        if (tls_.files) {
            const http::TlsFiles files = tls_files(
                fresh.options,
                by_files ? fresh.options.tls_cert : tls_.files->certificate_chain,
                by_files ? fresh.options.tls_key : tls_.files->private_key
            );
            ENTENTE_CHECK(server_.reload_tls(files));  // the last thing that can fail
            tls_.files = files;
        }
        configure_log(fresh);
        change();
        server_.trust(fresh.trusted_proxies);
        for (const std::string& name : changes.for_restart)
            log::warning("this setting needs a restart", {{"setting", name}});
        // What needs a restart is told again each time, until it comes.
        settings_.options = with_live(fresh.options, settings_.options);
        settings_.level = fresh.level;
        return std::move(changes.live);
    }

    const ServeOptions given_;  // by the command line alone
    ServeSettings settings_;
    Tls tls_;
    http::Server& server_;
    ServingNode& node_;
};

}  // namespace

Result<Exit> serve(const ServeOptions& given, Context& context) {
    ENTENTE_TRY(ServeSettings settings, read_serve_settings(given));
    if (given.check) {
        ENTENTE_CHECK(check_files(settings.options));
        context.out.document({{"sound", true}});
        context.out.line("the settings are sound");
        return Exit::ok;
    }
    configure_log(settings);
    const ServeOptions& options = settings.options;
    HeldSignals signals;  // before any thread is made
    ENTENTE_TRY(const NodeDir directory, NodeDir::open(options.common.data));
    ENTENTE_TRY(const Tls tls, choose_tls(directory, options, settings.listen));

    ServingNode node(directory, settings, context);
    http::ServerOptions for_server = server_options(settings, tls);
    for_server.on_request = node.on_request();
    for_server.on_answer = node.on_answer();
    ENTENTE_TRY(
        const std::unique_ptr<http::Server> server, http::Server::listen(for_server, node.handler())
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
    node.keep_feeds();
    node.judge_events(context.random);
    announce(context, settings.listen, tls, server->port());

    Running running(given, settings, tls, *server, node);
    // One that came before they were held has raised the flag.
    for (int signal = stop_requested() ? SIGTERM : 0; signal != SIGINT && signal != SIGTERM;) {
        signal = signals.next(look_interval_s);
        if (signal == SIGHUP) running.read_again();
        node.look_at_clock();
        node.keep_house();
    }
    signals.release();
    log::info("stopping");
    node.watch().trouble("stopping");
    login_watch.reset();
    node.stop_telling();
    node.leave_feeds();
    server->stop(stop_wait_ms);
    node.leave_events();
    ops.reset();
    node.watch().no_server();
    node.stop();
    return Exit::ok;
}

}  // namespace entente::cli
