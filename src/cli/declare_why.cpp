// Commands that say why somebody gets something and who does: explain, audience, simulate.
#include "cli/command_line.h"
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
}

}  // namespace entente::cli
