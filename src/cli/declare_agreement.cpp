// Commands on agreements.
#include "cli/agreement_commands.h"
#include "cli/agreement_draft.h"
#include "cli/command_line.h"
#include "cli/remote_options.h"
#include "cli/sighting_commands.h"

namespace entente::cli {
namespace {

constexpr const char* which = "Id (its first digits are enough) or title";
constexpr const char* which_or_file =
    "A file, or an agreement of the node by id (its first digits are enough) or title; @N behind "
    "it means version N";

void new_options(OptionSet& a, AgreementNewOptions& o) {
    a.option("--template", o.form, "bilateral, hub, circle, or terms that you alone sign");
    a.repeated(
        "--party",
        o.parties,
        "A party by its name on the node or by the file of its card, with PID= before it if need "
        "be (repeatable; your own is the first unless named)"
    );
    a.option("--title", o.title, "What people call it (default: the parties' names)");
    a.repeated("--type", o.types, "A STIX type that crosses (repeatable; default: every type)");
    a.option("--max-marking", o.max_marking, "The most closed marking that crosses");
    a.repeated("--named", o.named, "A user who gets TLP:RED (repeatable)");
    a.repeated(
        "--keep", o.keep, "Personal data that crosses: contact, account, free-text (repeatable)"
    );
    a.option("--delay-hours", o.delay_hours, "How long an object is held back");
    a.repeated(
        "--onward",
        o.onward,
        "To whom it may be passed on up to TLP:GREEN: clients, public, community:NAME, party:NAME "
        "(repeatable; default: nobody)"
    );
    a.option("--sightings-days", o.sightings_days, "Within how many days a sighting is owed");
    a.option("--from", o.from, "When it begins: a date, a time, 7d (default: now)");
    a.option("--until", o.until, "When it ends: 365d, 2030-12-31, or a time");
    a.option("--notice-days", o.notice_days, "How long before leaving a party tells so");
    a.option("--from-grants", o.from_grants, "A party whose grant becomes one-sided terms");
    a.option("--collection", o.collection, "Of which collection; with --from-grants");
    a.option("--out", o.out, "A new file (default: standard output)");
}

void add_drafting(CommandLine& c, Group g) {
    c.add(
        g,
        "new",
        "Write a new agreement, from a template or from questions",
        &agreement_new,
        "  entente agreement new --template bilateral --party \"South CERT\" --type indicator "
        "--type malware --sightings-days 7 --out agreement.json\n"
        "  entente agreement new --from-grants \"South CERT\" --collection indicators --out "
        "terms.json\n"
        "  entente agreement new --out agreement.json\n",
        new_options,
        CommandLine::Data::optional
    );
    c.add(
        g,
        "amend",
        "Write the next version of an agreement, with what changes",
        &agreement_amend,
        "  entente agreement amend agr:3f2a91bc0d12 --set-from edited.json --out amended.json\n",
        [](OptionSet& a, AgreementAmendOptions& o) {
            a.required("what", o.subject, which_or_file);
            a.option("--set-from", o.set_from, "A document with the new terms (default: as now)");
            a.option("--out", o.out, "A new file (default: standard output)");
        },
        CommandLine::Data::optional
    );
}

void add_reading(CommandLine& c, Group g) {
    c.add(
        g,
        "show",
        "Say in plain words what an agreement says, and how it stands",
        &agreement_show,
        "  entente agreement show agreement.json\n"
        "  entente agreement show agr:3f2a91bc0d12\n",
        [](OptionSet& a, AgreementReadOptions& o) { a.required("what", o.subject, which_or_file); },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "diff",
        "Say what changes from one version to another, and whether more may cross",
        &agreement_diff,
        "  entente agreement diff agr:3f2a91bc0d12@1 agr:3f2a91bc0d12@2\n"
        "  entente agreement diff agreement.json amended.json\n",
        [](OptionSet& a, AgreementReadOptions& o) {
            a.required("before", o.subject, which_or_file);
            a.required("after", o.other, "The same");
        },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "list",
        "List the agreements of the node",
        &agreement_list,
        "  entente agreement list\n",
        [](OptionSet&, Common&) {}
    );
    c.add(
        g,
        "check",
        "Say what is wrong with an agreement and what has to happen next",
        &agreement_check,
        "  entente agreement check draft.json\n"
        "  entente agreement check agr:3f2a91bc0d12\n",
        [](OptionSet& a, AgreementReadOptions& o) { a.required("what", o.subject, which_or_file); },
        CommandLine::Data::optional
    );
}

void key_options(OptionSet& a, AgreementSignOptions& o) {
    a.required("--key", o.key, "The file of an identity key of your party");
    a.repeated(
        "--passphrase-file",
        o.passphrase_files,
        "A file whose first line is the passphrase; - is standard input (default: asks on the "
        "terminal)"
    );
    a.option("--person", o.person, "Who signs; stands in the note");
    a.option("--office", o.office, "In which office; stands in the note");
    a.option("--out", o.out, "A new file for the signed note");
}

void add_signing(CommandLine& c, Group g) {
    c.add(
        g,
        "sign",
        "Sign an agreement; a file needs no node",
        &agreement_sign,
        "  entente agreement sign agreement.json --key identity.key --person \"Jane Doe\" "
        "--office CISO --out north.note\n"
        "  entente agreement sign agr:3f2a91bc0d12 --key identity.key\n",
        [](OptionSet& a, AgreementSignOptions& o) {
            a.required("what", o.subject, which_or_file);
            key_options(a, o);
        },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "propose",
        "Take a document into the node and sign it for the own party",
        &agreement_propose,
        "  entente agreement propose agreement.json --key identity.key --person \"Jane Doe\"\n",
        [](OptionSet& a, AgreementSignOptions& o) {
            a.required("file", o.subject, "The document");
            key_options(a, o);
        }
    );
}

void add_statements(CommandLine& c, Group g) {
    const auto fill = [](OptionSet& a, AgreementSignOptions& o) {
        a.required("what", o.subject, which_or_file);
        key_options(a, o);
        a.option("--reason", o.reason, "Why; the partners read it");
    };
    c.add(
        g,
        "suspend",
        "Stop an agreement at once, until you resume it",
        &agreement_suspend,
        "  entente agreement suspend agr:3f2a91bc0d12 --key identity.key --reason \"breach at our "
        "side\" --out suspend.note\n",
        fill,
        CommandLine::Data::optional
    );
    c.add(
        g,
        "resume",
        "Take back your own suspensions of an agreement",
        &agreement_resume,
        "  entente agreement resume agr:3f2a91bc0d12 --key identity.key --out resume.note\n",
        fill,
        CommandLine::Data::optional
    );
    c.add(
        g,
        "end",
        "Leave an agreement for good; with fewer than two parties left it is over",
        &agreement_end,
        "  entente agreement end agr:3f2a91bc0d12 --key identity.key --out end.note\n",
        fill,
        CommandLine::Data::optional
    );
}

void add_handing_over(CommandLine& c, Group g) {
    c.add(
        g,
        "add",
        "Take documents, signatures, statements and packs into the node, in any order",
        &agreement_add,
        "  entente agreement add agreement.json north.note south.note\n",
        [](OptionSet& a, AgreementFilesOptions& o) {
            a.required("files", o.files, "The files; - is standard input");
        }
    );
    c.add(
        g,
        "send",
        "Hand all that is known of an agreement to the partners: as a file, or by a server",
        &agreement_send,
        "  entente agreement send agr:3f2a91bc0d12 --out agreement.pack\n"
        "  ENTENTE_TOKEN=… entente agreement send agr:3f2a91bc0d12 --to-url "
        "https://taxii.example/api/collections/UUID/\n",
        [](OptionSet& a, AgreementSendOptions& o) {
            a.required("id", o.id, which);
            a.option("--out", o.out, "A new file (default: standard output)");
            a.option(
                "--to-url",
                o.remote.url,
                "A collection of a TAXII server that gets it, as an object"
            );
            remote_options(a, o.remote);
        }
    );
    c.add(
        g,
        "receive",
        "Take what a partner sent into the node",
        &agreement_receive,
        "  entente agreement receive agreement.pack\n"
        "  ENTENTE_TOKEN=… entente agreement receive --from-url "
        "https://taxii.example/api/collections/UUID/\n",
        [](OptionSet& a, AgreementReceiveOptions& o) {
            a.option("file", o.file, "A pack; - is standard input");
            a.option(
                "--from-url", o.remote.url, "A collection of a TAXII server that holds agreements"
            );
            remote_options(a, o.remote);
        }
    );
}

void bind_options(OptionSet& a, AgreementBindOptions& o) {
    a.required("id", o.id, which);
    a.required("--collection", o.collection, "Id, alias or title, with ROOT/ before it if need be");
    a.option("--flow", o.flow, "The flow by its short name (default: every flow)");
    a.flag("--out", o.out, "What the flows give is read from the collection");
    a.flag("--in", o.in, "What partners publish by the flows comes into the collection");
}

void add_place(CommandLine& c, Group g) {
    c.add(
        g,
        "map",
        "Say which party of the node one of an agreement is",
        &agreement_map,
        "  entente agreement map agr:3f2a91bc0d12 south \"South CERT\"\n"
        "  entente agreement map agr:3f2a91bc0d12 south none\n",
        [](OptionSet& a, AgreementMapOptions& o) {
            a.required("id", o.id, which);
            a.required("pid", o.pid, "The short name of the party in the agreement");
            a.required("party", o.party, "The party's name on the node, or none");
        }
    );
    c.add(
        g,
        "bind",
        "Let an agreement read from a collection, or write to it",
        &agreement_bind,
        "  entente agreement bind agr:3f2a91bc0d12 --collection indicators --out\n",
        bind_options
    );
    c.add(
        g,
        "unbind",
        "Take that away",
        &agreement_unbind,
        "  entente agreement unbind agr:3f2a91bc0d12 --collection indicators --out\n",
        bind_options
    );
    c.add(
        g,
        "report",
        "Set what partners are told of hits on their indicators: off, review, auto",
        &agreement_report,
        "  entente agreement report agr:3f2a91bc0d12 auto --budget 200\n"
        "  entente agreement report agr:3f2a91bc0d12\n",
        [](OptionSet& a, AgreementReportOptions& o) {
            a.required("id", o.id, which);
            a.option(
                "report", o.report, "off, review or auto (default: as it is; review at first)"
            );
            a.option("--budget", o.budget, "How many sightings in a day at most (at first: 1000)");
        }
    );
}

}  // namespace

void declare_agreement_commands(CommandLine& line) {
    Group g = line.group("agreement", "What parties sign, and what decides every release");
    add_drafting(line, g);
    add_reading(line, g);
    add_signing(line, g);
    add_statements(line, g);
    add_handing_over(line, g);
    add_place(line, g);
}

}  // namespace entente::cli
