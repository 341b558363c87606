// Commands that say why somebody gets something and who does: explain, audience, simulate.
#include "cli/command_line.h"
#include "cli/simulate.h"
#include "cli/why.h"

namespace entente::cli {

void declare_why_commands(CommandLine& line) {
    line.add(
        line.top(),
        "explain",
        "Say what a reader gets of a collection or of one object, and what not and why",
        &explain,
        "  entente explain --for siem --collection indicators\n"
        "  entente explain indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --for siem\n"
        "  entente explain indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --for \"South CERT\" "
        "--at 2026-11-23\n",
        [](OptionSet& a, ExplainOptions& o) {
            a.option("object", o.object, "Its id (default: the whole collection)");
            a.required("--for", o.for_user, "A user; or a party: any user of it, not named");
            a.option(
                "--collection",
                o.collection,
                "Id, alias or title, with ROOT/ before it if need be (default: all with the object)"
            );
            a.option(
                "--at", o.at, "With agreements as they stood at this date or time (default: now)"
            );
        }
    );
    line.add(
        line.top(),
        "audience",
        "List who gets an object, now or later, and by what",
        &audience,
        "  entente audience indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\n"
        "  entente audience indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --collection "
        "indicators --json\n",
        [](OptionSet& a, AudienceOptions& o) {
            a.required("object", o.object, "Its id");
            a.option(
                "--collection",
                o.collection,
                "Id, alias or title, with ROOT/ before it if need be (default: all that hold it)"
            );
        }
    );
    line.add(
        line.top(),
        "simulate",
        "Say what an agreement would let cross, before anybody signs it",
        &simulate,
        "  entente simulate draft.json --own north\n"
        "  entente simulate draft.json --for south --against enterprise-attack.json\n"
        "  entente simulate agr:3f2a91bc0d12@2 --as siem --collection indicators --json\n",
        [](OptionSet& a, SimulateOptions& o) {
            a.required(
                "agreement",
                o.agreement,
                "A file, or its id, first digits or title here; @2: version 2"
            );
            a.option("--own", o.own, "Which of its parties this node is, if that is not known");
            a.option("--for", o.pid, "Only this recipient, by its short name in the agreement");
            a.option("--as", o.user, "Only this user, who may be named in it");
            a.option(
                "--collection",
                o.collection,
                "Id, alias or title (default: those that it gives from, or all)"
            );
            a.repeated(
                "--against",
                o.against,
                "A STIX file to look at instead of what is stored (repeatable)"
            );
        }
    );
}

}  // namespace entente::cli
