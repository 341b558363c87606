"""Commands on who and what there is, as a person and as a script use them."""

import json
import os
import pty
import re
import stat
import subprocess

import pytest

from support.node import binary, entente

IDENTITY = "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f"
COMMANDS = [
    ["init"], ["serve"], ["check"], ["import"], ["export"], ["explain"], ["audience"], ["simulate"], ["push"], ["pull"],
    ["disclosed"], ["who-has"], ["consumers"], ["stop"], ["start"],
    ["clock", "show"], ["clock", "accept"],
    ["backup"], ["restore"], ["purge"], *[["hold", verb] for verb in ("add", "list", "show", "remove")],
    *[[group, verb] for group in ("party", "user", "token", "root", "collection", "grant")
      for verb in ("add", "set", "list", "show", "remove")],
    *[["peer", verb] for verb in ("set", "show", "list", "remove", "deliver")],
    *[["quarantine", verb] for verb in ("list", "show", "accept", "refuse")],
    *[["sightings", verb] for verb in ("list", "show", "approve", "decline")],
    *[["feed", verb] for verb in ("add", "list", "show", "write", "remove")],
    *[[group, verb] for group in ("own-assets", "warning-list") for verb in ("add", "list", "remove")],
    *[["watch", verb] for verb in ("set", "show", "remove")],
    ["validate"], *[["stix", verb] for verb in ("id", "canonical", "markings", "redact")],
    *[["pattern", verb] for verb in ("check", "explain", "match")],
    *[["agreement", verb] for verb in (
        "new", "amend", "show", "diff", "list", "check", "sign", "propose", "suspend", "resume", "end", "add", "send",
        "receive", "map", "bind", "unbind", "report")],
    ["party", "card"], *[["key", verb] for verb in ("new", "show", "passphrase", "certify", "rotate", "revoke")],
]


