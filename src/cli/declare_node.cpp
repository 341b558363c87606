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
        "  entente serve --listen :443 --tls-cert fullchain.pem --tls-key privkey.pem\n"
        "  entente serve --config /etc/entente/serve.toml\n",
        [](OptionSet& a, ServeOptions& o) {
            a.option("--config", o.config, "File of settings (TOML): options under their names");
            a.flag("--check", o.check, "Only tell whether the settings are sound");
            declare_settings(a, o);
        },
        CommandLine::Data::optional
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
