// Commands on the node as a whole: init, serve, check.
#include "cli/command_line.h"
#include "cli/directory.h"
#include "cli/serve.h"
#include "cli/transfer.h"

namespace entente::cli {
namespace {

void add_init(CommandLine& c) {
    c.add(
        c.top(),
        "init",
        "Make a node: its directory, its own party, an admin user with a token",
        &init,
        "  entente init --data /var/lib/entente --name \"North CERT\"\n",
        [](OptionSet& a, InitOptions& o) {
            a.required("--name", o.name, "Name of your organisation");
            a.option("--identity", o.identity, "Its STIX identity id (default: a new one)");
        }
    );
}

void add_serve(CommandLine& c) {
    c.add(
        c.top(),
        "serve",
        "Serve TAXII 2.1 until Ctrl-C or SIGTERM",
        &serve,
        "  entente serve --data /var/lib/entente\n"
        "  entente serve --listen 0.0.0.0:7443 --tls-self-signed\n"
        "  entente serve --listen :443 --tls-cert fullchain.pem --tls-key privkey.pem\n",
        [](OptionSet& a, ServeOptions& o) {
            a.option("--listen", o.listen, "Address and port; port 0 takes a free one");
            a.option("--tls-cert", o.tls_cert, "PEM file: certificate and chain");
            a.option("--tls-key", o.tls_key, "PEM file: private key");
            a.flag(
                "--tls-self-signed", o.tls_self_signed, "Make a certificate in DIR/tls: a first try"
            );
            a.repeated("--tls-name", o.tls_names, "A further name in the self-signed certificate");
            a.flag(
                "--plain-http", o.plain_http, "No TLS on any address: a proxy in front speaks it"
            );
            a.option(
                "--ops-listen",
                o.ops_listen,
                "Address of this machine for /healthz, /readyz and /metrics, such as 127.0.0.1:9464"
            );
            a.option(
                "--public-url", o.public_url, "https://HOST[:PORT] that clients use, for discovery"
            );
            a.option("--title", o.title, "Title in discovery (default: your party's name)");
            a.option("--description", o.description, "Description in discovery");
            a.option("--contact", o.contact, "Contact in discovery");
            a.option("--key-header", o.key_header, "A header that may bring a token");
            a.flag(
                "--delete-newest-only",
                o.delete_newest_only,
                "DELETE of an object without match[version] deletes its newest version only"
            );
            a.flag("--log-json", o.log_json, "Log lines as JSON");
            a.option("--log-level", o.log_level, "debug, info, warning or error");
            a.option("--io-threads", o.io_threads, "Network threads (default: one per core)");
            a.option("--workers", o.worker_threads, "Worker threads (default: two per core)");
        }
    );
}

void add_check(CommandLine& c) {
    c.add(
        c.top(),
        "check",
        "Verify the whole store",
        &check,
        "  entente check --data /var/lib/entente --progress\n",
        [](OptionSet& a, Common& o) {
            a.flag(
                "--progress", o.progress, "Tell progress even when standard error is no terminal"
            );
        }
    );
}

}  // namespace

void declare_node_commands(CommandLine& line) {
    add_init(line);
    add_serve(line);
    add_check(line);
}

}  // namespace entente::cli