def failed(done, code, *words):
    """The command failed with this code, said why on standard error, and nothing on standard output."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr
    return done


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


# -- help and usage


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_examples(command):
    done = entente(*command, "--help")
    assert "Examples:" in done.stdout
    assert "entente " + " ".join(command) in done.stdout
    assert "--json" in done.stdout
    assert entente("help", *command).stdout == done.stdout


def test_help_lists_the_commands_and_exit_codes():
    text = entente("--help").stdout
    for command in COMMANDS:
        assert command[0] in text
    codes = entente("help", "exit-codes").stdout
    assert codes in text
    for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "130 "):
        assert re.search(rf"^ +{code}", codes, re.M)


def test_version():
    assert re.fullmatch(r"entente \d+\.\d+\.\d+\n", entente("--version").stdout)
    assert entente("version").stdout == entente("--version").stdout


@pytest.mark.parametrize(
    "args, words",
    [
        ([], ["a command is missing behind 'entente'", "init", "serve"]),
        (["frobnicate"], ["no command 'entente frobnicate'"]),
        (["user", "frobnicate"], ["no command 'entente user frobnicate'; there are add, set"]),
        (["user"], ["a command is missing behind 'entente user'", "add", "list"]),
        (["init", "--data", "/nonexistent/x"], ["--name"]),
        (["user", "add"], ["<name> is missing: "]),
        (["user", "list"], ["--data is missing", "$ENTENTE_DATA"]),
        (["user", "list", "--frob", "--data", "d"], ["--frob"]),
        (["help", "frobnicate"], ["frobnicate"]),
        (["quarantine", "show", "x", "--data", "d"], ["numbers"]),
    ],
)
def test_a_wrong_command_line_is_exit_2(args, words):
    done = failed(entente(*args, check=False, env={"ENTENTE_DATA": ""}), 2, *words)
    assert "--help" in done.stderr


@pytest.mark.parametrize("args", [["user", "list", "--json"], ["user", "--json", "frobnicate"], ["party", "list", "--json", "--frob"]])
def test_a_wrong_command_line_is_json_for_programs(args):
    done = entente(*args, check=False, env={"ENTENTE_DATA": ""})
    error = json.loads(done.stderr)["error"]
    assert done.returncode == 2 and done.stdout == "" and error["code"] == "invalid_argument" and "--help" not in error["detail"]


def test_data_comes_from_the_option_or_the_environment(node):
    failed(entente("party", "list", check=False, env={"ENTENTE_DATA": ""}), 2, "--data")
    done = entente("party", "list", env={"ENTENTE_DATA": str(node.directory)})
    assert "North CERT" in done.stdout


# -- init


def test_init_makes_a_node(make_node):
    node = make_node("Zürich CERT")
    mode = stat.S_IMODE(node.directory.stat().st_mode)
    assert mode == 0o700
    for secret in ("keys/token.key", "keys/cursor.key", "entente.db"):
        assert stat.S_IMODE((node.directory / secret).stat().st_mode) & 0o077 == 0
    assert node.admin_token.startswith("ent_")
    assert node.json("party", "show", "Zürich CERT")["own"] is True
    assert node.json("user", "show", "admin")["role"] == "admin"
    assert node.json("root", "show", "api")["default"] is True


def test_init_twice_is_refused_and_changes_nothing(node):
    before = node.json("token", "list")
    failed(node.run("init", "--name", "X", check=False), 4, "holds a node already")
    assert node.json("token", "list") == before


def test_init_takes_an_identity(tmp_path):
    done = entente("init", "--data", tmp_path / "n", "--name", "N", "--identity", IDENTITY, "--json")
    assert json.loads(done.stdout)["identity"] == IDENTITY
    failed(
        entente("init", "--data", tmp_path / "m", "--name", "N", "--identity", "x", check=False), 2, "identity--UUID"
    )
    assert not (tmp_path / "m").exists()


def test_init_refuses_a_directory_with_other_files(tmp_path):
    (tmp_path / "thesis.txt").write_text("x")
    failed(entente("init", "--data", tmp_path, "--name", "N", check=False), 4, "thesis.txt")


def test_commands_without_a_node_say_how_to_make_one(tmp_path):
    done = failed(entente("user", "list", "--data", tmp_path / "none", check=False), 4, "entente init")
    assert not (tmp_path / "none").exists()
    failed(entente("serve", "--data", tmp_path / "none", check=False), 4, "entente init")
    assert done.stderr.startswith("entente: ")


def test_the_token_of_init_is_for_people_too(tmp_path):
    text = entente("init", "--data", tmp_path / "n", "--name", "N").stdout
    assert len(re.findall(r"\bent_[A-Za-z0-9_-]{43}\b", text)) == 1
    assert "entente serve" in text


# -- errors for scripts


def test_errors_are_json_with_json(node):
    done = node.run("user", "show", "nobody", "--json", check=False)
    assert done.returncode == 4
    assert done.stdout == ""
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "not_found"
    assert "entente user list" in error["detail"]


def test_what_comes_from_outside_is_escaped(node):
    done = failed(node.run("user", "show", "a\x1b[31m\u202e", check=False), 4)
    assert "\x1b" not in done.stderr and "\u202e" not in done.stderr
    failed(node.run("collection", "add", "a\x1b[31m", check=False), 2, "do not show")


# -- party


def test_party(node):
    made = node.json("party", "add", "South CERT", "--identity", IDENTITY)
    assert made == {"name": "South CERT", "own": False, "identities": [IDENTITY], "users": 0}
    failed(node.run("party", "add", "South CERT", check=False), 4, "already")
    failed(node.run("party", "add", "East", "--identity", IDENTITY, check=False), 4, "South CERT")
    failed(node.run("party", "add", "East", "--identity", "identity--1", check=False), 2, "identity--UUID")
    assert [p["name"] for p in lines(node.run("party", "list", "--json"))] == ["North CERT", "South CERT"]
    changed = node.json("party", "set", "South CERT", "--name", "CERT South")
    assert changed["name"] == "CERT South" and changed["identities"] == [IDENTITY]
    failed(node.run("party", "set", "CERT South", check=False), 2, "nothing to change")
    failed(node.run("party", "show", "South CERT", check=False), 4, "entente party list")
    assert node.json("party", "remove", "CERT South") == {"removed": "CERT South"}
    assert len(lines(node.run("party", "list", "--json"))) == 1


def test_a_party_in_use_cannot_go(node):
    failed(node.run("party", "remove", "North CERT", check=False), 4, "its own")
    node.run("party", "add", "South")
    node.run("user", "add", "siem", "--party", "South", "--no-password")
    failed(node.run("party", "remove", "South", check=False), 4, "1 users")
    node.run("user", "remove", "siem")
    node.collection("C")
    node.grant("C", "--party", "South", "--read")
    failed(node.run("party", "remove", "South", check=False), 4, "1 grants")
    node.run("grant", "remove", "C", "--party", "South")
    node.run("party", "remove", "South")


# -- user


def test_user(node):
    node.run("party", "add", "South")
    made = node.json("user", "add", "siem", "--party", "South", "--no-password")
    assert made == {
        "name": "siem", "party": "South", "role": "reader", "password": False, "password_expires": None,
        "tokens": 0, "disabled": False,
    }
    failed(node.run("user", "add", "siem", "--no-password", check=False), 4, "entente user set siem")
    failed(node.run("user", "add", "x", "--party", "West", check=False), 4, "entente party list")
    failed(node.run("user", "add", "x", "--role", "king", check=False), 2, "admin, publisher, reader, auditor or sensor")
    failed(node.run("user", "add", "a:b", check=False), 2, "colon")
    failed(node.run("user", "add", "x", "--party", "South", "--role", "admin", check=False), 4, "own party")
    failed(node.run("user", "set", "siem", "--role", "auditor", check=False), 4, "own party")
    assert node.json("user", "set", "siem", "--role", "publisher")["role"] == "publisher"
    assert node.json("user", "set", "siem", "--disable")["disabled"] is True
    assert node.json("user", "set", "siem", "--enable")["disabled"] is False
    assert node.json("user", "set", "siem", "--name", "siem2")["name"] == "siem2"
    failed(node.run("user", "set", "siem2", check=False), 2, "nothing to change")
    failed(node.run("user", "set", "siem2", "--enable", "--disable", check=False), 2, "contradict")
    assert [u["name"] for u in lines(node.run("user", "list", "--json"))] == ["admin", "siem2"]
    assert node.json("user", "remove", "siem2") == {"removed": "siem2"}
    failed(node.run("user", "remove", "siem2", check=False), 4)


def test_passwords_come_from_standard_input(node):
    made = json.loads(
        node.run("user", "add", "p", "--password-stdin", "--expires", "90d", "--json", stdin="correct horse\n").stdout
    )
    assert made["password"] is True
    assert made["password_expires"] > made["password_expires"][:4]
    never = json.loads(
        node.run("user", "set", "p", "--password-stdin", "--never-expires", "--json", stdin="battery staple").stdout
    )
    assert never["password_expires"] is None
    assert node.json("user", "set", "p", "--no-password")["password"] is False


def typed(node, *lines):
    """`user add p --password-stdin` with a person at a terminal; returns the exit code and what the terminal shows."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [binary(), "user", "add", "p", "--password-stdin", "--data", str(node.directory)],
        stdin=slave, stdout=slave, stderr=slave,
    )
    os.close(slave)
    shown = b""
    prompts = [b"Password: ", b"Again: "]
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # the program has closed its end
            break
        shown += piece
        if prompts and shown.endswith(prompts[0]):
            prompts.pop(0)
            os.write(master, lines[1 - len(prompts)].encode() + b"\n")
    os.close(master)
    return process.wait(timeout=60), shown.decode()


