#include "cli/parse.h"

#include "base/escape.h"
#include "cli/directory.h"
#include "cli/pull.h"
#include "cli/push.h"
#include "cli/serve.h"
#include "cli/transfer.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>
#include <type_traits>

namespace entente::cli {
namespace {

constexpr const char* exit_codes = R"(Exit codes:
    0  done
    1  done, and found problems (check) or nothing (export)
    2  the command line is wrong
    3  the input, or a part of it, was refused
    4  not found, exists already, or not allowed as things stand
    5  the disk, the database or the network failed
  130  stopped by Ctrl-C or SIGTERM; what was confirmed before stays
)";

/// Builds the command line: each command is one call of `add`.
class Commands {
  public:
    explicit Commands(CLI::App& app) : app_(app) {}

    /// A command named by several words has the words before the last one as its group.
    CLI::App* group(const std::string& name, const std::string& about) {
        CLI::App* made = app_.add_subcommand(name, about);
        made->require_subcommand(1);
        return made;
    }

    /// `fill` declares the options; `examples` is shown by --help.
    template <class Options, class Fill>
    void add(
        CLI::App* parent,
        const std::string& name,
        const std::string& about,
        Result<Exit> (*run)(const Options&, Context&),
        const std::string& examples,
        const Fill& fill,
        bool needs_data = true
    ) {
        auto options = std::make_shared<Options>();  // shared: std::function copies
        CLI::App* command = parent->add_subcommand(name, about);
        command->footer("Examples:\n" + examples);
        fill(*command, *options);
        Common& common = common_of(*options);
        auto* data =
            command
                ->add_option("--data", common.data, "The node's directory (default: $ENTENTE_DATA)")
                ->type_name("DIR")
                ->envname("ENTENTE_DATA");
        if (needs_data) data->required();
        command->add_flag("--json", common.json, "Print JSON for programs");
        command->callback([this, options, run] {
            parsed.json = common_of(*options).json;
            parsed.action = [options, run](Context& context) { return run(*options, context); };
        });
    }

    Parsed parsed;

  private:
    template <class Options>
    static Common& common_of(Options& options) {
        if constexpr (std::is_same_v<Options, Common>) {
            return options;
        } else {
            return options.common;
        }
    }

