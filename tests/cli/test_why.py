"""explain, audience, simulate: why somebody gets an object, who does, and who would."""

import base64
import hashlib
import json

import pytest

from support.node import indicator
from test_agreements import Pair

RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
ABSENT = "indicator--00000000-0000-4000-8000-00000000dead"


def failed(done, code, *words):
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr, done.stderr
    return done


def load(node, objects, collection="c"):
    path = node.directory.parent / "in.json"
    path.write_text(json.dumps(objects))
    node.run("import", path, "--collection", collection)


@pytest.fixture
def ready(node):
    """A node with the collection C, a partner's reader `siem` up to TLP:AMBER, one object for it and two TLP:RED ones."""
    node.run("party", "add", "South")
    node.run("user", "add", "siem", "--party", "South", "--no-password")
    node.collection("C", "--alias", "c")
    node.collection("D", "--alias", "d")
    node.grant("c", "--party", "South", "--read")
    red = [indicator(n, object_marking_refs=[RED]) for n in (2, 3)]
    load(node, [indicator(1), *red])
    return node


# -- explain


def test_explain_says_what_is_withheld_and_why(ready):
    report = ready.json("explain", "--for", "siem", "--collection", "c")
    assert (report["released"], report["withheld"], report["later"]) == (1, 2, 0)
    assert report["ways"] == [{"clause": "grant", "count": 1, "later": 0}]
    group = report["groups"][0]
    assert (group["count"], group["marking"], group["clause"]) == (2, RED, "grant")
    text = ready.run("explain", "--for", "siem", "--collection", "c").stdout
    assert "siem gets 1 of 3" in text and "TLP:RED" in text and "grant" in text


def test_explain_of_an_object_tells_the_decision_for_each_collection(ready):
    load(ready, [indicator(1)], "d")
    told = ready.json("explain", indicator(1)["id"], "--for", "siem")
    assert [c["title"] for c in told["collections"]] == ["C", "D"]
    here, elsewhere = (c["entries"][0] for c in told["collections"])
    assert (here["decision"], here["access"], here["clause"]) == ("released", "now", "grant")
    assert here["version"] == indicator(1)["modified"] and here["published_by"] == "North CERT"
    assert (elsewhere["decision"], elsewhere["reason"]) == ("withheld", "no right to read")
    only = ready.json("explain", indicator(1)["id"], "--for", "siem", "--collection", "d")
    assert [c["title"] for c in only["collections"]] == ["D"]
    text = ready.run("explain", indicator(1)["id"], "--for", "siem").stdout
    assert "released, by grant" in text and "withheld: no right to read" in text


def test_explain_of_an_object_names_the_marking(ready):
    entry = ready.json("explain", indicator(2)["id"], "--for", "siem")["collections"][0]["entries"][0]
    assert (entry["decision"], entry["reason"], entry["marking"]) == ("withheld", "marking above the ceiling", RED)
    assert "marking above the ceiling (TLP:RED)" in ready.run("explain", indicator(2)["id"], "--for", "siem").stdout


def test_explain_for_a_party_is_for_any_user_of_it(ready):
    told = ready.json("explain", indicator(1)["id"], "--for", "South", "--at", "2020-01-01")
    assert (told["for"], told["at"]) == ("South", "2020-01-01T00:00:00.000000Z")
    assert told["collections"][0]["entries"][0]["decision"] == "released"
    text = ready.run("explain", indicator(1)["id"], "--for", "South", "--at", "2020-01-01").stdout
    assert "any user of South" in text and "grants and collections as they are now" in text


def test_explain_says_that_a_user_is_disabled(ready):
    ready.run("user", "set", "siem", "--disable")
    text = ready.run("explain", indicator(1)["id"], "--for", "siem").stdout
    assert "siem is disabled" in text and "withheld" in text


