// Commands on sightings.
#include "cli/command_line.h"
#include "cli/sighting_commands.h"

namespace entente::cli {
namespace {

constexpr const char* numbers_text = "Their numbers, from `entente sightings list`";
constexpr const char* person_text =
    "Who decides it (default: the login name on this machine); stands in the record";

void decision(OptionSet& a, SightingsOptions& o) {
    a.words("numbers", o.numbers, numbers_text);
    a.flag("--all", o.all, "Every one that waits");
    a.option("--agreement", o.agreement, "With --all: of this agreement alone");
    a.option("--person", o.person, person_text);
}

}  // namespace

void declare_sighting_commands(CommandLine& c) {
    Group g = c.group("sightings", "What sensors saw of partners' indicators, and telling them");
    c.add(
        g,
        "list",
        "List the sightings that wait for a person or for their time",
        &sightings_list,
        "  entente sightings list\n  entente sightings list --all --agreement agr:3f2a91bc0d12\n",
        [](OptionSet& a, SightingsOptions& o) {
            a.flag("--all", o.all, "Those that wait for nothing any more, too");
            a.option("--agreement", o.agreement, "Of this agreement alone");
        }
    );
    c.add(
        g,
        "show",
        "Show what would go out of sightings, word for word, and why it does not yet",
        &sightings_show,
        "  entente sightings show 17\n",
        [](OptionSet& a, SightingsOptions& o) { a.required("numbers", o.numbers, numbers_text); }
    );
    c.add(
        g,
        "approve",
        "Let sightings go out, as their agreement lets them",
        &sightings_approve,
        "  entente sightings approve 17 18\n"
        "  entente sightings approve --all --agreement agr:3f2a91bc0d12\n",
        decision
    );
    c.add(
        g,
        "decline",
        "Keep sightings here for good",
        &sightings_decline,
        "  entente sightings decline 17\n",
        decision
    );
}

}  // namespace entente::cli
