// Commands on STIX itself, without a node: validate, stix id, canonical, markings, redact.
#include "cli/command_line.h"
#include "cli/stix_commands.h"
#include "cli/validate.h"

namespace entente::cli {
namespace {

void add_validate(CommandLine& c) {
    c.add(
        c.top(),
        "validate",
        "Check STIX against the standard (bundles, envelopes, lists, JSON lines; .gz .zst .xz)",
        &validate,
        "  entente validate feed.json\n"
        "  entente validate --strict --ignore 401,S58 bundles/ 'more/*.json.gz'\n"
        "  zcat feed.jsonl.gz | entente validate --each-line --json -\n"
        "Exit codes: 0 sound, 2 findings of level MUST (any with --strict), 16 unreadable, 18 "
        "both.\n",
        [](OptionSet& a, ValidateOptions& o) {
            a.required("files", o.files, "Files, folders, patterns; - is standard input");
            a.flag("--each-line", o.each_line, "Each line is a text of its own, with its answer");
            a.flag("--strict", o.strict, "Findings of level SHOULD count too");
            a.repeated(
                "--ignore",
                o.ignore,
                "Leave out a check (401, extensions-use), all of 1 or 2, or a rule (S34); "
                "repeatable, with commas"
            );
            a.flag(
                "--enforce-refs", o.enforce_refs, "Every reference has to lead to what is given"
            );
            a.option("--spec", o.spec, "2.0 or 2.1 for all objects (default: as they say)");
            a.option("--examples", o.examples, "Kept of each kind of finding in each place");
            a.flag(
                "--progress",
                o.common.progress,
                "Tell progress even when standard error is no terminal"
            );
        },
        CommandLine::Data::optional
    );
}

void add_stix(CommandLine& c) {
    Group g = c.group("stix", "Look into STIX objects: ids, canonical form, markings, redaction");
    const char* const about_files = "A file; - is standard input";
    c.add(
        g,
        "id",
        "Say which deterministic id each cyber-observable should have",
        &stix_id,
        "  entente stix id observables.json\n",
        [=](OptionSet& a, StixOptions& o) { a.required("file", o.file, about_files); },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "canonical",
        "Print the RFC 8785 canonical form of each object",
        &stix_canonical,
        "  entente stix canonical bundle.json\n"
        "  entente stix canonical --digest bundle.json\n"
        "  entente stix canonical --whole any.json\n",
        [=](OptionSet& a, CanonicalOptions& o) {
            a.required("file", o.file, about_files);
            a.flag("--digest", o.digest, "Its SHA-256 instead");
            a.flag("--whole", o.whole, "The file is one JSON text of any type, not objects");
        },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "markings",
        "Say which markings cover each object and its parts",
        &stix_markings,
        "  entente stix markings bundle.json\n",
        [=](OptionSet& a, StixOptions& o) { a.required("file", o.file, about_files); },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "redact",
        "Make derived objects without the parts that a reader may not see",
        &stix_redact,
        "  entente stix redact --ceiling TLP:GREEN --as identity--… bundle.json\n"
        "  entente stix redact --hide marking-definition--… --as identity--… --json report.json\n"
        "  entente stix redact --strip contact,account --as identity--… bundle.json\n",
        [=](OptionSet& a, RedactOptions& o) {
            a.required("file", o.file, about_files);
            a.option("--ceiling", o.ceiling, "The highest TLP level that the reader may see");
            a.repeated("--hide", o.hide, "A marking whose parts have to go (repeatable)");
            a.repeated(
                "--strip",
                o.strip,
                "A class of personal data that has to go: contact, account, free-text, "
                "credentials, all (repeatable, with commas)"
            );
            a.required(
                "--as", o.as, "The identity that redacts: created_by_ref of what is derived"
            );
            a.option("--id", o.id, "The id of the derived object (default: a random one)");
        },
        CommandLine::Data::optional
    );
}

}  // namespace

void declare_stix_commands(CommandLine& line) {
    add_validate(line);
    add_stix(line);
}

}  // namespace entente::cli