    CLI::App& app_;
};

using App = CLI::App;

/// An option that takes one value each time it is given, so that it never swallows what follows.
CLI::Option* each(App& a, const char* name, std::vector<std::string>& to, const char* about) {
    return a.add_option(name, to, about)->allow_extra_args(false);
}

void progress_flag(App& a, Common& common) {
    a.add_flag(
        "--progress", common.progress, "Tell progress even when standard error is no terminal"
    );
}

void add_init(Commands& c, App& app) {
    c.add(
        &app,
        "init",
        "Make a node: its directory, its own party, an admin user with a token",
        &init,
        "  entente init --data /var/lib/entente --name \"North CERT\"\n",
        [](App& a, InitOptions& o) {
            a.add_option("--name", o.name, "Name of your organisation")->required();
            a.add_option("--identity", o.identity, "Its STIX identity id (default: a new one)");
        }
    );
}

void add_serve(Commands& c, App& app) {
    c.add(
        &app,
        "serve",
        "Serve TAXII 2.1 until Ctrl-C or SIGTERM",
        &serve,
        "  entente serve --data /var/lib/entente\n"
        "  entente serve --listen 0.0.0.0:7443 --tls-self-signed\n"
        "  entente serve --listen :443 --tls-cert fullchain.pem --tls-key privkey.pem\n",
        [](App& a, ServeOptions& o) {
            a.add_option("--listen", o.listen, "Address and port; port 0 takes a free one")
                ->type_name("IP:PORT")
                ->capture_default_str();
            a.add_option("--tls-cert", o.tls_cert, "PEM file: certificate and chain");
            a.add_option("--tls-key", o.tls_key, "PEM file: private key");
            a.add_flag(
                "--tls-self-signed", o.tls_self_signed, "Make a certificate in DIR/tls: a first try"
            );
            each(a, "--tls-name", o.tls_names, "A further name in the self-signed certificate");
            a.add_flag(
                "--plain-http", o.plain_http, "No TLS on any address: a proxy in front speaks it"
            );
            a.add_option(
                "--public-url", o.public_url, "https://HOST[:PORT] that clients use, for discovery"
            );
            a.add_option("--title", o.title, "Title in discovery (default: your party's name)");
            a.add_option("--description", o.description, "Description in discovery");
            a.add_option("--contact", o.contact, "Contact in discovery");
            a.add_option("--key-header", o.key_header, "A header that may bring a token");
            a.add_flag(
                "--delete-newest-only",
                o.delete_newest_only,
                "DELETE of an object without match[version] deletes its newest version only"
            );
            a.add_flag("--log-json", o.log_json, "Log lines as JSON");
            a.add_option("--log-level", o.log_level, "debug, info, warning or error")
                ->capture_default_str();
            a.add_option("--io-threads", o.io_threads, "Network threads (default: one per core)");
            a.add_option("--workers", o.worker_threads, "Worker threads (default: two per core)");
        }
    );
}

void name_option(App& a, NameOptions& o, const char* what) {
    a.add_option("name", o.name, what)->required();
}

void add_party(Commands& c) {
    App* g = c.group("party", "Organisations that share through this node");
    const auto fill = [](App& a, PartyOptions& o) {
        a.add_option("name", o.name, "The party's name")->required();
        each(a, "--identity", o.identities, "A STIX identity id that is the party's (repeatable)");
    };
    c.add(
        g,
        "add",
        "Add a partner",
        &party_add,
        "  entente party add \"South CERT\" --identity "
        "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f\n",
        fill
    );
    c.add(
        g,
        "set",
        "Change a party; --identity replaces all its identities",
        &party_set,
        "  entente party set \"South CERT\" --name \"CERT South\"\n",
        [&fill](App& a, PartyOptions& o) {
            fill(a, o);
            a.add_option("--name", o.new_name, "Its new name");
        }
    );
    c.add(g, "list", "List the parties", &party_list, "  entente party list\n", [](App&, Common&) {
    });
    c.add(
        g,
        "show",
        "Show one party",
        &party_show,
        "  entente party show \"South CERT\"\n",
        [](App& a, NameOptions& o) { name_option(a, o, "The party's name"); }
    );
    c.add(
        g,
        "remove",
        "Remove a party that has no users, grants or objects",
        &party_remove,
        "  entente party remove \"South CERT\"\n",
        [](App& a, NameOptions& o) { name_option(a, o, "The party's name"); }
    );
}

void user_options(App& a, UserOptions& o) {
    a.add_option("name", o.name, "The user's name")->required();
    a.add_option("--role", o.role, "admin, publisher, reader or auditor (new users: reader)");
    a.add_flag(
        "--password-stdin", o.password_stdin, "Read a password from standard input (first line)"
    );
    a.add_flag("--no-password", o.no_password, "No password: tokens only");
    a.add_option("--expires", o.expires, "When the password ends: 90d, 2030-12-31, or a time");
}

void add_user(Commands& c) {
    App* g = c.group("user", "People and programs that log in");
    c.add(
        g,
        "add",
        "Add a user; without a password it logs in by tokens",
        &user_add,
        "  entente user add analyst --role reader --no-password\n"
        "  printf '%s' \"$PASSWORD\" | entente user add siem --party \"South CERT\" "
        "--password-stdin "
        "--expires 90d\n",
        [](App& a, UserOptions& o) {
            user_options(a, o);
            a.add_option("--party", o.party, "The user's party (default: the node's own)");
        }
    );
    c.add(
        g,
        "set",
        "Change a user",
        &user_set,
        "  entente user set siem --disable\n"
        "  printf '%s' \"$PASSWORD\" | entente user set siem --password-stdin --never-expires\n",
        [](App& a, UserOptions& o) {
            user_options(a, o);
            a.add_option("--name", o.new_name, "Its new name");
            a.add_flag("--never-expires", o.never_expires, "The password does not end");
            a.add_flag("--disable", o.disable, "Refuse the user until --enable");
            a.add_flag("--enable", o.enable, "Let it in again");
        }
    );
    c.add(g, "list", "List the users", &user_list, "  entente user list\n", [](App&, Common&) {});
    c.add(
        g,
        "show",
        "Show one user",
        &user_show,
        "  entente user show siem --json\n",
        [](App& a, NameOptions& o) { name_option(a, o, "The user's name"); }
    );
    c.add(
        g,
        "remove",
        "Remove a user with its tokens and grants",
        &user_remove,
        "  entente user remove siem\n",
        [](App& a, NameOptions& o) { name_option(a, o, "The user's name"); }
    );
}

void add_token(Commands& c) {
    App* g = c.group("token", "Tokens, by which programs log in");
    c.add(
        g,
        "add",
        "Make a token and show it once",
        &token_add,
        "  entente token add siem --label \"SIEM, rack 4\" --expires 30d\n",
        [](App& a, TokenOptions& o) {
            a.add_option("user", o.user, "The user it is for")->required();
            a.add_option("--label", o.label, "What it is used for");
            a.add_option("--expires", o.expires, "When it ends: 30d, 2030-12-31, or a time");
        }
    );
    c.add(
        g,
        "set",
        "Change a token's label or end",
        &token_set,
        "  entente token set 0f3c9a2b77d1 --expires 7d\n",
        [](App& a, TokenOptions& o) {
            a.add_option("id", o.id, "The token's id, as `token list` shows it")->required();
            a.add_option("--label", o.label, "What it is used for");
            a.add_option("--expires", o.expires, "When it ends: 30d, 2030-12-31, or a time");
            a.add_flag("--never-expires", o.never_expires, "It does not end");
        }
    );
    c.add(
        g,
        "list",
        "List tokens, of all users or one",
        &token_list,
        "  entente token list siem\n",
        [](App& a, TokenOptions& o) { a.add_option("user", o.user, "Only this user's"); }
    );
    c.add(
        g,
        "show",
        "Show one token (never its secret)",
        &token_show,
        "  entente token show 0f3c9a2b77d1\n",
        [](App& a, TokenOptions& o) { a.add_option("id", o.id, "The token's id")->required(); }
    );
    c.add(
        g,
        "remove",
        "Revoke a token at once",
        &token_remove,
        "  entente token remove 0f3c9a2b77d1\n",
        [](App& a, TokenOptions& o) { a.add_option("id", o.id, "The token's id")->required(); }
    );
}

void root_options(App& a, RootOptions& o) {
    a.add_option("name", o.name, "Its name, the first part of its path")->required();
    a.add_option("--title", o.title, "Its title (new ones: the name)");
    a.add_option("--description", o.description, "Its description");
    a.add_option(
        "--max-content-length", o.max_content_length, "Largest request body, such as 32MiB"
    );
    a.add_flag("--default", o.make_default, "Discovery names it as the default");
}

void add_root(Commands& c) {
    App* g = c.group("root", "API roots, TAXII's trust groups");
    c.add(
        g,
        "add",
        "Add an API root",
        &root_add,
        "  entente root add energy --title \"Energy sector\" --max-content-length 64MiB\n",
        [](App& a, RootOptions& o) { root_options(a, o); }
    );
    c.add(
        g,
        "set",
        "Change an API root",
        &root_set,
        "  entente root set energy --default\n",
        [](App& a, RootOptions& o) { root_options(a, o); }
    );
    c.add(g, "list", "List the API roots", &root_list, "  entente root list\n", [](App&, Common&) {
    });
    c.add(
        g,
        "show",
        "Show one API root",
        &root_show,
        "  entente root show api\n",
        [](App& a, NameOptions& o) { name_option(a, o, "The API root's name"); }
    );
    c.add(
        g,
        "remove",
        "Remove an API root without collections",
        &root_remove,
        "  entente root remove energy\n",
        [](App& a, NameOptions& o) { name_option(a, o, "The API root's name"); }
    );
}

void collection_options(App& a, CollectionOptions& o) {
    a.add_option("--alias", o.alias, "A short name for paths; empty for none");
    a.add_option("--description", o.description, "Its description");
    a.add_option(
        "--default-marking",
        o.default_marking,
        "TLP level of objects without markings (new ones: TLP:AMBER)"
    );
    a.add_flag_callback(
        "--accept-stix20", [&o] { o.accept_stix20 = true; }, "Take STIX 2.0 objects too"
    );
}

constexpr const char* which_collection = "Id, alias or title, with ROOT/ before it if need be";

void add_collection(Commands& c) {
    App* g = c.group("collection", "Named streams of objects in an API root");
    c.add(
        g,
        "add",
        "Add a collection; the admin gets all rights on it",
        &collection_add,
        "  entente collection add \"Indicators\" --alias indicators --default-marking TLP:GREEN\n",
        [](App& a, CollectionOptions& o) {
            a.add_option("title", o.name, "Its title")->required();
            collection_options(a, o);
            a.add_option("--root", o.root, "Its API root (default: the default one)");
            a.add_option("--id", o.id, "Its UUID (default: a new one)");
            a.add_flag("--no-grant", o.no_grant, "Give the admin no rights on it");
        }
    );
    c.add(
        g,
        "set",
        "Change a collection",
        &collection_set,
        "  entente collection set indicators --default-marking TLP:AMBER\n",
        [](App& a, CollectionOptions& o) {
            a.add_option("collection", o.name, which_collection)->required();
            collection_options(a, o);
            a.add_option("--title", o.title, "Its new title");
            a.add_flag_callback(
                "--no-accept-stix20",
                [&o] { o.accept_stix20 = false; },
                "Take STIX 2.1 objects only"
            );
        }
    );
    c.add(
        g,
        "list",
        "List the collections",
        &collection_list,
        "  entente collection list --json\n",
        [](App&, Common&) {}
    );
    c.add(
        g,
        "show",
        "Show one collection",
        &collection_show,
        "  entente collection show indicators\n",
        [](App& a, NameOptions& o) { name_option(a, o, which_collection); }
    );
    c.add(
        g,
        "remove",
        "Remove a collection",
        &collection_remove,
        "  entente collection remove indicators --force\n",
        [](App& a, NameOptions& o) {
            name_option(a, o, which_collection);
            a.add_flag("--force", o.force, "With all the objects in it");
        }
    );
}

void grant_options(App& a, GrantOptions& o) {
    a.add_option("collection", o.collection, which_collection)->required();
    a.add_option("--party", o.party, "For all users of this party");
    a.add_option("--user", o.user, "For this user");
}

void rights_options(App& a, GrantOptions& o) {
    a.add_flag("--read", o.read, "May read");
    a.add_flag("--write", o.write, "May publish");
    a.add_flag("--list", o.list, "May see that the collection exists");
    a.add_option(
        "--max-marking",
        o.max_marking,
        "Highest TLP level of objects (new grants: TLP:RED for a user of your own party, "
        "TLP:AMBER+STRICT for all of it, TLP:AMBER for partners)"
    );
}

void add_grant(Commands& c) {
    App* g = c.group("grant", "Who may do what in a collection");
    c.add(
        g,
        "add",
        "Give rights on a collection to a party or a user",
        &grant_add,
        "  entente grant add indicators --party \"South CERT\" --read --max-marking TLP:GREEN\n"
        "  entente grant add indicators --user feed --write\n",
        [](App& a, GrantOptions& o) {
            grant_options(a, o);
            rights_options(a, o);
        }
    );
    c.add(
        g,
        "set",
        "Change a grant; what it does not name stays",
        &grant_set,
        "  entente grant set indicators --party \"South CERT\" --max-marking TLP:AMBER --write\n",
        [](App& a, GrantOptions& o) {
            grant_options(a, o);
            rights_options(a, o);
            a.add_flag("--no-read", o.no_read, "May not read any more");
            a.add_flag("--no-write", o.no_write, "May not publish any more");
            a.add_flag("--no-list", o.no_list, "May not see it listed any more");
        }
    );
    c.add(
        g,
        "list",
        "List grants, of all collections or one",
        &grant_list,
        "  entente grant list\n  entente grant list indicators --json\n",
        [](App& a, GrantOptions& o) {
            a.add_option("collection", o.collection, which_collection);
            a.add_option("--party", o.party, "Only this party's");
            a.add_option("--user", o.user, "Only this user's");
        }
    );
    c.add(
        g,
        "show",
        "Show one grant",
        &grant_show,
        "  entente grant show indicators --party \"South CERT\"\n",
        [](App& a, GrantOptions& o) { grant_options(a, o); }
    );
    c.add(
        g,
        "remove",
        "Take a grant away",
        &grant_remove,
        "  entente grant remove indicators --party \"South CERT\"\n",
        [](App& a, GrantOptions& o) { grant_options(a, o); }
    );
}

Result<Exit> import_any(const ImportOptions& options, Context& context) {
    if (options.format == "medallion") return import_medallion(options, context);
    if (options.format != "stix") {
        return fail(Errc::invalid_argument, "--format is stix or medallion");
    }
    if (!options.config.empty()) {
        return fail(Errc::invalid_argument, "--config goes with --format medallion only");
    }
    return import_stix(options, context);
}

void add_import_export(Commands& c, App& app) {
    c.add(
        &app,
        "import",
        "Publish the objects of files (bundles, envelopes, lists, JSON lines; .gz .zst .xz)",
        &import_any,
        "  entente import enterprise-attack.json --collection indicators\n"
        "  zcat feed.jsonl.gz | entente import - --collection indicators --as feed --json\n"
        "  entente import --format medallion default_data.json --config medallion.conf\n",
        [](App& a, ImportOptions& o) {
            a.add_option("files", o.files, "Files; - is standard input")->required();
            a.add_option("--collection", o.collection, which_collection);
            a.add_option("--as", o.as_user, "The user that publishes (default: the admin)");
            a.add_option("--format", o.format, "stix or medallion")->capture_default_str();
            a.add_option("--config", o.config, "medallion's configuration file, for its users");
            progress_flag(a, o.common);
        }
    );
    c.add(
        &app,
        "export",
        "Write what a user may have of a collection, by the decision that the server takes",
        &export_objects,
        "  entente export --for siem --collection indicators --out siem.jsonl\n"
        "  entente export --for siem --collection indicators --format bundle --match-type "
        "indicator\n",
        [](App& a, ExportOptions& o) {
            a.add_option("--for", o.for_user, "The user")->required();
            a.add_option("--collection", o.collection, which_collection)->required();
            a.add_option("--out", o.out, "A file (default: standard output)");
            a.add_option("--format", o.form, "lines or bundle")->capture_default_str();
            each(a, "--match-type", o.match_type, "Only this type (repeatable)");
            each(a, "--match-id", o.match_id, "Only this id (repeatable)");
            each(a, "--spec-version", o.match_spec_version, "Only this STIX version (repeatable)");
            a.add_option("--version", o.match_version, "last, first, all, or one version")
                ->capture_default_str();
            a.add_option("--added-after", o.added_after, "Only what was added after this time");
            progress_flag(a, o.common);
        }
    );
    c.add(
        &app,
        "explain",
        "Say what a user gets of a collection, and what not and why",
        &explain,
        "  entente explain --for siem --collection indicators\n",
        [](App& a, ExplainOptions& o) {
            a.add_option("--for", o.for_user, "The user")->required();
            a.add_option("--collection", o.collection, which_collection)->required();
        }
    );
    c.add(
        &app,
        "check",
        "Verify the whole store",
        &check,
        "  entente check --data /var/lib/entente --progress\n",
        [](App& a, Common& o) { progress_flag(a, o); }
    );
}

void add_quarantine(Commands& c) {
    App* g = c.group("quarantine", "Objects that were kept aside for you to decide on");
    const auto numbers = [](App& a, QuarantineOptions& o) {
        a.add_option("numbers", o.numbers, "Numbers, as `quarantine list` shows them")->required();
    };
    c.add(
        g,
        "list",
        "List what waits",
        &quarantine_list,
        "  entente quarantine list\n",
        [](App& a, QuarantineOptions& o) {
            a.add_flag("--all", o.all, "Those that were decided on too");
        }
    );
    c.add(
        g,
        "show",
        "Show items with their objects",
        &quarantine_show,
        "  entente quarantine show 17\n",
        numbers
    );
    c.add(
        g,
        "accept",
        "Publish items as their senders'; all or none",
        &quarantine_accept,
        "  entente quarantine accept 17 18\n",
        numbers
    );
    c.add(
        g,
        "refuse",
        "Drop items; all or none",
        &quarantine_refuse,
        "  entente quarantine refuse 17\n",
        numbers
    );
}

#ifdef ENTENTE_REMOTE
void remote_options(App& a, RemoteOptions& o) {
    a.add_option("--root", o.root, "API root: last part of its path, title or URL");
    a.add_option("--collection", o.collection, "Collection: id, alias or title");
    a.add_option("--user", o.user, "User (or $ENTENTE_USER)");
    a.add_option("--password-file", o.password_file, "Password (or $ENTENTE_PASSWORD); - = stdin");
    a.add_option("--token-file", o.token_file, "Token (or $ENTENTE_TOKEN); - = stdin");
    a.add_option("--token-scheme", o.token_scheme, "Bearer or Token")->capture_default_str();
    each(a, "--allow-origin", o.allow_origins, "API roots may lie at this origin too");
    each(a, "--credentials-for", o.credentials_for, "This origin may see the credentials");
    a.add_flag("--plain-http", o.plain_http, "Send credentials without TLS to other machines");
    a.add_option("--ca-file", o.ca_file, "PEM file of certificates to trust");
    a.add_option("--client-cert", o.client_certificate, "PEM file for mutual TLS");
    a.add_option("--client-key", o.client_key, "PEM file for mutual TLS");
    a.add_flag("--insecure", o.insecure_skip_verify, "Do not verify the server: a first try");
    a.add_option("--timeout", o.timeout_s, "Seconds for one answer")->capture_default_str();
    a.add_option("--retries", o.retries, "Tries after a failure that may pass");
}

/// The last word is the URL, all before it are files.
Result<Exit> push_words(const PushOptions& options, Context& context) {
    PushOptions split = options;
    if (split.files.size() < 2) {
        return fail(Errc::invalid_argument, "push needs at least one FILE and then the URL");
    }
    split.remote.url = std::move(split.files.back());
    split.files.pop_back();
    return run_push(split, context);
}

void add_remote(Commands& c, App& app) {
    c.add(
        &app,
        "push",
        "Send the objects of files to a collection of any TAXII 2.1 server",
        &push_words,
        "  ENTENTE_TOKEN=… entente push feed.json.gz https://taxii.example/api/collections/UUID/\n"
        "  entente push a.json b.jsonl https://taxii.example --root api --collection indicators "
        "--user feed --password-file pw\n",
        [](App& a, PushOptions& o) {
            a.add_option("words", o.files, "Files (- is standard input) and then the URL")
                ->type_name("FILE... URL")
                ->required();
            remote_options(a, o.remote);
            a.add_option("--batch", o.batch, "Objects in one request")->capture_default_str();
            a.add_option("--max-bytes", o.body_bytes_max, "Bytes of one request");
            a.add_option("--state", o.state_file, "Remember what was taken, to go on from there");
            a.add_option("--wait", o.status_wait_s, "Seconds for a pending status; 0 = no waiting")
                ->capture_default_str();
            progress_flag(a, o.common);
        },
        false
    );
    c.add(
        &app,
        "pull",
        "Read a collection of any TAXII 2.1 server into a file or a collection",
        &run_pull,
        "  ENTENTE_TOKEN=… entente pull https://taxii.example/api/collections/UUID/ --out "
        "feed.jsonl\n"
        "  entente pull https://taxii.example --collection indicators --token-file token "
        "--into north --as north-feed --follow 60\n",
        [](App& a, PullOptions& o) {
            a.add_option("url", o.remote.url, "A collection, API root, server or domain")
                ->type_name("URL")
                ->required();
            remote_options(a, o.remote);
            a.add_option("--out", o.out, "A file (default: standard output)");
            a.add_option("--into", o.into, "A collection of this node");
            a.add_option("--as", o.as_user, "With --into: the user that publishes");
            a.add_option("--added-after", o.added_after, "Only what was added after this time");
            each(a, "--match-id", o.match_id, "Only this id (repeatable)");
            each(a, "--match-type", o.match_type, "Only this type (repeatable)");
            each(a, "--match-version", o.match_version, "last, first, all or one (repeatable)");
            each(a, "--spec-version", o.spec_version, "Only this STIX version (repeatable)");
            a.add_option("--limit", o.limit, "Objects a page");
            a.add_option("--state", o.state_file, "Where to remember how far it came");
            a.add_option("--max-pages", o.pages_max, "End after so many pages");
            a.add_option("--max-bytes", o.bytes_max, "End after so many bytes");
            a.add_option("--max-time", o.seconds_max, "End after so many seconds");
            a.add_option("--follow", o.follow_s, "Pull again so many seconds after each end");
            progress_flag(a, o.common);
        },
        false
    );
}
#endif

/// The command that was being read, such as "entente user add".
std::string path_of(const CLI::App& app) {
    std::string path = app.get_name();
    const auto below = app.get_subcommands();
    return below.empty() ? path : path + " " + path_of(*below.front());
}

/// `entente help user add`.
Parsed help_on(CLI::App& app, const std::vector<std::string>& words) {
    if (words.size() == 1 && words[0] == "exit-codes") return {{}, false, exit_codes, Exit::ok};
    CLI::App* at = &app;
    std::string name = "entente";
    for (const std::string& word : words) {
        const auto below =
            at->get_subcommands([&](const CLI::App* one) { return one->check_name(word); });
        at = below.empty() ? nullptr : below.front();
        if (at == nullptr) {
            return {
                {},
                false,
                fmt::format(
                    "entente: there is no command '{} {}'; `entente --help` lists them\n",
                    name,
                    printable(word, 60)
                ),
                Exit::usage};
        }
        name += " " + word;
    }
    return {{}, false, at->help(name.substr(0, name.rfind(' '))), Exit::ok};
}

}  // namespace

