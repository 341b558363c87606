// Commands for the matcher of the serving node.
#include "cli/command_line.h"
#include "cli/watch_commands.h"

namespace entente::cli {

void declare_watch_commands(CommandLine& line) {
    const Group g =
        line.group("watch", "What the serving node looks for in the events of its sensors");
    line.add(
        g,
        "set",
        "Look for what a user may read, in place of what was looked for before",
        &watch_set,
        "  entente watch set --user sensor\n"
        "  entente watch set --user sensor --collection indicators --subdomains\n",
        [](OptionSet& a, WatchSetOptions& o) {
            a.required("--user", o.user, "The user as whom indicators are read");
            a.repeated(
                "--collection",
                o.collections,
                "Id, alias or title (repeatable; default: all that the user may read)"
            );
            a.flag(
                "--subdomains",
                o.subdomains,
                "An indicator of one domain name also means all names below it"
            );
            a.repeated("--fields", o.fields, "A file that says what further fields mean");
        }
    );
    line.add(
        g,
        "show",
        "Show what is looked for, and which indicators are muted",
        &watch_show,
        "  entente watch show\n",
        [](OptionSet&, Common&) {}
    );
    line.add(
        g,
        "remove",
        "Look for nothing any more",
        &watch_remove,
        "  entente watch remove\n",
        [](OptionSet&, Common&) {}
    );
}

}  // namespace entente::cli