def test_explain_refuses_what_it_cannot_answer(ready):
    one = indicator(1)["id"]
    failed(ready.run("explain", "--for", "siem", check=False), 2, "--collection")
    failed(ready.run("explain", one, check=False), 2, "--for")
    failed(ready.run("explain", one, "--for", "nobody", check=False), 4, "no user or party 'nobody'")
    failed(ready.run("explain", ABSENT, "--for", "siem", check=False), 4, "no object", "any collection")
    failed(ready.run("explain", one, "--for", "siem", "--collection", "d", check=False), 4, "no object", "'d'")
    failed(ready.run("explain", one, "--for", "siem", "--collection", "e", check=False), 4, "no collection 'e'")
    for wrong in ("yesterday", "2026-13-01", "2026-11-23T25:00:00Z", "\x1b[31m"):
        failed(ready.run("explain", one, "--for", "siem", "--at", wrong, check=False), 2, "--at", "2026-11-23")


# -- audience


def test_audience_lists_who_gets_it_and_by_what(ready):
    ready.run("user", "add", "auditor", "--role", "auditor", "--no-password")
    entry = ready.json("audience", indicator(1)["id"])["collections"][0]["entries"][0]
    assert entry["readers"] == [
        {"party": "North CERT", "user": "admin", "access": "now", "clause": "grant"},
        {"party": "South", "user": "siem", "access": "now", "clause": "grant"},
    ]
    red = ready.json("audience", indicator(2)["id"], "--collection", "c")["collections"][0]["entries"][0]
    assert [r["user"] for r in red["readers"]] == ["admin"]
    text = ready.run("audience", indicator(1)["id"]).stdout
    assert "South" in text and "as it is" in text and "now" in text


def test_audience_of_what_nobody_gets_is_exit_1(ready):
    ready.run("user", "set", "admin", "--name", "root")
    ready.run("grant", "remove", "c", "--user", "root", check=False)
    ready.run("grant", "remove", "c", "--party", "North CERT", check=False)
    told = ready.run("audience", indicator(2)["id"], "--json", check=False)
    assert told.returncode == 1, told.stdout
    assert json.loads(told.stdout)["collections"][0]["entries"][0]["readers"] == []


def test_audience_refuses_what_is_not_there(ready):
    failed(ready.run("audience", ABSENT, check=False), 4, "no object")
    failed(ready.run("audience", "not an id\x1b", check=False), 4, "no object")
    failed(ready.run("audience", indicator(1)["id"], "--collection", "e", check=False), 4, "no collection 'e'")
    failed(ready.run("audience", check=False), 2, "object")


# -- simulate


# Public keys of RFC 8032, 7.1, tests 1 and 2.
NORTH = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
SOUTH = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"


def verifier(name, key):
    """A public key as C2SP signed-note writes it."""
    typed = b"\x01" + bytes.fromhex(key)
    digest = hashlib.sha256(name.encode() + b"\n" + typed).digest()
    return f"{name}+{digest[:4].hex()}+{base64.b64encode(typed).decode()}"


def draft(node, flow, **more):
    document = {
        "schema": "entente-agreement/1", "version": 1, "title": "Draft",
        "parties": [
            {"pid": "north", "name": "North CERT", "sign_keys": [verifier("north.example/entente", NORTH)]},
            {"pid": "south", "name": "South", "sign_keys": [verifier("south.example/entente", SOUTH)]},
        ],
        "flows": [{"fid": "f1", "from": ["north"], "to": ["south"], **flow}],
        "validity": {"from": "2026-01-01T00:00:00Z", "until": "2036-01-01T00:00:00Z"},
        **more,
    }
    path = node.directory.parent / "draft.json"
    path.write_text(json.dumps(document))
    return path


