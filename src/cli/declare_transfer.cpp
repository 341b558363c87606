// Commands that move objects in and out: import, export, quarantine.
#include "cli/command_line.h"
#include "cli/directory.h"
#include "cli/transfer.h"

namespace entente::cli {
namespace {

constexpr const char* which_collection = "Id, alias or title, with ROOT/ before it if need be";

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

void add_import_export(CommandLine& c) {
    c.add(
        c.top(),
        "import",
        "Publish the objects of files (bundles, envelopes, lists, JSON lines; .gz .zst .xz)",
        &import_any,
        "  entente import enterprise-attack.json --collection indicators\n"
        "  zcat feed.jsonl.gz | entente import - --collection indicators --as feed --json\n"
        "  entente import --format medallion default_data.json --config medallion.conf\n",
        [](OptionSet& a, ImportOptions& o) {
            a.required("files", o.files, "Files; - is standard input");
            a.option("--collection", o.collection, which_collection);
            a.option("--as", o.as_user, "The user that publishes (default: the admin)");
            a.option("--format", o.format, "stix or medallion");
            a.option("--config", o.config, "medallion's configuration file, for its users");
            a.flag(
                "--progress",
                o.common.progress,
                "Tell progress even when standard error is no terminal"
            );
        }
    );
    c.add(
        c.top(),
        "export",
        "Write what a user may have of a collection, by the decision that the server takes",
        &export_objects,
        "  entente export --for siem --collection indicators --out siem.jsonl\n"
        "  entente export --for siem --collection indicators --format bundle --match-type "
        "indicator\n",
        [](OptionSet& a, ExportOptions& o) {
            a.required("--for", o.for_user, "The user");
            a.required("--collection", o.collection, which_collection);
            a.option("--out", o.out, "A file (default: standard output)");
            a.option("--format", o.form, "lines or bundle");
            a.repeated("--match-type", o.match_type, "Only this type (repeatable)");
            a.repeated("--match-id", o.match_id, "Only this id (repeatable)");
            a.repeated(
                "--spec-version", o.match_spec_version, "Only this STIX version (repeatable)"
            );
            a.option("--version", o.match_version, "last, first, all, or one version");
            a.option("--added-after", o.added_after, "Only what was added after this time");
            a.flag(
                "--progress",
                o.common.progress,
                "Tell progress even when standard error is no terminal"
            );
        }
    );
}

void add_quarantine(CommandLine& c) {
    Group g = c.group("quarantine", "Objects that were kept aside for you to decide on");
    const auto numbers = [](OptionSet& a, QuarantineOptions& o) {
        a.required("numbers", o.numbers, "Numbers, as `quarantine list` shows them");
    };
    c.add(
        g,
        "list",
        "List what waits",
        &quarantine_list,
        "  entente quarantine list\n",
        [](OptionSet& a, QuarantineOptions& o) {
            a.flag("--all", o.all, "Those that were decided on too");
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

}  // namespace

void declare_transfer_commands(CommandLine& line) {
    add_import_export(line);
    add_quarantine(line);
}

}  // namespace entente::cli
