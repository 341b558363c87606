// Commands on keys, which need no node: key new, show, passphrase, certify, rotate, revoke.
#include "cli/command_line.h"
#include "cli/key_commands.h"

namespace entente::cli {
namespace {

constexpr const char* about_passphrase =
    "A file whose first line is the passphrase; - is standard input (repeatable, in the order of "
    "the keys; default: asks on the terminal)";

void signing(OptionSet& a, KeyStatementOptions& o, const char* about_key) {
    a.required("--key", o.signer, about_key);
    a.repeated("--passphrase-file", o.passphrase_files, about_passphrase);
    a.option("--out", o.out, "A new file for the statement (default: standard output)");
}

void add_files(CommandLine& c, Group g) {
    c.add(
        g,
        "new",
        "Make a key in a new file that only you can read",
        &key_new,
        "  entente key new north.example/identity --out identity.key\n"
        "  entente key new north.example/recovery --out /media/safe/recovery.key\n"
        "  entente key new north.example/node --plain --out node.key\n",
        [](OptionSet& a, KeyNewOptions& o) {
            a.required("name", o.name, "Its name, such as north.example/identity");
            a.required("--out", o.out, "The file; it must not be there yet");
            a.flag("--plain", o.plain, "No passphrase: for the keys of a node");
            a.option(
                "--passphrase-file",
                o.passphrase_file,
                "A file whose first line is the passphrase; - is standard input (default: asks "
                "twice on the terminal)"
            );
        },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "show",
        "Show the public half of a key and its fingerprint, or what a statement says",
        &key_show,
        "  entente key show identity.key\n"
        "  entente key show rotation.note\n",
        [](OptionSet& a, KeyShowOptions& o) {
            a.required("key", o.key, "A key file, a key's text, or a statement about a key");
        },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "passphrase",
        "Put a key under another passphrase",
        &key_passphrase,
        "  entente key passphrase identity.key\n",
        [](OptionSet& a, KeyPassphraseOptions& o) {
            a.required("file", o.file, "The key file; it is replaced whole");
            a.repeated("--passphrase-file", o.passphrase_files, about_passphrase);
            a.option(
                "--new-passphrase-file",
                o.new_passphrase_file,
                "The same for the new passphrase (default: asks twice on the terminal)"
            );
            a.flag("--plain", o.plain, "No passphrase from now on");
        },
        CommandLine::Data::optional
    );
}

void add_statements(CommandLine& c, Group g) {
    c.add(
        g,
        "certify",
        "Let an identity key speak for a key of a node",
        &key_certify,
        "  entente key certify node.key --key identity.key --until 400d --out node.note\n",
        [](OptionSet& a, KeyStatementOptions& o) {
            a.required("key", o.about, "The node's key: its text or its file");
            signing(a, o, "The file of the identity key that signs");
            a.option("--use", o.use, "What the node signs with it: delivery, log or witness");
            a.option("--from", o.from, "When it begins (default: now)");
            a.required("--until", o.until, "When it ends: 400d, 2030-12-31, or a time");
        },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "rotate",
        "Name the key that follows an identity key; both sign",
        &key_rotate,
        "  entente key rotate new.key --key identity.key --out rotation.note\n"
        "  entente key rotate new.key --key recovery.key --of north.card --until "
        "now --out rotation.note\n",
        [](OptionSet& a, KeyStatementOptions& o) {
            a.required("successor", o.successor, "The file of the new key, which signs too");
            signing(a, o, "The file of the old key or, when that is lost, of the recovery key");
            a.option(
                "--of", o.about, "The old key: its text, its file or its card (default: --key)"
            );
            a.option(
                "--until",
                o.until,
                "When the old key ends: now, 30d, 2030-12-31, or a time (default: 30d)"
            );
        },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "revoke",
        "End a key: what it signed counts only where it was taken before",
        &key_revoke,
        "  entente key revoke --key recovery.key --of north.card --reason stolen "
        "--since 2026-11-20T00:00:00Z --out revocation.note\n",
        [](OptionSet& a, KeyStatementOptions& o) {
            signing(a, o, "The file of the key itself or of the recovery key");
            a.option(
                "--of",
                o.about,
                "The key that ends: its text, its file or its card (default: --key)"
            );
            a.option("--reason", o.reason, "retired, lost or stolen");
            a.option(
                "--since", o.since, "From when on (default: now; a thief's acts: before them)"
            );
        },
        CommandLine::Data::optional
    );
}

}  // namespace

void declare_key_commands(CommandLine& line) {
    Group g = line.group("key", "Keys that sign agreements: files, certificates, successors");
    add_files(line, g);
    add_statements(line, g);
}

}  // namespace entente::cli
