// Commands on who and what there is: party, user, token, root, collection, grant.
#include "cli/command_line.h"
#include "cli/directory.h"
#include "cli/key_commands.h"

namespace entente::cli {
namespace {

void name_option(OptionSet& a, NameOptions& o, const char* what) {
    a.required("name", o.name, what);
}

void add_party(CommandLine& c) {
    Group g = c.group("party", "Organisations that share through this node");
    const auto fill = [](OptionSet& a, PartyOptions& o) {
        a.required("name", o.name, "The party's name");
        a.repeated(
            "--identity", o.identities, "A STIX identity id that is the party's (repeatable)"
        );
    };
    c.add(
        g,
        "add",
        "Add a partner by its card, or by name; take a newer card or a statement about a key",
        &party_add,
        "  entente party add south.card --fingerprint '1234 5678 …'\n"
        "  entente party add https://south.example/entente.card\n"
        "  entente party add \"South CERT\" --identity "
        "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f\n",
        [](OptionSet& a, PartyOptions& o) {
            a.required(
                "name", o.name, "A card: a file, an address, - for standard input; or a new name"
            );
            a.option(
                "--fingerprint",
                o.fingerprint,
                "The fingerprint that the party told (default: asks on the terminal)"
            );
            a.option("--party", o.party, "The party's name here (default: as its card says)");
            a.option("--ca-file", o.ca_file, "Certificates that an address is checked against");
            a.repeated(
                "--identity", o.identities, "A STIX identity id that is the party's (repeatable)"
            );
        }
    );
    c.add(
        g,
        "card",
        "Write and sign the own card, to hand to partners",
        &party_card,
        "  entente party card --key identity.key --recovery recovery.key --name \"North CERT\" "
        "--taxii https://north.example/api/ --out north.card\n"
        "  entente party card --after north.card --key identity.key --client \"Harbour Authority\" "
        "--out north-2.card\n",
        [](OptionSet& a, PartyCardOptions& o) {
            a.repeated(
                "--key",
                o.keys,
                "The file of an identity key: named in the card, signs it (repeatable)"
            );
            a.repeated(
                "--also-sign", o.also_sign, "A key file that signs without being named (repeatable)"
            );
            a.repeated(
                "--passphrase-file",
                o.passphrase_files,
                "A file whose first line is the passphrase; - is standard input (repeatable, in "
                "the "
                "order of the keys; default: asks on the terminal)"
            );
            a.option("--after", o.after, "The card before: what is not given stays as it says");
            a.option("--name", o.name, "What partners call the party");
            a.option("--organisation", o.organisation, "Its full name");
            a.option("--contact", o.contact, "Where people reach it");
            a.option("--recovery", o.recovery, "The recovery key: its text or its file");
            a.repeated("--identity", o.identities, "A STIX identity id of the party (repeatable)");
            a.repeated("--taxii", o.taxii, "The address of an API root (repeatable)");
            a.repeated(
                "--client", o.clients, "Who receives what TLP:AMBER lets go to clients (repeatable)"
            );
            a.repeated(
                "--statement", o.statements, "A file with a statement about a key (repeatable)"
            );
            a.option(
                "--sequence", o.sequence, "Its number (default: one more than the card before)"
            );
            a.option("--from", o.from, "Valid from (default: now)");
            a.option("--out", o.out, "A new file for the card (default: standard output)");
        },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "set",
        "Change a party; --identity replaces all its identities",
        &party_set,
        "  entente party set \"South CERT\" --name \"CERT South\"\n",
        [&fill](OptionSet& a, PartyOptions& o) {
            fill(a, o);
            a.option("--name", o.new_name, "Its new name");
        }
    );
    c.add(
        g,
        "list",
        "List the parties",
        &party_list,
        "  entente party list\n",
        [](OptionSet&, Common&) {}
    );
    c.add(
        g,
        "show",
        "Show one party, or a card without taking it",
        &party_show,
        "  entente party show \"South CERT\"\n"
        "  entente party show south.card\n",
        [](OptionSet& a, NameOptions& o) {
            name_option(a, o, "The party's name, or the file of a card");
        },
        CommandLine::Data::optional
    );
    c.add(
        g,
        "remove",
        "Remove a party that has no users, grants or objects",
        &party_remove,
        "  entente party remove \"South CERT\"\n",
        [](OptionSet& a, NameOptions& o) { name_option(a, o, "The party's name"); }
    );
}

void user_options(OptionSet& a, UserOptions& o) {
    a.required("name", o.name, "The user's name");
    a.option("--role", o.role, "admin, publisher, reader, auditor or sensor (new users: reader)");
    a.flag(
        "--password-stdin", o.password_stdin, "Read a password from standard input (first line)"
    );
    a.flag("--no-password", o.no_password, "No password: tokens only");
    a.option("--expires", o.expires, "When the password ends: 90d, 2030-12-31, or a time");
}

void add_user(CommandLine& c) {
    Group g = c.group("user", "People and programs that log in");
    c.add(
        g,
        "add",
        "Add a user; without a password it logs in by tokens",
        &user_add,
        "  entente user add analyst --role reader --no-password\n"
        "  printf '%s' \"$PASSWORD\" | entente user add siem --party \"South CERT\" "
        "--password-stdin "
        "--expires 90d\n",
        [](OptionSet& a, UserOptions& o) {
            user_options(a, o);
            a.option("--party", o.party, "The user's party (default: the node's own)");
        }
    );
    c.add(
        g,
        "set",
        "Change a user",
        &user_set,
        "  entente user set siem --disable\n"
        "  printf '%s' \"$PASSWORD\" | entente user set siem --password-stdin --never-expires\n",
        [](OptionSet& a, UserOptions& o) {
            user_options(a, o);
            a.option("--name", o.new_name, "Its new name");
            a.flag("--never-expires", o.never_expires, "The password does not end");
            a.flag("--disable", o.disable, "Refuse the user until --enable");
            a.flag("--enable", o.enable, "Let it in again");
        }
    );
    c.add(
        g, "list", "List the users", &user_list, "  entente user list\n", [](OptionSet&, Common&) {}
    );
    c.add(
        g,
        "show",
        "Show one user",
        &user_show,
        "  entente user show siem --json\n",
        [](OptionSet& a, NameOptions& o) { name_option(a, o, "The user's name"); }
    );
    c.add(
        g,
        "remove",
        "Remove a user with its tokens and grants",
        &user_remove,
        "  entente user remove siem\n",
        [](OptionSet& a, NameOptions& o) { name_option(a, o, "The user's name"); }
    );
}

void add_token(CommandLine& c) {
    Group g = c.group("token", "Tokens and client certificates, by which programs log in");
    c.add(
        g,
        "add",
        "Make a token and show it once, or let a client certificate in as a user",
        &token_add,
        "  entente token add siem --label \"SIEM, rack 4\" --expires 30d\n"
        "  entente token add siem --cert siem.pem\n"
        "  entente token add siem --san siem.south.example --ca south-ca.pem\n",
        [](OptionSet& a, TokenOptions& o) {
            a.required("user", o.user, "The user it is for");
            a.option("--label", o.label, "What it is used for");
            a.option("--expires", o.expires, "When it ends: 30d, 2030-12-31, or a time");
            a.option("--cert", o.cert, "No secret: client certificates with the key of this one");
            a.option("--pin", o.pin, "The same by the key's SHA-256: sha256:HEX");
            a.option("--san", o.san, "No secret: client certificates with this subjectAltName");
            a.option("--ca", o.ca, "PEM file of the CA that must have signed them, for --san");
        }
    );
    c.add(
        g,
        "set",
        "Change a token's label or end",
        &token_set,
        "  entente token set 0f3c9a2b77d1 --expires 7d\n",
        [](OptionSet& a, TokenOptions& o) {
            a.required("id", o.id, "The token's id, as `token list` shows it");
            a.option("--label", o.label, "What it is used for");
            a.option("--expires", o.expires, "When it ends: 30d, 2030-12-31, or a time");
            a.flag("--never-expires", o.never_expires, "It does not end");
        }
    );
    c.add(
        g,
        "list",
        "List tokens, of all users or one",
        &token_list,
        "  entente token list siem\n",
        [](OptionSet& a, TokenOptions& o) { a.option("user", o.user, "Only this user's"); }
    );
    c.add(
        g,
        "show",
        "Show one token (never its secret)",
        &token_show,
        "  entente token show 0f3c9a2b77d1\n",
        [](OptionSet& a, TokenOptions& o) { a.required("id", o.id, "The token's id"); }
    );
    c.add(
        g,
        "remove",
        "Revoke a token at once",
        &token_remove,
        "  entente token remove 0f3c9a2b77d1\n",
        [](OptionSet& a, TokenOptions& o) { a.required("id", o.id, "The token's id"); }
    );
}

void root_options(OptionSet& a, RootOptions& o) {
    a.required("name", o.name, "Its name, the first part of its path");
    a.option("--title", o.title, "Its title (new ones: the name)");
    a.option("--description", o.description, "Its description");
    a.option("--max-content-length", o.max_content_length, "Largest request body, such as 32MiB");
    a.flag("--default", o.make_default, "Discovery names it as the default");
}

void add_root(CommandLine& c) {
    Group g = c.group("root", "API roots, TAXII's trust groups");
    c.add(
        g,
        "add",
        "Add an API root",
        &root_add,
        "  entente root add energy --title \"Energy sector\" --max-content-length 64MiB\n",
        [](OptionSet& a, RootOptions& o) { root_options(a, o); }
    );
    c.add(
        g,
        "set",
        "Change an API root",
        &root_set,
        "  entente root set energy --default\n",
        [](OptionSet& a, RootOptions& o) { root_options(a, o); }
    );
    c.add(
        g,
        "list",
        "List the API roots",
        &root_list,
        "  entente root list\n",
        [](OptionSet&, Common&) {}
    );
    c.add(
        g,
        "show",
        "Show one API root",
        &root_show,
        "  entente root show api\n",
        [](OptionSet& a, NameOptions& o) { name_option(a, o, "The API root's name"); }
    );
    c.add(
        g,
        "remove",
        "Remove an API root without collections",
        &root_remove,
        "  entente root remove energy\n",
        [](OptionSet& a, NameOptions& o) { name_option(a, o, "The API root's name"); }
    );
}

void collection_options(OptionSet& a, CollectionOptions& o) {
    a.option("--alias", o.alias, "A short name for paths; empty for none");
    a.option("--description", o.description, "Its description");
    a.option(
        "--default-marking",
        o.default_marking,
        "TLP level of objects without markings (new ones: TLP:AMBER)"
    );
    a.flag(
        "--accept-stix20", [&o] { o.accept_stix20 = true; }, "Take STIX 2.0 objects too"
    );
    a.flag(
        "--takes-agreements",
        [&o] { o.takes_agreements = true; },
        "Partners' nodes bring agreements here: they are taken, not stored as objects"
    );
    a.option(
        "--check",
        o.check,
        "must: refuse objects that break STIX (new collections); strict: also what it recommends; "
        "off: only ids, versions and markings"
    );
    a.option("--keep", o.keep.keep, "What was added longer ago leaves: 90d, 12w; or forever");
    a.option("--max-bytes", o.keep.bytes_max, "Room for its objects: 500M, 10G; or none: no limit");
    a.option("--max-objects", o.keep.objects_max, "So many versions at most; or none: no limit");
    a.option(
        "--when-full",
        o.keep.when_full,
        "refuse: more objects are refused (new collections); drop-oldest: the oldest leave"
    );
}

constexpr const char* which_collection = "Id, alias or title, with ROOT/ before it if need be";

void add_collection(CommandLine& c) {
    Group g = c.group("collection", "Named streams of objects in an API root");
    c.add(
        g,
        "add",
        "Add a collection; the admin gets all rights on it",
        &collection_add,
        "  entente collection add \"Indicators\" --alias indicators --default-marking TLP:GREEN\n",
        [](OptionSet& a, CollectionOptions& o) {
            a.required("title", o.name, "Its title");
            collection_options(a, o);
            a.option("--root", o.root, "Its API root (default: the default one)");
            a.option("--id", o.id, "Its UUID (default: a new one)");
            a.flag("--no-grant", o.no_grant, "Give the admin no rights on it");
        }
    );
    c.add(
        g,
        "set",
        "Change a collection",
        &collection_set,
        "  entente collection set indicators --default-marking TLP:AMBER\n",
        [](OptionSet& a, CollectionOptions& o) {
            a.required("collection", o.name, which_collection);
            collection_options(a, o);
            a.option("--title", o.title, "Its new title");
            a.flag(
                "--no-takes-agreements",
                [&o] { o.takes_agreements = false; },
                "Store agreements that are posted to it like other objects"
            );
            a.flag(
                "--no-accept-stix20",
                [&o] { o.accept_stix20 = false; },
                "Take STIX 2.1 objects only"
            );
        }
    );
    c.add(
        g,
        "list",
        "List the collections",
        &collection_list,
        "  entente collection list --json\n",
        [](OptionSet&, Common&) {}
    );
    c.add(
        g,
        "show",
        "Show one collection",
        &collection_show,
        "  entente collection show indicators\n",
        [](OptionSet& a, NameOptions& o) { name_option(a, o, which_collection); }
    );
    c.add(
        g,
        "remove",
        "Remove a collection",
        &collection_remove,
        "  entente collection remove indicators --force\n",
        [](OptionSet& a, NameOptions& o) {
            name_option(a, o, which_collection);
            a.flag("--force", o.force, "With all the objects in it");
        }
    );
}

void grant_options(OptionSet& a, GrantOptions& o) {
    a.required("collection", o.collection, which_collection);
    a.option("--party", o.party, "For all users of this party");
    a.option("--user", o.user, "For this user");
}

void rights_options(OptionSet& a, GrantOptions& o) {
    a.flag("--read", o.read, "May read");
    a.flag("--write", o.write, "May publish");
    a.flag("--list", o.list, "May see that the collection exists");
    a.flag(
        "--personal-data",
        o.personal_data,
        "Gives a partner what is personal, too (else it is cut out: docs/stix-personal.md)"
    );
    a.option(
        "--max-marking",
        o.max_marking,
        "Highest TLP level of objects (new grants: TLP:RED for a user of your own party, "
        "TLP:AMBER+STRICT for all of it, TLP:AMBER for partners)"
    );
}

void add_grant(CommandLine& c) {
    Group g = c.group("grant", "Who may do what in a collection");
    c.add(
        g,
        "add",
        "Give rights on a collection to a party or a user",
        &grant_add,
        "  entente grant add indicators --party \"South CERT\" --read --max-marking TLP:GREEN\n"
        "  entente grant add indicators --user feed --write\n",
        [](OptionSet& a, GrantOptions& o) {
            grant_options(a, o);
            rights_options(a, o);
        }
    );
    c.add(
        g,
        "set",
        "Change a grant; what it does not name stays",
        &grant_set,
        "  entente grant set indicators --party \"South CERT\" --max-marking TLP:AMBER --write\n",
        [](OptionSet& a, GrantOptions& o) {
            grant_options(a, o);
            rights_options(a, o);
            a.flag("--no-read", o.no_read, "May not read any more");
            a.flag("--no-write", o.no_write, "May not publish any more");
            a.flag("--no-list", o.no_list, "May not see it listed any more");
            a.flag("--no-personal-data", o.no_personal_data, "What is personal is cut out again");
        }
    );
    c.add(
        g,
        "list",
        "List grants, of all collections or one",
        &grant_list,
        "  entente grant list\n  entente grant list indicators --json\n",
        [](OptionSet& a, GrantOptions& o) {
            a.option("collection", o.collection, which_collection);
            a.option("--party", o.party, "Only this party's");
            a.option("--user", o.user, "Only this user's");
        }
    );
    c.add(
        g,
        "show",
        "Show one grant",
        &grant_show,
        "  entente grant show indicators --party \"South CERT\"\n",
        [](OptionSet& a, GrantOptions& o) { grant_options(a, o); }
    );
    c.add(
        g,
        "remove",
        "Take a grant away",
        &grant_remove,
        "  entente grant remove indicators --party \"South CERT\"\n",
        [](OptionSet& a, GrantOptions& o) { grant_options(a, o); }
    );
}

}  // namespace

void declare_directory_commands(CommandLine& line) {
    add_party(line);
    add_user(line);
    add_token(line);
    add_root(line);
    add_collection(line);
    add_grant(line);
}

}  // namespace entente::cli
