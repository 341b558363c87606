"""What a newcomer gets wrong: every answer says what is wrong and what would be right."""

import json
import os
import pwd
import re
import subprocess

import pytest

from support.node import binary, entente

NOBODY = 65534


def failed(done, code, *words):
    assert done.returncode == code, (done.stdout, done.stderr)
    for word in words:
        assert word in done.stderr, done.stderr
    return done


@pytest.fixture
def papers(tmp_path):
    """A folder with one of each file."""
    entente("key", "new", "n", "--plain", "--out", tmp_path / "n.key")
    entente("party", "card", "--key", tmp_path / "n.key", "--name", "North CERT", "--out", tmp_path / "n.card")
    entente("key", "revoke", "--key", tmp_path / "n.key", "--out", tmp_path / "end.note")
    entente("agreement", "new", "--template", "bilateral", "--party", f"a={tmp_path / 'n.card'}", "--party", f"b={tmp_path / 'n.card'}",
            "--out", tmp_path / "a.json", check=False)
    return tmp_path


@pytest.mark.parametrize(
    "command, file, words",
    [
        (["key", "show"], "n.card", "it is a party card; see: entente party show"),
        (["key", "revoke", "--key"], "n.card", "it is a party card"),
        (["party", "show"], "end.note", "it is a statement about a key; see: entente key show"),
        (["party", "show"], "n.key", "it is a key file"),
        (["agreement", "show"], "n.card", "it is a party card"),
        (["agreement", "check"], "end.note", "it is a statement about a key"),
    ],
)
def test_a_file_of_another_kind_is_named_as_what_it_is(papers, command, file, words):
    done = entente(*command, papers / file, check=False)
    assert words in done.stdout + done.stderr and done.returncode in (1, 3), (done.stdout, done.stderr)
    assert "seed" not in done.stdout + done.stderr


@pytest.mark.parametrize("word", ["south.card", "./south", "/tmp/nowhere/south", "revocation.note"])
def test_a_mistyped_file_does_not_become_a_party(node, word):
    failed(node.run("party", "add", word, check=False), 4, f"{word}: no such file")
    failed(node.run("party", "add", "South", "--fingerprint", "1234", check=False), 4, "South: no such file")
    assert "South" not in node.run("party", "list").stdout
    node.run("party", "add", "Ship & Co. A/S")


def test_what_is_neither_a_file_nor_known_here_says_both(node):
    failed(node.run("agreement", "show", "draft.json", check=False), 4, "no agreement 'draft.json'", "no file has that name")
    failed(node.run("party", "show", "south.card", check=False), 4, "no party 'south.card'", "no file has that name")


def test_a_node_of_another_user_says_whose_it_is(node):
    if os.geteuid() != 0:
        pytest.skip("only root can act as two users")
    os.chown(node.directory, NOBODY, NOBODY)
    name = pwd.getpwuid(NOBODY).pw_name
    for path in (node.directory.parent, *node.directory.parent.parents):
        if path.stat().st_uid == 0 and not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode | 0o011)
    other = subprocess.run(
        [binary(), "user", "list", "--data", str(node.directory)], user=12345, group=12345, extra_groups=[],
        capture_output=True, text=True, check=False,
    )
    failed(other, 4, f"belongs to the user {name} alone", f"sudo -u {name}")


def test_init_of_a_served_node_says_that_it_is_one(node):
    node.serve("--tls-self-signed")
    failed(entente("init", "--data", node.directory, "--name", "N", check=False), 4, "holds a node already")


def test_a_certificate_that_is_none_says_why(node, tmp_path):
    (tmp_path / "a.pem").write_text("hello\n")
    serve = ["serve", "--listen", "127.0.0.1:0"]
    failed(node.run(*serve, "--tls-cert", tmp_path / "no.pem", "--tls-key", tmp_path / "a.pem", check=False), 2, "no.pem: No such file")
    failed(node.run(*serve, "--tls-cert", tmp_path / "a.pem", "--tls-key", tmp_path / "no.pem", check=False), 2, "no.pem: No such file")
    done = node.run(*serve, "--tls-cert", tmp_path / "a.pem", "--tls-key", tmp_path / "a.pem", check=False)
    failed(done, 2, "a.pem: no start line; expected a PEM file")


def test_json_for_programs_does_not_steer_a_terminal(node, tmp_path):
    evil = "\x9b31m\u202etxt\u200b\x7f"
    path = tmp_path / "o.json"
    path.write_text(json.dumps([{"type": "x-evil", "id": evil}], ensure_ascii=False))
    node.collection("C", "--alias", "c")
    done = node.run("import", path, "--collection", "c", "--json", check=False)
    refused = node.run("user", "show", evil, "--json", check=False)
    for text in (done.stdout, done.stderr, refused.stdout, refused.stderr):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]", text), repr(text)
    assert evil in json.loads(refused.stderr)["error"]["detail"] or "\\u{202e}" in json.loads(refused.stderr)["error"]["detail"]


def test_a_full_disk_under_the_output_is_told(node):
    with open("/dev/full", "w", encoding="utf-8") as full:
        for args in (["--help"], ["version"], ["user", "list", "--data", str(node.directory)]):
            assert subprocess.run([binary(), *args], stdout=full, stderr=subprocess.DEVNULL, check=False).returncode == 5, args


def test_a_pipe_that_closes_early_ends_the_command(node, tmp_path):
    path = tmp_path / "many.json"
    path.write_text(json.dumps([{"type": "indicator", "id": f"indicator--{n:08x}-0000-4000-8000-000000000000"} for n in range(5000)]))
    done = subprocess.run(
        f"'{binary()}' stix canonical '{path}' | head -n 1", shell=True, capture_output=True, text=True, timeout=60, check=False
    )
    assert len(done.stdout.splitlines()) == 1 and "Broken pipe" in done.stderr
