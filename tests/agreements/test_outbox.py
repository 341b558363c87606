"""Nodes tell each other of agreements by themselves: what one signs or says acts at the others, whatever breaks on the way."""

import json
import signal
import time

import pytest
from support.node import indicator
from support.pair import NORTH_IDENTITY, Pair, Party

WEST_IDENTITY = "identity--0d4b9f57-3d0c-4b6e-8f0e-5b9a3a7f6c33"
SECRET = "long password of a node"
# How long a retry may take after some failures: they come 1, 2, 4, … seconds apart.
RETRY_SECONDS = 30


def eventually(look, wanted, seconds=2.0):
    """Looks until it is as wanted; returns how long that took."""
    began = time.monotonic()
    while True:
        seen = look()
        took = time.monotonic() - began
        if seen == wanted:
            return took
        assert took < seconds, (seen, wanted)


def node_of(name):
    """The user that a party's node has at its partners'."""
    return name.split()[0].lower() + "-node"


def opens_inbox(party, partner):
    """A collection that takes agreements, a user for the partner's node; serves. Returns the collection's path."""
    node = party.node
    inbox = node.collection("Inbox", "--alias", "inbox", "--takes-agreements")
    node.user(node_of(partner), SECRET, "publisher", partner)
    node.grant("inbox", "--user", node_of(partner), "--write")
    node.serve()
    return f"/api/collections/{inbox}/"


def is_told_at(party, partner, url, secret=SECRET):
    """The partner's node is told at `url` from now on."""
    file = party.folder / f"{party.pid}.secret"
    file.write_text(secret + "\n")
    return party.node.run(
        "peer", "set", partner, "--url", url, "--user", node_of(party.node.name), "--password-file", file
    )


def peers(party):
    return {p["party"]: p for p in map(json.loads, party.node.run("peer", "list", "--json").stdout.splitlines())}


def waiting(party, partner):
    return peers(party)[partner]["waiting"]


@pytest.fixture
def pair(make_node, tmp_path):
    """Both serve and are told of by the other."""
    made = Pair(make_node, tmp_path)
    north, south = made.north, made.south
    south.path = opens_inbox(south, "North CERT")
    north.path = opens_inbox(north, "South CERT")
    is_told_at(north, "South CERT", south.node.url + south.path)
    is_told_at(south, "North CERT", north.node.url + north.path)
    return made


def agree(pair, **more):
    """Both sign; nobody carries anything."""
    north, south = pair.north, pair.south
    done = north.signs("propose", pair.document(**more))
    assert "will be sent to South CERT" in done.stdout
    id = json.loads(north.run("list", "--json").stdout)["id"]
    eventually(lambda: json.loads(south.run("list", "--json").stdout or "{}").get("stage"), "proposed", 5)
    south.signs("sign", id)
    eventually(lambda: north.stage(id), "in force", 5)
    return id


def test_a_suspension_acts_at_the_partner_without_anything_done_there(pair):
    north, south = pair.north, pair.south
    siem = south.node.user("siem", "long password", "reader", "North CERT")
    id = agree(pair, flows=[{"fid": "f1", "from": ["south"], "to": ["north"], "max_marking": "amber"}])
    south.run("bind", id, "--collection", "shared", "--out")
    path = south.node.objects_path(south.collection)
    assert south.node.post(path, [indicator(1)], south.node.admin_token).status_code == 202

    def got():
        answer = south.node.get(path, siem)
        return [o["name"] for o in answer.json().get("objects", [])] if answer.status_code == 200 else []

    assert got() == ["Indicator 1"]
    done = north.run("suspend", id, "--key", north.key, "--reason", "a leak")
    assert "will be sent to South CERT" in done.stdout
    took = eventually(got, [], 2)
    assert took < 2
    assert [(s["pid"], s["reason"]) for s in south.show(id)["suspensions"]] == [("north", "a leak")]
    # Agreements govern North now and nothing is bound for its node, which can take it back all the same.
    north.run("resume", id, "--key", north.key)
    eventually(got, ["Indicator 1"], 5)
    north.run("end", id, "--key", north.key)
    eventually(lambda: south.stage(id), "ended", 5)
    eventually(lambda: waiting(north, "South CERT"), 0, 5)
    assert south.run("check", id).returncode == 0
    assert north.run("check", id).returncode == 0
    # Nothing of it is stored where it came in.
    inbox = south.node.get(south.path + "objects/", south.node.admin_token)
    assert inbox.json().get("objects", []) == []


def test_what_waits_while_the_partner_is_down_is_delivered_when_it_comes_up(pair):
    north, south = pair.north, pair.south
    id = agree(pair)
    port = int(south.node.url.rsplit(":", 1)[1])
    south.node.stop()
    north.run("suspend", id, "--key", north.key)
    eventually(lambda: bool(peers(north)["South CERT"]["error"]), True, 5)
    told = peers(north)["South CERT"]
    assert told["waiting"] == 1 and told["oldest"] and told["next_try"] and "connect" in told["error"]
    assert SECRET not in json.dumps(told) + north.node.log()
    assert south.stage(id) == "in force"
    south.node.serve(port=port)
    eventually(lambda: south.stage(id), "suspended", RETRY_SECONDS)
    eventually(lambda: waiting(north, "South CERT"), 0, 5)