def test_simulate_says_what_would_cross_and_what_not(ready):
    told = ready.json("simulate", draft(ready, {"max_marking": "green"}), "--collection", "c")
    assert told["title"] == "Draft" and told["strangers"] == [] and "in_force" not in told
    south = told["readers"][0]
    assert (south["pid"], south["party"], south["released"]) == ("south", "South", 1)
    assert south["crossing"][0]["type"] == "indicator" and south["crossing"][0]["clause"] == "f1"
    assert south["crossing"][0]["examples"] == [indicator(1)["id"]]
    assert (south["withheld"][0]["count"], south["withheld"][0]["marking"]) == (2, RED)
    assert (south["newly_visible"]["count"], south["no_longer_visible"]["count"]) == (0, 0)
    text = ready.run("simulate", draft(ready, {"max_marking": "green"}), "--collection", "c").stdout
    assert "south (any user of South) would get 1 of 3 entries as they are, and 0 redacted" in text and "TLP:RED" in text
    assert "as if it were signed by all and in force" in text


def test_simulate_tells_what_grants_gave_that_it_would_not(ready):
    done = ready.run("simulate", draft(ready, {"select": {"types": ["malware"]}}), "--as", "siem", "--json", check=False)
    assert done.returncode == 1, done.stderr
    south = json.loads(done.stdout)["readers"][0]
    assert south["user"] == "siem"
    assert south["no_longer_visible"] == {"count": 1, "derived": 0, "examples": [indicator(1)["id"]]}


def test_simulate_against_files_stores_nothing(ready):
    file = ready.directory.parent / "ours.json"
    file.write_text(json.dumps([indicator(7), indicator(8, object_marking_refs=[RED]), {"type": "indicator"}]))
    told = ready.json("simulate", draft(ready, {}), "--for", "south", "--against", file)
    assert (told["against"]["objects"], told["against"]["left_out"]) == (2, 1)
    assert told["against"]["left_out_because"][0]["message"]
    assert told["readers"][0]["released"] == 1
    failed(ready.run("explain", indicator(7)["id"], "--for", "siem", check=False), 4, "no object")


def test_simulate_refuses_what_it_cannot_try(ready):
    path = draft(ready, {})
    failed(ready.run("simulate", path, "--own", "west", check=False), 2, "no party 'west'")
    failed(ready.run("simulate", path, "--for", "north", check=False), 2, "recipients are south")
    failed(ready.run("simulate", path, "--as", "admin", check=False), 2, "no recipient")
    failed(ready.run("simulate", path, "--as", "nobody", check=False), 4, "no user 'nobody'")
    failed(ready.run("simulate", path, "--collection", "e", check=False), 4, "no collection 'e'")
    failed(ready.run("simulate", path, "--against", path.parent / "gone.json", check=False), 4, "gone.json")
    failed(ready.run("simulate", path.parent / "gone.json", check=False), 4, "gone.json")
    failed(ready.run("simulate", "agr:" + "0" * 64, check=False), 4, "no agreement")
    failed(ready.run("simulate", str(path) + "@2", check=False), 4, "no version 2")
    failed(ready.run("simulate", draft(ready, {"ceiling": "red"}), check=False), 3, "draft.json", "/flows/0/ceiling")
    path.write_text("{")
    failed(ready.run("simulate", path, check=False), 3, "draft.json")
    broken = path.parent / "broken.json"
    broken.write_text('{"objects":[{"type":')
    failed(ready.run("simulate", draft(ready, {}), "--against", broken, check=False), 3, "broken.json")


# -- with an agreement


@pytest.fixture
def agreed(make_node, tmp_path):
    """North gives South indicators up to TLP:AMBER from `shared`; South's user is `siem`."""
    pair = Pair(make_node, tmp_path)
    pair.id = pair.in_force()
    pair.north.run("bind", pair.id, "--collection", "shared", "--out")
    node = pair.north.node
    node.run("user", "add", "siem", "--party", "South CERT", "--no-password")
    load(node, [indicator(1), indicator(2, object_marking_refs=[RED])], "shared")
    return pair


