// Commands for sensors that match themselves: feed, own-assets, warning-list.
#include "cli/command_line.h"
#include "cli/feed_commands.h"

namespace entente::cli {
namespace {

void add_feed(CommandLine& c) {
    const Group g = c.group("feed", "Files that sensors look for by themselves, kept current");
    c.add(
        g,
        "add",
        "Set a feed up, and write it for the first time",
        &feed_add,
        "  entente feed add wall --for sensor --purpose block --format suricata-rules --out "
        "/etc/suricata/rules/entente\n"
        "  entente feed add hunt --for sensor --collection indicators --purpose hunt --format zeek "
        "--out /opt/zeek/share/intel\n"
        "  entente feed add dns --for sensor --purpose block --format plain --kind domain --out "
        "/srv/dns-block\n",
        [](OptionSet& a, FeedAddOptions& o) {
            a.required(
                "name", o.name, "Its name: a-z, 0-9 and -; names of its files begin with it"
            );
            a.required("--for", o.for_user, "The user as whom it is read");
            a.required("--purpose", o.purpose, "block, hunt or look: what is done with it");
            a.required("--format", o.format, "plain, zeek, suricata-dataset or suricata-rules");
            a.required("--out", o.folder, "A folder for its files alone, which is there");
            a.repeated(
                "--collection",
                o.collections,
                "Id, alias or title (repeatable; default: all that the user may read)"
            );
            a.repeated(
                "--kind",
                o.kinds,
                "Only this kind: domain, url, ipv4, ipv6, cidr, md5, sha1, sha256, email, ja3, "
                "cert-sha1 (repeatable)"
            );
            a.flag(
                "--observables",
                o.observables,
                "Cyber-observables too, though nobody says that they are bad"
            );
            a.option("--sid-first", o.sid_first, "Suricata: the first number of its rules");
            a.option(
                "--suffixes",
                o.suffixes,
                "block: a list of public suffixes (default: that of the package publicsuffix)"
            );
            a.repeated(
                "--allow",
                o.allowed,
                "block: a value that is let in whatever stands against it (repeatable)"
            );
            a.option("--reason", o.reason, "Why values are let in by --allow; it is recorded");
            a.flag(
                "--progress",
                o.common.progress,
                "Tell progress even when standard error is no terminal"
            );
        }
    );
    c.add(
        g,
        "list",
        "List the feeds, how much is in them and when they were written last",
        &feed_list,
        "  entente feed list\n",
        [](OptionSet&, Common&) {}
    );
    c.add(
        g,
        "show",
        "Show one feed: what is in it, what was left out and why",
        &feed_show,
        "  entente feed show wall\n",
        [](OptionSet& a, FeedNameOptions& o) { a.required("name", o.name, "Its name"); }
    );
    c.add(
        g,
        "write",
        "Write feeds as they are now",
        &feed_write,
        "  entente feed write\n"
        "  entente feed write wall --json\n"
        "  entente feed write --watch                  # as `serve` does, without serving\n",
        [](OptionSet& a, FeedWriteOptions& o) {
            a.option("names", o.names, "Their names (default: all)");
            a.flag("--watch", o.watch, "Go on, and write again whenever something changes");
        }
    );
    c.add(
        g,
        "remove",
        "Keep a feed current no longer",
        &feed_remove,
        "  entente feed remove wall\n"
        "  entente feed remove wall --files\n",
        [](OptionSet& a, FeedNameOptions& o) {
            a.required("name", o.name, "Its name");
            a.flag("--files", o.files, "Remove its files, too");
        }
    );
}

void add_own_assets(CommandLine& c) {
    const Group g = c.group("own-assets", "Networks, domains and accounts that are never blocked");
    const auto words = [](OptionSet& a, OwnAssetsOptions& o) {
        a.option(
            "assets", o.assets, "Networks (192.0.2.0/24), domains, accounts (soc@example.org)"
        );
        a.option("--file", o.file, "A file with one a line; - is standard input");
    };
    c.add(
        g,
        "add",
        "Name what is yours",
        &own_assets_add,
        "  entente own-assets add 192.0.2.0/24 2001:db8::/32 example.org soc@example.org\n"
        "  entente own-assets add --file assets.txt\n",
        words
    );
    c.add(
        g,
        "list",
        "List what is yours",
        &own_assets_list,
        "  entente own-assets list\n",
        [](OptionSet&, Common&) {}
    );
    c.add(
        g,
        "remove",
        "Take back what was named; all or none",
        &own_assets_remove,
        "  entente own-assets remove example.org\n",
        words
    );
}

void add_warning_list(CommandLine& c) {
    const Group g = c.group("warning-list", "Lists of what is probably no threat");
    c.add(
        g,
        "add",
        "Keep lists in the form of MISP's warning lists, each in place of the one of its name",
        &warning_list_add,
        "  entente warning-list add lists/public-dns-v4/list.json --action stop\n"
        "  entente warning-list add lists/*/list.json\n",
        [](OptionSet& a, WarningListOptions& o) {
            a.required("files", o.files, "Files; .gz .zst .xz too");
            a.option(
                "--action",
                o.action,
                "stop (no blocking feed holds what is on it) or inform (it is counted)"
            );
        }
    );
    c.add(
        g,
        "list",
        "List the warning lists",
        &warning_list_list,
        "  entente warning-list list\n",
        [](OptionSet&, Common&) {}
    );
    c.add(
        g,
        "remove",
        "Forget a list",
        &warning_list_remove,
        "  entente warning-list remove \"List of known IPv4 public DNS resolvers\"\n",
        [](OptionSet& a, WarningListOptions& o) { a.required("name", o.name, "Its name"); }
    );
}

}  // namespace

void declare_feed_commands(CommandLine& line) {
    add_feed(line);
    add_own_assets(line);
    add_warning_list(line);
}

}  // namespace entente::cli
