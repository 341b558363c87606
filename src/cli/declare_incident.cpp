// Commands for a bad night: disclosed, who-has, consumers, stop, start, clock.
#include "cli/command_line.h"
#include "cli/incident.h"

namespace entente::cli {

void declare_incident_commands(CommandLine& line) {
    line.add(
        line.top(),
        "disclosed",
        "List exactly what was given to a user, a party or a token",
        &disclosed,
        "  entente disclosed --to siem\n"
        "  entente disclosed --to \"South CERT\" --since 2026-11-20 --json\n"
        "  entente disclosed --to siem --token 0f3c9a2b77d1\n",
        [](OptionSet& a, DisclosedOptions& o) {
            a.option("--to", o.to, "A user, or a party: all its users; removed ones too");
            a.option("--token", o.token, "Only with this token, by its id");
            a.option("--since", o.since, "Only from this date or time on");
            a.flag("--each", o.each, "Every time it was given, not the first alone");
        }
    );
    line.add(
        line.top(),
        "who-has",
        "List who was given an object, which version and when",
        &who_has_object,
        "  entente who-has indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\n"
        "  entente who-has indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --json\n",
        [](OptionSet& a, WhoHasOptions& o) { a.required("object", o.object, "Its id"); }
    );
    line.add(
        line.top(),
        "consumers",
        "List how far each reader is, and what it does not get and why",
        &consumers,
        "  entente consumers\n"
        "  entente consumers --collection indicators --json\n",
        [](OptionSet& a, ConsumersOptions& o) {
            a.option("--collection", o.collection, "Id, alias or title (default: all collections)");
        }
    );
    line.add(
        line.top(),
        "stop",
        "End all logins of a user, a party or everyone at once, or list who is stopped",
        &stop_logins,
        "  entente stop siem --person \"Jane Doe\" --reason \"its token was stolen\"\n"
        "  entente stop \"South CERT\"\n"
        "  entente stop all\n"
        "  entente stop                                # who is stopped\n",
        [](OptionSet& a, StopOptions& o) {
            a.option("who", o.who, "A user, a party, or `all` (default: list who is stopped)");
            a.option("--person", o.person, "Who decides it (default: your login name)");
            a.option("--reason", o.reason, "Stands in the record");
        }
    );
    line.add(
        line.top(),
        "start",
        "Take a stop back",
        &start_logins,
        "  entente start siem --person \"Jane Doe\" --reason \"new token handed out\"\n"
        "  entente start all\n",
        [](OptionSet& a, StopOptions& o) {
            a.required("who", o.who, "As with `stop`");
            a.option("--person", o.person, "Who decides it (default: your login name)");
            a.option("--reason", o.reason, "Stands in the record");
        }
    );
    const Group clock = line.group("clock", "Whether the machine's time can be trusted");
    line.add(
        clock,
        "show",
        "Say the time, the newest date that was given, and what is wrong with them",
        &clock_show,
        "  entente clock show\n",
        [](OptionSet&, Common&) {}
    );
    line.add(
        clock,
        "accept",
        "Say that the time is right, after a jump or a step back",
        &clock_accept,
        "  entente clock accept --person \"Jane Doe\"\n",
        [](OptionSet& a, ClockOptions& o) {
            a.option("--person", o.person, "Who decides it (default: your login name)");
        }
    );
}

}  // namespace entente::cli