def test_a_server_that_is_killed_delivers_after_it_is_started_again(pair):
    north, south = pair.north, pair.south
    id = agree(pair)
    port = int(south.node.url.rsplit(":", 1)[1])
    south.node.stop()
    north.run("suspend", id, "--key", north.key)
    north.node.stop(signal.SIGKILL)
    south.node.serve(port=port)
    north.node.serve()
    eventually(lambda: south.stage(id), "suspended", RETRY_SECONDS)
    eventually(lambda: waiting(north, "South CERT"), 0, 5)
    assert len(south.show(id)["suspensions"]) == 1
    assert north.node.run("check").returncode == 0


def test_a_command_delivers_where_no_server_runs_and_a_second_time_changes_nothing(pair):
    north, south = pair.north, pair.south
    id = agree(pair)
    north.node.stop()
    north.run("suspend", id, "--key", north.key)
    assert waiting(north, "South CERT") == 1 and south.stage(id) == "in force"
    done = north.node.run("peer", "deliver")
    assert "South CERT: 1 delivered" in done.stdout
    assert south.stage(id) == "suspended"
    assert "South CERT: 0 delivered" in north.node.run("peer", "deliver", "South CERT").stdout
    # Setting it anew tells all of it again.
    is_told_at(north, "South CERT", south.node.url + south.path)
    assert waiting(north, "South CERT") == 1
    north.node.run("peer", "deliver")
    assert len(south.show(id)["suspensions"]) == 1


def test_a_wrong_secret_is_shown_and_holds_nobody_else(pair, make_node, tmp_path):
    north, south = pair.north, pair.south
    west = Party(make_node("West CERT"), tmp_path, "west", WEST_IDENTITY, "North CERT", NORTH_IDENTITY)
    north.node.run("party", "add", "West CERT", "--identity", WEST_IDENTITY)
    north.takes_card(west)
    west.takes_card(north)
    west.path = opens_inbox(west, "North CERT")
    is_told_at(north, "West CERT", west.node.url + west.path, secret="another password")
    with_south = agree(pair)
    parties = [
        {"pid": p.pid, "name": p.node.name, "identities": [p.identity], "sign_keys": [p.verifier]} for p in (north, west)
    ]
    flows = [{"fid": "f1", "from": ["north"], "to": ["west"], "max_marking": "amber"}]
    with_west = pair.document("west.json", title="North and West", parties=parties, flows=flows)
    north.signs("propose", with_west)
    eventually(lambda: "401" in peers(north)["West CERT"]["error"], True, 5)
    assert "another password" not in json.dumps(peers(north)) + north.node.log()
    assert "another password" not in north.node.run("peer", "show", "West CERT").stdout
    north.run("suspend", with_south, "--key", north.key)
    eventually(lambda: south.stage(with_south), "suspended", 2)
    assert west.run("list").stdout.count("agr:") == 0
    assert south.run("list").stdout.count("agr:") == 1, "nobody is told of an agreement of others"
    # The right one: what waits is sent.
    is_told_at(north, "West CERT", west.node.url + west.path)
    eventually(lambda: json.loads(west.run("list", "--json").stdout or "{}").get("stage"), "proposed", 5)
    assert peers(north)["West CERT"]["error"] == ""


def test_secrets_are_files_that_nobody_else_reads(pair):
    north = pair.north
    folder = north.node.directory / "peers"
    files = list(folder.iterdir())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [f.stat().st_mode & 0o777 for f in files] == [0o600]
    assert SECRET in files[0].read_text()
    database = b"".join(f.read_bytes() for f in north.node.directory.glob("entente.db*"))
    assert SECRET.encode() not in database
    # A file that is open to others is not used.
    files[0].chmod(0o644)
    agreement = pair.document()
    north.signs("propose", agreement)
    eventually(lambda: "chmod 600" in peers(north)["South CERT"]["error"], True, 5)
    files[0].chmod(0o600)
    north.node.run("peer", "deliver", check=False)
    # Removed with its peer, and with what waits.
    done = north.node.run("peer", "remove", "South CERT")
    assert "removed" in done.stdout and list(folder.iterdir()) == []
    assert "no addresses" in north.node.run("peer", "list").stdout


def test_peers_that_cannot_be_are_refused(pair, tmp_path):
    north = pair.north
    file = tmp_path / "secret"
    file.write_text("secret\n")
    set_ = ["peer", "set", "South CERT", "--user", "x", "--password-file", file, "--url"]
    for words, code, why in [
        ([*set_, "http://south.example/api/collections/x/"], 2, "unprotected"),
        ([*set_, "https://user:word@south.example/"], 2, ""),
        (["peer", "set", "North CERT", "--url", "https://x.example/"], 4, "own party"),
        (["peer", "set", "Nobody", "--url", "https://x.example/"], 4, "Nobody"),
        (["peer", "show", "Nobody"], 4, "Nobody"),
        (["peer", "deliver", "Nobody"], 4, "Nobody"),
    ]:
        done = north.node.run(*words, check=False)
        assert done.returncode == code and why in done.stderr, (words, done.stderr)
    assert len(list((north.node.directory / "peers").iterdir())) == 1


def test_the_server_stops_at_once_while_a_partner_keeps_it_waiting(pair):
    """A partner that takes connections and never answers."""
    import socket

    north = pair.north
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        is_told_at(north, "South CERT", f"http://127.0.0.1:{silent.getsockname()[1]}/api/collections/x/")
        north.signs("propose", pair.document())
        silent.settimeout(10)
        connection, _ = silent.accept()
        began = time.monotonic()
        assert north.node.stop() == 0
        assert time.monotonic() - began < 5
        connection.close()
    assert waiting(north, "South CERT") == 1