def test_a_terminal_is_asked_twice_and_shows_nothing(node):
    code, shown = typed(node, "correct horse", "correct horse")
    assert code == 0 and "horse" not in shown
    assert node.json("user", "show", "p")["password"] is True


def test_a_slip_at_the_terminal_makes_no_user(node):
    code, shown = typed(node, "correct horse", "correct house")
    assert code == 2 and "differ" in shown
    failed(node.run("user", "show", "p", check=False), 4)


@pytest.mark.parametrize("secret", ["", "\n", "short\n", "x" * 1100 + "\n"])
def test_useless_passwords_make_no_user(node, secret):
    failed(node.run("user", "add", "p", "--password-stdin", stdin=secret, check=False), 2, "password")
    failed(node.run("user", "show", "p", check=False), 4)


def test_a_password_end_needs_a_password(node):
    failed(node.run("user", "add", "p", "--expires", "90d", check=False), 2, "entente token add")
    failed(
        node.run("user", "add", "p", "--password-stdin", "--expires", "2001-01-01", stdin="correct horse", check=False),
        2,
        "not in the future",
    )


@pytest.mark.parametrize("command", [["user", "add"], ["user", "set"], ["push"], ["pull"], ["token", "add"]])
def test_no_command_takes_a_secret_as_an_argument(command):
    options = set(re.findall(r"--[a-z-]+", entente(*command, "--help").stdout))
    assert not options & {"--password", "--secret", "--token", "--pass", "--api-key"}


