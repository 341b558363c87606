"""Keys and cards, as a person uses them: files, certificates, rotation, loss, theft, and the partner who takes the card."""

import http.server
import json
import os
import re
import shutil
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from support.node import binary, entente
from support.terminal import on_terminal

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")
PASSPHRASE = "six words that nobody would guess"


def failed(done, code, *words):
    assert done.returncode == code, (done.stdout, done.stderr)
    for word in words:
        assert word in done.stderr
    return done


def run(*args, **options):
    return entente(*args, check=False, **options)


def make(folder, name, who=None):
    """A key without a passphrase; returns its file."""
    path = folder / f"{name}.key"
    entente("key", "new", who or f"north.example/{name}", "--plain", "--out", path)
    return path


def text_of(key):
    return json.loads(entente("key", "show", key, "--json").stdout)["key"]


def fingerprint_of(key):
    return json.loads(entente("key", "show", key, "--json").stdout)["fingerprint"]


@pytest.fixture
def north(tmp_path):
    """A folder with North's keys and its first card."""
    identity, recovery = make(tmp_path, "identity"), make(tmp_path, "recovery")
    entente("party", "card", "--key", identity, "--recovery", recovery, "--name", "North CERT",
            "--identity", "identity--8e3c3e5d-5f3a-4f0e-9a3e-2d4f4b6e7c11", "--out", tmp_path / "north.card")
    return tmp_path


@pytest.fixture
def south(make_node):
    return make_node("South CERT")


def take(node, source, *options, **more):
    return node.run("party", "add", source, *options, check=False, **more)


def first(node, folder):
    done = take(node, folder / "north.card", "--fingerprint", fingerprint_of(folder / "identity.key"))
    assert done.returncode == 0, done.stderr


# -- key files


def test_a_new_key_is_readable_by_its_owner_only_and_overwrites_nothing(tmp_path):
    path = make(tmp_path, "identity")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    failed(run("key", "new", "other", "--plain", "--out", path), 4, "is there already")
    assert path.read_bytes() == before
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    failed(run("key", "new", "other", "--plain", "--out", link), 4)
    assert not (tmp_path / "elsewhere").exists()


def test_show_warns_of_a_file_that_others_may_read(tmp_path):
    path = make(tmp_path, "identity")
    assert entente("key", "show", path).stderr == ""
    path.chmod(0o644)
    assert "chmod 600" in entente("key", "show", path).stderr


def test_a_key_lies_under_its_passphrase(tmp_path):
    path, words = tmp_path / "identity.key", tmp_path / "words"
    words.write_text(PASSPHRASE + "\n")
    made = entente("key", "new", "north.example/identity", "--out", path, "--passphrase-file", words)
    shown = entente("key", "show", path)
    assert made.stdout == shown.stdout and "under a passphrase" in shown.stdout
    assert re.search(r"^fingerprint +(\d{4} ){7}\d{4}$", shown.stdout, re.M)
    assert PASSPHRASE not in path.read_text() + made.stdout + made.stderr

    revoked = run("key", "revoke", "--key", path, "--passphrase-file", "-", stdin=PASSPHRASE + "\n")
    assert revoked.returncode == 0 and revoked.stdout.startswith("entente-key-revocation/v1\n")

    wrong = run("key", "revoke", "--key", path, "--passphrase-file", "-", stdin="another one\n")
    failed(wrong, 4, "the passphrase is wrong, or the file was changed", "identity.key")
    assert wrong.stdout == "" and "another" not in wrong.stderr
    wrong = run("key", "revoke", "--key", path, "--passphrase-file", "-", "--json", stdin="another one\n")
    assert json.loads(wrong.stderr)["error"]["code"] == "unauthorized"

    failed(run("key", "revoke", "--key", path, stdin=""), 2, "--passphrase-file")
    failed(run("key", "revoke", "--key", path, "--passphrase-file", tmp_path / "none"), 4, "none")
    failed(run("key", "revoke", "--key", path, "--passphrase-file", "-", stdin=""), 2, "no passphrase")
    short = run("key", "new", "a", "--out", tmp_path / "short.key", "--passphrase-file", "-", stdin="seven77\n")
    failed(short, 2, "8 to 1024 bytes")
    assert not (tmp_path / "short.key").exists()


