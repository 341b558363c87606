// Matching events without a node.
#include "cli/command_line.h"
#include "cli/match_commands.h"
#include "cli/remote_options.h"

namespace entente::cli {

void declare_match_commands(CommandLine& line) {
    line.add(
        line.top(),
        "match",
        "Look for indicators in events: what sensors wrote, or plain values",
        &match_events,
        "  entente match --indicators feed.json eve.json.gz\n"
        "  entente match --indicators trails.tsv --subdomains conn.log dns.log\n"
        "  entente match --indicators feed.json --follow --json /var/log/suricata/eve.json\n"
        "  entente match --indicators https://taxii.example --collection indicators --token-file "
        "token eve.json\n"
        "Exit codes: 0 something hit, 1 nothing did.\n",
        [](OptionSet& a, MatchCommandOptions& o) {
            a.words("events", o.events, "Files of events (.gz .zst .xz); - is standard input");
            a.repeated(
                "--indicators",
                o.indicators,
                "A file: STIX indicators in any wrapping, or a list of values, one a line; or the "
                "URL of a TAXII 2.1 collection"
            );
            a.option(
                "--format",
                o.format,
                "Of the events: auto, eve, zeek, ecs, ocsf, sysmon, json, observed-data or plain"
            );
            a.flag(
                "--follow", o.follow, "Go on with what is appended, also when a file is rotated"
            );
            a.flag("--subdomains", o.subdomains, "A name of a list also means all names below it");
            a.flag(
                "--history",
                o.history,
                "Also what was seen while an indicator was not valid yet, or no longer"
            );
            a.flag(
                "--strict",
                o.strict,
                "Compare patterns to the letter of the standard (docs/matching.md)"
            );
            a.repeated("--fields", o.fields, "A file that says what further fields mean");
            a.flag(
                "--print-fields", o.print_fields, "Print what fields mean, as --fields takes it"
            );
            remote_options(a, o.remote);
        },
        CommandLine::Data::optional
    );
}

}  // namespace entente::cli
