// Commands on STIX patterns, without a node.
#include "cli/command_line.h"
#include "cli/pattern_commands.h"

namespace entente::cli {
namespace {

constexpr const char* which_version = "The STIX version whose pattern language it is: 2.0 or 2.1";

void add_match(CommandLine& c, Group g) {
    c.add(
        g,
        "match",
        "Evaluate a pattern over observed data",
        &pattern_match,
        "  entente pattern match --pattern \"[domain-name:value = 'example.com']\" --observed "
        "seen.json\n"
        "  zcat seen.json.gz | entente pattern match --pattern \"$P\" --observed - --json\n"
        "  entente pattern match --cases cases.jsonl\n"
        "Exit codes: 0 match, 1 no match, 2 bad pattern, 3 bad observations, 4 not decided within "
        "the limits.\n",
        [](OptionSet& a, PatternMatchOptions& o) {
            a.option("--pattern", o.pattern, "The pattern");
            a.option(
                "--observed",
                o.observed,
                "Observed data: one, a list, or bundles of it, as JSON (.gz .zst .xz); - is "
                "standard input"
            );
            a.option(
                "--cases",
                o.cases,
                "Instead: JSON lines {id, stix_version, pattern, observations}; - is standard "
                "input"
            );
            a.option("--stix-version", o.stix_version, which_version);
            a.flag(
                "--reference",
                o.reference,
                "As the OASIS reference matcher where it departs from the standard"
            );
        },
        CommandLine::Data::optional
    );
}

}  // namespace

void declare_pattern_commands(CommandLine& line) {
    Group g = line.group("pattern", "Check, explain and evaluate STIX patterns");
    line.add(
        g,
        "check",
        "Say whether patterns are sound, and where not",
        &pattern_check,
        "  entente pattern check \"[file:size = 25536]\"\n"
        "  entente pattern check --stix-version 2.0 - < patterns.txt\n"
        "Exit codes: 0 all sound, 2 some not.\n",
        [](OptionSet& a, PatternCheckOptions& o) {
            a.required("patterns", o.patterns, "Patterns; - is the lines of standard input");
            a.option("--stix-version", o.stix_version, which_version);
        },
        CommandLine::Data::optional
    );
    line.add(
        g,
        "explain",
        "Say in words what a pattern asks for",
        &pattern_explain,
        "  entente pattern explain \"[file:size > 10] REPEATS 3 TIMES WITHIN 60 SECONDS\"\n",
        [](OptionSet& a, PatternExplainOptions& o) {
            a.required("pattern", o.pattern, "The pattern");
            a.option("--stix-version", o.stix_version, which_version);
        },
        CommandLine::Data::optional
    );
    add_match(line, g);
}

}  // namespace entente::cli
