"""Every change by a command leaves one act, committed with it; what fails leaves none."""

import json
import sqlite3

from support.node import indicator


def acts(node):
    database = sqlite3.connect(f"file:{node.directory}/entente.db?mode=ro", uri=True)
    try:
        return [(kind, json.loads(facts)) for kind, facts in database.execute("SELECT kind, facts FROM act ORDER BY no")]
    finally:
        database.close()


def test_each_change_is_recorded_once(node):
    assert [kind for kind, _ in acts(node)] == ["initialised"]
    token = None
    steps = [
        (["party", "add", "South"], ["party added"]),
        (["party", "set", "South", "--name", "S"], ["party changed"]),
        (["user", "add", "u", "--party", "S", "--no-password"], ["user added"]),
        (["user", "set", "u", "--disable"], ["user changed"]),
        (["token", "add", "u"], ["token added"]),
        (["token", "set", "TOKEN", "--label", "l"], ["token changed"]),
        (["token", "remove", "TOKEN"], ["token revoked"]),
        (["root", "add", "r"], ["root added"]),
        (["root", "set", "r", "--title", "R"], ["root changed"]),
        (["collection", "add", "C", "--root", "r"], ["collection added", "granted"]),
        (["collection", "set", "C", "--alias", "c"], ["collection changed"]),
        (["grant", "add", "c", "--party", "S", "--read"], ["granted"]),
        (["grant", "set", "c", "--party", "S", "--write"], ["grant changed"]),
        (["grant", "remove", "c", "--party", "S"], ["grant removed"]),
        (["collection", "remove", "c"], ["collection removed"]),
        (["root", "remove", "r"], ["root removed"]),
        (["user", "remove", "u"], ["user removed"]),
        (["party", "remove", "S"], ["party removed"]),
    ]
    for args, kinds in steps:
        before = len(acts(node))
        done = node.json(*[token if word == "TOKEN" else word for word in args])
        token = done.get("id", token) if args[0] == "token" else token
        assert [kind for kind, _ in acts(node)[before:]] == kinds, args


def test_what_fails_or_only_looks_leaves_none(node):
    node.collection("C")
    before = acts(node)
    for args in (
        ["party", "add", "North CERT"], ["user", "add", "admin"], ["token", "add", "nobody"], ["root", "add", "api"],
        ["collection", "add", "C"], ["grant", "add", "C", "--user", "admin", "--read"], ["user", "set", "admin"],
        ["party", "list"], ["user", "show", "admin"], ["check"], ["explain", "--for", "admin", "--collection", "C"],
        ["export", "--for", "admin", "--collection", "C"], ["quarantine", "accept", "7"],
    ):
        node.run(*args, check=False)
    assert acts(node) == before


def test_no_secret_is_in_an_act(node):
    secret = node.json("token", "add", "admin")["token"]
    node.user("p", "correct horse battery")
    text = json.dumps(acts(node))
    assert secret not in text and node.admin_token not in text and "horse" not in text and "argon2" not in text


def test_an_export_is_a_disclosure(node):
    node.run("party", "add", "South")
    node.run("user", "add", "siem", "--party", "South", "--no-password")
    node.collection("C")
    node.grant("C", "--party", "South", "--read")
    node.run("import", "-", "--collection", "C", stdin=json.dumps([indicator(1), indicator(2)]))
    before = len(acts(node))
    node.run("export", "--for", "siem", "--collection", "C")
    [(kind, facts)] = acts(node)[before:]
    assert kind == "disclosed" and facts["what"] == "export" and facts["count"] == 2 and len(facts["sha256"]) == 64