def test_explain_names_the_clause_and_the_way_through_agreements(agreed):
    node, clause = agreed.north.node, f"{agreed.id}/f1"
    entry = node.json("explain", indicator(1)["id"], "--for", "siem")["collections"][0]["entries"][0]
    assert (entry["decision"], entry["access"], entry["clause"]) == ("released", "now", clause)
    (path,) = entry["paths"]
    assert (path["answer"], path["agreement"], path["stage"], path["version"]) == ("asked", agreed.id, "in force", 1)
    text = node.run("explain", indicator(2)["id"], "--for", "siem").stdout
    assert "withheld: marking above the ceiling (TLP:RED), by North gives South indicators, flow f1" in text
    report = node.json("explain", "--for", "siem", "--collection", "shared")
    assert report["ways"] == [{"clause": clause, "count": 1, "later": 0, "agreement": agreed.id}]
    # Before anything was signed here.
    then = ["explain", indicator(1)["id"], "--for", "siem", "--at", "2026-01-02"]
    entry = node.json(*then)["collections"][0]["entries"][0]
    assert (entry["decision"], entry["reason"], entry["paths"]) == ("withheld", "no right to read", [])
    # After it has expired.
    entry = node.json(*then[:-1], "2091-01-01")["collections"][0]["entries"][0]
    assert (entry["decision"], entry["paths"][0]["stage"]) == ("withheld", "expired")


def test_explain_and_audience_say_what_is_served(agreed):
    node = agreed.north.node
    token = node.json("token", "add", "siem")["token"]
    node.serve()
    path = f"/api/collections/{agreed.north.collection}/"

    def served():
        return {o["id"] for o in node.get(path + "objects/", token).json().get("objects", [])}

    def said(*at):
        return {
            n["id"]
            for n in (indicator(1), indicator(2))
            if node.json("explain", n["id"], "--for", "siem", *at)["collections"][0]["entries"][0]["access"] == "now"
        }

    def audience():
        entry = node.json("audience", indicator(1)["id"])["collections"][0]["entries"][0]
        return [r["user"] for r in entry["readers"] if r["party"] == "South CERT"]

    assert served() == said() == {indicator(1)["id"]} and audience() == ["siem"]
    allowed = node.get(path + "allowed/", token).json()
    assert (allowed["max_marking"], allowed["types"]) == ("TLP:AMBER", "any")
    assert [w["agreement"] for w in allowed["ways"]] == [agreed.id]

    agreed.north.run("suspend", agreed.id, "--key", agreed.north.key, "--reason", "a breach")
    assert served() == said() == set() and audience() == []
    entry = node.json("explain", indicator(1)["id"], "--for", "siem")["collections"][0]["entries"][0]
    assert entry["reason"] == "the agreement is suspended" and entry["paths"][0]["suspended_by"] == ["north"]
    allowed = node.get(path + "allowed/", token).json()
    assert allowed["suspended"] == [agreed.id] and "ways" not in allowed


def test_simulate_of_an_amendment_says_what_changes(agreed):
    node = agreed.north.node
    document = json.loads((agreed.folder / "agreement.json").read_text())
    document["flows"][0] |= {"max_marking": "red", "named": ["siem"]}
    edited, amended = agreed.folder / "edited.json", agreed.folder / "amended.json"
    edited.write_text(json.dumps(document))
    agreed.north.run("amend", agreed.id, "--set-from", edited, "--out", amended)
    told = node.json("simulate", amended, "--as", "siem")
    assert (told["version"], told["in_force"]) == (2, 1)
    assert told["against"]["collections"] == ["api/shared"]
    assert told["readers"][0]["newly_visible"] == {"count": 1, "derived": 0, "examples": [indicator(2)["id"]]}
    assert told["readers"][0]["no_longer_visible"]["count"] == 0
    # What it does not name gets no TLP:RED.
    assert node.json("simulate", amended)["readers"][0]["newly_visible"]["count"] == 0
    # Known here, it is meant where only the id is given.
    agreed.north.run("add", amended)
    assert node.json("simulate", agreed.id[:16], "--as", "siem")["version"] == 2
    assert node.json("simulate", agreed.id + "@1", "--as", "siem")["readers"][0]["newly_visible"]["count"] == 0
