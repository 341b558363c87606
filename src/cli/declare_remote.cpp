// Commands that talk to other servers: push, pull.
#include "cli/pull.h"
#include "cli/push.h"
#include "cli/remote_options.h"

namespace entente::cli {

void remote_options(OptionSet& a, RemoteOptions& o) {
    a.option("--root", o.root, "API root: last part of its path, title or URL");
    a.option("--collection", o.collection, "Collection: id, alias or title");
    a.option("--user", o.user, "User (or $ENTENTE_USER)");
    a.option("--password-file", o.password_file, "Password (or $ENTENTE_PASSWORD); - = stdin");
    a.option("--token-file", o.token_file, "Token (or $ENTENTE_TOKEN); - = stdin");
    a.option("--token-scheme", o.token_scheme, "Bearer or Token");
    a.repeated("--allow-origin", o.allow_origins, "API roots may lie at this origin too");
    a.repeated("--credentials-for", o.credentials_for, "This origin may see the credentials");
    a.flag("--plain-http", o.plain_http, "Send credentials without TLS to other machines");
    a.option("--ca-file", o.ca_file, "PEM file of certificates to trust");
    a.option("--client-cert", o.client_certificate, "PEM file for mutual TLS");
    a.option("--client-key", o.client_key, "PEM file for mutual TLS");
    a.flag("--insecure", o.insecure_skip_verify, "Do not verify the server: a first try");
    a.option("--timeout", o.timeout_s, "Seconds for one answer");
    a.option("--retries", o.retries, "Tries after a failure that may pass");
}

namespace {

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

void add_remote(CommandLine& c) {
    c.add(
        c.top(),
        "push",
        "Send the objects of files to a collection of any TAXII 2.1 server",
        &push_words,
        "  ENTENTE_TOKEN=… entente push feed.json.gz https://taxii.example/api/collections/UUID/\n"
        "  entente push a.json b.jsonl https://taxii.example --root api --collection indicators "
        "--user feed --password-file pw\n",
        [](OptionSet& a, PushOptions& o) {
            a.required("words", o.files, "Files (- is standard input) and then the URL");
            remote_options(a, o.remote);
            a.option("--batch", o.batch, "Objects in one request");
            a.option("--max-bytes", o.body_bytes_max, "Bytes of one request");
            a.option("--state", o.state_file, "Remember what was taken, to go on from there");
            a.option("--wait", o.status_wait_s, "Seconds for a pending status; 0 = no waiting");
            a.flag(
                "--progress",
                o.common.progress,
                "Tell progress even when standard error is no terminal"
            );
        },
        CommandLine::Data::optional
    );
    c.add(
        c.top(),
        "pull",
        "Read a collection of any TAXII 2.1 server into a file or a collection",
        &run_pull,
        "  ENTENTE_TOKEN=… entente pull https://taxii.example/api/collections/UUID/ --out "
        "feed.jsonl\n"
        "  entente pull https://taxii.example --collection indicators --token-file token "
        "--into north --as north-feed --follow 60\n",
        [](OptionSet& a, PullOptions& o) {
            a.required("url", o.remote.url, "A collection, API root, server or domain");
            remote_options(a, o.remote);
            a.option("--out", o.out, "A file (default: standard output)");
            a.option("--into", o.into, "A collection of this node");
            a.option("--as", o.as_user, "With --into: the user that publishes");
            a.option("--added-after", o.added_after, "Only what was added after this time");
            a.repeated("--match-id", o.match_id, "Only this id (repeatable)");
            a.repeated("--match-type", o.match_type, "Only this type (repeatable)");
            a.repeated("--match-version", o.match_version, "last, first, all or one (repeatable)");
            a.repeated("--spec-version", o.spec_version, "Only this STIX version (repeatable)");
            a.option("--limit", o.limit, "Objects a page");
            a.option("--state", o.state_file, "Where to remember how far it came");
            a.option("--max-pages", o.pages_max, "End after so many pages");
            a.option("--max-bytes", o.bytes_max, "End after so many bytes");
            a.option("--max-time", o.seconds_max, "End after so many seconds");
            a.option("--follow", o.follow_s, "Pull again so many seconds after each end");
            a.flag(
                "--progress",
                o.common.progress,
                "Tell progress even when standard error is no terminal"
            );
        },
        CommandLine::Data::optional
    );
}

}  // namespace

void declare_remote_commands(CommandLine& line) {
    add_remote(line);
}

}  // namespace entente::cli