def test_the_passphrase_changes(tmp_path):
    path = tmp_path / "identity.key"
    entente("key", "new", "north.example/identity", "--out", path, "--passphrase-file", "-", stdin="the old words\n")
    key = text_of(path)
    entente("key", "passphrase", path, "--passphrase-file", "-", "--new-passphrase-file", "-",
            stdin="the old words\nthe new words\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and text_of(path) == key
    failed(run("key", "revoke", "--key", path, "--passphrase-file", "-", stdin="the old words\n"), 4)
    before = path.read_bytes()
    failed(run("key", "passphrase", path, "--plain", "--passphrase-file", "-", stdin="the old words\n"), 4)
    assert path.read_bytes() == before
    entente("key", "passphrase", path, "--plain", "--passphrase-file", "-", stdin="the new words\n")
    assert "without a passphrase" in entente("key", "show", path).stdout and text_of(path) == key
    entente("key", "revoke", "--key", path)


def test_a_terminal_is_asked_without_echo(tmp_path):
    path = tmp_path / "identity.key"
    words = PASSPHRASE + "\n"
    code, shown, echo = on_terminal(["key", "new", "a", "--out", path], [words, words])
    assert code == 0 and echo, shown
    assert "Passphrase of the new key: " in shown and "Again: " in shown and PASSPHRASE not in shown
    code, shown, _ = on_terminal(["key", "revoke", "--key", path], [words])
    assert code == 0 and "Passphrase of a: " in shown and PASSPHRASE not in shown
    code, shown, echo = on_terminal(["key", "new", "a", "--out", tmp_path / "b"], [words, "not the same words\n"])
    assert code == 2 and echo and "the two passphrases differ" in shown and not (tmp_path / "b").exists()


def test_a_passphrase_changes_where_a_link_leads(tmp_path):
    (tmp_path / "medium").mkdir()
    there = make(tmp_path / "medium", "identity")
    link = tmp_path / "identity.key"
    link.symlink_to(there)
    entente("key", "passphrase", link, "--new-passphrase-file", "-", stdin=PASSPHRASE + "\n")
    assert link.is_symlink() and "under a passphrase" in entente("key", "show", there).stdout


def test_what_cannot_be_written_is_refused_before_a_passphrase_is_asked_for(tmp_path):
    path = make(tmp_path, "identity")
    code, shown, _ = on_terminal(["key", "new", "a", "--out", path], [])
    assert code == 4 and "is there already" in shown and "Passphrase" not in shown
    failed(run("key", "revoke", "--key", path, "--out", tmp_path / "no" / "note"), 4, "there is no directory")


@pytest.mark.parametrize(
    "damage, code, words",
    [
        (lambda t: t[:-20], 3, "cut off at line 3"),
        (lambda t: "", 3, "cut off at line 1"),
        (lambda t: t.replace("seed ", "seed A"), 3, "line 3"),
        (lambda t: t.replace("/v1", "/v9"), 3, "unknown version"),
        (lambda t: t + "x" * (16 << 10), 3, "no key file has more than 16384 bytes"),
        (lambda t: "-----BEGIN OPENSSH PRIVATE KEY-----\n", 3, "line 1: a key file begins with"),
    ],
)
def test_a_damaged_key_file_is_refused_with_its_line(tmp_path, damage, code, words):
    path = make(tmp_path, "identity")
    secret = path.read_text().split("seed ")[1].strip()
    path.write_text(damage(path.read_text()))
    done = failed(run("key", "revoke", "--key", path), code, words, "identity.key")
    assert secret not in done.stdout + done.stderr


# -- statements


def test_statements_say_what_they_say_and_tampering_shows(north):
    node, new = make(north, "node"), make(north, "new")
    identity = north / "identity.key"
    entente("key", "certify", node, "--key", identity, "--until", "30d", "--out", north / "node.note")
    entente("key", "certify", text_of(node), "--key", identity, "--until", "30d", "--use", "log", "--out", north / "log.note")
    entente("key", "rotate", new, "--key", identity, "--out", north / "rotation.note")
    entente("key", "revoke", "--key", identity, "--reason", "lost", "--since", "2026-01-01", "--out", north / "end.note")
    assert "north.example/identity certifies north.example/node for delivery" in entente("key", "show", north / "node.note").stdout
    assert "for log" in entente("key", "show", north / "log.note").stdout
    assert "north.example/new follows north.example/identity" in entente("key", "show", north / "rotation.note").stdout
    assert "is lost and ends at 2026-01-01T00:00:00.000000Z" in entente("key", "show", north / "end.note").stdout
    for note, old, other in (("node", "delivery", "witness"), ("end", "since 2026", "since 2025"), ("rotation", "until 2", "until 3")):
        path = north / f"{note}.note"
        path.write_text(path.read_text().replace(old, other, 1))
        failed(run("key", "show", path), 4, "does not fit the text")
    lines = (north / "log.note").read_text().splitlines(keepends=True)
    (north / "log.note").write_text("".join(lines[:-1]))
    failed(run("key", "show", north / "log.note"), 3, "no signature")
    failed(run("key", "revoke", "--key", identity, "--out", north / "end.note"), 4, "is there already")
    failed(run("key", "certify", node, "--key", identity, "--until", "30d", "--use", "everything"), 2, "delivery, log or witness")
    failed(run("key", "rotate", identity, "--key", identity), 3, "does not follow itself")


# -- cards


def test_a_card_shows_what_it_says_and_tampering_shows(north):
    shown = json.loads(entente("party", "show", north / "north.card", "--json").stdout)
    assert shown["name"] == "North CERT" and shown["sequence"] == 1
    assert shown["identity_keys"][0]["fingerprint"] == fingerprint_of(north / "identity.key")
    card = (north / "north.card").read_text()
    for bad, code in ((card.replace("North", "South", 1), 4), (card[:-3], 3), (card.replace('"from"', '"form"', 1), 3), ("{}\n", 3)):
        (north / "bad.card").write_text(bad)
        failed(run("party", "show", north / "bad.card"), code, "bad.card")


def test_a_card_is_signed_by_all_its_keys_and_made_from_the_one_before(north):
    second = make(north, "second")
    entente("party", "card", "--after", north / "north.card", "--key", north / "identity.key", "--key", second,
            "--client", "Harbour", "--out", north / "2.card")
    shown = json.loads(entente("party", "show", north / "2.card", "--json").stdout)
    assert shown["sequence"] == 2 and len(shown["identity_keys"]) == 2 and shown["clients"] == ["Harbour"]
    assert shown["identities"] == ["identity--8e3c3e5d-5f3a-4f0e-9a3e-2d4f4b6e7c11"]
    failed(run("party", "card", "--name", "x"), 2, "--key")
    failed(run("party", "card", "--key", second), 2, "--name")
    failed(run("party", "card", "--key", second, "--name", "x", "--identity", "malware--1"), 3, "/identities/0")


def test_a_first_card_needs_its_fingerprint(north, south):
    card, mark = north / "north.card", fingerprint_of(north / "identity.key")
    failed(take(south, card), 4, mark, "--fingerprint")
    failed(take(south, card, "--fingerprint", fingerprint_of(north / "recovery.key")), 4, "is not that of this card")
    failed(take(south, "-", stdin=card.read_text()), 4, "--fingerprint")
    assert "North CERT" not in south.run("party", "list").stdout
    done = take(south, card, "--fingerprint", mark.replace(" ", ""))
    assert done.returncode == 0, done.stderr
    shown = south.json("party", "show", "North CERT")
    assert shown["card"]["sequence"] == 1 and shown["identities"] == ["identity--8e3c3e5d-5f3a-4f0e-9a3e-2d4f4b6e7c11"]
    row = next(line for line in south.run("party", "list").stdout.splitlines() if line.startswith("North CERT"))
    assert row.split()[-1] == "1"
    failed(take(south, card, "--fingerprint", mark), 4, "known already")


def test_a_terminal_is_asked_about_the_fingerprint(north, south):
    args = ["party", "add", north / "north.card", "--data", south.directory]
    code, shown, _ = on_terminal(args, ["no\n"])
    assert code == 4 and fingerprint_of(north / "identity.key") in shown and "not confirmed" in shown
    assert "North CERT" not in south.run("party", "list").stdout
    code, shown, _ = on_terminal(args, ["y\n", "yes\n"])
    assert code == 0 and "Please type yes or no" in shown, shown
    assert "North CERT" in south.run("party", "list").stdout


def test_an_older_card_that_is_played_back_is_refused(north, south):
    first(south, north)
    entente("party", "card", "--after", north / "north.card", "--key", north / "identity.key", "--contact", "new", "--out", north / "2.card")
    assert take(south, north / "2.card").returncode == 0
    failed(take(south, north / "north.card"), 4, "an older card")
    assert south.json("party", "show", "North CERT")["card"]["contact"] == "new"


def test_a_strangers_card_does_not_take_a_partners_place(north, south, tmp_path):
    first(south, north)
    thief = make(tmp_path, "thief", "thief")
    mark = fingerprint_of(thief)
    entente("party", "card", "--key", thief, "--name", "North CERT", "--sequence", "5", "--out", north / "false.card")
    failed(take(south, north / "false.card", "--fingerprint", mark), 4, "signed by no key")
    identity = "identity--8e3c3e5d-5f3a-4f0e-9a3e-2d4f4b6e7c11"
    entente("party", "card", "--key", thief, "--name", "East", "--identity", identity, "--out", north / "east.card")
    failed(take(south, north / "east.card", "--fingerprint", mark), 4, "is listed by the party 'North CERT'")
    assert "East" not in south.run("party", "list").stdout


def test_a_strangers_statement_is_not_kept(north, south):
    first(south, north)
    thief = make(north, "thief", "thief")
    entente("key", "revoke", "--key", thief, "--of", north / "north.card", "--out", north / "false.note")
    failed(take(south, north / "false.note"), 4, "does not count")
    entente("key", "revoke", "--key", north / "recovery.key", "--of", north / "north.card", "--out", north / "true.note")
    assert take(south, north / "true.note").returncode == 0
    failed(take(south, north / "true.note"), 4, "known already")
    assert "ended" in south.run("party", "show", "North CERT").stdout


# -- cards by address


@pytest.fixture
def site(north):
    """Serves the folder, with an address that sends elsewhere and one that never ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/north.card")
                self.end_headers()
                return
            body = b"x" * (2 << 20) if self.path == "/endless" else (north / self.path.strip("/")).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                pass  # the reader has had enough

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_card_is_fetched_from_its_address(north, south, site):
    mark = fingerprint_of(north / "identity.key")
    failed(take(south, f"{site}/north.card"), 4, "--fingerprint")
    failed(take(south, f"{site}/moved", "--fingerprint", mark), 4, "answers 302")
    failed(take(south, f"{site}/endless", "--fingerprint", mark), 3, "/endless")
    assert take(south, f"{site}/north.card", "--fingerprint", mark).returncode == 0


# -- the page


def section(title):
    """The commands of a section, one block after another."""
    part = re.split(r"^## ", PAGE, flags=re.M)
    text = next(p for p in part if p.startswith(title))
    return re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)


@pytest.fixture
def follow(tmp_path, south):
    """Runs blocks of the page in one folder, where South's node is the node and passphrases come from a file."""
    words = tmp_path / "words"
    words.write_text(PASSPHRASE + "\n")
    folder = tmp_path / "desk"
    folder.mkdir()
    tool = tmp_path / "bin" / "entente"
    tool.parent.mkdir()
    tool.write_text(
        '#!/bin/sh\ncase "$1 $2" in\n'
        f'"key show"|"party show"|"party add") exec {binary()} "$@" ;;\n'
        f'"key passphrase") exec {binary()} "$@" --passphrase-file {words} --new-passphrase-file {words} ;;\n'
        f'*) case "$*" in *--plain*) exec {binary()} "$@" ;; *) exec {binary()} "$@" --passphrase-file {words} ;; esac ;;\nesac\n'
    )
    tool.chmod(0o755)

    def go(*titles):
        for title in titles:
            blocks = section(title)
            assert blocks, title
            for block in blocks:
                identity = folder / "identity.key"
                surroundings = dict(
                    os.environ,
                    PATH=f"{tool.parent}:{os.environ['PATH']}",
                    ENTENTE_DATA=str(south.directory),
                    FINGERPRINT=fingerprint_of(identity) if identity.exists() else "",
                )
                done = subprocess.run(
                    ["sh", "-e", "-c", block], cwd=folder, env=surroundings, capture_output=True, text=True, check=False,
                    stdin=subprocess.DEVNULL, timeout=600,
                )
                assert done.returncode == 0, f"{title}:\n{block}{done.stdout}{done.stderr}"

    go("Make them", "Hand out the card", "Take a partner's card")
    go.folder = folder
    return go


def card_keys(node):
    return [k["key"].split("+")[0] for k in node.json("party", "show", "North CERT")["card"]["identity_keys"]]


def test_the_page_certifies_a_nodes_key_and_changes_the_passphrase(follow, south):
    follow("Certify a node's keys", "Change the passphrase")
    assert take(south, follow.folder / "north-2.card").returncode == 0
    said = south.json("party", "show", "North CERT")["card"]["statements"]
    assert len(said) == 1 and "certifies north.example/node for delivery" in said[0]


def test_the_page_rotates_a_key(follow, south):
    follow("Rotate")
    assert card_keys(south) == ["north.example/identity-2"]


def test_the_page_replaces_a_lost_key(follow, south):
    (follow.folder / "identity.key").unlink()
    follow("Loss")
    assert card_keys(south) == ["north.example/identity-2"]


def test_the_page_answers_a_theft_and_the_thief_has_nothing_left(follow, south):
    desk = follow.folder
    shutil.copy(desk / "identity.key", desk / "stolen.key")
    thief = make(desk, "thief", "thief")
    words = desk.parent / "words"
    follow("Theft")
    assert card_keys(south) == ["north.example/identity-2"]
    # He signs a card of his own with what he stole, and a successor.
    entente("key", "rotate", thief, "--key", desk / "stolen.key", "--passphrase-file", words, "--out", desk / "his.note")
    entente("party", "card", "--after", desk / "north-2.card", "--key", thief, "--also-sign", desk / "stolen.key",
            "--passphrase-file", words, "--statement", desk / "his.note", "--out", desk / "his.card")
    failed(take(south, desk / "his.card"), 4, "signed by no key")
    failed(take(south, desk / "his.note"), 4, "does not count")
    assert card_keys(south) == ["north.example/identity-2"]


def test_a_thief_who_came_first_is_thrown_out_by_the_recovery_key(follow, south):
    desk = follow.folder
    words = desk.parent / "words"
    thief = make(desk, "thief", "thief")
    entente("party", "card", "--after", desk / "north.card", "--key", thief, "--also-sign", desk / "identity.key",
            "--passphrase-file", words, "--out", desk / "his.card")
    assert take(south, desk / "his.card").returncode == 0
    assert card_keys(south) == ["thief"]
    entente("party", "card", "--after", desk / "north.card", "--key", thief, "--also-sign", desk / "identity.key", "--sequence", "3",
            "--recovery", text_of(make(desk, "his-recovery", "thief/recovery")),
            "--passphrase-file", words, "--out", desk / "his-2.card")
    failed(take(south, desk / "his-2.card"), 4, "recovery key before")
    new = make(desk, "new-2", "north.example/identity-2")
    entente("key", "rotate", new, "--key", desk / "recovery.key", "--of", desk / "north.card", "--until", "now",
            "--passphrase-file", words, "--out", desk / "back.note")
    entente("party", "card", "--after", desk / "north.card", "--key", new, "--also-sign", desk / "recovery.key", "--sequence", "3",
            "--statement", desk / "back.note", "--passphrase-file", words, "--out", desk / "back.card")
    done = take(south, desk / "back.card")
    assert done.returncode == 0, done.stderr
    assert card_keys(south) == ["north.example/identity-2"]