std::string_view version() noexcept {
    return ENTENTE_VERSION;
}

Parsed parse(int argc, const char* const* argv) {
    CLI::App app(
        "A threat-intelligence exchange: TAXII 2.1, with release decided by policy", "entente"
    );
    app.set_version_flag("--version", fmt::format("entente {}", version()));
    app.require_subcommand(1);
    app.footer(exit_codes);
    Commands commands(app);
    add_init(commands, app);
    add_serve(commands, app);
    add_party(commands);
    add_user(commands);
    add_token(commands);
    add_root(commands);
    add_collection(commands);
    add_grant(commands);
    add_import_export(commands, app);
    add_quarantine(commands);
#ifdef ENTENTE_REMOTE
    add_remote(commands, app);
#endif
    std::vector<std::string> help_words;
    CLI::App* help = app.add_subcommand("help", "Explain a command, or `help exit-codes`");
    help->add_option("command", help_words, "The command's words");
    CLI::App* show_version = app.add_subcommand("version", "Print the version");

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --version
        std::ostringstream text;
        (void)app.exit(asked, text, text);
        return {{}, false, text.str(), Exit::ok};
    } catch (const CLI::ParseError& error) {
        return {
            {},
            false,
            fmt::format(
                "entente: {}\nRun `{} --help` for its options and examples.\n",
                printable(error.what()),
                path_of(app)
            ),
            Exit::usage};
    }
    if (help->parsed()) return help_on(app, help_words);
    if (show_version->parsed()) {
        return {{}, false, fmt::format("entente {}\n", version()), Exit::ok};
    }
    return std::move(commands.parsed);
}

}  // namespace entente::cli
