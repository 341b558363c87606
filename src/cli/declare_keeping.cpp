// Commands that keep a node and what is in it, or let it go: backup, restore, purge, hold.
#include "cli/backup.h"
#include "cli/command_line.h"
#include "cli/keeping.h"

namespace entente::cli {
namespace {

void progress_flag(OptionSet& a, Common& common) {
    a.flag("--progress", common.progress, "Tell progress even when standard error is no terminal");
}

}  // namespace

void declare_keeping_commands(CommandLine& line) {
    line.add(
        line.top(),
        "backup",
        "Write the whole node to one file, also while it is served",
        &backup,
        "  entente backup --out /mnt/backups\n"
        "  entente backup --out node.backup --passphrase-file ~/backup-passphrase\n",
        [](OptionSet& a, BackupOptions& o) {
            a.required("--out", o.out, "A new file, or a directory that gets one");
            a.flag("--passphrase", o.passphrase, "Encrypt it: asks for a passphrase");
            a.option(
                "--passphrase-file",
                o.passphrase_file,
                "Encrypt it with the first line of this file (- = standard input)"
            );
            progress_flag(a, o.common);
        }
    );
    line.add(
        line.top(),
        "restore",
        "Make a node of a backup",
        &restore,
        "  entente restore node.backup --data /var/lib/entente\n"
        "  entente restore node.backup --data /var/lib/entente --replace\n",
        [](OptionSet& a, RestoreOptions& o) {
            a.required("file", o.file, "A file that `backup` made");
            a.option(
                "--passphrase-file",
                o.passphrase_file,
                "The first line of this file opens it (- = standard input)"
            );
            a.flag("--replace", o.replace, "Put the node that is there aside");
            progress_flag(a, o.common);
        }
    );
    line.add(
        line.top(),
        "purge",
        "Remove objects for good, with their bytes",
        &purge,
        "  entente purge --id indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --reason \"personal "
        "data\"\n"
        "  entente purge --from \"South CERT\" --collection indicators --dry-run\n"
        "  entente purge --older-than 365d --reason \"retention policy\"\n",
        [](OptionSet& a, PurgeOptions& o) {
            a.option("--id", o.id, "An object, all its versions");
            a.option("--from", o.from, "What a party published, or an identity--... made");
            a.option("--older-than", o.older_than, "What was added so long ago: 365d, 2026-01-31");
            a.option("--collection", o.collection, "There alone (default: in all)");
            a.option("--person", o.person, "Who decides it (default: your login name)");
            a.option("--reason", o.reason, "Why; it stands in the record");
            a.flag("--dry-run", o.dry_run, "Say what would go, and change nothing");
            a.flag(
                "--allow-again", o.allow_again, "It may be taken in again, also what went before"
            );
            a.flag(
                "--no-compact",
                o.no_compact,
                "Do not write the database anew: quick, but bytes may be left in unused parts"
            );
            progress_flag(a, o.common);
        }
    );
    const Group hold = line.group("hold", "Legal holds: what must not be removed");
    line.add(
        hold,
        "add",
        "Hold an object, a collection, or what a party published",
        &hold_add,
        "  entente hold add --id indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --reason \"case "
        "7\"\n"
        "  entente hold add --from \"South CERT\" --person \"Jane Doe\" --reason \"court order "
        "12/26\"\n",
        [](OptionSet& a, HoldOptions& o) {
            a.option("--id", o.id, "An object, all its versions");
            a.option("--from", o.party, "What this party published");
            a.option("--collection", o.collection, "There alone (default: in all)");
            a.option("--person", o.person, "Who decides it (default: your login name)");
            a.option("--reason", o.reason, "Why; it stands in the record");
        }
    );
    line.add(
        hold,
        "list",
        "List the holds",
        &hold_list,
        "  entente hold list\n",
        [](OptionSet&, Common&) {}
    );
    line.add(
        hold,
        "show",
        "List what was removed and is kept by a hold",
        &hold_show,
        "  entente hold show 3 --out kept.ndjson\n",
        [](OptionSet& a, HoldOptions& o) {
            a.required("number", o.number, "Its number");
            a.option("--out", o.out, "A new file that gets the objects, one a line");
        }
    );
    line.add(
        hold,
        "remove",
        "End a hold; what only it kept is gone for good",
        &hold_remove,
        "  entente hold remove 3 --person \"Jane Doe\" --reason \"case closed\"\n",
        [](OptionSet& a, HoldOptions& o) {
            a.required("number", o.number, "Its number");
            a.option("--person", o.person, "Who decides it (default: your login name)");
            a.option("--reason", o.reason, "Why; it stands in the record");
        }
    );
}

}  // namespace entente::cli