# -- token


def test_token(node):
    made = node.json("token", "add", "admin", "--label", "rack 4", "--expires", "30d")
    assert re.fullmatch(r"ent_[A-Za-z0-9_-]{43}", made["token"])
    assert made["label"] == "rack 4" and made["state"] == "active" and made["expires"]
    listed = lines(node.run("token", "list", "admin", "--json"))
    assert [t["label"] for t in listed] == ["made by init", "rack 4"]
    everything = node.run("token", "list").stdout + node.run("token", "show", made["id"], "--json").stdout
    assert made["token"] not in everything and "ent_" not in everything
    assert node.json("token", "set", made["id"], "--never-expires", "--label", "rack 5")["label"] == "rack 5"
    assert node.json("token", "remove", made["id"]) == {"removed": made["id"]}
    assert node.json("token", "show", made["id"])["state"] == "revoked"
    failed(node.run("token", "remove", "0123", check=False), 4, "entente token list")
    failed(node.run("token", "add", "nobody", check=False), 4, "entente user list")
    failed(node.run("token", "add", "admin", "--expires", "soon", check=False), 2, "90d")


# -- root


def test_root(node):
    made = node.json("root", "add", "energy", "--title", "Energy sector", "--max-content-length", "1MiB")
    assert made["path"] == "/energy/" and made["max_content_length"] == 1 << 20 and made["default"] is False
    for name in ("taxii2", "a/b", "a b", "..", "é"):
        failed(node.run("root", "add", name, check=False), 2)
    failed(node.run("root", "add", "energy", check=False), 4, "already")
    failed(node.run("root", "set", "energy", "--max-content-length", "1", check=False), 2, "between")
    assert node.json("root", "set", "energy", "--default")["default"] is True
    assert node.json("root", "show", "api")["default"] is False, "one default only"
    node.run("collection", "add", "C", "--root", "energy")
    failed(node.run("root", "remove", "energy", check=False), 4, "1 collections")
    node.run("collection", "remove", "energy/C")
    assert node.json("root", "remove", "energy") == {"removed": "energy"}


# -- collection


def test_collection(node):
    made = node.json("collection", "add", "Indicators", "--alias", "ind", "--default-marking", "tlp:green")
    assert made["path"] == f"/api/collections/{made['id']}/"
    assert made["default_marking"] == "TLP:GREEN" and made["granted_to"] == "admin"
    assert made["media_types"] == ["application/stix+json;version=2.1"]
    failed(node.run("collection", "add", "Indicators", check=False), 4, "title")
    failed(node.run("collection", "add", "Others", "--alias", "ind", check=False), 4, "alias")
    failed(node.run("collection", "add", "Others", "--id", made["id"].upper(), check=False), 4, "id")
    failed(node.run("collection", "add", "Others", "--id", "107", check=False), 2, "--alias")
    failed(node.run("collection", "add", "Others", "--alias", made["id"], check=False), 2, "collection id")
    failed(node.run("collection", "add", "Others", "--alias", "a/b", check=False), 2, "URL")
    failed(node.run("collection", "add", "Others", "--default-marking", "TLP:BLUE", check=False), 2, "TLP:RED")
    failed(node.run("collection", "add", "Others", "--root", "none", check=False), 4, "entente root list")
    for name in ("ind", "api/ind", "Indicators", "api/Indicators", made["id"], made["id"].upper()):
        assert node.json("collection", "show", name)["id"] == made["id"]
    changed = node.json("collection", "set", "ind", "--alias", "", "--accept-stix20", "--description", "D")
    assert changed["alias"] == "" and changed["description"] == "D"
    assert "application/stix+json;version=2.0" in changed["media_types"]
    assert len(node.json("collection", "set", "Indicators", "--no-accept-stix20")["media_types"]) == 1
    failed(node.run("collection", "show", "ind", check=False), 4, "entente collection list")
    assert node.json("collection", "remove", "Indicators") == {"removed": made["id"]}


def test_a_title_in_two_roots_has_to_be_said_exactly(node):
    node.run("root", "add", "two")
    first = node.collection("Same")
    node.json("collection", "add", "Same", "--root", "two")
    failed(node.run("collection", "show", "Same", check=False), 4, "names 2 collections")
    assert node.json("collection", "show", "api/Same")["id"] == first


def test_collection_without_rights_for_the_admin(node):
    made = node.json("collection", "add", "C", "--no-grant")
    assert made["granted_to"] == "" and made["grants"] == 0


# -- grant


def test_grant_with_the_usual_ceilings(node):
    node.run("party", "add", "South")
    node.run("user", "add", "siem", "--party", "South", "--no-password")
    node.run("user", "add", "analyst", "--no-password")
    node.collection("C")
    assert node.grant("C", "--party", "South", "--read")["max_marking"] == "TLP:AMBER"
    assert node.grant("C", "--user", "siem", "--write")["max_marking"] == "TLP:AMBER"
    assert node.grant("C", "--user", "analyst", "--read")["max_marking"] == "TLP:RED"
    assert node.grant("C", "--party", "North CERT", "--list")["max_marking"] == "TLP:AMBER+STRICT"
    text = node.run("grant", "list").stdout
    assert "party South" in text and "user analyst" in text
    text = node.run("grant", "remove", "C", "--party", "South").stdout
    text = node.run("grant", "add", "C", "--party", "South", "--read").stdout
    assert "TLP:AMBER is the usual one" in text, "what was applied is said"


def test_grant(node):
    node.run("party", "add", "South")
    collection = node.collection("C")
    made = node.grant("C", "--party", "South", "--read", "--max-marking", "TLP:GREEN")
    assert made == {
        "collection": collection, "title": "C", "party": "South", "list": False, "read": True, "write": False,
        "max_marking": "TLP:GREEN", "personal_data": False,
    }
    assert node.json("grant", "set", "C", "--party", "South", "--personal-data")["personal_data"] is True
    assert "given" in node.run("grant", "show", "C", "--party", "South").stdout
    assert node.json("grant", "set", "C", "--party", "South", "--no-personal-data")["personal_data"] is False
    failed(node.run("grant", "set", "C", "--party", "South", "--personal-data", "--no-personal-data", check=False), 2)
    failed(node.run("grant", "add", "C", "--party", "South", "--read", check=False), 4, "entente grant set")
    failed(node.run("grant", "add", "C", "--party", "South", check=False), 2, "--read")
    failed(node.run("grant", "add", "C", "--read", check=False), 2, "--party")
    failed(node.run("grant", "add", "C", "--read", "--party", "South", "--user", "admin", check=False), 2, "one of")
    failed(node.run("grant", "add", "D", "--read", "--party", "South", check=False), 4, "entente collection list")
    changed = node.json("grant", "set", "C", "--party", "South", "--write", "--max-marking", "TLP:AMBER")
    assert changed["read"] and changed["write"] and changed["max_marking"] == "TLP:AMBER"
    assert node.json("grant", "set", "C", "--party", "South", "--no-read")["read"] is False
    failed(node.run("grant", "set", "C", "--party", "South", "--no-write", check=False), 2, "entente grant remove")
    failed(node.run("grant", "set", "C", "--party", "South", "--read", "--no-read", check=False), 2)
    assert node.json("grant", "show", "C", "--party", "South")["write"] is True
    assert len(lines(node.run("grant", "list", "C", "--json"))) == 2
    assert len(lines(node.run("grant", "list", "--party", "South", "--json"))) == 1
    node.run("grant", "remove", "C", "--party", "South")
    failed(node.run("grant", "remove", "C", "--party", "South", check=False), 4, "no grant")


def test_lists_are_json_lines_and_documents_are_one(node):
    node.collection("C")
    for command in (["party", "list"], ["user", "list"], ["token", "list"], ["root", "list"], ["collection", "list"],
                    ["grant", "list"], ["quarantine", "list"]):
        done = node.run(*command, "--json")
        assert all(isinstance(line, dict) for line in lines(done))
        assert done.stderr == ""
        people = node.run(*command).stdout
        assert not people.startswith("{") and people.endswith("\n")
